//! What an unquoted YAML scalar means: the core schema of YAML 1.2.2 (§10.3.2), with numbers
//! rewritten as JSON numbers (RFC 8259 §6).

/// The meaning of an unquoted scalar.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Plain {
    Null,
    Bool(bool),
    /// The number as JSON writes it.
    Number(Box<str>),
    /// A number that JSON cannot write: an infinity, not a number, or over 128 bits of hexadecimal.
    NotJson,
    Text,
}

/// Finds the meaning of an unquoted scalar.
pub(crate) fn resolve(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Plain::Null,
        "true" | "True" | "TRUE" => Plain::Bool(true),
        "false" | "False" | "FALSE" => Plain::Bool(false),
        // Most scalars are words: they are told apart by their first byte.
        _ if text.starts_with(|first: char| matches!(first, '0'..='9' | '+' | '-' | '.')) => {
            number(text)
        }
        _ => Plain::Text,
    }
}

fn number(text: &str) -> Plain {
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Plain::NotJson;
    }
    let (sign, rest) = match text.as_bytes().first() {
        Some(b'-') => ("-", &text[1..]),
        Some(b'+') => ("", &text[1..]),
        _ => ("", text),
    };
    if matches!(rest, ".inf" | ".Inf" | ".INF") {
        return Plain::NotJson;
    }
    decimal(sign, rest).map_or(Plain::Text, |number| Plain::Number(number.into_boxed_str()))
}

fn radix(digits: &str, radix: u32) -> Plain {
    // `from_str_radix` takes a sign, the core schema does not.
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Plain::Text;
    }
    match u128::from_str_radix(digits, radix) {
        Ok(value) => Plain::Number(value.to_string().into_boxed_str()),
        Err(_) => Plain::NotJson,
    }
}

/// Rewrites `[0-9]* (. [0-9]*)? ([eE] [-+]? [0-9]+)?` with at least one digit before the exponent.
fn decimal(sign: &str, text: &str) -> Option<String> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let has_digits = !whole.is_empty() || fraction.is_some_and(|digits| !digits.is_empty());
    if !has_digits || !is_digits(whole) || !fraction.is_none_or(is_digits) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let mut number = String::with_capacity(text.len() + 3);
    number.push_str(sign);
    number.push_str(if whole.is_empty() { "0" } else { whole });
    if let Some(fraction) = fraction {
        number.push('.');
        number.push_str(if fraction.is_empty() { "0" } else { fraction });
    }
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if digits.is_empty() || !is_digits(digits) {
            return None;
        }
        number.push('e');
        number.push_str(exponent);
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rewritten_as_json_writes_them() {
        let cases = [
            ("0", "0"),
            ("-0", "-0"),
            ("+1", "1"),
            ("007", "7"),
            ("00", "0"),
            ("0x1F", "31"),
            ("0o17", "15"),
            ("1.", "1.0"),
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("1.50", "1.50"),
            ("1e3", "1e3"),
            ("1.E+03", "1.0e+03"),
            ("0xffffffffffffffffffffffffffffffff", "340282366920938463463374607431768211455"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
        ];
        for (yaml, json) in cases {
            assert_eq!(resolve(yaml), Plain::Number(json.into()), "{yaml}");
        }
    }

    #[test]
    fn what_only_looks_like_a_number_is_text() {
        for text in [
            ".",
            "-",
            "+",
            "1.2.3",
            "1_000",
            "0b1",
            "0x",
            "0x+1",
            "-0x1",
            "1e",
            "e1",
            ".e1",
            "1 2",
            "2024-01-01",
            "12:30",
            "0o8",
            "--1",
            "+-1",
            "1e+",
            "1é",
        ] {
            assert_eq!(resolve(text), Plain::Text, "{text}");
        }
    }

    #[test]
    fn the_booleans_of_yaml_1_1_are_text() {
        for text in ["yes", "no", "on", "off", "y", "n", "tRue", "nULL"] {
            assert_eq!(resolve(text), Plain::Text, "{text}");
        }
    }

    #[test]
    fn numbers_without_a_json_form_are_told_apart() {
        for text in
            [".inf", "-.Inf", "+.INF", ".nan", ".NaN", "0x100000000000000000000000000000000"]
        {
            assert_eq!(resolve(text), Plain::NotJson, "{text}");
        }
    }
}
