//! The places that mention a type.

use specwright_ir::{Api, CaseBody, Rest, Shape, Ty};

/// Every place of an API that mentions a type, to be changed.
pub(super) fn all_mut(api: &mut Api) -> Vec<&mut Ty> {
    let mut all = Vec::new();
    for def in &mut api.types {
        match &mut def.shape {
            Shape::Record { fields, rest, .. } => {
                all.extend(fields.iter_mut().map(|field| &mut field.ty));
                match rest {
                    Rest::Ignore => {}
                    Rest::Collect(ty) => all.push(ty),
                }
            }
            Shape::Choice { .. } | Shape::Newtype(_) => {}
            Shape::Union { variants, .. } => {
                all.extend(variants.iter_mut().map(|variant| &mut variant.ty));
            }
            Shape::Expandable { id, whole, .. } => all.extend([id, whole]),
            Shape::MergePatch(ty) | Shape::Alias(ty) => all.push(ty),
        }
    }
    for op in &mut api.operations {
        all.extend(op.params.iter_mut().map(|param| &mut param.ty));
        all.extend(op.body.iter_mut().flat_map(|body| &mut body.media).map(|media| &mut media.ty));
        for case in &mut op.cases {
            match &mut case.body {
                CaseBody::Empty | CaseBody::Redirect => {}
                CaseBody::Media(media) => all.extend(media.iter_mut().map(|media| &mut media.ty)),
            }
        }
    }
    all.extend(api.webhooks.iter_mut().map(|webhook| &mut webhook.payload));
    all
}
