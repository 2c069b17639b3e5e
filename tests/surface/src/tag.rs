//! The tag that a handle stands for.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The tag as the documentation of a handle writes it, for instance `` `Contacts` ``; `None` if the
/// attributes are not those of a handle.
pub(crate) fn of_handle(attributes: &[Attribute]) -> Option<String> {
    let first = attributes.iter().find_map(doc_line)?;
    Some(first.trim().strip_prefix(OPENING)?.strip_suffix('.')?.to_owned())
}

fn doc_line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attribute.meta else { return None };
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &meta.value else { return None };
    meta.path.is_ident("doc").then(|| text.value())
}

/// How the documentation of every handle begins.
const OPENING: &str = "The operations on ";
