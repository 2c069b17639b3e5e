use super::*;
use crate::{SourceMap, read};

/// Applies an overlay with these actions. Gives the result in short notation, and code and message
/// of each diagnostic.
fn apply(version: &str, document: &str, actions: &str) -> (String, Vec<String>) {
    let overlay = format!(
        "overlay: {version}\ninfo: {{title: test, version: '1'}}\nactions:\n{}",
        actions.lines().map(|line| format!("- {line}")).collect::<Vec<_>>().join("\n")
    );
    let mut sources = SourceMap::default();
    let mut sink = Sink::default();
    let mut load = |name: &str, text: &str| {
        read(&mut sources, name, text.as_bytes(), &Budget::DEFAULT, &mut Sink::default()).unwrap().1
    };
    let mut tree = load("document.yaml", document);
    let overlay = load("test.overlay.yaml", &overlay);
    if let Some(overlay) = Overlay::read(overlay.root(), &mut sink) {
        overlay.apply(&mut tree, &mut sink);
    }
    let problems = sink.diagnostics().iter().map(|d| format!("{} {}", d.code.id, d.message));
    (tree.root().sketch(), problems.collect())
}

#[track_caller]
fn check(version: &str, document: &str, actions: &str, result: &str, problems: &[&str]) {
    let (found, reported) = apply(version, document, actions);
    assert_eq!(found, result);
    assert_eq!(reported, problems);
}

#[test]
fn an_update_is_merged_into_every_object_that_is_selected() {
    check(
        "1.0.0",
        "{a: {x: {k: 1}}, b: {x: {k: 2}}}",
        "{target: '$.*.x', update: {k: 3, new: [true]}}",
        "{a: {x: {k: 3, new: [true]}}, b: {x: {k: 3, new: [true]}}}",
        &[],
    );
}

#[test]
fn an_array_is_appended_as_one_element_in_1_0_and_concatenated_in_1_1() {
    let (document, action) = ("a: [1]", "{target: $.a, update: [2, 3]}");
    check("1.0.0", document, action, "{a: [1, [2, 3]]}", &[]);
    check("1.1.0", document, action, "{a: [1, 2, 3]}", &[]);
    check("1.1.0", document, "{target: $.a, update: {k: 2}}", "{a: [1, {k: 2}]}", &[]);
}

#[test]
fn a_primitive_value_is_replaced_in_1_1_only() {
    let (document, action) = ("{a: 1, b: 2}", "{target: '$.*', update: new}");
    check("1.1.0", document, action, r#"{a: "new", b: "new"}"#, &[]);
    check(
        "1.0.0",
        document,
        action,
        "{a: 1, b: 2}",
        &["OA0803 Overlay 1.0 cannot update a number", "OA0803 Overlay 1.0 cannot update a number"],
    );
}

#[test]
fn actions_see_what_the_actions_before_them_did() {
    check(
        "1.1.0",
        "{a: {old: 1}}",
        "{target: $, update: {b: {}}}\n{target: $.b, copy: $.a}\n{target: $.a, remove: true}",
        "{b: {old: 1}}",
        &[],
    );
}

#[test]
fn elements_are_removed_by_a_filter() {
    check(
        "1.0.0",
        "{a: [{n: x}, {n: y}, {n: x}], b: {t: s, u: n}}",
        "{target: \"$.a[?@.n == 'x']\", remove: true}\n{target: $.b.t, remove: true}",
        r#"{a: [{n: "y"}], b: {u: "n"}}"#,
        &[],
    );
}

#[test]
fn nested_matches_are_removed_with_the_outermost() {
    check(
        "1.0.0",
        "{a: {a: {a: 1}, b: 2}, c: {a: 3}}",
        "{target: $..a, remove: true}",
        "{c: {}}",
        &[],
    );
}

#[test]
fn a_removal_makes_the_update_beside_it_void() {
    check("1.0.0", "{a: {}, b: 1}", "{target: $.a, update: {c: 1}, remove: true}", "{b: 1}", &[]);
}

#[test]
fn an_action_that_matches_nothing_is_an_error_unless_it_is_optional() {
    check(
        "1.0.0",
        "a: 1",
        "{target: $.b, remove: true}",
        "{a: 1}",
        &["OA0801 `$.b` matches nothing in the document"],
    );
    check("1.0.0", "a: 1", "{target: $.b, remove: true, x-optional: true}", "{a: 1}", &[]);
}

#[test]
fn the_part_of_a_query_that_still_matches_is_named() {
    let mut sources = SourceMap::default();
    let mut sink = Sink::default();
    let text =
        "{overlay: 1.0.0, info: {title: t, version: v}, actions: [{target: \"$.a['b'].c.d\"}]}";
    let mut load = |text: &str| {
        read(&mut sources, "a", text.as_bytes(), &Budget::DEFAULT, &mut Sink::default()).unwrap().1
    };
    let overlay = Overlay::read(load(text).root(), &mut sink).unwrap();
    overlay.apply(&mut load("a: {b: {x: 1}}"), &mut sink);
    assert_eq!(sink.diagnostics()[0].notes, ["`$.a['b']` matches; what follows does not"]);
}

#[test]
fn kinds_that_do_not_go_together_are_reported_and_stay() {
    check(
        "1.1.0",
        "{a: {k: {x: 1}, l: 1}}",
        "{target: $.a, update: {k: text, l: 2}}",
        "{a: {k: {x: 1}, l: 2}}",
        &["OA0803 a string cannot be merged into an object"],
    );
    check(
        "1.1.0",
        "{a: {k: 1}}",
        "{target: $.a, update: [1]}",
        "{a: {k: 1}}",
        &["OA0803 an array cannot be merged into an object"],
    );
    check(
        "1.1.0",
        "{a: 1}",
        "{target: $.a, update: {k: 1}}",
        "{a: 1}",
        &["OA0803 an object cannot be merged into a number"],
    );
}

#[test]
fn targets_of_different_kinds_are_not_updated_in_1_1() {
    check(
        "1.1.0",
        "{a: {}, b: []}",
        "{target: '$.*', update: {k: 1}}",
        "{a: {}, b: []}",
        &["OA0803 the query selects values of different kinds; nothing is updated"],
    );
    check(
        "1.0.0",
        "{a: {}, b: []}",
        "{target: '$.*', update: {k: 1}}",
        "{a: {k: 1}, b: [{k: 1}]}",
        &[],
    );
}

#[test]
fn a_copy_has_exactly_one_source() {
    check(
        "1.1.0",
        "{a: {x: 1}, b: {}}",
        "{target: $.b, copy: '$.*'}",
        "{a: {x: 1}, b: {}}",
        &["OA0803 `copy` selects 2 nodes, it must select one"],
    );
    check(
        "1.1.0",
        "{b: {}}",
        "{target: $.b, copy: $.a}",
        "{b: {}}",
        &["OA0801 `$.a` matches nothing in the document"],
    );
}

#[test]
fn the_root_is_not_removed() {
    check(
        "1.0.0",
        "a: 1",
        "{target: $, remove: true}",
        "{a: 1}",
        &["OA0803 the whole document cannot be removed"],
    );
}

#[test]
fn copies_of_copies_end_at_the_budget() {
    // The number makes each action another one; each puts the document into itself.
    let actions = |count| {
        let actions = (0..count).map(|number| format!("{{target: $.a, copy: $, x-n: {number}}}"));
        actions.collect::<Vec<_>>().join("\n")
    };
    let (_, problems) = apply("1.1.0", "{a: {}}", &actions(1));
    assert_eq!(problems.len(), 0);
    let (_, problems) = apply("1.1.0", "{a: {}}", &actions(200));
    assert!(problems[0].starts_with("OA0006"), "{problems:?}");
}

#[test]
fn a_report_names_index_target_and_what_was_selected() {
    let mut sources = SourceMap::default();
    let mut sink = Sink::default();
    let text = "{overlay: 1.0.0, info: {title: t, version: v}, actions: [1, {target: '$.*'}, {target: $.x}]}";
    let mut load = |text: &str| {
        read(&mut sources, "a", text.as_bytes(), &Budget::DEFAULT, &mut Sink::default()).unwrap().1
    };
    let overlay = Overlay::read(load(text).root(), &mut sink).unwrap();
    let applied = overlay.apply(&mut load("{a: 1, b: 2}"), &mut sink);
    let reports = applied.actions.iter().map(|a| (a.index, a.target.as_str(), a.targets.len()));
    assert_eq!(reports.collect::<Vec<_>>(), [(1, "$.*", 2), (2, "$.x", 0)]);
}

#[test]
fn damage_in_an_overlay_is_reported_at_its_place() {
    let info = "info: {title: t, version: v}";
    for (text, message) in [
        ("[1]", "overlay is an array, not an object"),
        (&*format!("{{{info}, actions: [{{target: $}}]}}"), "`overlay` is missing"),
        (
            &*format!("{{overlay: 2, {info}, actions: [{{target: $}}]}}"),
            "`overlay` is a number, not a string",
        ),
        (
            &*format!("{{overlay: '1.1', {info}, actions: [{{target: $}}]}}"),
            "overlay version `1.1` is not known",
        ),
        ("{overlay: 1.0.0, actions: [{target: $}]}", "overlay has no `info`"),
        ("{overlay: 1.0.0, info: {version: v}, actions: [{target: $}]}", "`title` is missing"),
        (&*format!("{{overlay: 1.0.0, {info}}}"), "overlay has no `actions`"),
        (&*format!("{{overlay: 1.0.0, {info}, actions: []}}"), "overlay has no action"),
        (
            &*format!("{{overlay: 1.0.0, {info}, actions: [{{target: $}}], other: 1}}"),
            "key `other` is not known here",
        ),
        (
            &*format!("{{overlay: 1.0.0, {info}, actions: [{{target: $}}, {{target: $}}]}}"),
            "action is given twice",
        ),
        (
            &*format!("{{overlay: 1.0.0, {info}, actions: [{{target: $, remove: 1}}]}}"),
            "`remove` is a number, not a boolean",
        ),
        (
            &*format!("{{overlay: 1.0.0, {info}, actions: [{{target: $, copy: $.a}}]}}"),
            "key `copy` is not known here",
        ),
        (
            &*format!(
                "{{overlay: 1.1.0, {info}, actions: [{{target: $, copy: $.a, update: {{}}}}]}}"
            ),
            "action has both `update` and `copy`; each makes the other void",
        ),
    ] {
        let mut sink = Sink::default();
        let mut sources = SourceMap::default();
        let tree = read(&mut sources, "a", text.as_bytes(), &Budget::DEFAULT, &mut sink).unwrap().1;
        Overlay::read(tree.root(), &mut sink);
        let messages: Vec<&str> = sink.diagnostics().iter().map(|d| d.message.as_str()).collect();
        assert_eq!(messages, [message], "{text}");
        assert_eq!(sink.diagnostics()[0].code.id, "OA0802");
    }
}

#[test]
fn a_query_that_is_not_rfc_9535_is_reported() {
    let (_, problems) = apply("1.0.0", "a: 1", "{target: '$.x-y.z'}");
    assert!(problems[0].starts_with("OA0802 `$.x-y.z` is not a JSONPath query"), "{problems:?}");
}
