//! Values of a document as values of the API.

use specwright_ir::Literal;
use specwright_openapi::document::Value;

/// Members of objects are sorted: JSON gives their order no meaning.
pub(crate) fn literal(value: &Value) -> Literal {
    match value {
        Value::Null => Literal::Null,
        Value::Bool(value) => Literal::Bool(*value),
        Value::Number(number) => Literal::Number(number.to_string()),
        Value::String(text) => Literal::String(text.clone()),
        Value::List(items) => Literal::List(items.iter().map(literal).collect()),
        Value::Object(members) => {
            let mut members: Vec<(String, Literal)> =
                members.iter().map(|(name, value)| (name.clone(), literal(value))).collect();
            members.sort();
            Literal::Object(members)
        }
    }
}
