//! The generator writes what was written by hand first: `by_hand/*.rs` are its target, `Shelf` is an
//! API that needs one of each kind of file, and `Desk` in `shapes/` one of each kind of type.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;

use specwright_ir::lock::Lock;
use specwright_rust::{Runtime, Settings, generate};
use specwright_source::{Budget, Loader, MemoryFiles, Sink};

/// A document, and the number of operations beyond which its crate has features.
type Crate<'a> = (&'a str, usize);

const SHELF: Crate<'static> = (include_str!("by_hand/openapi.yaml"), Settings::FEATURE_THRESHOLD);
const SHELF_IN_PARTS: Crate<'static> = (include_str!("by_hand/openapi.yaml"), 0);
const DESK: Crate<'static> =
    (include_str!("by_hand/shapes/openapi.yaml"), Settings::FEATURE_THRESHOLD);

/// The text of each file of the crate, by its path.
fn written((document, feature_threshold): Crate<'_>, lock: &mut Lock) -> BTreeMap<String, String> {
    let files = MemoryFiles::default().with("/openapi.yaml", document);
    let main = Path::new("/openapi.yaml");
    let mut sink = Sink::default();
    let mut loader = Loader::beside(files, main, Budget::default()).expect("the folder exists");
    let file = loader.open(main, &mut sink).expect("the document has a tree");
    let document =
        specwright_openapi::read_document(&mut loader, file, &mut sink).expect("it is OpenAPI 3.1");
    let api = specwright_lower::lower(&document, lock, &mut sink);
    assert!(!sink.has_errors(), "{:#?}", sink.diagnostics());
    let settings = Settings {
        package: "shelf-v1".to_owned(),
        library: "shelf_v1".to_owned(),
        title: "Shelf".to_owned(),
        runtime: Runtime::Workspace,
        command: "cargo xtask regen".to_owned(),
        repository: None,
        feature_threshold,
    };
    let files = generate(&api, &settings, lock, &mut sink);
    files.into_iter().map(|file| (file.path, file.text)).collect()
}

#[track_caller]
fn assert_written(of: Crate<'_>, path: &str, by_hand: &str) {
    let files = written(of, &mut Lock::default());
    let text = files.get(path).map_or("", String::as_str);
    if text == by_hand {
        return;
    }
    let both = text.lines().zip(by_hand.lines()).enumerate();
    let differs =
        both.filter(|(_, (ours, target))| ours != target).map(|(line, _)| line + 1).next();
    let line = differs.unwrap_or_else(|| text.lines().count().min(by_hand.lines().count()) + 1);
    panic!("{path} differs from its target at line {line}; written was:\n{text}");
}

#[test]
fn a_group_of_operations_is_written_as_by_hand() {
    assert_written(SHELF, "src/books.rs", include_str!("by_hand/books.rs"));
}

#[test]
fn a_group_inside_a_group_is_written_as_by_hand() {
    assert_written(SHELF, "src/books/loans.rs", include_str!("by_hand/books/loans.rs"));
}

#[test]
fn the_models_are_written_as_by_hand() {
    assert_written(SHELF, "src/model.rs", include_str!("by_hand/model.rs"));
}

#[test]
fn every_shape_of_a_schema_is_written_as_by_hand() {
    assert_written(DESK, "src/model.rs", include_str!("by_hand/shapes/model.rs"));
}

#[test]
fn the_events_are_written_as_by_hand() {
    assert_written(SHELF, "src/webhooks.rs", include_str!("by_hand/webhooks.rs"));
}

#[test]
fn the_client_is_written_as_by_hand() {
    assert_written(SHELF, "src/client.rs", include_str!("by_hand/client.rs"));
}

#[test]
fn the_call_is_written_as_by_hand() {
    assert_written(SHELF, "src/call.rs", include_str!("by_hand/call.rs"));
}

#[test]
fn the_root_is_written_as_by_hand() {
    assert_written(SHELF, "src/lib.rs", include_str!("by_hand/lib.rs"));
}

#[test]
fn the_readme_is_written_as_by_hand() {
    assert_written(SHELF, "README.md", include_str!("by_hand/README.md"));
}

#[test]
fn operators_connect_only_where_there_is_a_page_for_them() {
    let (document, features) = SHELF;
    let without = document.replace("authorizationCode:", "implicit:");
    let readme = written((&without, features), &mut Lock::default()).remove("README.md");
    assert!(!readme.expect("there is a page").contains("perators"));
}

#[test]
fn a_scheme_without_a_token_endpoint_does_not_hide_one_that_has_it() {
    let (document, features) = SHELF;
    let hidden = "securitySchemes:\n    a: { type: oauth2, flows: { implicit: { authorizationUrl: /in, scopes: {} } } }";
    let document = document.replace("securitySchemes:", hidden);
    let files = written((&document, features), &mut Lock::default());
    assert!(files["src/meta.rs"].contains("token: \"/oauth/token\""));
    assert!(files["Cargo.toml"].contains("loopback"));
}

#[test]
fn the_table_of_calls_is_written_as_by_hand() {
    assert_written(SHELF, "api.md", include_str!("by_hand/api.md"));
}

#[test]
fn the_manifest_is_written_as_by_hand() {
    assert_written(SHELF, "Cargo.toml", include_str!("by_hand/Cargo.toml.txt"));
}

#[test]
fn what_features_change_is_written_as_by_hand() {
    let text = include_str!("by_hand/features/Cargo.toml.txt");
    assert_written(SHELF_IN_PARTS, "Cargo.toml", text);
    assert_written(SHELF_IN_PARTS, "src/lib.rs", include_str!("by_hand/features/lib.rs"));
    assert_written(SHELF_IN_PARTS, "src/client.rs", include_str!("by_hand/features/client.rs"));
    assert_written(SHELF_IN_PARTS, "src/meta.rs", include_str!("by_hand/features/meta.rs"));
}

#[test]
fn a_second_run_with_the_lock_of_the_first_writes_the_same() {
    let mut lock = Lock::default();
    let first = written(SHELF, &mut lock);
    let text = lock.to_text();
    assert_eq!(first, written(SHELF, &mut lock));
    assert_eq!(text, lock.to_text());
}
