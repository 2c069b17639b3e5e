//! Pages: how a list continues.

use proc_macro2::TokenStream;
use quote::quote;
use specwright_ir::{Pagination, Place, Shape, Ty};
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

/// The `Paginated` impl, if the operation continues.
pub(super) fn emit(op: Op<'_>) -> TokenStream {
    paginated(op).unwrap_or_default()
}

fn paginated(op: Op<'_>) -> Option<TokenStream> {
    let body = &op.operation.asked_for()?.ty;
    let (items, param, (found, next)) = match op.operation.pagination.as_ref()? {
        Pagination::PageNumber { page, items, next, .. } => {
            let param = query(op, page)?;
            let next = page_number(op.cx, &param, walk(op.cx, body, next)?)?;
            (items, param, (TokenStream::new(), next))
        }
        Pagination::Cursor { cursor, items, next, .. } => {
            let param = query(op, cursor)?;
            let next = self::cursor(op.cx, &param, walk(op.cx, body, next)?)?;
            (items, param, next)
        }
    };
    let (steps, ty) = walk(op.cx, body, items)?;
    let Ty::List(item) = op.cx.api.resolve(ty) else { return None };
    let item = op.cx.ty(item);
    let items = owned(&steps);
    let output = op.output_ty();
    let request = &op.names.request;
    let name = param.name;
    let next = if param.required { next } else { quote!(Some(#next)) };
    let others = (!op.has_one_field()).then(|| quote!(, ..self.clone()));
    Some(quote! {
        impl Paginated for #request {
            type Item = #item;
            fn items(answer: #output) -> Vec<#item> {
                #items
            }
            fn next(&self, answer: &#output) -> Option<Self> {
                #found
                let #name = #next;
                Some(Self { #name #others })
            }
        }
    })
}

/// The number of the next page as the parameter takes it; the function returns if there is none.
fn page_number(
    cx: Cx<'_>,
    param: &Param<'_>,
    (steps, from): (Vec<Step>, &Ty),
) -> Option<TokenStream> {
    let (path, held) = borrowed(&steps)?;
    let number = match held {
        Held::Plain | Held::Patch => path,
        Held::Nullable | Held::Optional => quote!(#path?),
        Held::ThreeState => quote!(#path.value()?),
    };
    let (from, to) = (cx.api.resolve(from), param.ty);
    if from == to {
        return Some(number);
    }
    let is_named = |ty: &Ty| matches!(ty, Ty::Def(_));
    let unnamed = is_named(from).then(|| quote!(.get()));
    // Widths differ where the documents of page and answer do.
    let converted = (cx.api.scalar(from) != cx.api.scalar(to)).then(|| quote!(.try_into().ok()?));
    let number = quote!(#number #unnamed #converted);
    Some(if is_named(to) {
        let name = cx.ty(to);
        quote!(#name::new(#number))
    } else {
        number
    })
}

/// The next cursor as the parameter takes it, behind what finds it if that is of another type; the
/// function returns if there is none.
fn cursor(
    cx: Cx<'_>,
    param: &Param<'_>,
    (steps, from): (Vec<Step>, &Ty),
) -> Option<(TokenStream, TokenStream)> {
    let (path, held) = borrowed(&steps)?;
    let (from, to) = (cx.api.resolve(from), param.ty);
    let text = matches!(from, Ty::Def(_)).then(|| quote!(.as_str()));
    let filled = quote!(.filter(|next| !next #text.is_empty())?);
    if from == to {
        let next = match held {
            Held::Plain | Held::Patch => quote!(Some(#path.clone())),
            Held::Nullable | Held::Optional => quote!(#path.clone()),
            Held::ThreeState => quote!(#path.clone().value()),
        };
        return Some((TokenStream::new(), quote!(#next #filled)));
    }
    let next = match held {
        Held::Plain | Held::Patch => quote!(Some(&#path)),
        Held::Nullable | Held::Optional => quote!(#path.as_ref()),
        Held::ThreeState => quote!(#path.as_ref().value()),
    };
    Some((quote!(let next = #next #filled;), quote!(next.as_str().into())))
}

/// The parameter that says where a page begins.
struct Param<'a> {
    name: &'a Name,
    ty: &'a Ty,
    required: bool,
}

fn query<'a>(op: Op<'a>, wire: &str) -> Option<Param<'a>> {
    let mut params = op.operation.params.iter();
    let index = params.position(|param| param.place == Place::Query && param.wire == wire)?;
    Some(Param {
        name: &op.names.params[index],
        ty: op.cx.api.resolve(&op.operation.params[index].ty),
        required: op.names.positional.contains(&Input::Param(index)),
    })
}

fn walk<'a>(cx: Cx<'a>, body: &'a Ty, pointer: &str) -> Option<(Vec<Step>, &'a Ty)> {
    let mut ty = body;
    let mut steps = Vec::new();
    for token in Pointer::parse(pointer)?.tokens() {
        let (step, next) = step(cx, ty, token)?;
        steps.push(step);
        ty = next;
    }
    Some((steps, ty))
}

/// The list at the end of the steps, taken out of the answer; empty where a member is absent.
fn owned(steps: &[Step]) -> TokenStream {
    let mut path = quote!(answer);
    let mut absent = false;
    for Step { name, held } in steps {
        let maybe = (*held == Held::ThreeState).then(|| quote!(.value()));
        let optional = *held != Held::Plain;
        path = match (absent, optional) {
            (false, _) => quote!(#path.#name #maybe),
            (true, true) => quote!(#path.and_then(|value| value.#name #maybe)),
            (true, false) => quote!(#path.map(|value| value.#name)),
        };
        absent |= optional;
    }
    if absent { quote!(#path.unwrap_or_default()) } else { path }
}

/// The member at the end of the steps, and how it is held; the function returns where a member on
/// the way is absent.
fn borrowed(steps: &[Step]) -> Option<(TokenStream, Held)> {
    let (last, way) = steps.split_last()?;
    let mut path = quote!(answer);
    for Step { name, held } in way {
        path = match held {
            Held::Plain | Held::Patch => quote!(#path.#name),
            Held::Nullable | Held::Optional => quote!(#path.#name.as_ref()?),
            Held::ThreeState => quote!(#path.#name.as_ref().value()?),
        };
    }
    let name = &last.name;
    Some((quote!(#path.#name), last.held))
}

/// The member of a record that a reference token names, and its type.
fn step<'a>(cx: Cx<'a>, ty: &'a Ty, wire: &str) -> Option<(Step, &'a Ty)> {
    let (id, shape) = cx.api.shape(ty)?;
    let Shape::Record { fields, .. } = shape else { return None };
    let index = fields.iter().position(|field| field.wire == wire)?;
    let name = cx.names.of_type(id).members[index].clone();
    Some((Step { name, held: cx.held(id, &fields[index]) }, &fields[index].ty))
}
