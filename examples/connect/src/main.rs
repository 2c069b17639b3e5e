//! Two operators connect an application. A process of it is killed in the middle of a renewal, an operator takes the grant
//! back and gives it again, and both are disconnected. After each step stands what the vendor's ledger says.
//!
//! `app.rs` and `keys.rs` are the application. The vendor is a sandbox on this machine; it and everything else around the
//! application is `world.rs`. With `--browser` you are the operators.

#![expect(clippy::print_stdout, reason = "the story is what the program is for")]

mod app;
mod keys;
mod world;

use std::time::Duration;

use clap::{Parser, Subcommand};
use stora_2025_09::runtime::GrantStatus;

use crate::app::{App, Contacts, Failure, Settings};
use crate::world::{People, World};

/// Connects two operators, survives a kill, asks one of them again, and disconnects both
#[derive(Parser)]
struct Arguments {
    /// Approve in your own browser
    #[arg(long)]
    browser: bool,
    #[command(subcommand)]
    task: Option<Task>,
}

/// What another process of the application does. The story starts them.
#[derive(Subcommand)]
#[command(hide = true)]
enum Task {
    /// Call in the name of an operator
    Work { operator: String },
    /// Say who has to connect again
    News,
}

const OPERATORS: [&str; 2] = ["operator-1", "operator-2"];

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let people = if arguments.browser { People::Real } else { People::Played };
    match arguments.task {
        None => story(&World::begin(people).await?).await,
        Some(Task::Work { operator }) => {
            call(&App::open(&Settings::from_environment()?)?, &operator).await
        }
        Some(Task::News) => {
            let app = App::open(&Settings::from_environment()?)?;
            tokio::select! {
                told = news(&app) => told,
                never = app.attend() => match never {},
            }
        }
    }
}

async fn story(world: &World) -> Result<(), Failure> {
    let [first, second] = OPERATORS;
    let app = App::open(&world.settings())?;

    println!("1. Two operators connect");
    connect(&app, world, first).await?;
    connect(&app, world, second).await?;
    world.print_ledger();

    println!("2. The application calls in the name of each");
    call(&app, first).await?;
    call(&app, second).await?;
    world.print_ledger();

    println!("3. Their tokens end, and a process is killed in the middle of a renewal");
    world.pass(Duration::from_secs(3 * 3_600));
    world.hold_the_next_answer();
    let mut process = world.start(&["work", first])?;
    world.kill_while_it_waits(&mut process).await?;
    println!("   killed, while the vendor's answer was on its way");
    println!("   another process goes on:");
    world.run(&["work", first]).await?;
    println!("   and this one has the same tokens:");
    call(&app, first).await?;
    world.print_ledger();

    println!("4. {second} takes the grant back at the vendor, and connects again");
    world.take_back(second);
    call(&app, second).await?;
    drop(app);
    world.run(&["news"]).await?;
    let app = App::open(&world.settings())?;
    connect(&app, world, second).await?;
    call(&app, second).await?;
    world.print_ledger();

    println!("5. Both are disconnected");
    disconnect(&app, first).await?;
    disconnect(&app, second).await?;
    world.print_ledger();
    Ok(())
}

async fn connect(app: &App, world: &World, operator: &str) -> Result<(), Failure> {
    app.connect(operator, |url| world.open_browser(operator, url)).await?;
    println!("   {operator} is connected");
    Ok(())
}

async fn call(app: &App, operator: &str) -> Result<(), Failure> {
    match app.contacts(operator).await? {
        Contacts::Counted(count) => println!("   {operator} has {count} contacts"),
        Contacts::ReconnectRequired(reason) => {
            println!("   {operator} has to connect again: {reason}");
        }
    }
    Ok(())
}

async fn news(app: &App) -> Result<(), Failure> {
    for (operator, reason) in app.to_reconnect().await? {
        println!(
            "   after a restart, the feed says that {operator} has to connect again: {reason}"
        );
    }
    Ok(())
}

async fn disconnect(app: &App, operator: &str) -> Result<(), Failure> {
    match app.disconnect(operator).await? {
        GrantStatus::Disconnected { revocation } => {
            println!("   {operator} is disconnected, revocation: {revocation:?}");
        }
        status => println!("   {operator}: {status:?}"),
    }
    Ok(())
}
