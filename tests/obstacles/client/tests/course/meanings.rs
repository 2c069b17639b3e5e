//! Scalars, references and maps that mean more than their form: what a caller writes, and what is read.

use obstacles_client::model::{
    Base, Change, Delivery, Labels, OneByOne, Owner, OwnerRef, Person, Since, Spelled, Thing,
    ThingId, ThingNumber, ThingOrId, ThingRef,
};
use obstacles_client::runtime::json::{self, Decode};
use obstacles_client::runtime::types::MergePatch;

use crate::setup::{request, round_trip, target, written_back};

fn read<T: Decode>(text: &str) -> T {
    json::from_slice(text.as_bytes()).unwrap()
}

fn written(change: &Change) -> String {
    String::from_utf8(json::to_vec(change).unwrap()).unwrap()
}

#[tokio::test]
async fn named_scalars_are_parameters_like_the_scalars_they_are() {
    let sent = request("/v1/query/named/a%2Fb/7", |client| {
        client
            .styles()
            .named_scalars("a/b", ThingNumber::new(7))
            .more([ThingId::from("x"), ThingId::from("y z")])
            .since(Since::Now)
            .local("2026-03-10T09:30:00".parse().unwrap())
            .spelled(Spelled::Overlocked)
            .labels([("a".to_owned(), Some("b".to_owned()))].into())
    })
    .await;
    assert_eq!(
        target(&sent),
        "/query/named/a%2Fb/7?more=x&more=y%20z&since=now&local=2026-03-10T09%3A30%3A00\
         &spelled=overlocked&a=b"
    );
}

#[test]
fn the_id_of_one_answer_is_the_argument_of_the_next_call() {
    let thing: Thing = read(r#"{"id":"t_1","title":"t"}"#);
    let next = obstacles_client::styles::NamedScalars::new(&thing.id, 1);
    assert_eq!(next.thing_id, thing.id);
}

#[test]
fn a_credential_that_has_a_name_of_its_own_is_a_secret_all_the_same() {
    let thing: Thing = read(r#"{"id":"t_1","title":"t","access_token":"invented-token"}"#);
    assert!(!format!("{thing:?}").contains("invented-token"));
}

#[test]
fn a_reference_is_an_id_or_the_whole_thing_at_any_depth() {
    round_trip::<ThingRef>(r#"{"id":"t_1"}"#);
    let text = r#"{"id":"t_1","title":"t","parent":{"id":"t_0","title":"p","parent":{"id":"t"}},
        "owner":{"id":"o"}}"#;
    round_trip::<ThingRef>(text);
    let thing: ThingRef = read(text);
    let parent = thing.whole().unwrap().parent.as_ref().unwrap();
    assert_eq!(parent.whole().unwrap().title, "p");
    assert_eq!(parent.whole().unwrap().parent, Some(ThingRef::reference("t")));
}

#[test]
fn a_union_of_a_thing_and_its_id_is_a_reference_too() {
    let things: Vec<ThingOrId> = read(r#"[{"id":"a"},{"id":"b","title":"t"}]"#);
    assert!(things[0].whole().is_none());
    assert_eq!(things[1].whole().map(|thing| thing.title.as_str()), Some("t"));
}

#[test]
fn a_reference_to_one_of_several_is_whole_when_all_of_them_would_have_a_member() {
    let owner: OwnerRef = read(r#"{"id":"o","type":"person","name":"n"}"#);
    assert_eq!(owner.into_whole(), Some(Owner::Person(Person::new("o", "person", "n"))));
    let seated: OwnerRef = read(r#"{"id":"o","seat":"s"}"#);
    assert!(seated.whole().is_none());
}

#[test]
fn a_moment_or_a_fixed_text() {
    for text in [r#""now""#, r#""""#, r#""self""#, r#""😀""#, r#""2026-01-02T03:04:05Z""#] {
        round_trip::<Since>(text);
        assert!(!matches!(read::<Since>(text), Since::Unknown(_)), "{text}");
    }
    assert_eq!(read::<Since>(r#""now""#), Since::Now);
}

#[test]
fn what_is_neither_moment_nor_known_text_is_kept() {
    for text in [r#""later""#, "7", r#"{"at":null}"#, "null"] {
        round_trip::<Since>(text);
        assert!(matches!(read::<Since>(text), Since::Unknown(_)), "{text}");
    }
}

#[test]
fn both_spellings_are_read_and_one_is_written() {
    for text in ["overlocked", "overlock", "over-locked"] {
        assert_eq!(Spelled::from(text), Spelled::Overlocked);
    }
    assert_eq!(written_back::<Spelled>(r#""overlock""#), "overlocked");
    assert_eq!(written_back::<Spelled>(r#""tick' quote""#), "quote \" tick");
    round_trip::<Spelled>(r#""another""#);
}

#[test]
fn alternatives_that_share_members_are_asked_for_one_after_the_other() {
    for text in [r#"{"id":"i"}"#, r#"{"id":"i","left":1}"#, r#"{"id":"i","right":1,"edge":"e"}"#] {
        round_trip::<OneByOne>(text);
        assert!(!matches!(read::<OneByOne>(text), OneByOne::Unknown(_)), "{text}");
    }
    round_trip::<OneByOne>(r#"{"neither":1}"#);
}

#[test]
fn what_is_more_than_a_reference_is_not_cut_down_to_one() {
    let error = json::from_slice::<OneByOne>(br#"{"id":"i","edge":"e"}"#).unwrap_err();
    assert_eq!(error.expected(), "the member `right`");
}

#[test]
fn alternatives_have_the_members_that_stand_beside_them() {
    round_trip::<Delivery>(r#"{"carrier":"ByBike","weight":1,"type":"t","rider":"r"}"#);
    round_trip::<Delivery>(r#"{"carrier":"post","weight":1,"stamp":"s"}"#);
    round_trip::<Delivery>(r#"{"carrier":"ship"}"#);
    let delivery = read::<Delivery>(r#"{"carrier":"post","weight":2,"stamp":"s"}"#);
    assert!(matches!(delivery, Delivery::Post(post) if post.weight == 2));
}

#[test]
fn a_base_is_one_of_its_children() {
    round_trip::<Base>(r#"{"kind":"child","age":1,"base":{"kind":"other","name":"n"}}"#);
    round_trip::<Base>(r#"{"kind":"another","name":"n"}"#);
    assert!(matches!(read(r#"{"kind":"child"}"#), Base::Child(_)));
}

#[test]
fn nothing_is_cleared_by_accident() {
    assert_eq!(written(&Change::new()), "{}");
    assert_eq!(written(&Change::new().labels(Labels::Merge([].into()))), "{}");
    assert_eq!(written(&Change::new().labels(Labels::Clear)), r#"{"labels":{}}"#);
}

#[test]
fn a_patch_sets_and_removes_keys() {
    let labels = Labels::default().set("a", "1").remove("b");
    let change = Change::new().labels(labels).inline(MergePatch::default().set("n", 1));
    assert_eq!(written(&change), r#"{"labels":{"a":"1","b":null},"inline":{"n":1}}"#);
    assert_eq!(read::<Change>(&written(&change)), change);
}

#[test]
fn absent_empty_and_filled_patches_are_read_apart() {
    assert_eq!(read::<Change>("{}").labels, Labels::Unchanged);
    assert_eq!(read::<Change>(r#"{"labels":{}}"#).labels, Labels::Clear);
    round_trip::<Change>(
        r#"{"labels":{"a":null},"others":{},"any":{"x":[1]},"inline":{"n":null}}"#,
    );
}

#[test]
fn a_patch_that_could_not_be_left_out_is_a_map() {
    round_trip::<Change>(r#"{"misplaced":[{},{"a":null}]}"#);
}

#[test]
fn a_time_without_a_zone_keeps_its_digits() {
    for text in ["2026-03-10T09:30:00", "2026-03-10T09:30:00.000000001"] {
        round_trip::<Thing>(&format!(r#"{{"id":"t","title":"t","local":"{text}"}}"#));
    }
}
