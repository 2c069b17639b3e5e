//! The groups `Orders` and `Orders / Line Items`.

use std::collections::BTreeMap;

use stora_2025_09::model::{
    BillingPeriod, ContactMarketingSource, ContactReference, ContactSource, ContactType,
    ContactUseCase, ContractTemplateReference, CouponReference, LineItemItemReference,
    MetadataUpdate, MoneyAmount, OrderContactCreate, OrderCreate, OrderEmails, OrderFinalization,
    OrderFinalize, OrderId, OrderLineItemCreate, OrderLineItemType, OrderPaymentMethod,
    OrderStartsAt, OrderUpdate, SiteReference, SortDirection,
};
use stora_tests::inputs::full_address;

use super::ids::{CONTACT, CONTRACT_TEMPLATE, COUPON, PRODUCT, PROTECTION_LEVEL, SITE, UNIT_TYPE};
use super::{Account, moment, names};

pub(crate) async fn required(account: &Account) {
    let orders = account.client.orders();
    let id: OrderId = account.seed("orders");
    orders.list().await.unwrap();
    orders.create(OrderCreate::new()).await.unwrap();
    orders.show(&id).await.unwrap();
    orders.update(&id, OrderUpdate::new()).await.unwrap();
    orders.line_items().list(&id).await.unwrap();
    orders.finalize(&id, OrderFinalize::new()).await.unwrap();
}

pub(crate) async fn all(account: &Account) {
    let orders = account.client.orders();
    let id: OrderId = account.seed("orders");
    orders
        .list()
        .page(1)
        .limit(25)
        .sort_direction(SortDirection::Desc)
        .expand(names(["contact", "site"]))
        .await
        .unwrap();
    orders.create(full_order()).await.unwrap();
    orders.show(&id).expand(names(["contact", "line_items.item"])).await.unwrap();
    orders.update(&id, full_update()).await.unwrap();
    orders
        .line_items()
        .list(&id)
        .page(1)
        .limit(25)
        .sort_direction(SortDirection::Asc)
        .expand(names(["item"]))
        .await
        .unwrap();
    orders.finalize(&id, OrderFinalize::new().finalize(finalization())).await.unwrap();
}

/// The alternatives that [`all`] does not send: a contact that is known, a contact that is new, and the word `now`.
pub(crate) async fn others(account: &Account) {
    let orders = account.client.orders();
    let order =
        OrderCreate::new().contact(ContactReference::new(CONTACT)).starts_at(OrderStartsAt::Now);
    orders.create(order).await.unwrap();
    let update = OrderUpdate::new().contact(new_contact()).starts_at(OrderStartsAt::Now);
    let id: OrderId = account.seed("orders");
    orders.update(id, update).await.unwrap();
}

fn full_order() -> OrderCreate {
    OrderCreate::new()
        .billing_period(BillingPeriod::Monthly)
        .contact(new_contact())
        .contract_template(ContractTemplateReference::new(CONTRACT_TEMPLATE))
        .coupon(CouponReference::new(COUPON))
        .emails(OrderEmails::new().booking_confirmation(true).move_in_day(false))
        .finalize(finalization())
        .line_items(line_items())
        .metadata(BTreeMap::from([("crm.id".to_owned(), "4711".to_owned())]))
        .payment_method(OrderPaymentMethod::Card)
        .purchase_order_number("PO-2026-014")
        .site(SiteReference::new(SITE))
        .starts_at(OrderStartsAt::DateTime(moment("2026-03-05T00:00:00Z")))
}

fn full_update() -> OrderUpdate {
    OrderUpdate::new()
        .billing_period(BillingPeriod::Weekly)
        .contact(ContactReference::new(CONTACT))
        .contract_template(ContractTemplateReference::new(CONTRACT_TEMPLATE))
        .coupon(CouponReference::new(COUPON))
        .emails(OrderEmails::new().booking_confirmation(true).move_in_day(false))
        .line_items(line_items())
        .metadata(MetadataUpdate::default().set("crm.id", "4711"))
        .payment_method(OrderPaymentMethod::BacsDebit)
        .purchase_order_number("PO-2026-015".to_owned())
        .site(SiteReference::new(SITE))
        .starts_at(OrderStartsAt::DateTime(moment("2026-03-05T00:00:00Z")))
}

fn new_contact() -> OrderContactCreate {
    OrderContactCreate::new("ada@lock-and-key.example", "Ada Holt")
        .address(full_address())
        .marketing_source(ContactMarketingSource::GoogleSearch)
        .phone_number("+441174960123")
        .source(ContactSource::Phone)
        .tax_id("GB123456789")
        .r#type(ContactType::Company)
        .use_case(ContactUseCase::BusinessNeeds)
}

fn line_items() -> Vec<OrderLineItemCreate> {
    let line_item = |kind, id: &str, price| {
        OrderLineItemCreate::new()
            .r#type(kind)
            .item(LineItemItemReference::new(id))
            .price(MoneyAmount::new(price))
            .quantity(1)
    };
    vec![
        line_item(OrderLineItemType::UnitType, UNIT_TYPE, 6000),
        line_item(OrderLineItemType::Protection, PROTECTION_LEVEL, 1200),
        line_item(OrderLineItemType::Product, PRODUCT, 1500),
    ]
}

fn finalization() -> OrderFinalization {
    OrderFinalization::new()
        .cancel_redirect_url("https://shop.example/cancelled")
        .success_redirect_url("https://shop.example/thanks")
}
