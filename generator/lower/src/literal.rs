//! Values of a document as values of the API.

use specwright_ir::Literal;
use specwright_openapi::document::Value;

pub(crate) fn literal(value: &Value) -> Literal {
    match value {
        Value::Null => Literal::Null,
        Value::Bool(value) => Literal::Bool(*value),
        Value::Number(number) => Literal::Number(number.to_string()),
        Value::String(text) => Literal::String(text.clone()),
        Value::List(items) => Literal::List(items.iter().map(literal).collect()),
        Value::Object(members) => Literal::Object(
            members.iter().map(|(name, value)| (name.clone(), literal(value))).collect(),
        ),
    }
}
