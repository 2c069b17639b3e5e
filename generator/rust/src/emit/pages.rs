//! Pages: how a list continues, and what tells its items apart.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use specwright_ir::{PagesBy, Place, Scalar, Shape, Ty, TypeId, Variant};
use specwright_source::Pointer;

use super::Cx;
use super::operation::Op;
use super::types::Held;
use crate::names::{Input, Name};

/// A member on the way from an answer to what is looked for.
#[derive(PartialEq)]
struct Step {
    name: Name,
    held: Held,
}

/// The `Paginated` impl, if the operation continues.
pub(super) fn emit(op: Op<'_>) -> TokenStream {
    paginated(op).unwrap_or_default()
}

/// What the list of an operation is made of, if its answers continue.
pub(super) fn item(op: Op<'_>) -> Option<&Ty> {
    let (body, pagination) = (op.operation.asked_for()?, op.operation.pagination.as_ref()?);
    let (_, ty) = walk(op.cx, &body.ty, &pagination.items)?;
    let Ty::List(item) = op.cx.api.resolve(ty) else { return None };
    Some(item)
}

/// The `Keyed` impl of a union, if it is what some list has for items.
pub(super) fn keyed(cx: Cx<'_>, id: TypeId, variants: &[(&Variant, &Name)]) -> Option<TokenStream> {
    let mut operations = cx.api.operations.iter();
    let member = operations.find_map(|operation| {
        let pagination = operation.pagination.as_ref()?;
        let (_, ty) = walk(cx, &operation.asked_for()?.ty, &pagination.items)?;
        let Ty::List(item) = cx.api.resolve(ty) else { return None };
        let (found, _) = cx.api.shape(item)?;
        pagination.identity.as_ref().filter(|_| found == id)
    })?;
    let name = &cx.names.of_type(id).name;
    let keys = variants.iter().map(|(variant, name)| {
        let key = key(cx, &quote!(value), &variant.ty, member)?;
        let kind = name.as_str();
        Some(quote!(Self::#name(value) => Some(ItemKey::of(#kind, #key))))
    });
    let keys = keys.collect::<Option<Vec<_>>>()?;
    Some(quote! {
        impl Keyed for #name {
            fn key(&self) -> Option<ItemKey<'_>> {
                match self {
                    #(#keys,)*
                    Self::Unknown(_) => None,
                }
            }
        }
    })
}

fn paginated(op: Op<'_>) -> Option<TokenStream> {
    let pagination = op.operation.pagination.as_ref()?;
    let body = &op.operation.asked_for()?.ty;
    let param = query(op, &pagination.param)?;
    let (steps, ty) = walk(op.cx, body, &pagination.items)?;
    let Ty::List(item) = op.cx.api.resolve(ty) else { return None };
    let items = items(op.cx, &borrowed_mut(&steps), item, pagination.identity.as_deref())?;
    let next = walk(op.cx, body, &pagination.next)?;
    let next = match &pagination.by {
        PagesBy::Number { first, count, pages } => {
            let totals = count.is_some() || pages.is_some();
            let totals = totals.then_some([count.as_deref(), pages.as_deref()]);
            page_number(op, body, &param, next, *first, totals)?
        }
        PagesBy::Cursor => cursor(op, &param, next)?,
    };
    let full = match (pagination.full, &pagination.limit) {
        (Some(size), Some(limit)) => Some(full_pages(op, &param, &query(op, limit)?, size)),
        _ => None,
    };
    let (item, request) = (op.cx.ty(item), &op.names.request);
    Some(quote! {
        impl Paginated for #request {
            type Item = #item;
            #full
            fn items(answer: &mut Self::Output) -> PageItems<'_, Self::Item> {
                #items
            }
            fn next(&self, answer: &Self::Output) -> Option<NextPage<Self>> {
                #next
            }
        }
    })
}

/// What asks for pages of this size.
fn full_pages(op: Op<'_>, page: &Param<'_>, limit: &Param<'_>, size: i64) -> TokenStream {
    let size = Literal::i64_unsuffixed(size);
    let size = match limit.ty {
        Ty::Def(_) => {
            let ty = op.cx.ty(limit.ty);
            quote!(#ty::new(#size))
        }
        _ => quote!(#size),
    };
    let (page, limit) = (page.name, limit.name);
    quote! {
        const FULL_PAGES: fn(&mut Self) = |it| fill_page(&mut it.#limit, &it.#page, #size);
    }
}

/// The items of a page with what tells each of them apart.
fn items(cx: Cx<'_>, list: &TokenStream, item: &Ty, identity: Option<&str>) -> Option<TokenStream> {
    let Some(member) = identity else { return Some(quote!(PageItems::without_keys(#list))) };
    if let Some((_, Shape::Union { .. })) = cx.api.shape(item) {
        return Some(quote!(PageItems::with_some_keys(#list, Keyed::key)));
    }
    let key = key(cx, &quote!(it), item, member)?;
    let (step, _) = step(cx, item, member)?;
    Some(match step.held {
        Held::Plain | Held::Patch => quote!(PageItems::new(#list, |it| #key.into())),
        Held::Nullable | Held::Optional | Held::ThreeState => {
            quote!(PageItems::with_some_keys(#list, |it| Some(#key.into())))
        }
    })
}

/// The member of a record by which it is known; the function returns if it is absent.
fn key(cx: Cx<'_>, value: &TokenStream, ty: &Ty, member: &str) -> Option<TokenStream> {
    let (Step { name, held }, ty) = step(cx, ty, member)?;
    let path = quote!(#value.#name);
    let is_named = matches!(cx.api.resolve(ty), Ty::Def(_));
    Some(if cx.api.scalar(ty)? == Scalar::String {
        let path = match held {
            Held::Plain | Held::Patch => path,
            Held::Nullable | Held::Optional => quote!(#path.as_ref()?),
            Held::ThreeState => quote!(#path.as_ref().value()?),
        };
        quote!(#path.as_str())
    } else {
        let path = match held {
            Held::Plain | Held::Patch => path,
            Held::Nullable | Held::Optional => quote!(#path?),
            Held::ThreeState => quote!(#path.value()?),
        };
        let unnamed = is_named.then(|| quote!(.get()));
        quote!(#path #unnamed)
    })
}

/// The page by the number that the answer gives, and what it says of all pages.
fn page_number(
    op: Op<'_>,
    body: &Ty,
    param: &Param<'_>,
    (steps, from): (Vec<Step>, &Ty),
    first: Option<i64>,
    totals: Option<[Option<&str>; 2]>,
) -> Option<TokenStream> {
    let (last, way) = steps.split_last()?;
    let found = (!way.is_empty()).then(|| {
        let way = borrowed(way);
        quote!(let at = #way;)
    });
    let base = if way.is_empty() { quote!(answer) } else { quote!(at) };
    let next = number(op.cx, &base, last, from)?;

    let of = match totals {
        None => None,
        Some(totals) => {
            let total = |pointer: Option<&str>| {
                let Some(pointer) = pointer else { return Some(quote!(None)) };
                let (steps, ty) = walk(op.cx, body, pointer)?;
                match steps.strip_prefix(way) {
                    Some([last]) => number(op.cx, &base, last, ty),
                    _ => distant_number(op.cx, &steps, ty),
                }
            };
            let [count, pages] = [total(totals[0])?, total(totals[1])?];
            Some(quote!(.of(#count, #pages)))
        }
    };

    let name = param.name;
    let held = if param.required { Held::Plain } else { Held::Optional };
    let asked = number(op.cx, &quote!(self), &Step { name: name.clone(), held }, param.ty)?;
    let first = first.map_or_else(
        || quote!(None),
        |first| {
            let first = Literal::i64_unsuffixed(first);
            quote!(#first)
        },
    );
    let request = request(op, param)?;
    Some(quote! {
        #found
        let page = #next;
        let next = NextPage::number(page, #request);
        Some(next.after(#asked, #first) #of)
    })
}

/// The request for the page of the number `page`, an `Option<i64>`.
fn request(op: Op<'_>, param: &Param<'_>) -> Option<TokenStream> {
    let name = param.name;
    let others = (!op.has_one_field()).then(|| quote!(, ..self.clone()));
    if *param.ty == Ty::Scalar(Scalar::I64) && !param.required {
        let page = if name.as_str() == "page" { quote!(page) } else { quote!(#name: page) };
        return Some(quote!(Self { #page #others }));
    }
    let fits = op.cx.api.scalar(param.ty)? == Scalar::I64;
    let number = if fits { quote!(page) } else { quote!(page.try_into().ok()?) };
    let number = match param.ty {
        Ty::Def(_) => {
            let ty = op.cx.ty(param.ty);
            quote!(#ty::new(#number))
        }
        _ => number,
    };
    let number = if param.required { number } else { quote!(Some(#number)) };
    let request = quote!(Self { #name: #number #others });
    Some(if fits {
        quote!(page.map(|page| #request))
    } else {
        quote!(page.and_then(|page| Some(#request)))
    })
}

/// A whole number in a member, as an `Option<i64>`. One that is too large stays too large.
fn number(cx: Cx<'_>, base: &TokenStream, step: &Step, ty: &Ty) -> Option<TokenStream> {
    let Step { name, held } = step;
    let is_named = matches!(cx.api.resolve(ty), Ty::Def(_));
    let unnamed = is_named.then(|| quote!(.get()));
    let convert = |number: TokenStream| {
        Some(match cx.api.scalar(ty)? {
            Scalar::U64 => quote!(i64::try_from(#number #unnamed).unwrap_or(i64::MAX)),
            Scalar::I32 => quote!(i64::from(#number #unnamed)),
            _ => quote!(#number #unnamed),
        })
    };
    let path = quote!(#base.#name);
    let path = match held {
        Held::Plain | Held::Patch => {
            let number = convert(path)?;
            return Some(quote!(Some(#number)));
        }
        Held::Nullable | Held::Optional => path,
        Held::ThreeState => quote!(#path.value()),
    };
    match (is_named, cx.api.scalar(ty)?) {
        (false, Scalar::I64) => return Some(path),
        (false, Scalar::I32) => return Some(quote!(#path.map(i64::from))),
        _ => {}
    }
    let number = convert(quote!(number))?;
    Some(quote!(#path.map(|number| #number)))
}

/// The same at the end of some steps; `None` where a member on the way is absent.
fn distant_number(cx: Cx<'_>, steps: &[Step], ty: &Ty) -> Option<TokenStream> {
    let (last, way) = steps.split_last()?;
    let mut path = quote!(answer);
    let mut absent = false;
    for Step { name, held } in way {
        let (member, optional) = match held {
            Held::Plain | Held::Patch => (quote!(#name), false),
            Held::Nullable | Held::Optional => (quote!(#name.as_ref()), true),
            Held::ThreeState => (quote!(#name.as_ref().value()), true),
        };
        path = match (absent, optional) {
            (false, _) => quote!(#path.#member),
            (true, true) => quote!(#path.and_then(|value| value.#member)),
            (true, false) => quote!(#path.map(|value| &value.#member)),
        };
        absent |= optional;
    }
    if !absent {
        return number(cx, &path, last, ty);
    }
    let number = number(cx, &quote!(value), last, ty)?;
    Some(quote!(#path.and_then(|value| #number)))
}

/// The page to which the answer's cursor leads; the function returns if there is none.
fn cursor(op: Op<'_>, param: &Param<'_>, (steps, from): (Vec<Step>, &Ty)) -> Option<TokenStream> {
    let (Step { name, held }, way) = steps.split_last()?;
    let way = way_of(way);
    let path = quote!(#way.#name);
    let (from, to) = (op.cx.api.resolve(from), param.ty);
    let text = matches!(from, Ty::Def(_)).then(|| quote!(.as_str()));
    let filled = quote!(.filter(|next| !next #text.is_empty())?);
    let (found, next) = if from == to {
        let next = match held {
            Held::Plain | Held::Patch => quote!(Some(#path.clone())),
            Held::Nullable | Held::Optional => quote!(#path.clone()),
            Held::ThreeState => quote!(#path.clone().value()),
        };
        (None, quote!(#next #filled))
    } else {
        let next = match held {
            Held::Plain | Held::Patch => quote!(Some(&#path)),
            Held::Nullable | Held::Optional => quote!(#path.as_ref()),
            Held::ThreeState => quote!(#path.as_ref().value()),
        };
        (Some(quote!(let next = #next #filled;)), quote!(next.as_str().into()))
    };
    let name = param.name;
    let next = if param.required { next } else { quote!(Some(#next)) };
    let others = (!op.has_one_field()).then(|| quote!(, ..self.clone()));
    Some(quote! {
        #found
        let #name = #next;
        Some(NextPage::cursor(Self { #name #others }))
    })
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

/// The list at the end of the steps, to be changed; an `Option` where a member may be absent.
fn borrowed_mut(steps: &[Step]) -> TokenStream {
    let mut path = quote!(answer);
    let mut absent = false;
    for Step { name, held } in steps {
        let (member, optional) = match held {
            Held::Plain | Held::Patch => (quote!(#name), false),
            Held::Nullable | Held::Optional => (quote!(#name.as_mut()), true),
            Held::ThreeState => (quote!(#name.as_mut().value()), true),
        };
        path = match (absent, optional) {
            (false, _) => quote!(#path.#member),
            (true, true) => quote!(#path.and_then(|value| value.#member)),
            (true, false) => quote!(#path.map(|value| &mut value.#member)),
        };
        absent |= optional;
    }
    // The answer itself is borrowed already.
    if absent || steps.is_empty() { path } else { quote!(&mut #path) }
}

/// The member at the end of the steps, as a reference; the function returns where it is absent.
fn borrowed(steps: &[Step]) -> TokenStream {
    let path = way_of(steps);
    let is_plain = steps.last().is_none_or(|step| step.held == Held::Plain);
    if is_plain { quote!(&#path) } else { path }
}

/// The member at the end of the steps; the function returns where it is absent.
fn way_of(steps: &[Step]) -> TokenStream {
    let mut path = quote!(answer);
    for Step { name, held } in steps {
        path = match held {
            Held::Plain | Held::Patch => quote!(#path.#name),
            Held::Nullable | Held::Optional => quote!(#path.#name.as_ref()?),
            Held::ThreeState => quote!(#path.#name.as_ref().value()?),
        };
    }
    path
}

/// The member of a record that a reference token names, and its type.
fn step<'a>(cx: Cx<'a>, ty: &'a Ty, wire: &str) -> Option<(Step, &'a Ty)> {
    let (id, shape) = cx.api.shape(ty)?;
    let Shape::Record { fields, .. } = shape else { return None };
    let index = fields.iter().position(|field| field.wire == wire)?;
    let name = cx.names.of_type(id).members[index].clone();
    Some((Step { name, held: cx.held(id, &fields[index]) }, &fields[index].ty))
}
