//! Money as the vendor answers it: a request names an amount, an answer the currency and the words
//! too.

use serde_json::{Value, json};

use crate::profile::vendor::MoneyRule;

/// Completes every `{amount}` inside of `value`.
pub(crate) fn complete(value: &mut Value, rule: &MoneyRule) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| complete(item, rule)),
        Value::Object(members) => {
            let amount = members.get("amount").and_then(Value::as_i64);
            if let (Some(amount), 1) = (amount, members.len()) {
                members.insert("currency".to_owned(), json!(rule.currency));
                members.insert("formatted".to_owned(), json!(formatted(amount, rule)));
            } else {
                members.values_mut().for_each(|member| complete(member, rule));
            }
        }
        _ => {}
    }
}

/// `£59.99`: an amount is in hundredths.
fn formatted(amount: i64, rule: &MoneyRule) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let amount = amount.unsigned_abs();
    format!("{sign}{}{}.{:02}", rule.symbol, amount / 100, amount % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(mut value: Value) -> Value {
        let rule = MoneyRule { currency: "GBP".to_owned(), symbol: "£".to_owned() };
        complete(&mut value, &rule);
        value
    }

    #[test]
    fn an_amount_is_completed_wherever_it_stands() {
        let found = completed(json!({"items": [{"price": {"amount": 5999}}]}));
        let whole = json!({"amount": 5999, "currency": "GBP", "formatted": "£59.99"});
        assert_eq!(found, json!({"items": [{"price": whole}]}));
    }

    #[test]
    fn what_is_whole_or_no_money_is_left_alone() {
        let whole = json!({"a": {"amount": 1, "currency": "EUR"}, "metadata": {"amount": "1"}});
        assert_eq!(completed(whole.clone()), whole);
    }

    #[test]
    fn a_debt_has_its_sign_before_the_symbol() {
        assert_eq!(completed(json!({"amount": -5}))["formatted"], "-£0.05");
    }
}
