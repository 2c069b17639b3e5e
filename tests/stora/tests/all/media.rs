//! Answers that are no JSON: lists as CSV, contracts as PDF.

use std::collections::BTreeSet;

use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{Fault, Target};
use stora_2025_09::model::{Contract, ContractId, ContractStatus};

use crate::setup::{client, options, sandbox, sandbox_with};

#[tokio::test]
async fn a_list_comes_as_csv_with_the_inputs_of_the_list() {
    let sandbox = sandbox().await;
    sandbox.seed_contacts(3);
    let download = client(&sandbox).contacts().list().limit(2).send_csv().await.unwrap();
    let text = download.bytes().await.unwrap();
    // A line of names and two contacts.
    assert_eq!(String::from_utf8_lossy(&text).lines().count(), 3);
}

#[tokio::test]
async fn csv_is_asked_for_by_its_media_type() {
    let sandbox = sandbox().await;
    let download = client(&sandbox).contacts().list().send_csv().await.unwrap();
    assert_eq!(download.content_type().as_deref(), Some("text/csv"));
    assert_eq!(sandbox.ledger().requests[0].header("accept"), Some("text/csv"));
}

#[tokio::test]
async fn an_error_of_a_download_is_the_apis_own() {
    let sandbox = sandbox().await;
    let error = client(&sandbox).contacts().list().limit(101).send_csv().await.unwrap_err();
    assert_eq!(error.api().unwrap().error.code.as_str(), "invalid_url_param");
}

#[tokio::test]
async fn a_download_is_asked_for_again_after_a_503() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::Status(503));
    drop(client(&sandbox).contacts().list().send_csv().await.unwrap());
    assert_eq!(sandbox.ledger().requests.len(), 2);
}

#[tokio::test]
async fn a_signed_contract_comes_as_pdf() {
    let sandbox = sandbox_with(options().with_examples()).await;
    let id = contract(&sandbox, |status| *status == ContractStatus::Signed).await;
    let download = client(&sandbox).contracts().show(id).send_pdf().await.unwrap();
    assert_eq!(download.content_type().as_deref(), Some("application/pdf"));
    assert!(download.bytes().await.unwrap().starts_with(b"%PDF-"));
}

#[tokio::test]
async fn a_contract_that_is_not_signed_does_not_come_as_pdf() {
    let sandbox = sandbox_with(options().with_examples()).await;
    let id = contract(&sandbox, |status| *status != ContractStatus::Signed).await;
    let error = client(&sandbox).contracts().show(id).send_pdf().await.unwrap_err();
    assert!(error.is_not_acceptable(), "{error}");
}

/// The id of a contract whose status is one of those that are meant.
async fn contract(sandbox: &Sandbox, is_meant: fn(&ContractStatus) -> bool) -> ContractId {
    let mut contracts = client(sandbox).contracts().list().items();
    let mut seen = BTreeSet::new();
    while let Some(contract) = contracts.next().await {
        let Contract { id, status, .. } = contract.unwrap();
        if is_meant(&status) {
            return id;
        }
        seen.insert(status);
    }
    panic!("there are contracts with the status {seen:?} only")
}
