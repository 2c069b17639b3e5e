//! Pages: how a list continues.

use proc_macro2::TokenStream;
use quote::quote;
use specwright_ir::{CaseBody, Pagination, Place, Shape, Ty};
use specwright_source::Pointer;

use super::Cx;
use super::operation::Op;
use super::types::Held;
use crate::names::{Input, Name};

/// A member on the way from an answer to what is looked for.
struct Step {
    name: Name,
    held: Held,
}

/// The `Paginated` impl, if the operation continues and its answer has the members it names.
pub(super) fn emit(op: Op<'_>) -> TokenStream {
    paginated(op).unwrap_or_default()
}

fn paginated(op: Op<'_>) -> Option<TokenStream> {
    let (items, next) = match op.operation.pagination.as_ref()? {
        Pagination::PageNumber { page, items, next, .. } => (items, page_number(op, page, next)?),
        Pagination::Cursor { cursor, items, next, .. } => (items, self::cursor(op, cursor, next)?),
    };
    let (steps, ty) = walk(op.cx, success_body(op)?, items)?;
    let Ty::List(item) = op.cx.resolve(&ty) else { return None };
    let item = op.cx.ty(item);
    let items = owned(&steps);
    let output = op.output_ty();
    let request = &op.names.request;
    Some(quote! {
        impl Paginated for #request {
            type Item = #item;
            fn items(answer: #output) -> Vec<#item> {
                #items
            }
            fn next(&self, answer: &#output) -> Option<Self> {
                #next
            }
        }
    })
}

fn page_number(op: Op<'_>, page: &str, next: &str) -> Option<TokenStream> {
    let param = query(op, page)?;
    let (steps, ty) = walk(op.cx, success_body(op)?, next)?;
    let (path, absent) = borrowed(&steps)?;
    let number = number(op.cx, &quote!(#path #absent), &ty, param.ty);
    let (name, value) = (param.name, param.value(&number));
    Some(quote! {
        let mut next = self.clone();
        next.#name = #value;
        Some(next)
    })
}

/// A whole number of one type as a whole number of another.
fn number(cx: Cx<'_>, number: &TokenStream, from: &Ty, to: &Ty) -> TokenStream {
    let (from, to) = (cx.resolve(from), cx.resolve(to));
    if from == to {
        return number.clone();
    }
    let is_named = |ty: &Ty| matches!(ty, Ty::Def(_));
    let unnamed = is_named(from).then(|| quote!(.get()));
    // Widths differ where the documents of page and answer do.
    let converted = (cx.scalar(from) != cx.scalar(to)).then(|| quote!(.try_into().ok()?));
    let number = quote!(#number #unnamed #converted);
    if is_named(to) {
        let name = cx.ty(to);
        quote!(#name::new(#number))
    } else {
        number
    }
}

fn cursor(op: Op<'_>, cursor: &str, next: &str) -> Option<TokenStream> {
    let param = query(op, cursor)?;
    let (steps, _) = walk(op.cx, success_body(op)?, next)?;
    let (path, absent) = borrowed(&steps)?;
    let path = if absent.is_some() { quote!(#path.as_ref()?) } else { path };
    let (name, value) = (param.name, param.value(&quote!(cursor.into())));
    Some(quote! {
        let cursor = #path.as_str();
        let mut next = self.clone();
        next.#name = #value;
        (!cursor.is_empty()).then_some(next)
    })
}

/// The parameter that says where a page begins.
struct Param<'a> {
    name: &'a Name,
    ty: &'a Ty,
    required: bool,
}

impl Param<'_> {
    /// What the request's field holds.
    fn value(&self, value: &TokenStream) -> TokenStream {
        if self.required { value.clone() } else { quote!(Some(#value)) }
    }
}

fn query<'a>(op: Op<'a>, wire: &str) -> Option<Param<'a>> {
    let mut params = op.operation.params.iter();
    let index = params.position(|param| param.place == Place::Query && param.wire == wire)?;
    Some(Param {
        name: &op.names.params[index],
        ty: op.cx.resolve(&op.operation.params[index].ty),
        required: op.names.positional.contains(&Input::Param(index)),
    })
}

fn success_body(op: Op<'_>) -> Option<&Ty> {
    let case = op.operation.cases.iter().find(|case| case.is_success())?;
    match &case.body {
        CaseBody::Media(media) => {
            media.first().filter(|media| media.envelope.is_none()).map(|media| &media.ty)
        }
        CaseBody::Empty | CaseBody::Redirect => None,
    }
}

fn walk(cx: Cx<'_>, body: &Ty, pointer: &str) -> Option<(Vec<Step>, Ty)> {
    let mut ty = body.clone();
    let mut steps = Vec::new();
    for token in Pointer::parse(pointer)?.tokens() {
        let (name, held, next) = held_of(cx, &ty, token)?;
        steps.push(Step { name, held });
        ty = next;
    }
    Some((steps, ty))
}

/// The list at the end of the steps, taken out of the answer; empty where a member is absent.
fn owned(steps: &[Step]) -> TokenStream {
    let mut path = quote!(answer);
    let mut absent = false;
    for step in steps {
        let name = &step.name;
        let optional = step.held != Held::Plain;
        path = match (absent, optional) {
            (false, _) => quote!(#path.#name),
            (true, true) => quote!(#path.and_then(|value| value.#name)),
            (true, false) => quote!(#path.map(|value| value.#name)),
        };
        absent |= optional;
    }
    if absent { quote!(#path.unwrap_or_default()) } else { path }
}

/// The member at the end of the steps, and the `?` behind it if it may be absent; the function
/// returns where a member on the way is.
fn borrowed(steps: &[Step]) -> Option<(TokenStream, Option<TokenStream>)> {
    let (last, way) = steps.split_last()?;
    let mut path = quote!(answer);
    for step in way {
        let name = &step.name;
        path = match step.held {
            Held::Plain | Held::Patch => quote!(#path.#name),
            Held::Nullable | Held::Optional | Held::ThreeState => quote!(#path.#name.as_ref()?),
        };
    }
    let name = &last.name;
    let absent = (last.held != Held::Plain).then(|| quote!(?));
    Some((quote!(#path.#name), absent))
}

/// The member of a record that a reference token names: its name, how it is held, its type.
fn held_of(cx: Cx<'_>, ty: &Ty, wire: &str) -> Option<(Name, Held, Ty)> {
    let (id, shape) = cx.shape(ty)?;
    let Shape::Record { fields, .. } = shape else { return None };
    let index = fields.iter().position(|field| field.wire == wire)?;
    let name = cx.names.of_type(id).members[index].clone();
    Some((name, cx.held(id, &fields[index]), fields[index].ty.clone()))
}
