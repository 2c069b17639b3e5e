//! Every shape of type, read and written back.

use obstacles_client::model::{
    ByConstant, ByKind, ByMapping, ByMembers, Direct, Everything, Expression, ListOfItself, Many,
    Members, OfTypes, Order, Scalars, ThreeState, ThroughList, ThroughMap, TwinMembers,
    UnionOfItself, WithRest,
};
use obstacles_client::runtime::json;
use obstacles_client::runtime::types::Maybe;
use obstacles_client::webhooks::Event;
use serde_json::json;

use crate::setup::{round_trip, written_back};

#[test]
fn every_scalar() {
    round_trip::<Scalars>(
        r#"{"bool":true,"int32":-1,"int64":-9007199254740993,"uint64":18446744073709551615,"double":0.5,
            "string":"s","uuid":"u","date":"2026-01-02","date-time":"2026-01-02T03:04:05Z","byte":"/+8=",
            "password":"invented","anything":{"a":[null]},"level":7}"#,
    );
}

#[test]
fn absent_null_and_value_are_three_states() {
    for states in [
        r#"{"required":"r","required_nullable":null}"#,
        r#"{"required":"r","required_nullable":"n","optional_nullable":null,"record":null,"list":null}"#,
        r#"{"required":"r","required_nullable":"n","optional":1,"optional_nullable":2,
            "record":{"R":1,"G":2},"list":["a",null],"map":{"a":null,"b":1}}"#,
    ] {
        round_trip::<ThreeState>(states);
    }
}

#[test]
fn the_three_states_can_be_set() {
    let value = ThreeState::new("r", None).optional_nullable(Maybe::Null).record(Maybe::Absent);
    let text = json::to_vec(&value).unwrap();
    assert_eq!(text, br#"{"required":"r","required_nullable":null,"optional_nullable":null}"#);
}

#[test]
fn required_members_that_are_many_come_as_one() {
    round_trip::<Many>(
        r#"{"one":"1","two":2,"three":null,"four":{"R":1,"G":2},"type":true,"six":"6"}"#,
    );
}

#[test]
fn constants_are_written_and_other_members_are_kept() {
    assert_eq!(
        json::to_vec(&WithRest::new()).unwrap(),
        br#"{"kind":"rest","version":2,"on":true}"#
    );
    round_trip::<WithRest>(
        r#"{"kind":"rest","version":2,"on":true,"size":1,"additional":"a","other":5,"another":6}"#,
    );
}

#[test]
fn a_mapping_tells_alternatives_apart_and_each_tag_stays_what_it_was() {
    round_trip::<ByMapping>(r#"{"kind":"cat","lives":9}"#);
    round_trip::<ByMapping>(r#"{"kind":"kitten","lives":9}"#);
    round_trip::<ByMapping>(r#"{"kind":"dog","name":"n"}"#);
    assert!(matches!(
        json::from_slice(br#"{"kind":"kitten","lives":9}"#).unwrap(),
        ByMapping::Cat(_)
    ));
}

#[test]
fn an_unknown_alternative_is_kept() {
    round_trip::<ByMapping>(r#"{"kind":"fish","fins":[1,{"a":null}]}"#);
    round_trip::<ByConstant>(r#"{"shape":"star","points":5}"#);
    round_trip::<ByMembers>(r#"{"neither":1}"#);
    round_trip::<OfTypes>("[1]");
}

#[test]
fn a_constant_tells_alternatives_apart() {
    round_trip::<ByConstant>(r#"{"shape":"circle","radius":1.5}"#);
    round_trip::<ByConstant>(r#"{"shape":"square","side":1.5}"#);
    round_trip::<ByConstant>(r#"{"shape":"rectangle","side":1.5}"#);
    round_trip::<ByConstant>(r#"{"shape":"quote \" and line","at":"2026-01-02"}"#);
}

#[test]
fn the_kind_of_value_tells_alternatives_apart() {
    for text in [r#""a""#, "1", "true", r#"["a"]"#, r#"{"R":1,"G":2}"#] {
        round_trip::<ByKind>(text);
    }
}

#[test]
fn members_tell_alternatives_apart() {
    round_trip::<ByMembers>(r#"{"R":1,"G":2}"#);
    round_trip::<ByMembers>(r#"{"title":"t"}"#);
    round_trip::<TwinMembers>(r#"{"left":"l"}"#);
    round_trip::<TwinMembers>(r#"{"right":"r"}"#);
}

#[test]
fn every_value_of_a_choice_is_what_it_was() {
    let values = [
        "asc",
        "ASC",
        "Asc",
        "",
        "empty",
        "+1",
        "-1",
        "Unknown",
        "self",
        "Self",
        "😀",
        "你好",
        "2nd",
        "it's",
        "line break",
        "quote \" tick `",
        "type",
        "Default",
        "None",
        "Some",
    ];
    for value in values {
        let order = Order::from(value);
        assert_eq!(order.as_str(), value);
        assert!(!matches!(order, Order::Unknown(_)), "{value}");
    }
    assert_eq!(Order::from("other").as_str(), "other");
}

#[test]
fn types_that_hold_themselves() {
    round_trip::<Direct>(r#"{"id":"a","next":{"id":"b","next":{"id":"c"}},"other":{"id":"d"}}"#);
    round_trip::<ThroughList>(r#"{"children":[{"children":[]},{}]}"#);
    round_trip::<ThroughMap>(r#"{"a":{"b":{}}}"#);
    round_trip::<ListOfItself>("[[],[[]]]");
    round_trip::<Expression>(r#"["f",{"callee":["g",{"callee":"h"}]}]"#);
    round_trip::<UnionOfItself>(r#"{"a":"b","c":{"d":"e"}}"#);
}

#[test]
fn members_of_every_name() {
    let mut members = serde_json::Map::new();
    for name in [
        "",
        "type",
        "self",
        "Self",
        "crate",
        "new",
        "clone",
        "default",
        "encode",
        "decode",
        "to",
        "object",
        "+1",
        "-1",
        "a-b",
        "a_b",
        "a.b",
        "A_B",
        "aB",
        "😀",
        "你好",
        "2nd",
        "_",
        "__proto__",
        "quote \" tick ` line\nbreak",
        "\u{202e}",
        "additional",
        "additional_properties",
        "not described",
    ] {
        members.insert(name.to_owned(), json!(name));
    }
    let text = serde_json::Value::Object(members).to_string();
    round_trip::<Members>(&text);
}

#[test]
fn everything_at_once() {
    round_trip::<Everything>(
        r#"{"holder":{"pet":{"kind":"kitten","lives":1},"named":{"kind":"Cat","lives":1},"kind":null,
            "types":1.5,"order":"ASC","overlapping":{"b":"c"},"empty":{},"alias":{"R":1,"G":2},
            "maps":{"a":{"b":[{"c":[{"d":{"R":1,"G":2}}],"e":null}]}},"all":{"title":"t","extra":"e"}},
            "ping":{"pong":{"ping":{}}},"pong":{"ping":{}},"any_map":{"x":[1]},"anything":[null],"m0":{"id":"i"}}"#,
    );
}

#[test]
fn an_event_is_read_by_its_name() {
    for name in [
        "Unknown",
        "self",
        "Self",
        "type",
        "+1",
        "-1",
        "asc",
        "ASC",
        "Asc",
        "😀",
        "line\nbreak \"quote\"",
    ] {
        let text = json!({ "event": name, "subject": "s" }).to_string();
        assert!(!matches!(Event::parse(text.as_bytes()).unwrap(), Event::Unknown(_)), "{name}");
        assert_eq!(written_back::<Event>(&text), json!({ "event": name, "subject": "s" }));
    }
    round_trip::<Event>(r#"{"event":"another","of":[1]}"#);
}
