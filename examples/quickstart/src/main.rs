//! Gets a token from the sandbox and lists the contacts that it holds.

#![expect(clippy::print_stdout, reason = "the contacts are what the program is for")]

use specwright_testkit::Sandbox;
use stora_2025_09::Client;
use stora_2025_09::runtime::ClientCredentials;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    sandbox.seed_contacts(5);

    let credentials = ClientCredentials::new(sandbox.client_id(), sandbox.client_secret())
        .scope("public.contact:read");
    let client = Client::builder("Example/Quickstart")
        .base_url(sandbox.base_url())
        .credentials(credentials)
        .build()?;
    let mut contacts = client.contacts().list().limit(2).items();
    while let Some(contact) = contacts.next().await {
        let contact = contact?;
        println!("{}  {} <{}>", contact.id, contact.full_name, contact.email);
    }
    Ok(())
}
