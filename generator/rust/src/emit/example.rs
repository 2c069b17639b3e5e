//! Examples of calls, composed from names: text of a document never reaches them.

use proc_macro2::TokenStream;

use super::imports::TYPES;
use super::operation::{InputField, Op};
use crate::names::{MAX_POSITIONAL, Name};

/// A call as a program writes it.
pub(super) struct Example {
    /// The prepared call: `client.books().list()`.
    pub(super) call: String,
    /// What it needs beside the client and literals, as parameters of a function.
    pub(super) parameters: Vec<String>,
}

impl Example {
    pub(super) fn of(op: Op<'_>) -> Self {
        let positional = op.positional();
        let (arguments, parameters): (Vec<String>, Vec<Option<String>>) =
            if positional.len() > MAX_POSITIONAL {
                let (library, path) = (&op.cx.settings.library, module_path(op));
                let parameter = format!("args: {library}::{path}::{}", op.names.args);
                (vec!["args".to_owned()], vec![Some(parameter)])
            } else {
                positional.iter().map(|field| argument(op, field)).unzip()
            };
        Self {
            call: format!("client.{}({})", method_path(op), arguments.join(", ")),
            parameters: parameters.into_iter().flatten().collect(),
        }
    }

    /// What a program does with the call: it walks through a list and keeps an answer.
    pub(super) fn statements(&self, op: Op<'_>) -> Vec<String> {
        let call = &self.call;
        if op.is_list() {
            return vec![
                format!("let mut items = {call}.items();"),
                "while let Some(item) = items.next().await {".to_owned(),
                "    println!(\"{:?}\", item?);".to_owned(),
                "}".to_owned(),
            ];
        }
        vec![if op.output_ty().to_string() == "()" {
            format!("{call}.await?;")
        } else if op.answers_with_redirect() {
            format!("let redirect = {call}.await?;")
        } else {
            format!("let answer = {call}.await?;")
        }]
    }
}

/// A doctest that compiles and never runs.
pub(super) fn of_operation(op: Op<'_>) -> Vec<String> {
    let library = &op.cx.settings.library;
    let example = Example::of(op);
    let client = format!("client: {library}::Client");
    let parameters: Vec<&str> =
        std::iter::once(&client).chain(&example.parameters).map(String::as_str).collect();
    let mut lines = vec![
        "```no_run".to_owned(),
        format!("# async fn example({}) -> Result<(), {library}::Error> {{", parameters.join(", ")),
    ];
    // One line for what is done with each item: there is such an example at every list.
    let [first, body @ ..] = &example.statements(op)[..] else { return Vec::new() };
    lines.push(first.clone());
    let body: Vec<&str> = body.iter().map(|line| line.trim()).collect();
    lines.extend((!body.is_empty()).then(|| body.join(" ")));
    lines.extend(["# Ok(()) }".to_owned(), "```".to_owned()]);
    lines
}

/// An argument as an expression, and the parameter of the example it comes from if no short
/// expression makes one.
fn argument(op: Op<'_>, field: &InputField<'_>) -> (String, Option<String>) {
    if let Some(value) = op.cx.example_value(field.ty, field.name) {
        return (value, None);
    }
    let (name, ty) = (field.name.to_string(), qualified(op, &field.tokens));
    // No name of the API ends with an underscore, so this one is free.
    let name = if name == "client" { "client_".to_owned() } else { name };
    (name.clone(), Some(format!("{name}: {ty}")))
}

/// A type as an example names it, from outside the crate.
pub(super) fn qualified(op: Op<'_>, ty: &TokenStream) -> String {
    let library = &op.cx.settings.library;
    let mut text = String::new();
    for tree in ty.clone() {
        let token = tree.to_string();
        let path = if TYPES.contains(&token.as_str()) {
            format!("{library}::runtime::types::")
        } else if token == "RequestBody" {
            format!("{library}::runtime::")
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
