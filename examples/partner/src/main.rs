//! A partner imports contacts for an operator, within the vendor's limits. It is killed while an answer is on its way to it,
//! and while a request is; it is started again, and in the end each contact is there once, and on the timeline.
//!
//! `app.rs`, `import.rs`, `webhooks.rs`, `progress.rs` and `book.rs` are the application. The vendor is a sandbox on this
//! machine; it and everything else around the application is `world.rs`, and `ledger.rs` reads what it has written down.

#![expect(clippy::print_stdout, reason = "the story is what the program is for")]

mod app;
mod book;
mod import;
mod ledger;
mod progress;
mod webhooks;
mod world;

use clap::{Parser, Subcommand};
use specwright_testkit::sandbox::Account;
use stora_2025_09::meta::PROFILE;
use tokio::net::TcpListener;

use crate::app::{App, Failure, Settings};
use crate::book::Book;
use crate::ledger::{Figures, Told};
use crate::world::{Moment, OPERATOR, World};

/// Imports contacts within the vendor's limits, is killed twice, and doubles nothing
#[derive(Parser)]
struct Arguments {
    /// How many contacts; with less than 300 it is over sooner
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u16).range(20..))]
    contacts: u16,
    /// How often it is killed. After the second time one contact waits for a minute, until nothing can be on its way
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(..=2))]
    kills: u8,
    #[command(subcommand)]
    task: Option<Task>,
}

/// What another process of the application does. The story starts it.
#[derive(Subcommand)]
#[command(hide = true)]
enum Task {
    /// Import so many contacts
    Import { contacts: usize },
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    match arguments.task {
        None => story(&World::begin().await?, arguments.contacts.into(), arguments.kills).await,
        Some(Task::Import { contacts }) => {
            let app = App::open(&Settings::from_environment()?)?;
            app.importer().import(Book::customers(contacts)).await
        }
    }
}

async fn story(world: &World, contacts: usize, kills: u8) -> Result<(), Failure> {
    let settings = world.settings()?;
    let app = App::open(&settings)?;

    println!("An operator connects, and the application asks for webhooks");
    app.connect(|url| world.open_browser(url)).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    // The vendor posts to https alone, and the sandbox, which does so on this machine, without TLS.
    let url = format!("https://{}/webhooks", listener.local_addr()?);
    let began = world.now();
    let secret = webhooks::endpoint(app.client(), &url, &settings.folder).await?;
    let router = webhooks::router(app.receiver(&secret)?, app.book().clone());
    tokio::spawn(async move { axum::serve(listener, router).await });

    let import = ["import", &contacts.to_string()];
    if kills > 0 {
        println!("It imports, and is killed while an answer is on its way");
        let mut process = world.start(&import)?;
        world.kill(&mut process, Moment::Answer, contacts / 3).await?;
        world.arrive();
    }
    if kills > 1 {
        println!("It is started again, and killed while a request is on its way");
        let mut process = world.start(&import)?;
        world.kill(&mut process, Moment::Request, contacts / 6).await?;
    }

    println!("It is started again; at two requests the vendor fails, and keeps its failure");
    world.fail_and_keep_it();
    let looks = world.looks();
    let mut process = world.start(&import)?;
    // What was on its way arrives when nobody looks for it any more.
    world.wait_for_a_look(&mut process, looks).await?;
    world.arrive();
    if !process.wait().await?.success() {
        return Err("the import failed".into());
    }
    let took = world.now().saturating_sub(began);
    world.wait_for_webhooks(contacts).await;

    println!("What the vendor's ledger says");
    let told = Told { wanted: contacts, confirmed: app.book().confirmed()?, took };
    let (ledger, operator) = (world.ledger(), Account::operator(OPERATOR));
    let figures = Figures::of(&ledger, &operator, PROFILE.rate_windows, told);
    println!("{figures}");
    figures.judge()
}
