//! I2 to I5 for definitions.

use std::collections::BTreeSet;

use super::Found;
use crate::api::Api;
use crate::ty::{ChoiceValue, Dispatch, Field, Rest, Scalar, Shape, Ty, TypeDef, TypeId, Variant};

pub(super) fn check(api: &Api, found: &mut Found) {
    for def in &api.types {
        definition(def, found);
    }
    for cycle in endless(api) {
        found.report("I5", &cycle, "a value of the type holds another one without end");
    }
}

fn definition(def: &TypeDef, found: &mut Found) {
    let place = def.key.as_str();
    if def.hint.is_empty() {
        found.report("I2", place, "the type has no word");
    }
    if def.key.is_empty() {
        found.report("I4", place, "the type has no key");
    }
    match &def.shape {
        Shape::Record { fields, constants, rest } => {
            record(place, fields, constants.iter().map(|(wire, _)| wire.as_str()), found);
            match rest {
                Rest::Ignore => {}
                Rest::Collect(ty) => found.ty(place, ty),
            }
        }
        Shape::Choice { values, base, .. } => choice(place, values, *base, found),
        Shape::Union { variants, dispatch, .. } => union(place, variants, dispatch, found),
        Shape::Alias(ty) => found.ty(place, ty),
    }
}

fn record<'a>(
    place: &str,
    fields: &[Field],
    constants: impl Iterator<Item = &'a str>,
    found: &mut Found,
) {
    let mut seen: BTreeSet<&str> = constants.collect();
    for field in fields {
        found.ty(place, &field.ty);
        if !seen.insert(&field.wire) {
            found.report("I6", place, format!("the member {:?} is there twice", field.wire));
        }
        if matches!(field.ty, Ty::Nullable(_)) {
            found.report("I6", place, format!("null of {:?} is not in its presence", field.wire));
        }
    }
}

fn choice(place: &str, values: &[ChoiceValue], base: Scalar, found: &mut Found) {
    if !matches!(base, Scalar::String | Scalar::I32 | Scalar::I64 | Scalar::U64) {
        found.report("I6", place, "a choice is neither of strings nor of whole numbers");
    }
    let distinct: BTreeSet<&str> = values.iter().map(|value| value.wire.as_str()).collect();
    if values.is_empty() || distinct.len() != values.len() {
        found.report("I6", place, "a choice has no value, or one twice");
    }
}

fn union(place: &str, variants: &[Variant], dispatch: &Dispatch, found: &mut Found) {
    for variant in variants {
        found.ty(place, &variant.ty);
        if variant.hint.is_empty() {
            found.report("I2", place, "a variant has no word");
        }
    }
    let tags: Vec<&String> = variants.iter().flat_map(|variant| &variant.tags).collect();
    let complete = match dispatch {
        Dispatch::Tag { .. } => {
            let distinct: BTreeSet<&&String> = tags.iter().collect();
            distinct.len() == tags.len() && variants.iter().all(|variant| !variant.tags.is_empty())
        }
        Dispatch::Kind(kinds) => {
            let distinct: BTreeSet<_> = kinds.iter().collect();
            tags.is_empty() && kinds.len() == variants.len() && distinct.len() == kinds.len()
        }
        Dispatch::Members(members) => tags.is_empty() && members.len() == variants.len(),
    };
    if !complete {
        found.report("I6", place, "the dispatch does not tell every variant apart");
    }
}

/// Keys of the definitions on a cycle of direct holding. A depth-first walk without recursion, so
/// that a long chain of definitions cannot exhaust the stack.
fn endless(api: &Api) -> BTreeSet<String> {
    let mut state = vec![State::New; api.types.len()];
    let mut keys = BTreeSet::new();
    for start in 0..api.types.len() {
        let mut stack = vec![Step::Enter(start)];
        while let Some(step) = stack.pop() {
            match step {
                Step::Enter(index) => match state.get(index) {
                    Some(State::New) => {
                        state[index] = State::Open;
                        stack.push(Step::Leave(index));
                        let held = api.types.get(index).map_or(Vec::new(), held_directly);
                        stack.extend(held.into_iter().map(|id| Step::Enter(id.0)));
                    }
                    Some(State::Open) => {
                        keys.extend(api.types.get(index).map(|def| def.key.clone()));
                    }
                    Some(State::Done) | None => {}
                },
                Step::Leave(index) => state[index] = State::Done,
            }
        }
    }
    keys
}

/// The definitions of which every value of this one holds a value in place.
fn held_directly(def: &TypeDef) -> Vec<TypeId> {
    match &def.shape {
        Shape::Record { fields, .. } => fields
            .iter()
            .filter(|field| !field.indirect)
            .filter_map(|field| field.ty.held_directly())
            .collect(),
        Shape::Choice { .. } => Vec::new(),
        Shape::Union { variants, .. } => {
            variants.iter().filter_map(|variant| variant.ty.held_directly()).collect()
        }
        Shape::Alias(ty) => ty.held_directly().into_iter().collect(),
    }
}

#[derive(Clone, Copy)]
enum State {
    New,
    Open,
    Done,
}

enum Step {
    Enter(usize),
    Leave(usize),
}
