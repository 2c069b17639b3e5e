//! The inputs of the group `Contacts`.

use std::collections::BTreeMap;

use stora_2025_09::Call;
use stora_2025_09::contacts::ListContacts;
use stora_2025_09::model::{
    Address, ContactCreate, ContactMarketingSource, ContactMarketingSourceFilter, ContactSortField,
    ContactSource, ContactSourceFilter, ContactStatus, ContactType, ContactTypeFilter,
    ContactUpdate, ContactUseCase, ContactUseCaseFilter, MetadataUpdate, SortDirection,
};
use stora_2025_09::runtime::types::DateTime;

/// Of [`full_contact`].
pub const EMAIL: &str = "ada+storage@lock-and-key.example";

/// What a contact must have.
pub fn smallest_contact() -> ContactCreate {
    ContactCreate::new("grace@attic.example", "Grace Field")
}

/// A contact with all that it may have.
pub fn full_contact() -> ContactCreate {
    ContactCreate::new(EMAIL, "Ada Holt")
        .address(full_address())
        .company_registration_number("01234567")
        .marketing_source(ContactMarketingSource::GoogleSearch)
        .metadata(BTreeMap::from([("crm.id".to_owned(), "4711".to_owned())]))
        .phone_number("+441174960123")
        .source(ContactSource::Phone)
        .tax_id("GB123456789")
        .r#type(ContactType::Company)
        .use_case(ContactUseCase::BusinessNeeds)
}

/// A change of everything that can be changed.
pub fn full_update() -> ContactUpdate {
    ContactUpdate::new()
        .address(full_address())
        .company_registration_number("07654321".to_owned())
        .email("ada@elsewhere.example")
        .full_name("Ada Holt-Meyer")
        .marketing_source(ContactMarketingSource::Radio)
        .metadata(MetadataUpdate::default().set("campaign", "spring").remove("crm.id"))
        .phone_number("+441174960124".to_owned())
        .source(ContactSource::Walkin)
        .tax_id("GB987654321".to_owned())
        .r#type(ContactType::Domestic)
        .use_case(ContactUseCase::MovingHome)
}

/// All 14 parameters. Of the contacts of these tests they keep [`full_contact`] alone.
pub fn with_every_parameter(call: Call<ListContacts>) -> Call<ListContacts> {
    call.page(1)
        .limit(25)
        .sort_by(ContactSortField::FullName)
        .sort_direction(SortDirection::Asc)
        .email([EMAIL.to_owned(), r#""a,b"@attic.example"#.to_owned()])
        .r#type([ContactTypeFilter::Company, ContactTypeFilter::Unspecified])
        .source([ContactSourceFilter::Phone, ContactSourceFilter::Walkin])
        .marketing_source([ContactMarketingSourceFilter::GoogleSearch])
        .use_case([ContactUseCaseFilter::BusinessNeeds])
        .status([ContactStatus::Lead, ContactStatus::Customer])
        .created_after(moment("2026-01-01T00:00:00Z"))
        .created_before(moment("2026-01-01T02:00:00+01:00"))
        .updated_after(moment("2025-12-31T23:59:59.5Z"))
        .updated_before(moment("2026-01-01T01:00:00Z"))
}

/// An address with all that it may have.
pub fn full_address() -> Address {
    Address::new()
        .line_1("12 Harbor Lane")
        .line_2("Unit 4".to_owned())
        .city("Bristol")
        .postal_code("BS1 4ST")
        .state("Avon".to_owned())
        .country_alpha2("GB")
}

fn moment(text: &str) -> DateTime {
    text.parse().unwrap()
}
