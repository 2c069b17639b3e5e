//! Who asks for storage, and what may come of it: the contacts and the deals of an account.
//!
//! Written for the client of `specs/stora/2025-09/builds/openapi-older.yaml`, the older build. What that one does not
//! have must not be used here: the tests of this package compile this very file for both builds.

#![expect(clippy::print_stdout, reason = "the report is what the program is for")]

use std::env;
use std::error::Error;

use stora_2025_09::Client;
use stora_2025_09::model::{
    Contact, ContactCreate, ContactReference, ContactType, Deal, DealCreate, DealLostReason,
    DealStageModel, DealStatus,
};
use stora_2025_09::runtime::StaticToken;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = Client::builder("Example/Report")
        .base_url(env::var("STORA_URL")?)
        .credentials(StaticToken::new(env::var("STORA_TOKEN")?))
        .build()?;

    let walk_in = ContactCreate::new("walk-in@example.com", "Walk In").r#type(ContactType::Charity);
    let walk_in = client.contacts().create(walk_in).await?;
    let lockers = DealCreate::new().name("Two lockers").contact(ContactReference::new(walk_in.id));
    let lockers = client.deals().create(lockers).await?;
    println!("new deal: {}, for {}", standing(&lockers), customer(&client, &lockers).await?);

    // Two a page, so that there are more pages than one.
    let mut contacts = client.contacts().list().limit(2).items();
    while let Some(contact) = contacts.next().await {
        println!("contact: {}", about(&contact?));
    }

    let mut deals = client.deals().list().limit(2).expand(["contact".to_owned()]).items();
    while let Some(deal) = deals.next().await {
        let deal = deal?;
        println!("deal: {}, for {}", standing(&deal), customer(&client, &deal).await?);
    }

    let lockers = client.deals().win(lockers.id).await?;
    println!("new deal: {}, for {}", standing(&lockers), customer(&client, &lockers).await?);
    Ok(())
}

fn about(contact: &Contact) -> String {
    let kind = match &contact.r#type {
        Some(ContactType::Domestic | ContactType::Student) => "a person",
        Some(ContactType::Company) => "a company",
        Some(_) => "somebody",
        None => "not known",
    };
    format!("{} <{}>, {kind}", contact.full_name, contact.email)
}

fn standing(deal: &Deal) -> String {
    let stage = match &deal.stage {
        Some(DealStageModel::DealStageRef(_)) => "at a stage",
        Some(DealStageModel::DeletedDealStage(stage)) => &stage.name,
        Some(_) => "at something else",
        None => "at no stage",
    };
    let status = match &deal.status {
        DealStatus::Open => "open",
        DealStatus::Lost => deal.lost_reason.as_ref().map_or("lost", DealLostReason::as_str),
        other => other.as_str(),
    };
    let quantity: i64 = deal.line_items.iter().map(|item| item.quantity).sum();
    format!("{}: {status} {stage}, {quantity} to rent", deal.name)
}

/// The name of the deal's contact, which comes whole or by its id.
async fn customer(client: &Client, deal: &Deal) -> Result<String, Box<dyn Error>> {
    let Some(contact) = &deal.contact else { return Ok("nobody".to_owned()) };
    if let Some(contact) = contact.whole() {
        return Ok(contact.full_name.clone());
    }
    let contact = client.contacts().show(contact.id().clone()).await?;
    Ok(format!("{} (by id)", contact.full_name))
}
