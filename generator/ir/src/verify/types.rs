//! I2 to I5 for definitions.

use std::collections::BTreeSet;

use super::Found;
use crate::api::Api;
use crate::operation::CaseBody;
use crate::ty::{
    ChoiceValue, Dispatch, Field, MembersQuestion, Rest, Scalar, Shape, Ty, TypeDef, TypeId,
    Variant,
};

pub(super) fn check(api: &Api, found: &mut Found) {
    for def in &api.types {
        definition(def, found);
        patches(api, def, found);
    }
    for (place, ty) in whole_bodies(api).filter(|(_, ty)| is_patch(api, ty)) {
        found.report("I6", place, format!("{ty:?} is a merge patch, which is no member here"));
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
        Shape::Newtype(scalar) => {
            if !scalar.can_be_newtype() {
                found.report("I6", place, "a newtype is neither text nor a whole number");
            }
        }
        Shape::Expandable { id, whole, signs } => {
            found.ty(place, id);
            found.ty(place, whole);
            if signs.is_empty() || !signs.is_sorted() {
                found.report("I6", place, "nothing tells the whole object from its id");
            }
        }
        Shape::MergePatch(ty) => {
            if matches!(ty, Ty::Nullable(_)) {
                found.report("I6", place, "null of a value means that its key is removed");
            }
            found.ty(place, ty);
        }
        Shape::Alias(ty) => found.ty(place, ty),
    }
}

/// Types of values that are no member of anything.
fn whole_bodies(api: &Api) -> impl Iterator<Item = (&str, &Ty)> {
    let of_operations = api.operations.iter().flat_map(|op| {
        let cases = op.cases.iter().flat_map(|case| match &case.body {
            CaseBody::Media(media) => media.as_slice(),
            CaseBody::Empty | CaseBody::Redirect => &[],
        });
        let bodies = op.body.iter().flat_map(|body| &body.media).chain(cases);
        let params = op.params.iter().map(|param| &param.ty);
        params.chain(bodies.map(|media| &media.ty)).map(|ty| (op.key.as_str(), ty))
    });
    let of_webhooks = api.webhooks.iter().map(|event| (event.name.as_str(), &event.payload));
    of_operations.chain(of_webhooks)
}

/// True for a merge patch and for other names of one.
fn is_patch(api: &Api, ty: &Ty) -> bool {
    let held = ty.held_directly().map(Ty::Def);
    held.is_some_and(|ty| matches!(api.shape(&ty), Some((_, Shape::MergePatch(_)))))
}

/// Patches that stand where nothing can leave them out.
fn patches(api: &Api, def: &TypeDef, found: &mut Found) {
    let is_patch = |ty: &Ty| is_patch(api, ty);
    let misplaced = match &def.shape {
        Shape::Record { fields, rest, .. } => {
            let inside = |field: &Field| match &field.ty {
                Ty::List(inner) | Ty::Map(inner) => is_patch(inner),
                _ => false,
            };
            fields.iter().any(inside) || matches!(rest, Rest::Collect(ty) if is_patch(ty))
        }
        Shape::Union { variants, .. } => variants.iter().any(|variant| is_patch(&variant.ty)),
        Shape::MergePatch(ty) => is_patch(ty),
        Shape::Alias(Ty::List(ty) | Ty::Map(ty)) => is_patch(ty),
        Shape::Choice { .. } | Shape::Newtype(_) | Shape::Expandable { .. } | Shape::Alias(_) => {
            false
        }
    };
    if misplaced {
        found.report("I6", &def.key, "a merge patch stands elsewhere than in a member");
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
    if !base.can_be_newtype() {
        found.report("I6", place, "a choice is neither of strings nor of whole numbers");
    }
    let spellings = || values.iter().flat_map(|value| value.also.iter().chain([&value.wire]));
    let distinct: BTreeSet<&String> = spellings().collect();
    if values.is_empty() || distinct.len() != spellings().count() {
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
        Dispatch::Members(questions) => {
            let asked: BTreeSet<usize> =
                questions.iter().map(|question| question.variant).collect();
            let sound = |question: &MembersQuestion| !question.members.is_empty();
            tags.is_empty()
                && questions.len() == variants.len()
                && asked.iter().copied().eq(0..variants.len())
                && questions.iter().all(sound)
        }
        Dispatch::Literal => {
            let distinct: BTreeSet<&&String> = tags.iter().collect();
            let fixed = |variant: &&Variant| !variant.tags.is_empty() && variant.ty == Ty::Nothing;
            distinct.len() == tags.len()
                && variants.iter().filter(fixed).count() + 1 == variants.len()
                && variants.iter().any(|variant| matches!(variant.ty, Ty::Scalar(_) | Ty::Def(_)))
        }
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
        // The values of a patch stand in a map.
        Shape::Choice { .. } | Shape::Newtype(_) | Shape::MergePatch(_) => Vec::new(),
        Shape::Union { variants, .. } => {
            variants.iter().filter_map(|variant| variant.ty.held_directly()).collect()
        }
        // The whole object stands behind a pointer.
        Shape::Expandable { id, .. } => id.held_directly().into_iter().collect(),
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
