//! Paths: parameters close to text, and the groups that lead to them.

use crate::setup::{header, request, target};

#[tokio::test]
async fn two_parameters_share_a_segment() {
    let sent =
        request("/v1/files/a%2Fb.tar.gz", |client| client.files().get("a/b", "tar.gz")).await;
    assert_eq!(target(&sent), "/files/a%2Fb.tar.gz");
    let signed =
        request("/v1/files/a--b/c%20d", |client| client.files().signed("a", "b", "c d")).await;
    assert_eq!(target(&signed), "/files/a--b/c%20d");
}

#[tokio::test]
async fn a_fixed_segment_stands_beside_a_parameter() {
    let latest = request("/v1/files/latest", |client| client.files().latest()).await;
    assert_eq!(target(&latest), "/files/latest");
}

#[tokio::test]
async fn a_required_header_is_positional_and_others_are_set() {
    let languages = || vec!["en-GB".to_owned(), "da".to_owned()];
    let sent =
        request("/v1/files/a", |client| client.files().any("a", languages()).x_trace("t")).await;
    assert_eq!(header(&sent, "accept-language"), "en-GB,da");
    assert_eq!(header(&sent, "x-trace"), "t");
}

#[tokio::test]
async fn a_group_is_reached_through_its_parents() {
    let yolks =
        request("/v1/nests/eggs/yolks", |client| client.nests().eggs().yolks().list()).await;
    assert_eq!(target(&yolks), "/nests/eggs/yolks");
}

#[tokio::test]
async fn an_operation_makes_way_for_the_group_of_its_name() {
    let nests = request("/v1/nests", |client| client.nests().nests_eggs()).await;
    assert_eq!(target(&nests), "/nests");
}
