//! A process that calls the sandbox as often as its windows let it.

use torture::requests::caller::{ORDER, Order};
use torture::setting::Trouble;

#[tokio::main]
async fn main() -> Result<(), Trouble> {
    let order: Order = serde_json::from_str(&std::env::var(ORDER)?)?;
    order.carry_out().await?.tell()
}
