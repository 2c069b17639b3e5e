//! Documents that mean harm: nothing happens but a diagnostic, and only below `--out`.

use std::fmt::Write as _;

use crate::fixture::{Ended, Fixture, GOOD};

/// Generates, and asserts that nothing outside the output has changed.
#[track_caller]
fn generate(fixture: &Fixture) -> Ended {
    let before = fixture.others();
    let ended = fixture.generate();
    assert_eq!(fixture.others(), before);
    assert!(matches!(ended.code, Some(0 | 3)), "{:?}: {}", ended.code, ended.stderr);
    ended
}

#[test]
fn a_tag_cannot_name_a_file_elsewhere() {
    for tag in ["../../x", "/etc/x", "..\\..\\x", "a/../../../x", "CON", "\u{0}x"] {
        let quoted = serde_json::to_string(tag).unwrap();
        let fixture = Fixture::new(&GOOD.replace("tags: [Items]", &format!("tags: [{quoted}]")));
        let ended = generate(&fixture);
        assert_eq!(ended.code, Some(0), "{tag}: {}", ended.stderr);
        assert!(fixture.generated().keys().all(|path| !path.contains("..")), "{tag}");
    }
}

#[test]
fn a_title_cannot_name_a_package_elsewhere() {
    let fixture = Fixture::new(&GOOD.replace("title: Shop", "title: '../../x\"]'"));
    generate(&fixture);
    assert!(fixture.read("out/Cargo.toml").contains("name = \"x-client\""));
}

#[test]
fn a_reference_cannot_read_a_file_of_the_system() {
    for reference in ["/etc/passwd", "../../../../../../etc/passwd", "file:///etc/passwd"] {
        let document = GOOD.replace("#/components/schemas/Item", reference);
        let fixture = Fixture::new(&document);
        let ended = generate(&fixture);
        assert!(ended.stderr.contains("error[OA0102]"), "{reference}: {}", ended.stderr);
        assert!(!ended.stderr.contains("root:"), "{reference}");
        assert!(fixture.generated().values().all(|text| !text.contains("root:")), "{reference}");
    }
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_cannot_lead_a_reference_out_of_the_root() {
    let fixture = Fixture::new(&GOOD.replace("#/components/schemas/Item", "link.yaml"));
    fixture.write("../secret.yaml", "title: fake-secret-4711\ntype: object\n");
    std::os::unix::fs::symlink("../secret.yaml", fixture.path("link.yaml")).unwrap();
    let ended = generate(&fixture);
    assert!(ended.stderr.contains("error[OA0102]"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("fake-secret-4711"));
    assert!(fixture.generated().values().all(|text| !text.contains("fake-secret-4711")));
}

#[test]
fn an_alias_bomb_ends_with_a_diagnostic() {
    let mut document = GOOD.to_owned();
    document.push_str("x-0: &l0 [boom, boom, boom, boom, boom, boom, boom, boom, boom, boom]\n");
    for level in 1..12 {
        let aliases = vec![format!("*l{}", level - 1); 10].join(", ");
        writeln!(document, "x-{level}: &l{level} [{aliases}]").unwrap();
    }
    let ended = generate(&Fixture::new(&document));
    assert!(ended.stderr.contains("error[OA0006]"), "{}", ended.stderr);
}

#[test]
fn ten_thousand_levels_end_with_a_diagnostic() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let ended = generate(&Fixture::new(&format!("{GOOD}x-deep: {deep}\n")));
    assert!(ended.stderr.contains("error[OA0006]"), "{}", ended.stderr);
}

#[test]
fn code_in_a_description_is_never_a_doctest() {
    let payload = "std::fs::write(\"owned\", \"\").unwrap();";
    let fixture = Fixture::new(&GOOD.replace(
        "      tags: [Items]\n",
        &format!(
            "      tags: [Items]\n      description: |\n        Fenced:\n\n        ```rust\n        \
             {payload}\n        ```\n\n        Indented:\n\n            {payload}\n"
        ),
    ));
    generate(&fixture);
    let mut shown = 0;
    for (path, text) in fixture.generated() {
        let mut fence: Option<String> = None;
        for line in text.lines().map(str::trim) {
            let doc = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
            let Some(doc) = doc.map(|doc| doc.strip_prefix(' ').unwrap_or(doc)) else {
                continue;
            };
            if let Some(info) = doc.trim_start().strip_prefix("```") {
                fence = if fence.is_some() { None } else { Some(info.to_owned()) };
            } else if doc.contains("std::fs::write") {
                shown += 1;
                // Text in a fence that says so, or a paragraph; never four spaces, which are code.
                let is_text =
                    fence.as_deref().map_or(!doc.starts_with("    "), |info| info == "text");
                assert!(is_text, "{path}: {line}");
            }
        }
    }
    assert!(shown >= 2, "the description is in the documentation");
}

#[test]
fn a_terminal_is_not_steered_by_a_document() {
    let document = GOOD.replace("name: { type: string }", "\"a\\x1b]0;owned\\x07\": 7");
    let ended = generate(&Fixture::new(&document));
    assert!(ended.stderr.contains("error[OA0205]"), "{}", ended.stderr);
    assert!(!ended.stderr.contains('\u{1b}'));
}
