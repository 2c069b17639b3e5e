//! Which status is a success: where the vendor's pages do not say it, any one of 2XX; where they do, no other one.

use std::error::Error as _;

use specwright_testkit::Sandbox;
use specwright_testkit::sandbox::{Fault, Target};
use stora_2025_09::runtime::ErrorKind;
use stora_2025_09::runtime::types::Bytes;

use crate::setup::{client, sandbox};
use stora_tests::inputs::smallest_contact;

#[tokio::test]
async fn a_creation_may_be_answered_with_200_instead_of_201() {
    let sandbox = sandbox().await;
    let contacts = client(&sandbox).contacts();
    let first = contacts.create(smallest_contact()).send_with_response().await.unwrap();
    answer_with_200(&sandbox, first.body());
    let second = contacts.create(smallest_contact()).send_with_response().await.unwrap();
    assert_eq!((first.status(), second.status()), (201, 200));
    assert_eq!(second.inner(), first.inner());
}

#[tokio::test]
async fn a_deletion_may_be_answered_with_200_instead_of_204() {
    let sandbox = sandbox().await;
    for body in ["", r#"{"deleted":true}"#] {
        answer_with_200(&sandbox, &Bytes::from(body));
        let deleted = client(&sandbox).contacts().delete("con_1").send_with_response().await;
        assert_eq!(deleted.unwrap().status(), 200, "{body}");
    }
}

#[tokio::test]
async fn another_success_than_the_documented_one_is_an_error() {
    let sandbox = sandbox().await;
    sandbox.push_fault(Target::Any, Fault::Status(202));
    let error = client(&sandbox).contacts().list().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Decode, Some(202)));
    let reason = error.source().unwrap().to_string();
    assert_eq!(reason, "the document does not describe this status");
}

fn answer_with_200(sandbox: &Sandbox, body: &Bytes) {
    sandbox.push_fault(Target::Any, Fault::Body(body.clone()));
}
