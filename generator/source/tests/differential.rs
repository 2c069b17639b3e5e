//! What this crate reads is what `serde_json` and `serde_yaml` read.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use proptest::prelude::*;
use serde_json::Value;
use specwright_source::emit::{to_json, to_value, to_yaml};
use specwright_source::{Budget, Sink, SourceMap, Tree, read};

fn load(name: &str, text: &str) -> Tree {
    let mut sink = Sink::default();
    let read = read(&mut SourceMap::default(), name, text.as_bytes(), &Budget::DEFAULT, &mut sink);
    assert_eq!(sink.diagnostics(), [], "{text}");
    read.unwrap().1
}

#[test]
fn json_is_read_as_serde_json_reads_it() {
    for text in [
        r#"{"a": [1, -2, 3.25, 1e3, 1E-2, 0, -0, 18446744073709551615, 1e400000], "b": {}}"#
            .replace(", 1e400000", "")
            .as_str(),
        r#""\u00e9\ud83d\ude00\"\\\/\b\f\n\r\t""#,
        "\"\u{7f}\u{85}\u{9f}\u{2028}\"",
        " [ ] ",
        "null",
        "\"\"",
        r#"{"": {"": []}, "a b": null, "é": true}"#,
        "[123456789012345678901234567890, 0.1, 5e-324]",
    ] {
        let expected: Value = serde_json::from_str(text).unwrap();
        assert_eq!(to_value(load("a.json", text).root()), expected, "{text}");
    }
}

#[test]
fn yaml_is_read_as_serde_yaml_reads_it() {
    for text in [
        "a: 1\nb: [x, 'y', \"z\\n\", 1.5, -7, 0x1F, 0o17, true, ~, null]\n",
        "text: |\n  one\n   two\n\n  three\nfold: >-\n  one\n  two\n\n  three\nkeep: |+\n  x\n\n",
        "a:\n- b\n- - c\n  - d\n-\n- e: f\n  g: h\n",
        "plain: a b: c\n".replace("a b: c", "a #b c").as_str(),
        "# comment\na: b # comment\n\n---x: 'it''s'\n".replace("---x", "x").as_str(),
        "a: &x {k: [1, 2]}\nb: *x\nc:\n  <<: *x\n  l: 1\n",
        "? a\n: b\n\"c\" : d\n",
        "multi: one\n  two\n  three\nquoted: \"one\n  two\\\n  three\"\n",
        "'200': ok\nyes: no\ndate: 2024-01-01\nversion: 1.2.3\n",
        "{a: [1, {b: c}], d: {}, e: []}",
        "windows: 1\r\nlines: |\r\n  a\r\n  b\r\n",
        "emoji: \"\\ud83d\\ude00 \\x41 \\u00e9\"\n".replace("\\ud83d\\ude00 ", "").as_str(),
    ] {
        let mut expected: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
        expected.apply_merge().unwrap();
        let expected = serde_json::to_value(&expected).unwrap();
        assert_eq!(to_value(load("a.yaml", text).root()), expected, "{text}");
    }
}

#[test]
fn strings_that_yaml_must_quote_survive_as_keys_and_as_values() {
    for text in [
        "",
        " ",
        "\n",
        "\n\n",
        " a",
        "a ",
        "a\n",
        "\ta",
        "a\tb",
        "-",
        "- a",
        "?",
        "? a",
        "a: b",
        "a #b",
        "~",
        "null",
        "True",
        "yes",
        "1",
        "007",
        "0x1F",
        "0o17",
        "1.",
        ".5",
        "+1",
        "1e3",
        ".inf",
        ".nan",
        "=",
        "---",
        "...",
        "%a",
        "@a",
        "`a",
        "!a",
        "&a",
        "*a",
        "|",
        ">",
        "[",
        "]",
        "{",
        "}",
        ",",
        "'",
        "\"",
        "a\r\nb",
        "\u{1}",
        "\u{7f}",
        "\u{85}",
        "\u{9f}",
        "\u{2028}",
        "a\u{2029}b\nc",
        "<<",
        "\u{feff}",
        "😀",
        "2024-01-01",
    ] {
        let value = serde_json::json!({ text: text });
        let tree = load("a.json", &value.to_string());
        let yaml = to_yaml(tree.root()).unwrap();
        assert_eq!(to_value(load("a.yaml", &yaml).root()), value, "{yaml:?}");
    }
}

/// Any JSON value, with strings that YAML has to quote among them.
fn values() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        any::<String>(),
        "[-+0-9.xoeEaf_~:,#'\"&*!|>%@`\\[\\]{}?<= \n\t]{0,6}",
        "(null|true|False|yes|~|\\.inf|-\\.INF|\\.nan|0x1F|0o17|007|1\\.|\\+1|1e3|---|\\.\\.\\.)",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((text.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn every_value_survives_json(value in values()) {
        let tree = load("a.json", &value.to_string());
        prop_assert_eq!(&to_value(tree.root()), &value);
        let again = load("a.json", &to_json(tree.root()));
        prop_assert_eq!(&to_value(again.root()), &value);
    }

    #[test]
    fn every_value_survives_yaml(value in values()) {
        let tree = load("a.json", &value.to_string());
        let again = load("a.yaml", &to_yaml(tree.root()).unwrap());
        prop_assert_eq!(&to_value(again.root()), &value);
    }

    #[test]
    fn no_text_makes_the_readers_panic(text in ".{0,80}", name in "a\\.(json|yaml)") {
        let mut sink = Sink::default();
        let bytes = text.as_bytes();
        let tree = read(&mut SourceMap::default(), &name, bytes, &Budget::DEFAULT, &mut sink);
        prop_assert!(tree.is_some() || sink.has_errors());
    }
}
