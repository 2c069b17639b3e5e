//! `default`: a value that must fit its schema.

use specwright_ir::{Literal, Scalar, Ty};
use specwright_openapi::document::{Place, Value};
use specwright_source::{Diagnostic, codes};

use crate::literal::literal;
use crate::lowering::{Lowering, Use};

/// The default of a value, or nothing and a report if it is of another kind.
pub(crate) fn lower(
    lowering: &mut Lowering<'_>,
    default: Option<&Value>,
    found: &Use,
    at: &Place,
) -> Option<Literal> {
    let value = literal(default?);
    if found.nullable && value == Literal::Null || fits(&value, &found.ty) {
        return Some(value);
    }
    lowering.sink.report(
        Diagnostic::new(&codes::DEFAULT_KIND, "`default` is not a value of its schema")
            .label(at.span, "")
            .at(at.pointer.clone())
            .note("read as if there were no default"),
    );
    None
}

/// True if the kinds agree. What a definition allows is its own affair.
fn fits(value: &Literal, ty: &Ty) -> bool {
    match (ty, value) {
        (Ty::Def(_), value) => *value != Literal::Null,
        (Ty::Json, _)
        | (Ty::Scalar(Scalar::Bool), Literal::Bool(_))
        | (Ty::Scalar(Scalar::F64), Literal::Number(_)) => true,
        (Ty::Scalar(Scalar::I32), Literal::Number(digits)) => digits.parse::<i32>().is_ok(),
        (Ty::Scalar(Scalar::I64 | Scalar::ExpiresIn), Literal::Number(digits)) => {
            digits.parse::<i64>().is_ok()
        }
        (Ty::Scalar(Scalar::U64), Literal::Number(digits)) => digits.parse::<u64>().is_ok(),
        (Ty::Scalar(scalar), Literal::String(_)) => is_text(*scalar),
        (Ty::List(item), Literal::List(items)) => items.iter().all(|value| fits(value, item)),
        (Ty::Map(of), Literal::Object(members)) => members.iter().all(|(_, v)| fits(v, of)),
        (Ty::Nullable(inner), value) => *value == Literal::Null || fits(value, inner),
        (Ty::Scalar(_) | Ty::List(_) | Ty::Map(_) | Ty::Nothing, _) => false,
    }
}

fn is_text(scalar: Scalar) -> bool {
    match scalar {
        Scalar::String
        | Scalar::Secret
        | Scalar::DateTime
        | Scalar::Date
        | Scalar::LocalDateTime
        | Scalar::Base64 => true,
        Scalar::Bool
        | Scalar::I32
        | Scalar::I64
        | Scalar::U64
        | Scalar::F64
        | Scalar::ExpiresIn => false,
    }
}
