//! The public surface of a generated crate as text, one line an item.
//!
//! Input: the text of the crate's files. Output: for each group (a file of the crate) its public
//! items as sorted lines with their whole signature, so that the difference of two versions is the
//! difference of two texts. Generated files hold no glob and no macro but those of the runtime that
//! give a newtype its methods, and what needs a feature says so, so reading them is exact.
//!
//! Documentation is no part of the surface, with one exception: the tag that a handle stands for.
//! `api.lock` keeps the names of a group whose tag is renamed, so nothing else would show it.

mod accepted;
mod line;
mod tag;

use std::collections::{BTreeMap, BTreeSet};

use syn::visit_mut::VisitMut;
use syn::{Attribute, Expr, Fields, File, ImplItem, Item, UseTree, Visibility};

pub use accepted::{assert_accepted, of_folder};
use line::{Line, compact};

/// The lines of each group, by the path of its file without `src/` and `.rs`, with `.` for `/`.
///
/// # Errors
///
/// The path and the message of syn if a file is not Rust.
pub fn of_files<'f>(
    files: impl IntoIterator<Item = (&'f str, &'f str)>,
) -> Result<BTreeMap<String, String>, String> {
    read(files, |_| {})
}

/// The same with every feature on, as most programs see the crate: no line says which one it needs.
///
/// # Errors
///
/// See [`of_files`].
pub fn of_files_with_every_feature<'f>(
    files: impl IntoIterator<Item = (&'f str, &'f str)>,
) -> Result<BTreeMap<String, String>, String> {
    read(files, |file| Unconditional.visit_file_mut(file))
}

/// Takes every condition away.
struct Unconditional;

impl VisitMut for Unconditional {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        attributes.retain(|attribute| !attribute.path().is_ident("cfg"));
    }
}

fn read<'f>(
    files: impl IntoIterator<Item = (&'f str, &'f str)>,
    prepare: impl Fn(&mut File),
) -> Result<BTreeMap<String, String>, String> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, text) in files {
        let Some(group) = path.strip_prefix("src/").and_then(|path| path.strip_suffix(".rs"))
        else {
            continue;
        };
        let mut file = syn::parse_file(text).map_err(|error| format!("{path}: {error}"))?;
        prepare(&mut file);
        let lines = groups.entry(group.replace('/', ".")).or_default();
        lines.extend(file.items.iter().flat_map(item_lines));
    }
    Ok(groups.into_iter().map(|(group, lines)| (group, sorted(lines))).collect())
}

fn sorted(mut lines: Vec<String>) -> String {
    lines.sort();
    lines.dedup();
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

/// The lines that went and came from one surface to another, below the name of their group. Empty if
/// there are none.
pub fn difference(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> String {
    let lines = |surface: &BTreeMap<String, String>, group: &String| -> BTreeSet<String> {
        surface.get(group).into_iter().flat_map(|text| text.lines()).map(str::to_owned).collect()
    };
    let groups: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut text = Vec::new();
    for group in groups {
        let (old, new) = (lines(old, group), lines(new, group));
        if old != new {
            text.push(group.clone());
        }
        text.extend(old.difference(&new).map(|line| format!("- {line}")));
        text.extend(new.difference(&old).map(|line| format!("+ {line}")));
    }
    text.join("\n")
}

fn item_lines(item: &Item) -> Vec<String> {
    match item {
        Item::Struct(item) if is_public(&item.vis) => {
            let name = &item.ident;
            let mut lines = vec![Line::new("struct", name).attributes(&item.attrs).text()];
            if let Fields::Named(fields) = &item.fields {
                for field in fields.named.iter().filter(|field| is_public(&field.vis)) {
                    let Some(field_name) = &field.ident else { continue };
                    let rest = format!("{name}::{field_name}: {}", compact(&field.ty));
                    lines.push(Line::new("field", rest).attributes(&field.attrs).text());
                }
            }
            let tag = tag::of_handle(&item.attrs);
            lines.extend(tag.map(|tag| Line::new("tag", format!("{name} = {tag}")).text()));
            lines
        }
        Item::Enum(item) if is_public(&item.vis) => {
            let name = &item.ident;
            let mut lines = vec![Line::new("enum", name).attributes(&item.attrs).text()];
            for variant in &item.variants {
                let rest = format!("{name}::{}{}", variant.ident, compact(&variant.fields));
                lines.push(Line::new("variant", rest).attributes(&variant.attrs).text());
            }
            lines
        }
        Item::Type(item) if is_public(&item.vis) => {
            let rest = format!("{} = {}", item.ident, compact(&item.ty));
            vec![Line::new("type", rest).attributes(&item.attrs).text()]
        }
        Item::Const(item) if is_public(&item.vis) => {
            let rest = format!("{}: {} = {}", item.ident, compact(&item.ty), compact(&item.expr));
            vec![Line::new("const", rest).text()]
        }
        Item::Static(item) if is_public(&item.vis) => static_lines(item),
        Item::Mod(item) if is_public(&item.vis) => {
            vec![Line::new("mod", &item.ident).attributes(&item.attrs).text()]
        }
        Item::Use(item) if is_public(&item.vis) => {
            let line = |path| Line::new("use", path).attributes(&item.attrs).text();
            paths(&item.tree).into_iter().map(line).collect()
        }
        Item::Impl(item) => impl_lines(item),
        _ => Vec::new(),
    }
}

/// Each path that is used, so that one more in a group of them changes one line.
fn paths(tree: &UseTree) -> Vec<String> {
    match tree {
        UseTree::Path(path) => {
            let first = &path.ident;
            paths(&path.tree).into_iter().map(|rest| format!("{first}::{rest}")).collect()
        }
        UseTree::Group(group) => group.items.iter().flat_map(paths).collect(),
        leaf => vec![compact(leaf)],
    }
}

/// A list has a line for each of its elements, so that a change names those that changed.
fn static_lines(item: &syn::ItemStatic) -> Vec<String> {
    let (name, ty) = (&item.ident, compact(&item.ty));
    let value: &Expr = match &*item.expr {
        Expr::Reference(reference) => &reference.expr,
        value => value,
    };
    let Expr::Array(list) = value else {
        let rest = format!("{name}: {ty} = {}", compact(&item.expr));
        return vec![Line::new("static", rest).text()];
    };
    let elements = list.elems.iter().map(|element| {
        let mut element = element.clone();
        let attributes = match &mut element {
            Expr::Path(path) => std::mem::take(&mut path.attrs),
            _ => Vec::new(),
        };
        let rest = format!("{name} {}", compact(&element));
        Line::new("element", rest).attributes(&attributes).text()
    });
    std::iter::once(Line::new("static", format!("{name}: {ty}")).text()).chain(elements).collect()
}

fn impl_lines(item: &syn::ItemImpl) -> Vec<String> {
    let ty = compact(&item.self_ty);
    if let Some((path, _)) = &item.trait_ {
        let inside: Vec<String> = item
            .items
            .iter()
            .filter_map(|inside| match inside {
                ImplItem::Type(item) => Some(format!("{} = {}", item.ident, compact(&item.ty))),
                ImplItem::Const(item) => Some(format!("{} = {}", item.ident, compact(&item.expr))),
                _ => None,
            })
            .collect();
        let inside =
            if inside.is_empty() { String::new() } else { format!(" {{ {} }}", inside.join(", ")) };
        let generics = compact(&item.generics);
        return vec![
            Line::new(
                "impl",
                format!("{generics} {} for {ty}{inside}", compact(path)).trim_start(),
            )
            .attributes(&item.attrs)
            .text(),
        ];
    }
    let methods = item.items.iter().filter_map(|inside| match inside {
        ImplItem::Fn(method) if is_public(&method.vis) => {
            let signature = compact(&method.sig);
            let (kind, signature) = signature.split_once("fn ")?;
            let kind = format!("{kind}fn");
            Some(Line::new(&kind, format!("{ty}::{signature}")).attributes(&method.attrs).text())
        }
        _ => None,
    });
    methods.collect()
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, lines: &str) {
        let groups = of_files([("src/group.rs", text)]).unwrap();
        assert_eq!(groups["group"], lines);
    }

    #[test]
    fn a_handle_shows_the_tag_that_it_stands_for() {
        check(
            "/// The operations on `Line Items`.\n///\n/// More of them.\npub struct Lines { client: Client }",
            "struct Lines\ntag Lines = `Line Items`\n",
        );
    }

    #[test]
    fn documentation_of_other_items_is_no_part_of_the_surface() {
        check("/// Lists `Parcels`.\npub struct ListParcels;", "struct ListParcels\n");
    }

    #[test]
    fn each_element_of_a_list_has_a_line() {
        check(
            "pub static ALL: &[&str] = &[\"b\", \"a\"];",
            "element ALL \"a\"\nelement ALL \"b\"\nstatic ALL: &[&str]\n",
        );
    }

    #[test]
    fn an_async_method_is_told_from_a_plain_one() {
        check(
            "impl Call { pub async fn send(self) {} pub fn key(self) {} }",
            "async fn Call::send(self)\nfn Call::key(self)\n",
        );
    }

    #[test]
    fn what_needs_a_feature_says_so() {
        check(
            "#[cfg(feature = \"a\")] pub mod a; #[cfg(feature = \"b\")] #[derive(Clone)] pub struct B;\n\
             pub static ALL: &[&str] = &[#[cfg(feature = \"a\")] A::META];",
            "element ALL A::META [a]\nmod a [a]\nstatic ALL: &[&str]\nstruct B [b] #[derive(Clone)]\n",
        );
    }

    #[test]
    fn with_every_feature_nothing_says_which_one_it_needs() {
        let text = "#[cfg(feature = \"a\")] pub mod a; pub static ALL: &[&str] = &[#[cfg(feature = \"a\")] A::META];
             #[cfg(feature = \"a\")] pub use self::a::A;";
        let groups = of_files_with_every_feature([("src/model.rs", text)]).unwrap();
        let expected = "element ALL A::META\nmod a\nstatic ALL: &[&str]\nuse self::a::A\n";
        assert_eq!(groups["model"], expected);
    }

    #[test]
    fn a_difference_names_what_went_and_came_in_each_group() {
        let surface =
            |text: &str| of_files([("src/a.rs", text), ("src/b.rs", "pub mod c;")]).unwrap();
        let (old, new) = (surface("pub mod d; pub mod e;"), surface("pub mod e; pub mod f;"));
        assert_eq!(difference(&old, &new), "a\n- mod d\n+ mod f");
        assert_eq!(difference(&old, &old), "");
    }

    #[test]
    fn each_file_of_types_is_a_group_and_the_flat_paths_are_one() {
        let files = [
            ("src/model.rs", "mod a; #[cfg(feature = \"b\")] pub use self::a::{A, B as C};"),
            ("src/model/a.rs", "#[cfg(feature = \"b\")] pub struct A;"),
        ];
        let expected = [
            ("model", "use self::a::A [b]\nuse self::a::B as C [b]\n"),
            ("model.a", "struct A [b]\n"),
        ]
        .map(|(group, text)| (group.to_owned(), text.to_owned()));
        assert_eq!(of_files(files).unwrap().into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_is_not_public_is_left_out() {
        check(
            "struct A { pub b: u8 } pub struct C { d: u8 } impl C { fn e(&self) {} }",
            "struct C\n",
        );
    }
}
