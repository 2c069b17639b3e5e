//! A unit's status: two spellings, one value.

use specwright_testkit::sandbox::{Fault, Target};
use stora_2025_09::model::{UnitId, UnitStatus, UnitStatusFilter};
use stora_2025_09::runtime::json::{from_slice, to_vec};
use stora_2025_09::runtime::types::Bytes;

use crate::setup::{client, options, sandbox_with};

#[test]
fn both_spellings_are_read_as_one_value() {
    for text in [r#""overlock""#, r#""overlocked""#] {
        assert_eq!(from_slice::<UnitStatus>(text.as_bytes()).unwrap(), UnitStatus::Overlocked);
    }
}

#[test]
fn the_main_spelling_is_written() {
    assert_eq!(to_vec(&UnitStatus::Overlocked).unwrap(), br#""overlocked""#);
}

#[tokio::test]
async fn the_filter_has_the_spelling_of_its_own() {
    let sandbox = sandbox_with(options().with_examples()).await;
    client(&sandbox).units().list().status([UnitStatusFilter::Overlock]).await.unwrap();
    assert_eq!(sandbox.ledger().requests[0].query, "status=overlock");
}

#[tokio::test]
async fn an_answer_with_the_lesser_spelling_is_understood() {
    let sandbox = sandbox_with(options().with_examples()).await;
    let id: UnitId = sandbox.seed("units", 1).remove(0).into();
    let units = client(&sandbox).units();
    let whole = units.show(&id).send_with_response().await.unwrap();
    let text = String::from_utf8(whole.body().to_vec()).unwrap();
    let status = format!(r#""status":"{}""#, whole.inner().status.as_str());
    let lesser = text.replacen(&status, r#""status":"overlock""#, 1);
    assert_ne!(lesser, text);
    sandbox.push_fault(Target::Any, Fault::Body(Bytes::from(lesser)));
    assert_eq!(units.show(&id).await.unwrap().status, UnitStatus::Overlocked);
}
