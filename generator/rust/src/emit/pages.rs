//! Pages: how a list continues.

use proc_macro2::TokenStream;
use quote::quote;
use specwright_ir::{CaseBody, Pagination, Place, Shape, Ty};
use specwright_source::Pointer;

use super::Cx;
use super::operation::Op;
use super::types::Held;
use crate::names::Name;

/// A member on the way from an answer to what is looked for.
struct Step {
    name: Name,
    held: Held,
}

/// The `Paginated` impl, if the operation continues and its answer has the members it names.
pub(super) fn emit(op: Op<'_>) -> TokenStream {
    page_number(op).unwrap_or_default()
}

fn page_number(op: Op<'_>) -> Option<TokenStream> {
    let Pagination::PageNumber { page, items, next, .. } = op.operation.pagination.as_ref()?;
    let index =
        op.operation.params.iter().position(|p| p.place == Place::Query && p.wire == *page)?;
    let page_name = &op.names.params[index];
    let page_ty = op.cx.resolve(&op.operation.params[index].ty);
    let body = success_body(op)?;
    let (item_steps, item_ty) = walk(op.cx, body, items)?;
    let Ty::List(item) = op.cx.resolve(&item_ty) else { return None };
    let (next_steps, next_ty) = walk(op.cx, body, next)?;
    let item = op.cx.ty(item);
    let output = op.output_ty();
    let items = owned(&item_steps);
    let next = borrowed(&next_steps)?;
    // Two whole numbers of different width meet where the documents of page and answer differ.
    let convert = (op.cx.resolve(&next_ty) != page_ty).then(|| quote!(.try_into().ok()?));
    let request = &op.names.request;
    Some(quote! {
        impl Paginated for #request {
            type Item = #item;
            fn items(answer: #output) -> Vec<#item> {
                #items
            }
            fn next(&self, answer: &#output) -> Option<Self> {
                let mut next = self.clone();
                next.#page_name = Some(#next #convert);
                Some(next)
            }
        }
    })
}

fn success_body(op: Op<'_>) -> Option<&Ty> {
    let case = op.operation.cases.iter().find(|case| case.status.is_success())?;
    match &case.body {
        CaseBody::Media(media) => {
            media.first().filter(|media| media.envelope.is_none()).map(|media| &media.ty)
        }
        CaseBody::Empty => None,
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

/// The number at the end of the steps; the function returns where a member is absent.
fn borrowed(steps: &[Step]) -> Option<TokenStream> {
    let (last, way) = steps.split_last()?;
    let mut path = quote!(answer);
    for step in way {
        let name = &step.name;
        path = match step.held {
            Held::Plain => quote!(#path.#name),
            Held::Nullable | Held::Optional | Held::ThreeState => quote!(#path.#name.as_ref()?),
        };
    }
    let name = &last.name;
    Some(match last.held {
        Held::Plain => quote!(#path.#name),
        Held::Nullable | Held::Optional | Held::ThreeState => quote!(#path.#name?),
    })
}

/// The member of a record that a reference token names: its name, how it is held, its type.
fn held_of(cx: Cx<'_>, ty: &Ty, wire: &str) -> Option<(Name, Held, Ty)> {
    let (id, shape) = cx.shape(ty)?;
    let Shape::Record { fields, .. } = shape else { return None };
    let index = fields.iter().position(|field| field.wire == wire)?;
    let name = cx.names.of_type(id).members[index].clone();
    Some((name, cx.held(id, &fields[index]), fields[index].ty.clone()))
}
