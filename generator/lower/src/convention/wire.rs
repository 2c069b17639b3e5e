//! Texts of a key that the runtime looks up in a message. One of the wrong form is found in no message.

/// True for the name of a header: a `token` (RFC 9110 §5.1 and §5.6.2).
pub(super) fn is_field_name(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_allowed)
}

/// True for a JSON Pointer to a part of the body: `/` before each token, and `~` only in `~0` and `~1` (RFC 6901 §3).
pub(super) fn is_pointer(text: &str) -> bool {
    let mut escapes = text.split('~').skip(1);
    text.starts_with('/') && escapes.all(|rest| rest.starts_with(['0', '1']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_header_is_a_token() {
        for name in ["X-Signature", "x_1", "!#$%&'*+-.^_`|~"] {
            assert!(is_field_name(name), "{name}");
        }
        for text in ["", "X Signature", "X-Signature:", "X-Signature\n", "Signätur", "a/b"] {
            assert!(!is_field_name(text), "{text:?}");
        }
    }

    #[test]
    fn a_tilde_of_a_pointer_is_followed_by_0_or_1() {
        for pointer in ["/", "/event/id", "/a~0b/~1", "/~01", "/ä b"] {
            assert!(is_pointer(pointer), "{pointer}");
        }
        for text in ["", "event", "#/event", "/a~", "/a~/b", "/~2", "/~~0"] {
            assert!(!is_pointer(text), "{text:?}");
        }
    }
}
