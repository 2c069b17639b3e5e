//! Each style of a parameter: the right writing passes, a wrong one is refused with the reason.
//!
//! The fixture gives its operations no behavior, so a request that is let in is answered with 501.

use specwright_sandbox::{Options, Profile, Sandbox};

use crate::client::{Answer, send};

#[tokio::test]
async fn an_exploded_list_is_one_pair_an_item() {
    let sandbox = styles().await;
    assert_good(&get(&sandbox, "/form-exploded-list?sizes=1&sizes=2").await);
    let answer = get(&sandbox, "/form-exploded-list?sizes=1,2").await;
    assert_refused(&answer, "/query/sizes/0: value is not of type \"integer\"");
}

#[tokio::test]
async fn a_form_list_is_one_pair_with_commas() {
    let sandbox = styles().await;
    assert_good(&get(&sandbox, "/form-list?sizes=1,2").await);
    let answer = get(&sandbox, "/form-list?sizes=1&sizes=2").await;
    assert_refused(&answer, "/query/sizes: `sizes` is given 2 times and may be given once");
}

#[tokio::test]
async fn an_encoded_comma_is_no_delimiter() {
    let sandbox = styles().await;
    let answer = get(&sandbox, "/form-list?sizes=1%2C2").await;
    assert_refused(&answer, "/query/sizes/0: value is not of type \"integer\"");
}

#[tokio::test]
async fn an_exploded_object_is_one_pair_a_member() {
    let sandbox = styles().await;
    assert_good(&get(&sandbox, "/form-exploded-object?width=1&depth=2").await);
    let answer = get(&sandbox, "/form-exploded-object?box=width,1").await;
    assert_refused(&answer, "/query/box: the parameter is not known");
}

#[tokio::test]
async fn a_form_object_alternates_names_and_values() {
    let sandbox = styles().await;
    assert_good(&get(&sandbox, "/form-object?box=width,1,depth,2").await);
    let answer = get(&sandbox, "/form-object?box=width,1,depth").await;
    assert_refused(&answer, "/query/box: a name is without a value");
}

#[tokio::test]
async fn a_space_delimited_list_has_encoded_spaces() {
    let sandbox = styles().await;
    assert_good(&get(&sandbox, "/space-list?sizes=1%202").await);
    let answer = get(&sandbox, "/space-list?sizes=1,2").await;
    assert_refused(&answer, "/query/sizes/0: value is not of type \"integer\"");
}

#[tokio::test]
async fn a_pipe_delimited_list_has_pipes() {
    let sandbox = styles().await;
    assert_good(&get(&sandbox, "/pipe-list?sizes=1%7C2").await);
    let answer = get(&sandbox, "/pipe-list?sizes=1&sizes=2").await;
    assert_refused(&answer, "/query/sizes: `sizes` is given 2 times and may be given once");
}

#[tokio::test]
async fn a_deep_object_names_its_members_in_brackets() {
    let sandbox = styles().await;
    assert_good(&get(&sandbox, "/deep-object?box%5Bwidth%5D=1&box[depth]=2").await);
    let answer = get(&sandbox, "/deep-object?box=width,1").await;
    let reason = "/query/box: an object in deepObject style is written `box[member]=value`";
    assert_refused(&answer, reason);
}

#[tokio::test]
async fn a_deep_object_takes_no_unknown_member() {
    let sandbox = styles().await;
    let answer = get(&sandbox, "/deep-object?box[height]=1").await;
    let reason = "/query/box: Additional properties are not allowed ('height' was unexpected)";
    assert_refused(&answer, reason);
}

#[tokio::test]
async fn a_list_in_a_path_has_commas() {
    let sandbox = styles().await;
    assert_good(&get(&sandbox, "/path-list/1,2").await);
    let answer = get(&sandbox, "/path-list/1%2C2").await;
    assert_refused(&answer, "/path/sizes/0: value is not of type \"integer\"");
}

#[tokio::test]
async fn an_exploded_object_in_a_path_assigns_its_members() {
    let sandbox = styles().await;
    assert_good(&get(&sandbox, "/path-object/width=1,depth=2").await);
    let answer = get(&sandbox, "/path-object/width,1").await;
    assert_refused(&answer, "/path/box: a member is written `name=value`");
}

#[tokio::test]
async fn a_missing_path_value_is_missed_by_name() {
    let sandbox = styles().await;
    assert_refused(&get(&sandbox, "/path-list/").await, "/path/sizes: the parameter is required");
}

#[tokio::test]
async fn a_dot_segment_is_no_path_value() {
    let sandbox = styles().await;
    for path in ["/path-list/..", "/path-list/%2e%2E"] {
        let answer = get(&sandbox, path).await;
        assert_refused(&answer, "/path/sizes: the path holds a dot segment");
    }
}

#[tokio::test]
async fn a_list_in_a_header_has_commas() {
    let sandbox = styles().await;
    let answer = send(&sandbox, "GET /header-list", &[("X-Sizes", "1, 2")], "").await;
    assert_good(&answer);
    let answer = send(&sandbox, "GET /header-list", &[("X-Sizes", "1|2")], "").await;
    assert_refused(&answer, "/header/X-Sizes/0: value is not of type \"integer\"");
}

#[tokio::test]
async fn an_object_in_a_header_alternates_names_and_values() {
    let sandbox = styles().await;
    let answer = send(&sandbox, "GET /header-object", &[("X-Box", "width,1,depth,2")], "").await;
    assert_good(&answer);
    let answer = send(&sandbox, "GET /header-object", &[("X-Box", "width=1")], "").await;
    assert_refused(&answer, "/header/X-Box: a name is without a value");
}

#[tokio::test]
async fn a_required_header_is_missed_by_name() {
    let sandbox = styles().await;
    let answer = get(&sandbox, "/header-list").await;
    assert_refused(&answer, "/header/X-Sizes: the parameter is required");
}

#[tokio::test]
async fn a_single_value_is_given_once() {
    let sandbox = styles().await;
    assert_good(&get(&sandbox, "/scalar?size=1").await);
    let answer = get(&sandbox, "/scalar?size=1&size=1").await;
    assert_refused(&answer, "/query/size: `size` is given 2 times and may be given once");
}

#[tokio::test]
async fn a_required_query_parameter_is_missed_by_name() {
    let sandbox = styles().await;
    assert_refused(&get(&sandbox, "/scalar").await, "/query/size: the parameter is required");
}

#[tokio::test]
async fn an_integer_is_written_in_digits() {
    let sandbox = styles().await;
    for text in ["1.0", "1e0", "%2B1", "01", "one", ""] {
        let answer = get(&sandbox, &format!("/scalar?size={text}")).await;
        assert_refused(&answer, "/query/size: value is not of type \"integer\"");
    }
}

#[tokio::test]
async fn a_moment_is_written_as_rfc_3339_says() {
    let sandbox = styles().await;
    assert_good(&get(&sandbox, "/moment?at=2026-01-01T00:00:00%2B02:00").await);
    // A plus that is not encoded is a space.
    for text in ["2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+02:00"] {
        let answer = get(&sandbox, &format!("/moment?at={text}")).await;
        assert_refused(&answer, "/query/at: value is not a \"date-time\"");
    }
}

#[tokio::test]
async fn a_broken_escape_is_refused() {
    let sandbox = styles().await;
    let answer = get(&sandbox, "/moment?at=%zz").await;
    assert_refused(&answer, "/query/at: `%` is not followed by two hex digits");
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let sandbox = styles().await;
    let answer = get(&sandbox, "/scalar?size=one&more=1").await;
    assert_eq!(answer.details().len(), 2);
}

async fn styles() -> Sandbox {
    let profile = Profile::from_yaml(include_str!("../documents/styles.profile.yaml")).unwrap();
    let options = Options::new()
        .with_document(include_str!("../documents/styles.json"))
        .with_profile(profile);
    Sandbox::start(options).await.unwrap()
}

async fn get(sandbox: &Sandbox, target: &str) -> Answer {
    send(sandbox, &format!("GET {target}"), &[], "").await
}

#[track_caller]
fn assert_good(answer: &Answer) {
    assert_eq!(answer.status, 501, "{}", answer.text);
}

#[track_caller]
fn assert_refused(answer: &Answer, reason: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_url_param"));
    assert_eq!(answer.details(), [reason]);
}
