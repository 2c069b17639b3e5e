//! `x-specwright-expands-to`: another object, of which there is the id alone or all of it.

use std::collections::BTreeSet;

use specwright_ir::{
    Api, Dispatch, Field, Guess, GuessKind, Rest, Scalar, Shape, Ty, TypeDef, TypeId,
};
use specwright_openapi::Document;
use specwright_openapi::document::{Extension, Schema, extension};
use specwright_source::{Diagnostic, Pointer, Sink, codes};

use super::vocabulary;
use crate::schema::misplaced;

/// Makes expandables of references that the document says can be whole, and of unions of a reference
/// and what it refers to.
///
/// Before: definitions have their shapes. After: each [`Shape::Expandable`] is made of an id that both
/// sides agree on and of an object that always has more than its id.
pub(crate) fn recognise(document: &Document, api: &mut Api, sink: &mut Sink) {
    let stated = stated(document, api, sink);
    for index in 0..api.types.len() {
        match stated.iter().find(|(id, _)| id.0 == index) {
            Some((_, extension)) => expand_stated(api, index, extension, sink),
            None => expand_union(api, index, sink),
        }
    }
}

/// The definitions whose schema carries the extension. On a schema that becomes no definition it is
/// reported.
fn stated<'d>(document: &'d Document, api: &Api, sink: &mut Sink) -> Vec<(TypeId, &'d Extension)> {
    let mut found = Vec::new();
    for schema in document.schemas.iter().filter_map(Schema::as_object) {
        let stated = extension(&schema.extensions, vocabulary::EXPANDS_TO);
        let Some(stated) = stated.filter(|stated| vocabulary::is_well_formed(stated)) else {
            continue;
        };
        let is_here = |def: &TypeDef| {
            def.origin.span == schema.at.span && def.origin.pointer == schema.at.pointer
        };
        match api.types.iter().position(is_here) {
            Some(index) => found.push((TypeId(index), stated)),
            None => sink.report(
                misplaced(stated, "only an object can be a reference to another one")
                    .help("a reference is an object with a required `id` and nothing else"),
            ),
        }
    }
    found
}

fn expand_stated(api: &mut Api, index: usize, stated: &Extension, sink: &mut Sink) {
    let target = stated.value.as_str().and_then(|text| text.strip_prefix('#'));
    let Some(target) = target.and_then(Pointer::parse).map(|pointer| pointer.to_string()) else {
        return;
    };
    let expandable = match api.types.iter().position(|def| def.key == target) {
        Some(whole) => expandable(api, &Ty::Def(TypeId(index)), &Ty::Def(TypeId(whole))),
        None => Err(format!("there is no schema `#{target}`")),
    };
    match (expandable, api.types.get_mut(index)) {
        (Ok(shape), Some(def)) => def.shape = shape,
        (Err(problem), _) => sink.report(
            Diagnostic::new(
                &codes::EXPANSION_UNFOUNDED,
                format!("the stated expansion does not fit: {problem}"),
            )
            .label(stated.at.span, "")
            .at(stated.at.pointer.clone())
            .note("read as a plain object"),
        ),
        (Ok(_), None) => {}
    }
}

/// `anyOf: [{id}, Contact]`: two alternatives told apart by members, one of them nothing but an id.
fn expand_union(api: &mut Api, index: usize, sink: &mut Sink) {
    let Some(Shape::Union { variants, dispatch: Dispatch::Members(_), .. }) =
        api.types.get(index).map(|def| &def.shape)
    else {
        return;
    };
    let [one, two] = variants.as_slice() else {
        return;
    };
    let found = [(one, two), (two, one)]
        .into_iter()
        .find_map(|(reference, whole)| expandable(api, &reference.ty, &whole.ty).ok());
    let Some(shape) = found else {
        return;
    };
    let Some(def) = api.types.get_mut(index) else {
        return;
    };
    def.shape = shape;
    let origin = def.origin.clone();
    sink.report(
        Diagnostic::new(&codes::EXPANDABLE_RECOGNIZED, "read as a reference or the whole object")
            .label(origin.span, "")
            .at(origin.pointer.clone())
            .note("one of the two alternatives has an `id` and nothing else")
            .help("`x-specwright-expands-to` on a schema of the reference alone says the same"),
    );
    // How the alternatives are told apart is no question any more.
    let key = origin.pointer.to_string();
    api.guesses.retain(|guess| guess.key != key || guess.kind != GuessKind::Dispatch);
    api.guesses.push(Guess {
        key,
        kind: GuessKind::Expandable,
        value: "`id`, or the whole object".to_owned(),
        because: "one of the two alternatives has an `id` and nothing else".to_owned(),
        origin,
    });
}

/// The expandable of a reference and what it refers to; else what does not fit.
fn expandable(api: &Api, reference: &Ty, whole: &Ty) -> Result<Shape, String> {
    let (reference_id, others) = identified(api, reference, "the reference")?;
    if !others.is_empty() || has_more(api, reference) {
        return Err("the reference has members beside `id`".to_owned());
    }
    let (whole_id, signs) = identified(api, whole, "the target")?;
    let scalar = scalar(api, &whole_id);
    if scalar.is_none() || scalar != self::scalar(api, &reference_id) {
        return Err("the two have an `id` of different types".to_owned());
    }
    if signs.is_empty() {
        return Err("the target requires nothing beside `id`, so nothing shows it whole".to_owned());
    }
    // The side that gives its id a name knows more.
    let id = match reference_id {
        Ty::Def(_) => reference_id,
        _ => whole_id,
    };
    Ok(Shape::Expandable { id, whole: whole.clone(), signs: signs.into_iter().collect() })
}

/// True if an object may have members that are not required.
fn has_more(api: &Api, ty: &Ty) -> bool {
    match api.shape(ty) {
        Some((_, Shape::Record { fields, rest, .. })) => {
            fields.len() > 1 || !matches!(rest, Rest::Ignore)
        }
        _ => true,
    }
}

/// The type of the required `id` of an object, and the other members that it requires. Of a union:
/// what all of its alternatives agree on.
fn identified(api: &Api, ty: &Ty, what: &str) -> Result<(Ty, BTreeSet<String>), String> {
    let mut found: Option<(Ty, BTreeSet<String>)> = None;
    let mut seen: Vec<&Ty> = Vec::new();
    let mut open = vec![ty];
    while let Some(ty) = open.pop() {
        if seen.contains(&ty) {
            continue;
        }
        seen.push(ty);
        match api.shape(ty) {
            Some((_, Shape::Union { variants, .. })) => {
                open.extend(variants.iter().map(|variant| &variant.ty));
            }
            Some((_, Shape::Record { fields, .. })) => {
                let is_always =
                    |field: &&Field| field.presence.required && !field.presence.nullable;
                let always = || fields.iter().filter(is_always);
                let Some(id) = always().find(|field| field.wire == "id") else {
                    return Err(format!("{what} has no `id` that is always there"));
                };
                let names = fields.iter().filter(|field| field.presence.required);
                let others: BTreeSet<String> =
                    names.map(|field| field.wire.clone()).filter(|name| name != "id").collect();
                found = Some(match found {
                    None => (id.ty.clone(), others),
                    Some((before, signs)) if before == id.ty => {
                        (before, signs.intersection(&others).cloned().collect())
                    }
                    Some(_) => return Err(format!("{what} has an `id` of several types")),
                });
            }
            _ => return Err(format!("{what} is no object")),
        }
    }
    found.ok_or_else(|| format!("{what} is no object"))
}

/// The text or number that an id is, under whatever name.
fn scalar(api: &Api, ty: &Ty) -> Option<Scalar> {
    api.scalar(ty).filter(|scalar| scalar.can_be_newtype())
}
