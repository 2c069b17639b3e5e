//! Members that a request always writes in the same way.

use std::collections::{BTreeMap, BTreeSet};

use specwright_ir::{Access, Api, Dispatch, Field, Literal, Shape, Ty, TypeId};

/// Turns required members with one possible value into constants of their record, if the record is
/// sent: a caller has nothing to choose there.
///
/// A `const` is such a member everywhere; an `enum` of one value only where it is the tag of a union
/// that holds the record, because elsewhere a second value would not surprise anyone.
///
/// Before: usage is marked. After: no such member is a field of a record that is sent.
pub(crate) fn fix(api: &mut Api) {
    let tags = tag_members(api);
    let single = single_values(api);
    for (index, def) in api.types.iter_mut().enumerate() {
        if !def.usage.request {
            continue;
        }
        let Shape::Record { fields, constants, .. } = &mut def.shape else {
            continue;
        };
        fields.retain(|field| {
            let is_tag = tags.contains(&(TypeId(index), field.wire.clone()));
            let value = fixed_value(field, is_tag, &single);
            constants.extend(value.clone().map(|value| (field.wire.clone(), value)));
            value.is_none()
        });
    }
}

fn fixed_value(field: &Field, is_tag: bool, single: &BTreeMap<TypeId, String>) -> Option<Literal> {
    if !field.presence.required || field.presence.nullable || field.access == Access::ReadOnly {
        return None;
    }
    let stated = field.constraints.rules.iter().find(|(keyword, _)| *keyword == "const");
    if let Some((_, value)) = stated {
        return Some(value.clone());
    }
    let Ty::Def(id) = field.ty else {
        return None;
    };
    single.get(&id).filter(|_| is_tag).map(|value| Literal::String(value.clone()))
}

/// Records that are alternatives of a union by tag, with the name of the tag.
fn tag_members(api: &Api) -> BTreeSet<(TypeId, String)> {
    let mut members = BTreeSet::new();
    for def in &api.types {
        if let Shape::Union { variants, dispatch: Dispatch::Tag { property }, .. } = &def.shape {
            let ids = variants.iter().filter_map(|variant| variant.ty.definition());
            members.extend(ids.map(|id| (id, property.clone())));
        }
    }
    members
}

/// Choices of one string.
fn single_values(api: &Api) -> BTreeMap<TypeId, String> {
    let single = api.types.iter().enumerate().filter_map(|(index, def)| match &def.shape {
        Shape::Choice { values, base: specwright_ir::Scalar::String, .. } => {
            match values.as_slice() {
                [one] => Some((TypeId(index), one.wire.clone())),
                _ => None,
            }
        }
        Shape::Choice { .. }
        | Shape::Record { .. }
        | Shape::Union { .. }
        | Shape::Newtype(_)
        | Shape::Expandable { .. }
        | Shape::MergePatch(_)
        | Shape::Alias(_) => None,
    });
    single.collect()
}
