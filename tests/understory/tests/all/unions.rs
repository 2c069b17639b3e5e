//! Alternatives that are told apart by a tag.

use specwright_testkit::sandbox::{Fault, Target};
use understory_v1::model::{
    AvailabilityConstraint, BookingCreate, BookingItem, CompanyCustomer, Customer, ItemType,
    PrivateCustomer,
};
use understory_v1::runtime::types::Bytes;

use crate::setup::started;

pub(crate) fn smallest_booking() -> BookingCreate {
    booking(PrivateCustomer::new())
}

#[tokio::test]
async fn the_kind_of_a_customer_is_sent_by_its_type() {
    let (sandbox, client) = started().await;
    client.bookings().create(booking(CompanyCustomer::new())).await.unwrap();
    let body = sandbox.ledger().requests[0].body.clone().unwrap();
    assert_eq!(body["customer"]["customer_type"], "COMPANY");
}

#[tokio::test]
async fn the_kind_of_a_customer_is_a_variant() {
    let (_sandbox, client) = started().await;
    let private = client.bookings().get("bkg_example_0001").await.unwrap();
    let company = client.bookings().get("bkg_example_0002").await.unwrap();
    assert!(matches!(private.customer, Customer::Private(_)));
    assert!(matches!(company.customer, Customer::Company(_)));
}

#[tokio::test]
async fn a_constraint_of_an_unknown_kind_is_kept() {
    let (sandbox, client) = started().await;
    let body =
        br#"{"event_id":"a","available":false,"constraints":[{"type":"SEATS","remaining":0}]}"#;
    sandbox.push_fault(Target::Any, Fault::Body(Bytes::from_static(body)));
    let availability = client.event_availabilities().get("a").await.unwrap();
    let [AvailabilityConstraint::Unknown(seats)] = availability.constraints.as_slice() else {
        panic!("{availability:?}")
    };
    assert_eq!(seats.as_str(), r#"{"type":"SEATS","remaining":0}"#);
}

fn booking(customer: impl Into<Customer>) -> BookingCreate {
    let items = [BookingItem::new("var_example_0001", ItemType::Variant, 1)];
    BookingCreate::new("evt_example_0001", customer, "en", items)
}
