//! Gets a token from the sandbox and lists the contacts that it holds.

#![expect(clippy::print_stdout, reason = "the contacts are what the program is for")]

use specwright_testkit::Sandbox;
use stora_2025_09::Client;
use stora_2025_09::runtime::ClientCredentials;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    sandbox.seed_contacts(5);
    let base = sandbox.base_url();
    let (id, secret) = (sandbox.client_id(), sandbox.client_secret());

    let client = Client::builder("Example/Quickstart")
        .base_url(base)
        .credentials(ClientCredentials::new(id, secret).scope("public.contact:read"))
        .build()?;
    let mut contacts = client.contacts().list().limit(50).items();
    while let Some(contact) = contacts.next().await {
        println!("{}", contact?.email);
    }
    Ok(())
}
