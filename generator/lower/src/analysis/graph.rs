//! Which definitions a definition mentions.

use specwright_ir::{Api, CaseBody, Operation, Rest, Shape, Ty, TypeId};

/// Every definition that a type mentions, in lists and maps too.
pub(super) fn in_ty(ty: &Ty) -> Option<TypeId> {
    match ty {
        Ty::Def(id) => Some(*id),
        Ty::List(inner) | Ty::Map(inner) | Ty::Nullable(inner) => in_ty(inner),
        Ty::Scalar(_) | Ty::Json | Ty::Nothing => None,
    }
}

/// The types that a shape is made of.
pub(super) fn parts(shape: &Shape) -> Vec<&Ty> {
    match shape {
        Shape::Record { fields, rest, .. } => {
            let mut parts: Vec<&Ty> = fields.iter().map(|field| &field.ty).collect();
            match rest {
                Rest::Ignore => {}
                Rest::Collect(ty) => parts.push(ty),
            }
            parts
        }
        Shape::Choice { .. } | Shape::Newtype(_) => Vec::new(),
        Shape::Union { variants, .. } => variants.iter().map(|variant| &variant.ty).collect(),
        Shape::Expandable { id, whole, .. } => vec![id, whole],
        Shape::MergePatch(ty) | Shape::Alias(ty) => vec![ty],
    }
}

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

/// The types of what an operation sends.
pub(super) fn sent(op: &Operation) -> impl Iterator<Item = &Ty> {
    let body = op.body.iter().flat_map(|body| &body.media).map(|media| &media.ty);
    op.params.iter().map(|param| &param.ty).chain(body)
}

/// The types of what an operation receives.
pub(super) fn received(op: &Operation) -> impl Iterator<Item = &Ty> {
    op.cases
        .iter()
        .flat_map(|case| match &case.body {
            CaseBody::Empty | CaseBody::Redirect => &[][..],
            CaseBody::Media(media) => media.as_slice(),
        })
        .map(|media| &media.ty)
}
