//! Code that only tests compile.

use syn::{Attribute, Item, Meta};

/// True if an item is compiled for tests alone: `#[test]` of whatever crate, `#[cfg(test)]`.
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        if path.is_ident("cfg") {
            return attribute.parse_args::<Meta>().is_ok_and(|condition| needs_test(&condition));
        }
        path.segments.last().is_some_and(|last| last.ident == "test")
    })
}

/// True if a condition holds in tests alone: `test`, or `all(…)` with it.
fn needs_test(condition: &Meta) -> bool {
    match condition {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => {
            let all = list.parse_args_with(
                syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated,
            );
            all.is_ok_and(|all| all.iter().any(needs_test))
        }
        Meta::List(_) | Meta::NameValue(_) => false,
    }
}

/// The attributes of an item.
pub(super) fn item_attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        // Nothing of these calls anything.
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_test_item(text: &str) -> bool {
        is_test(item_attributes(&syn::parse_str(text).unwrap()))
    }

    #[test]
    fn what_only_tests_compile_is_known_by_its_attribute() {
        assert!(is_test_item("#[test] fn a() {}"));
        assert!(is_test_item("#[tokio::test] async fn a() {}"));
        assert!(is_test_item("#[cfg(all(test, unix))] mod a {}"));
        assert!(!is_test_item("#[cfg(any(test, feature = \"demo\"))] mod a {}"));
        assert!(!is_test_item("#[cfg(not(test))] mod a {}"));
    }
}
