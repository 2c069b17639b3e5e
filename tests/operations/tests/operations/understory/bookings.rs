//! The group `Bookings`.

use std::collections::BTreeMap;

use understory_v1::model::{
    Address, BookingCreate, BookingId, BookingItem, CompanyCustomer, Customer, ItemType,
    PrivateCustomer, SortOrder,
};

use super::ids::{ADD_ON, EVENT, TICKET_VARIANT};
use super::{Account, moment};

pub(crate) async fn required(account: &Account) {
    let bookings = account.client.bookings();
    let id: BookingId = account.seed("bookings");
    bookings.list().await.unwrap();
    bookings.create(smallest_booking()).await.unwrap();
    bookings.get(&id).await.unwrap();
    bookings.get_information_request_answers(&id).await.unwrap();
    bookings.get_tickets(&id).await.unwrap();
}

pub(crate) async fn all(account: &Account) {
    let bookings = account.client.bookings();
    let id: BookingId = account.seed("bookings");
    bookings
        .list()
        .cursor("")
        .limit(25)
        .from(moment("2026-01-01T00:00:00Z"))
        .to(moment("2026-07-01T02:00:00+02:00"))
        .sort(SortOrder::UpdatedAtAscending)
        .await
        .unwrap();
    bookings.create(full_booking(private_customer())).await.unwrap();
    bookings.get(&id).await.unwrap();
    bookings.get_information_request_answers(&id).await.unwrap();
    bookings.get_tickets(&id).await.unwrap();
}

/// The other kind of customer.
pub(crate) async fn others(account: &Account) {
    account.client.bookings().create(full_booking(company_customer())).await.unwrap();
}

fn smallest_booking() -> BookingCreate {
    let items = [BookingItem::new(TICKET_VARIANT, ItemType::Variant, 1)];
    BookingCreate::new(EVENT, PrivateCustomer::new(), "en", items)
}

fn full_booking(customer: impl Into<Customer>) -> BookingCreate {
    let items = [
        BookingItem::new(TICKET_VARIANT, ItemType::Variant, 2),
        BookingItem::new(ADD_ON, ItemType::Addon, 1),
    ];
    BookingCreate::new(EVENT, customer, "en-GB", items)
        .metadata(BTreeMap::from([("crm_id".to_owned(), "4711".to_owned())]))
}

fn private_customer() -> PrivateCustomer {
    PrivateCustomer::new()
        .full_name("Ada Holt")
        .email("ada@lighthouse.example")
        .phone("+4500000001")
        .address(address())
        .locale("en-GB")
}

fn company_customer() -> CompanyCustomer {
    CompanyCustomer::new()
        .name("Grace Field")
        .company_name("Field and Daughters")
        .vat_number("DK00000000")
        .email("grace@field.example")
        .phone("+4500000002")
        .address(address())
        .locale("da")
}

fn address() -> Address {
    Address::new()
        .address_lines(["12 Harbor Lane".to_owned(), "2nd floor".to_owned()])
        .city("Aarhus")
        .country("DK")
        .region("Midtjylland")
        .zip_code("8000")
}
