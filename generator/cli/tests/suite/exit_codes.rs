//! Each code, and what is written in each case.

use crate::fixture::{Fixture, GOOD};

#[test]
fn a_good_document_ends_with_0_and_a_crate() {
    let fixture = Fixture::new(GOOD);
    let ended = fixture.generate();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(fixture.read("out/Cargo.toml").contains("name = \"shop-client\""));
    assert!(fixture.read("out/src/lib.rs").starts_with("// @generated"));
}

#[test]
fn damage_ends_with_0_and_a_crate() {
    let fixture = Fixture::new(&GOOD.replace("{ type: string }", "string"));
    let ended = fixture.generate();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("error[OA0205]"), "{}", ended.stderr);
    assert!(fixture.path("out/src/lib.rs").is_file());
}

#[test]
fn lint_ends_with_1_if_there_are_errors_and_with_0_if_there_are_none() {
    let fixture = Fixture::new(GOOD);
    assert_eq!(fixture.run(&["lint", "openapi.yaml"]).code, Some(0));
    fixture.write("openapi.yaml", &GOOD.replace("{ type: string }", "string"));
    assert_eq!(fixture.run(&["lint", "openapi.yaml"]).code, Some(1));
}

#[test]
fn a_command_line_that_is_not_understood_ends_with_2() {
    let fixture = Fixture::new(GOOD);
    let generate = ["generate", "openapi.yaml", "--out", "out"];
    for wrong in [
        &["generate", "openapi.yaml"][..],
        &[&generate[..], &["--colour"]].concat(),
        &[&generate[..], &["--package", "../x"]].concat(),
        &[&generate[..], &["--runtime", "path:/does/not/exist"]].concat(),
        &["explain", "OA9999"],
    ] {
        assert_eq!(fixture.run(wrong).code, Some(2), "{wrong:?}");
    }
    assert!(fixture.generated().is_empty());
}

#[test]
fn an_input_that_cannot_be_read_ends_with_3_and_nothing_is_written() {
    let fixture = Fixture::new(GOOD);
    fixture.write("empty.yaml", "");
    fixture.write("swagger.yaml", "swagger: '2.0'\n");
    fixture.write("no.overlay.yaml", "overlay: 1.0.0\n");
    for wrong in [
        &["missing.yaml"][..],
        &["empty.yaml"],
        &["swagger.yaml"],
        &["openapi.yaml", "--overlay", "missing.overlay.yaml"],
        &["openapi.yaml", "--overlay", "no.overlay.yaml"],
        &["openapi.yaml", "--ref-root", "missing"],
        &["openapi.yaml", "--cross-check-allow", "missing.yaml"],
    ] {
        let ended = fixture.run(&[&["generate"], wrong, &["--out", "out"]].concat());
        assert_eq!(ended.code, Some(3), "{wrong:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("error"), "{wrong:?}");
    }
    assert!(fixture.generated().is_empty());
}

#[test]
fn a_document_that_breaks_off_ends_with_3_and_leaves_the_client_of_the_whole() {
    let fixture = Fixture::new(GOOD);
    assert_eq!(fixture.generate().code, Some(0));
    let whole = fixture.generated();
    for broken in [format!("{GOOD}x-last: [1, 2"), format!("{GOOD}\tx-last: 1"), "{".to_owned()] {
        fixture.write("openapi.yaml", &broken);
        let ended = fixture.generate();
        assert_eq!(ended.code, Some(3), "{broken}");
        assert!(ended.stderr.contains("error[OA0001]"), "{}", ended.stderr);
        assert_eq!(fixture.generated(), whole, "{broken}");
    }
}

#[test]
fn a_lock_that_is_none_ends_with_3_and_stays() {
    let fixture = Fixture::new(GOOD);
    fixture.write("out/api.lock", "<<<<<<< HEAD\n");
    let ended = fixture.generate();
    assert_eq!(ended.code, Some(3));
    assert!(ended.stderr.contains("error[OA0701]"), "{}", ended.stderr);
    assert_eq!(fixture.generated().len(), 1);
    assert_eq!(fixture.read("out/api.lock"), "<<<<<<< HEAD\n");
}

#[test]
fn a_file_that_is_not_ours_ends_with_4_and_nothing_is_written() {
    let fixture = Fixture::new(GOOD);
    fixture.write("out/Cargo.toml", "[package]\nname = \"mine\"\n");
    let ended = fixture.generate();
    assert_eq!(ended.code, Some(4));
    assert!(ended.stderr.contains("@generated"), "{}", ended.stderr);
    assert_eq!(fixture.generated().len(), 1);
    assert_eq!(fixture.read("out/Cargo.toml"), "[package]\nname = \"mine\"\n");
}

#[test]
fn an_output_folder_that_is_a_file_ends_with_4() {
    let fixture = Fixture::new(GOOD);
    let ended = fixture.run(&["generate", "openapi.yaml", "--out", "openapi.yaml"]);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert_eq!(fixture.read("openapi.yaml"), GOOD);
}

#[test]
fn a_lock_that_cannot_be_read_ends_with_3() {
    let fixture = Fixture::new(GOOD);
    // Readable for nobody, whatever the rights of who runs the test.
    fixture.write("out/api.lock/x", "");
    let ended = fixture.generate();
    assert_eq!(ended.code, Some(3));
    assert!(ended.stderr.contains("error[OA0901]"), "{}", ended.stderr);
    assert_eq!(fixture.generated().len(), 1);
}

#[test]
fn a_check_ends_with_0_if_all_is_fresh_and_with_5_after_one_changed_byte() {
    let fixture = Fixture::new(GOOD);
    let check = ["check", "openapi.yaml", "--out", "out"];
    assert_eq!(fixture.run(&check).code, Some(5));
    fixture.generate();
    assert_eq!(fixture.run(&check).code, Some(0));

    let text = fixture.read("out/src/lib.rs");
    fixture.write("out/src/lib.rs", &text.replacen("mod ", "mod  ", 1));
    let before = fixture.files();
    let ended = fixture.run(&check);
    assert_eq!(ended.code, Some(5));
    assert!(ended.stderr.contains("src/lib.rs: differs from line"), "{}", ended.stderr);
    assert!(ended.stderr.ends_with("\n  specwright generate openapi.yaml --out out\n"));
    assert_eq!(fixture.files(), before);
}
