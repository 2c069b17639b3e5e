//! What a second run, with the decisions of the first, gives.

use specwright_ir::lock::Lock;
use specwright_source::codes;

use crate::course::generate;

#[test]
fn every_name_is_kept_by_the_lock() {
    let (first, _) = generate(Lock::default());
    let (second, _) = generate(first.lock.clone());
    assert_eq!(second.lock.to_text(), first.lock.to_text());
    for (ours, theirs) in first.files.iter().zip(&second.files) {
        assert_eq!(ours.text, theirs.text, "{}", ours.path);
    }
    assert_eq!(first.files, second.files);
}

#[test]
fn a_name_that_the_lock_holds_is_no_problem_any_more() {
    let taken = |diagnostics: &[specwright_source::Diagnostic]| {
        diagnostics.iter().filter(|found| found.code.id == codes::NAME_TAKEN.id).count()
    };
    let (client, first) = generate(Lock::default());
    assert!(taken(&first) > 0);
    let (_, second) = generate(client.lock);
    assert_eq!(taken(&second), 0);
}

#[test]
fn the_lock_survives_being_written() {
    let text = generate(Lock::default()).0.lock.to_text();
    assert_eq!(Lock::parse(&text).unwrap().to_text(), text);
}
