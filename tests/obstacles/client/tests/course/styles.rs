//! The text of every style of parameters.

use obstacles_client::model::{ByKind, Color, Order};
use obstacles_client::runtime::types::{Bytes, Date, Json};

use crate::setup::{header, request, target};

fn list() -> Vec<String> {
    vec!["a b".to_owned(), "c/d".to_owned()]
}

fn color() -> Color {
    Color::new(100, 200)
}

macro_rules! path {
    ($test:ident, $method:ident, $folder:literal, $expected:literal) => {
        #[tokio::test]
        async fn $test() {
            let path = concat!("/v1/path/", $folder, $expected);
            let sent = request(path, |client| client.styles().$method("é", list(), color())).await;
            assert_eq!(target(&sent), concat!("/path/", $folder, $expected));
        }
    };
}

path!(a_path_is_simple, path_simple, "simple/", "%C3%A9/a%20b,c%2Fd/R,100,G,200");
path!(
    a_path_is_simple_and_exploded,
    path_simple_exploded,
    "simple-exploded/",
    "%C3%A9/a%20b,c%2Fd/R=100,G=200"
);
path!(a_path_is_a_label, path_label, "label/", ".%C3%A9/.a%20b,c%2Fd/.R,100,G,200");
path!(
    a_path_is_an_exploded_label,
    path_label_exploded,
    "label-exploded/",
    ".%C3%A9/.a%20b.c%2Fd/.R=100.G=200"
);
path!(
    a_path_is_a_matrix,
    path_matrix,
    "matrix/",
    ";text=%C3%A9/;list=a%20b,c%2Fd/;object=R,100,G,200"
);
path!(
    a_path_is_an_exploded_matrix,
    path_matrix_exploded,
    "matrix-exploded/",
    ";text=%C3%A9/;list=a%20b;list=c%2Fd/;R=100;G=200"
);

#[tokio::test]
async fn a_query_is_a_form() {
    let sent = request("/v1/query/form", |client| {
        client.styles().query_form().text("a&b").list(list()).object(color())
    })
    .await;
    assert_eq!(target(&sent), "/query/form?text=a%26b&list=a%20b,c%2Fd&object=R,100,G,200");
}

#[tokio::test]
async fn a_query_is_an_exploded_form() {
    let sent = request("/v1/query/form-exploded", |client| {
        client.styles().query_form_exploded().text("a&b").list(list()).object(color())
    })
    .await;
    assert_eq!(target(&sent), "/query/form-exploded?text=a%26b&list=a%20b&list=c%2Fd&R=100&G=200");
}

#[tokio::test]
async fn a_query_is_delimited_by_spaces() {
    let sent = request("/v1/query/space", |client| {
        client.styles().query_space().list(list()).object(color())
    })
    .await;
    assert_eq!(target(&sent), "/query/space?list=a%20b%20c%2Fd&object=R%20100%20G%20200");
}

#[tokio::test]
async fn a_query_is_delimited_by_pipes() {
    let sent = request("/v1/query/pipe", |client| {
        client.styles().query_pipe().list(list()).object(color())
    })
    .await;
    assert_eq!(target(&sent), "/query/pipe?list=a%20b%7Cc%2Fd&object=R%7C100%7CG%7C200");
}

#[tokio::test]
async fn a_query_is_a_deep_object() {
    let sent =
        request("/v1/query/deep", |client| client.styles().query_deep().object(color())).await;
    assert_eq!(target(&sent), "/query/deep?object%5BR%5D=100&object%5BG%5D=200");
}

#[tokio::test]
async fn a_query_is_json_text() {
    let sent =
        request("/v1/query/content", |client| client.styles().query_content().filter(color()))
            .await;
    assert_eq!(target(&sent), "/query/content?filter=%7B%22R%22%3A100%2C%22G%22%3A200%7D");
}

#[tokio::test]
async fn what_is_not_set_is_not_sent() {
    let sent = request("/v1/query/form", |client| client.styles().query_form()).await;
    assert_eq!(target(&sent), "/query/form");
}

#[tokio::test]
async fn a_header_is_simple() {
    let sent = request("/v1/header/simple", |client| {
        client.styles().header_simple().x_text("a, b").x_list(list()).x_object(color())
    })
    .await;
    assert_eq!(
        ["X-Text", "X-List", "X-Object"].map(|name| header(&sent, name)),
        ["a, b", "a b,c/d", "R,100,G,200"]
    );
}

#[tokio::test]
async fn a_header_is_simple_and_exploded() {
    let sent = request("/v1/header/simple-exploded", |client| {
        client.styles().header_simple_exploded().x_text("a").x_list(list()).x_object(color())
    })
    .await;
    assert_eq!(
        ["X-Text", "X-List", "X-Object"].map(|name| header(&sent, name)),
        ["a", "a b,c/d", "R=100,G=200"]
    );
}

#[tokio::test]
async fn a_cookie_is_a_form() {
    let sent = request("/v1/cookie", |client| {
        client.styles().cookie().text("a;b").list(list()).object(color())
    })
    .await;
    assert_eq!(header(&sent, "Cookie"), "text=a%3Bb; list=a%20b,c%2Fd; object=R,100,G,200");
}

#[tokio::test]
async fn json_text_outside_of_the_query_is_sent_as_the_caller_wrote_it() {
    let sent = request("/v1/content/%7B%7D", |client| {
        client.styles().content_elsewhere("{}").x_place(r#"{"R":1}"#)
    })
    .await;
    assert_eq!(
        (target(&sent).as_str(), header(&sent, "X-Place").as_str()),
        ("/content/%7B%7D", r#"{"R":1}"#)
    );
}

#[tokio::test]
async fn each_type_of_value_has_its_text() {
    let sent = request("/v1/query/types", |client| {
        client
            .styles()
            .query_types()
            .flag(true)
            .small(-1)
            .large(u64::MAX)
            .float(0.5)
            .moment("2026-01-02T03:04:05Z".parse().unwrap())
            .day(Date::new(2026, 1, 2).unwrap())
            .secret("invented")
            .binary(Bytes::from_static(&[0xff, 0xef]))
            .order(Order::Plus1)
            .level(5)
            .union(ByKind::List(list()))
            .nullable("n")
            .anything(Json::from(7))
    })
    .await;
    assert_eq!(
        target(&sent),
        "/query/types?flag=true&small=-1&large=18446744073709551615&float=0.5\
         &moment=2026-01-02T03%3A04%3A05Z&day=2026-01-02&secret=invented&binary=%2F%2B8%3D\
         &order=%2B1&level=5&union=a%20b&union=c%2Fd&nullable=n&anything=7"
    );
}
