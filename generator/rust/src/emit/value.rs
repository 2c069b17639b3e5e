//! Values as examples write them: composed from names, for types whose parts are simple.

use specwright_ir::{Scalar, Shape, Ty, TypeId};

use super::Cx;
use super::record::{self, MAX_ARGUMENTS};
use super::types::Held;
use crate::names::Name;

/// More text than this explains less than a name would.
const MAX_LENGTH: usize = 90;

impl Cx<'_> {
    /// An expression for what fills a field of a type; `None` if it takes more than a short one.
    ///
    /// Text is called as the input that it is for, so that a reader sees which one it is.
    pub(super) fn example_value(self, ty: &Ty, name: &Name) -> Option<String> {
        self.value(ty, name, 0).filter(|text| text.len() <= MAX_LENGTH)
    }

    fn value(self, ty: &Ty, name: &Name, depth: usize) -> Option<String> {
        match self.api.scalar(ty) {
            Some(Scalar::String | Scalar::Secret) => return Some(format!("{:?}", name.as_str())),
            Some(Scalar::I32 | Scalar::I64 | Scalar::U64) => return Some("1".to_owned()),
            Some(Scalar::F64) => return Some("1.0".to_owned()),
            Some(Scalar::Bool) => return Some("true".to_owned()),
            Some(_) => return None,
            None => {}
        }
        let (id, shape) = self.api.shape(ty)?;
        let path = format!("{}::model::{}", self.settings.library, self.names.of_type(id).name);
        match shape {
            Shape::Record { .. } if depth < 2 => {
                Some(format!("{path}::new({})", self.arguments(id, depth + 1)?))
            }
            Shape::Choice { base: Scalar::String, .. } => {
                Some(format!("{path}::{}", self.names.of_type(id).members.first()?))
            }
            Shape::Choice { values, .. } => {
                // The type is that of a number, so the value is one; digits come from a number.
                Some(values.first()?.wire.parse::<i128>().ok()?.to_string())
            }
            _ => None,
        }
    }

    /// The arguments of a record's `new`.
    fn arguments(self, id: TypeId, depth: usize) -> Option<String> {
        let required = record::required(self, id);
        if required.len() > MAX_ARGUMENTS {
            return None;
        }
        let arguments = required.into_iter().map(|(field, name)| match self.held(id, field) {
            Held::Nullable => Some("None".to_owned()),
            _ => self.value(&field.ty, name, depth),
        });
        Some(arguments.collect::<Option<Vec<_>>>()?.join(", "))
    }
}
