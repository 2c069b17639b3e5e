//! Code that only tests compile.

use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Block, File, ImplItem, Item, ItemImpl, ItemMod, Meta, Stmt};

/// Takes out of a file what only tests compile, so that nobody who reads it has to ask.
pub(super) fn take_out(file: &mut File) {
    TakeOut.visit_file_mut(file);
}

struct TakeOut;

impl TakeOut {
    fn items(items: &mut Vec<Item>) {
        items.retain(|item| !is_test(item_attributes(item)));
    }
}

impl VisitMut for TakeOut {
    fn visit_file_mut(&mut self, file: &mut File) {
        Self::items(&mut file.items);
        visit_mut::visit_file_mut(self, file);
    }

    fn visit_item_mod_mut(&mut self, module: &mut ItemMod) {
        if let Some((_, items)) = &mut module.content {
            Self::items(items);
        }
        visit_mut::visit_item_mod_mut(self, module);
    }

    fn visit_item_impl_mut(&mut self, item: &mut ItemImpl) {
        let test = |item: &ImplItem| matches!(item, ImplItem::Fn(it) if is_test(&it.attrs));
        item.items.retain(|item| !test(item));
        visit_mut::visit_item_impl_mut(self, item);
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        let test = |it: &Stmt| matches!(it, Stmt::Item(item) if is_test(item_attributes(item)));
        block.stmts.retain(|statement| !test(statement));
        visit_mut::visit_block_mut(self, block);
    }
}

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
fn item_attributes(item: &Item) -> &[Attribute] {
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
    use syn::visit::Visit;

    use super::*;

    /// Every name in a file.
    #[derive(Default)]
    struct Names(Vec<String>);

    impl<'ast> Visit<'ast> for Names {
        fn visit_ident(&mut self, name: &'ast syn::Ident) {
            self.0.push(name.to_string());
        }
    }

    fn is_test_item(text: &str) -> bool {
        is_test(item_attributes(&syn::parse_str(text).unwrap()))
    }

    #[test]
    fn what_only_tests_compile_is_taken_out_wherever_it_stands() {
        let mut file = syn::parse_str(
            "#[test] fn a() {} mod b { #[cfg(test)] mod c {} }
             impl D { #[cfg(test)] fn e() {} fn f() { #[cfg(test)] struct G; } }",
        )
        .unwrap();
        take_out(&mut file);
        let mut names = Names::default();
        names.visit_file(&file);
        assert_eq!(names.0, ["b", "D", "f"]);
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
