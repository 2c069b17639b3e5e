//! Examples of calls, composed from names: text of a document never reaches them.

use proc_macro2::TokenStream;
use specwright_ir::Scalar;

use super::imports::TYPES;
use super::operation::{InputField, Op};
use crate::names::{MAX_POSITIONAL, Name};

/// A doctest that compiles and never runs.
pub(super) fn of_operation(op: Op<'_>) -> Vec<String> {
    let library = &op.cx.settings.library;
    let positional = op.positional();
    let mut parameters = vec![format!("client: {library}::Client")];
    let mut arguments = Vec::new();
    if positional.len() > MAX_POSITIONAL {
        let path = module_path(op);
        parameters.push(format!("args: {library}::{path}::{}", op.names.args));
        arguments.push("args".to_owned());
    } else {
        for field in &positional {
            let (argument, parameter) = argument(op, field);
            arguments.push(argument);
            parameters.extend(parameter);
        }
    }
    let call = format!("client.{}({})", method_path(op), arguments.join(", "));
    let mut lines = vec![
        "```no_run".to_owned(),
        format!("# async fn example({}) -> Result<(), {library}::Error> {{", parameters.join(", ")),
    ];
    if super::pages::emit(op).is_empty() {
        let unit = op.output_ty().to_string() == "()";
        lines.push(if unit {
            format!("{call}.await?;")
        } else if op.answers_with_redirect() {
            format!("let redirect = {call}.await?;")
        } else {
            format!("let answer = {call}.await?;")
        });
    } else {
        lines.push(format!("let mut items = {call}.items();"));
        lines.push(
            "while let Some(item) = items.next().await { println!(\"{:?}\", item?); }".to_owned(),
        );
    }
    lines.extend(["# Ok(()) }".to_owned(), "```".to_owned()]);
    lines
}

/// An argument as an expression, and the parameter of the example it comes from if it has no
/// simple literal.
fn argument(op: Op<'_>, field: &InputField<'_>) -> (String, Option<String>) {
    let name = field.name.to_string();
    match op.cx.scalar(field.ty) {
        Some(Scalar::String) => (format!("{:?}", field.name.as_str()), None),
        Some(Scalar::I32 | Scalar::I64 | Scalar::U64) => ("1".to_owned(), None),
        Some(Scalar::Bool) => ("true".to_owned(), None),
        _ => {
            let ty = qualified(op, &field.tokens);
            // No name of the API ends with an underscore, so this one is free.
            let name = if name == "client" { "client_".to_owned() } else { name };
            (name.clone(), Some(format!("{name}: {ty}")))
        }
    }
}

/// A type as an example names it, from outside the crate.
fn qualified(op: Op<'_>, ty: &TokenStream) -> String {
    let library = &op.cx.settings.library;
    let mut text = String::new();
    for tree in ty.clone() {
        let token = tree.to_string();
        let path = if TYPES.contains(&token.as_str()) {
            format!("{library}::runtime::types::")
        } else if token == "BTreeMap" {
            "std::collections::".to_owned()
        } else if op.cx.is_model(&token) {
            format!("{library}::model::")
        } else {
            String::new()
        };
        text.push_str(&path);
        text.push_str(&token);
        if token == "," {
            text.push(' ');
        }
    }
    text
}

fn module_path(op: Op<'_>) -> String {
    let path = op.module_path().map(Name::to_string);
    path.collect::<Vec<_>>().join("::")
}

fn method_path(op: Op<'_>) -> String {
    let mut path: Vec<String> = op.module_path().map(|name| format!("{name}()")).collect();
    path.push(op.names.method.to_string());
    path.join(".")
}
