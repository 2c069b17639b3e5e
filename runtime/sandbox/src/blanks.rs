//! What the blanks of a resource's recipe stand for.
//!
//! | blank | stands for |
//! |---|---|
//! | `now` | the time |
//! | `id` | the id of the resource |
//! | `n` | the number of a seeded resource, counted from 1 |
//! | `body PATH` | a value of the request's body |
//! | `its PATH` | a value of the resource, through references too |
//! | `sum PATH` | money: the sum over all values at the path |
//! | `product PRICE QUANTITY` | money: the product of two fields |
//! | `hex N`, `base64 N` | a secret of N random bytes |

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::clock::Moment;
use crate::recipe::Blank;
use crate::references;
use crate::store::Fields;
use crate::view::View;

/// Where the values of blanks come from.
#[derive(Clone, Copy)]
pub(crate) struct Source<'s> {
    pub(crate) view: View<'s>,
    pub(crate) collection: &'s str,
    pub(crate) id: &'s str,
    pub(crate) fields: &'s Fields,
    pub(crate) body: &'s Fields,
    pub(crate) number: Option<usize>,
    pub(crate) now: Moment,
}

impl Source<'_> {
    /// What a blank stands for; `None` if that is nothing.
    pub(crate) fn fill(&self, blank: &Blank) -> Option<Value> {
        let arguments: Vec<&str> = blank.arguments.iter().map(String::as_str).collect();
        match (blank.name.as_str(), arguments.as_slice()) {
            ("now", []) => Some(json!(self.now.to_rfc3339())),
            ("id", []) => Some(json!(self.id)),
            ("n", []) => self.number.map(|number| json!(number)),
            ("body", [path]) => {
                references::at(self.body, path).first().map(|(_, value)| (*value).clone())
            }
            ("its", [path]) => self.its(path).into_iter().next(),
            ("sum", [path]) => {
                let amounts = self.its(path).into_iter().filter_map(|value| amount(&value));
                Some(money(amounts.fold(0, i64::saturating_add)))
            }
            ("product", [price, quantity]) => {
                let quantity = self.its(quantity).first().and_then(Value::as_i64)?;
                let price = amount(self.its(price).first()?)?;
                Some(money(price.saturating_mul(quantity)))
            }
            ("hex", [bytes]) => random(bytes).map(|bytes| {
                let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
                json!(digits.collect::<Vec<_>>().concat())
            }),
            ("base64", [bytes]) => random(bytes).map(|bytes| json!(STANDARD.encode(bytes))),
            _ => None,
        }
    }

    fn its(&self, path: &str) -> Vec<Value> {
        self.view.follow(self.collection, self.fields, path)
    }
}

fn amount(money: &Value) -> Option<i64> {
    money.get("amount").and_then(Value::as_i64)
}

fn money(amount: i64) -> Value {
    json!({ "amount": amount })
}

fn random(bytes: &str) -> Option<Vec<u8>> {
    let mut random = vec![0_u8; bytes.parse().ok().filter(|bytes| *bytes <= MOST_RANDOM)?];
    getrandom::fill(&mut random).ok()?;
    Some(random)
}

/// Longer secrets are a slip of the pen.
const MOST_RANDOM: usize = 1024;
