//! What each thing of a document is called in the generated crate.

use std::collections::BTreeMap;

use specwright_rust::File;
use syn::{Attribute, Expr, Fields, ImplItem, Item, Lit, Meta};

/// Things by what the document calls them; names by the path that a program writes, each with the
/// kind of item that it stands for.
pub(crate) type Names = BTreeMap<String, String>;

/// A description that says which thing it belongs to. It is hexadecimal, so that Markdown has nothing
/// in it to change.
pub(crate) fn mark(thing: &str) -> String {
    let digits: Vec<String> = thing.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("{MARK}{}", digits.concat())
}

/// The names of everything in a crate that has a mark, or stands in something that has one.
pub(crate) fn names(files: &[File]) -> Names {
    let mut names = Names::new();
    for file in files {
        let module = file.path.strip_prefix("src/").and_then(|path| path.strip_suffix(".rs"));
        let Some(module) = module else { continue };
        // Types have one path, whatever files they stand in.
        let module = if module.starts_with("model/") { "model" } else { module };
        for item in syn::parse_file(&file.text).unwrap().items {
            add_item(&mut names, &module.replace('/', "::"), &item);
        }
    }
    names
}

fn add_item(names: &mut Names, module: &str, item: &Item) {
    match item {
        Item::Struct(item) => {
            let path = format!("{module}::{}", item.ident);
            add(names, "type", marked(&item.attrs), &path);
            if let Fields::Named(fields) = &item.fields {
                for field in &fields.named {
                    let path = format!("{path}::{}", field.ident.as_ref().unwrap());
                    add(names, "field", marked(&field.attrs), &path);
                }
            }
        }
        Item::Enum(item) => {
            let path = format!("{module}::{}", item.ident);
            add(names, "type", marked(&item.attrs), &path);
            // The enum of the events stands for no single thing.
            let owner = marked(&item.attrs).unwrap_or_else(|| item.ident.to_string());
            for variant in &item.variants {
                let value = marked(&variant.attrs).or_else(|| doc(&variant.attrs));
                let thing = value.map(|value| format!("{owner}, {value}"));
                add(names, "variant", thing, &format!("{path}::{}", variant.ident));
            }
        }
        Item::Type(item) => {
            add(names, "type", marked(&item.attrs), &format!("{module}::{}", item.ident));
        }
        Item::Impl(item) if item.trait_.is_none() => {
            let syn::Type::Path(owner) = &*item.self_ty else { return };
            let owner = &owner.path.segments.last().unwrap().ident;
            for inside in &item.items {
                if let ImplItem::Fn(method) = inside {
                    let path = format!("{module}::{owner}::{}", method.sig.ident);
                    add(names, "method", marked(&method.attrs), &path);
                }
            }
        }
        _ => {}
    }
}

fn add(names: &mut Names, kind: &str, thing: Option<String>, path: &str) {
    if let Some(thing) = thing {
        names.insert(format!("{kind} of {thing}"), format!("{kind} {path}"));
    }
}

/// The thing whose mark stands in the documentation.
fn marked(attributes: &[Attribute]) -> Option<String> {
    let doc = doc(attributes)?;
    let digits = doc.split(MARK).nth(1)?;
    let digits = digits.split(|c: char| !c.is_ascii_hexdigit()).next()?.as_bytes();
    let bytes = digits.chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16));
    Some(String::from_utf8(bytes.collect::<Result<_, _>>().unwrap()).unwrap())
}

/// The first line of the documentation.
fn doc(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| {
        let Meta::NameValue(meta) = &attribute.meta else { return None };
        let Expr::Lit(value) = &meta.value else { return None };
        let Lit::Str(text) = &value.lit else { return None };
        meta.path.is_ident("doc").then(|| text.value().trim().to_owned())
    })
}

const MARK: &str = "Thing";

mod tests {
    use super::*;

    #[test]
    fn each_kind_of_item_is_found_by_its_mark() {
        let text = format!(
            "/// {pet}.\npub struct Pet {{\n/// {name}.\npub r#type: u8,\n/// No mark.\npub b: u8 }}
            /// {state}.\npub enum State {{\n/// `on`\nOn }}
            /// {tag}.\npub type Tag = u8;
            impl Pets {{\n/// {list}.\npub fn list(&self) {{}} }}",
            pet = mark("pet"),
            name = mark("pet.type"),
            state = mark("state"),
            tag = mark("tag"),
            list = mark("get /"),
        );
        let found = names(&[File { path: "src/a/b.rs".to_owned(), text }]);
        let expected = [
            ("field of pet.type", "field a::b::Pet::r#type"),
            ("method of get /", "method a::b::Pets::list"),
            ("type of pet", "type a::b::Pet"),
            ("type of state", "type a::b::State"),
            ("type of tag", "type a::b::Tag"),
            ("variant of state, `on`", "variant a::b::State::On"),
        ];
        let expected = expected.map(|(thing, name)| (thing.to_owned(), name.to_owned()));
        assert_eq!(found, Names::from(expected));
    }
}
