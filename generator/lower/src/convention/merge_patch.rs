//! `x-specwright-merge-patch`: where a change of a map may stand.

use std::collections::BTreeMap;

use specwright_ir::{Api, CaseBody, Origin, Rest, Shape, Ty, TypeId};
use specwright_source::{Diagnostic, Sink, codes};

/// Makes plain maps of merge patches that are no member of an object, with a report.
///
/// "No change" is said by leaving the member out; an element of a list or a whole body cannot be left
/// out. Before: definitions have their shapes. After: a merge patch stands in members alone.
pub(crate) fn check(api: &mut Api, sink: &mut Sink) {
    let patches = Patches::find(api);
    if patches.values.is_empty() {
        return;
    }
    let mut misplaced = Vec::new();
    for def in &mut api.types {
        let origin = def.origin.clone();
        let mut places: Vec<&mut Ty> = Vec::new();
        match &mut def.shape {
            Shape::Record { fields, rest, .. } => {
                places.extend(fields.iter_mut().filter_map(|field| inside(&mut field.ty)));
                match rest {
                    Rest::Ignore => {}
                    Rest::Collect(ty) => places.push(ty),
                }
            }
            Shape::Union { variants, .. } => {
                places.extend(variants.iter_mut().map(|variant| &mut variant.ty));
            }
            Shape::MergePatch(ty) => places.push(ty),
            Shape::Alias(ty) => places.extend(inside(ty)),
            Shape::Choice { .. } | Shape::Newtype(_) | Shape::Expandable { .. } => {}
        }
        patches.replace(places, &origin, &mut misplaced);
    }
    for op in &mut api.operations {
        let mut places: Vec<&mut Ty> = op.params.iter_mut().map(|param| &mut param.ty).collect();
        places.extend(op.body.iter_mut().flat_map(|body| &mut body.media).map(|m| &mut m.ty));
        for case in &mut op.cases {
            if let CaseBody::Media(media) = &mut case.body {
                places.extend(media.iter_mut().map(|media| &mut media.ty));
            }
        }
        patches.replace(places, &op.origin, &mut misplaced);
    }
    for event in &mut api.webhooks {
        patches.replace(vec![&mut event.payload], &event.origin, &mut misplaced);
    }
    for origin in misplaced {
        sink.report(
            Diagnostic::new(&codes::EXTENSION_MALFORMED, "a merge patch is no member here")
                .label(origin.span, "holds one where it cannot be left out")
                .at(origin.pointer)
                .note("read as a map whose values may be null"),
        );
    }
}

/// What a list, map or optional place holds; a member itself may be a patch.
fn inside(ty: &mut Ty) -> Option<&mut Ty> {
    match ty {
        Ty::List(inner) | Ty::Map(inner) => Some(inner),
        Ty::Nullable(inner) => inside(inner),
        Ty::Def(_) | Ty::Scalar(_) | Ty::Json | Ty::Nothing => None,
    }
}

/// The values of each definition that is a merge patch or another name for one.
struct Patches {
    values: BTreeMap<TypeId, Ty>,
}

impl Patches {
    fn find(api: &Api) -> Self {
        let ids = (0..api.types.len()).map(TypeId);
        let patches = ids.filter_map(|id| match api.shape(&Ty::Def(id)) {
            Some((_, Shape::MergePatch(value))) => Some((id, value.clone())),
            _ => None,
        });
        Self { values: patches.collect() }
    }

    fn replace(&self, places: Vec<&mut Ty>, origin: &Origin, misplaced: &mut Vec<Origin>) {
        for mut place in places {
            // Down to what is neither list nor map.
            while let Ty::List(inner) | Ty::Map(inner) | Ty::Nullable(inner) = place {
                place = inner;
            }
            if let Ty::Def(id) = place
                && let Some(value) = self.values.get(id)
            {
                *place = Ty::Map(Box::new(nullable(value.clone())));
                misplaced.push(origin.clone());
            }
        }
    }
}

fn nullable(ty: Ty) -> Ty {
    match ty {
        Ty::Json | Ty::Nothing | Ty::Nullable(_) => ty,
        ty => Ty::Nullable(Box::new(ty)),
    }
}
