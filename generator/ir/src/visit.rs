//! Which types a thing mentions.

use crate::operation::{CaseBody, Media, Operation};
use crate::ty::{Rest, Shape, Ty, TypeId};

impl Ty {
    /// The definition that a type mentions, in lists and maps too.
    pub fn definition(&self) -> Option<TypeId> {
        match self {
            Self::Def(id) => Some(*id),
            Self::List(inner) | Self::Map(inner) | Self::Nullable(inner) => inner.definition(),
            Self::Scalar(_) | Self::Json | Self::Nothing => None,
        }
    }
}

impl Shape {
    /// The types that it is made of.
    pub fn parts(&self) -> Vec<&Ty> {
        match self {
            Self::Record { fields, rest, .. } => {
                let mut parts: Vec<&Ty> = fields.iter().map(|field| &field.ty).collect();
                match rest {
                    Rest::Ignore => {}
                    Rest::Collect(ty) => parts.push(ty),
                }
                parts
            }
            Self::Choice { .. } | Self::Newtype(_) => Vec::new(),
            Self::Union { variants, .. } => variants.iter().map(|variant| &variant.ty).collect(),
            Self::Expandable { id, whole, .. } => vec![id, whole],
            Self::MergePatch(ty) | Self::Alias(ty) => vec![ty],
        }
    }
}

impl Operation {
    /// The types of what it sends.
    pub fn sent(&self) -> impl Iterator<Item = &Ty> {
        let body = self.body.iter().flat_map(|body| &body.media).map(|media| &media.ty);
        self.params.iter().map(|param| &param.ty).chain(body)
    }

    /// The types of what it receives.
    pub fn received(&self) -> impl Iterator<Item = &Ty> {
        let media = self.cases.iter().flat_map(|case| match &case.body {
            CaseBody::Empty | CaseBody::Redirect => &[],
            CaseBody::Media(media) => media.as_slice(),
        });
        media.map(|media: &Media| &media.ty)
    }
}
