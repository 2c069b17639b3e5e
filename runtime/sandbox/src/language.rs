//! The languages of an account (`Accept-Language`, RFC 9110, section 12.5.4).
//!
//! The vendor answers a language that is not configured with an error and does not fall back. A
//! request may name several; one that is configured is enough.

use serde_json::Value;

use crate::params::Arguments;
use crate::profile::vendor::LanguageRules;
use crate::refusal::{Cause, Refusal};

/// Refuses a request for languages that the account does not have.
pub(crate) fn check(rules: &LanguageRules, arguments: &Arguments) -> Result<(), Refusal> {
    let Some(wished) = arguments.header(&rules.parameter).and_then(Value::as_str) else {
        // The operation has no such parameter, or it is optional.
        return Ok(());
    };
    if ranges(wished).any(|range| is_configured(rules, range)) {
        return Ok(());
    }
    let configured = rules.configured.join(", ");
    let message = format!("None of the languages is configured; there are {configured}.");
    Err(Refusal::new(Cause::Parameter, message))
}

/// The ranges that are wished for at all.
fn ranges(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter_map(|element| {
        let (range, weight) = element.split_once(';').unwrap_or((element, ""));
        let weight = weight.trim().strip_prefix("q=").map(str::parse::<f32>);
        let refused = weight.is_some_and(|weight| weight == Ok(0.0));
        (!refused).then_some(range.trim())
    })
}

fn is_configured(rules: &LanguageRules, range: &str) -> bool {
    range == "*" || rules.configured.iter().any(|language| language.eq_ignore_ascii_case(range))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_taken(wished: &str) -> bool {
        let configured = ["en-GB", "da-DK"].map(str::to_owned).to_vec();
        let rules = LanguageRules { parameter: "Accept-Language".to_owned(), configured };
        ranges(wished).any(|range| is_configured(&rules, range))
    }

    #[test]
    fn one_configured_language_is_enough() {
        assert!(is_taken("en-GB; q=1.0, fr-FR; q=0.8"));
        assert!(is_taken("fr-FR, DA-dk;q=0.1"));
        assert!(is_taken("*"));
    }

    #[test]
    fn another_country_is_another_language() {
        assert!(!is_taken("en-US"));
        assert!(!is_taken("en"));
    }

    #[test]
    fn a_weight_of_zero_wishes_nothing() {
        assert!(!is_taken("en-GB;q=0, fr-FR"));
    }
}
