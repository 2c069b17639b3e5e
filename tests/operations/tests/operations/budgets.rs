//! What an operation and a member of a model cost, in lines of the generated files.
//!
//! An operation is its request type, constructor, `Operation` and `Paginated` impls, the method on its group and the
//! frame of its `Call` impl, documentation included. An input (field, argument, encoding, setter, absence) is counted by
//! itself, because a document may add any number of them; so is a further form of the answer (`send_csv`). Of what the
//! document says about an operation the first line counts: it may say any amount.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Expr, ExprField, FieldValue, Fields, File, FnArg, ImplItem, ImplItemFn, Item, ItemImpl,
    ItemStruct, Member, Pat,
};

const OPERATION_BUDGET: usize = 60;
const INPUT_BUDGET: usize = 12;
const DOWNLOAD_BUDGET: usize = 6;
const MEMBER_BUDGET: usize = 12;

/// Operations of which a line is too long: a name, so that a call that takes one line elsewhere takes five, or eight
/// statuses of errors, which take three. What they cost is exact, so that the list shrinks when the generator learns to be
/// shorter.
const LONG_LINES: [(&str, usize); 2] = [
    ("understory-v1 GetInformationRequestsForExperience", 62),
    ("stora-2025-09 ListOrderLineItems", 61),
];

/// The generated crates, by their folders.
const CRATES: [&str; 2] = ["stora-2025-09", "understory-v1"];

#[test]
fn an_operation_costs_at_most_sixty_lines() {
    let mut costs = costs(|sources| {
        let lines = |operation: Operation| (operation.name, operation.lines.len());
        operations(sources).into_iter().map(lines).collect()
    });
    let over = LONG_LINES.iter().filter(|(name, lines)| costs.get(*name) == Some(lines));
    assert_eq!(over.count(), LONG_LINES.len(), "{LONG_LINES:?} is out of date: {costs:?}");
    costs.retain(|name, _| LONG_LINES.iter().all(|(long, _)| long != name));
    check("operation", &costs, OPERATION_BUDGET);
}

#[test]
fn a_further_form_of_the_answer_costs_at_most_six_lines() {
    let costs = costs(|sources| {
        let forms =
            operations(sources).into_iter().flat_map(|Operation { name, downloads, .. }| {
                downloads
                    .into_iter()
                    .map(move |(form, lines)| (format!("{name}::{form}"), lines.len()))
            });
        forms.collect()
    });
    check("further form of an answer", &costs, DOWNLOAD_BUDGET);
}

#[test]
fn an_input_costs_at_most_twelve_lines() {
    let costs = costs(|sources| {
        let inputs =
            operations(sources).into_iter().flat_map(|Operation { name, inputs, .. }| {
                inputs
                    .into_iter()
                    .map(move |(input, lines)| (format!("{name}::{input}"), lines.len()))
            });
        inputs.collect()
    });
    check("input", &costs, INPUT_BUDGET);
}

#[test]
fn a_member_of_a_model_costs_at_most_twelve_lines() {
    let costs = costs(|sources| {
        let mut costs = Vec::new();
        for (_, file) in sources.iter().filter(|(path, _)| path.starts_with("model")) {
            for item in structs(file).filter(|item| !item.ident.to_string().ends_with("Args")) {
                for (name, lines) in members(file, item) {
                    costs.push((format!("{}::{name}", item.ident), lines.len()));
                }
            }
        }
        costs
    });
    check("member", &costs, MEMBER_BUDGET);
}

#[test]
fn every_operation_is_counted() {
    let counted = CRATES.map(|name| operations(&sources(name)).len());
    let there = [stora_2025_09::meta::OPERATIONS.len(), understory_v1::meta::OPERATIONS.len()];
    assert_eq!(counted, there);
}

#[test]
fn every_parameter_is_counted_as_an_input() {
    let operations = operations(&sources("stora-2025-09"));
    let list = operations.into_iter().find(|operation| operation.name == "ListContacts").unwrap();
    assert_eq!(list.inputs.len(), 14);
}

/// Line numbers. A line that two things share counts for both.
type Lines = BTreeSet<usize>;

struct Operation {
    name: String,
    lines: Lines,
    inputs: BTreeMap<String, Lines>,
    downloads: BTreeMap<String, Lines>,
}

#[expect(clippy::print_stdout, reason = "the largest is to be seen before it is too large")]
#[track_caller]
fn check(kind: &str, costs: &BTreeMap<String, usize>, budget: usize) {
    if let Some((name, most)) = costs.iter().max_by_key(|(_, lines)| **lines) {
        println!(
            "budgets: {} of kind {kind}, the largest is {name} with {most} lines",
            costs.len()
        );
    }
    let over: BTreeMap<_, _> = costs.iter().filter(|(_, lines)| **lines > budget).collect();
    assert!(over.is_empty(), "more than {budget} lines: {over:?}");
}

/// What the things that `count` finds in a crate cost, by crate and name.
fn costs(
    count: impl Fn(&BTreeMap<String, File>) -> Vec<(String, usize)>,
) -> BTreeMap<String, usize> {
    let mut costs = BTreeMap::new();
    for name in CRATES {
        let found = count(&sources(name)).into_iter();
        costs.extend(found.map(|(thing, lines)| (format!("{name} {thing}"), lines)));
    }
    costs
}

fn operations(sources: &BTreeMap<String, File>) -> Vec<Operation> {
    sources.values().flat_map(operations_of).collect()
}

/// The files of a generated crate by their path below `src`.
fn sources(name: &str) -> BTreeMap<String, File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../generated");
    let src = root.join(name).join("src");
    let mut sources = BTreeMap::new();
    let mut open = vec![String::new()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(src.join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{folder}{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                open.push(format!("{path}/"));
            } else {
                let text = fs::read_to_string(entry.path()).unwrap();
                sources.insert(path, syn::parse_file(&text).unwrap());
            }
        }
    }
    sources
}

fn operations_of(file: &File) -> Vec<Operation> {
    let is_operation = |item: &ItemImpl| trait_name(item).as_deref() == Some("Operation");
    let names = impls(file).filter(|item| is_operation(item)).map(|item| text(&item.self_ty));
    names.map(|name| operation(file, name)).collect()
}

fn operation(file: &File, name: String) -> Operation {
    let call = format!("Call < {name} >");
    let mut lines = Lines::new();
    let mut downloads: BTreeMap<String, Lines> = BTreeMap::new();
    for item in structs(file).filter(|item| item.ident == name) {
        lines.extend(lines_of(item));
    }
    for item in impls(file) {
        let ty = text(&item.self_ty);
        if ty == name || ty == call {
            lines.extend(lines_of(item));
        }
        for method in methods(item) {
            if ty == call && method.sig.asyncness.is_some() {
                downloads.insert(method.sig.ident.to_string(), lines_of(method));
            } else if text(&method.sig.output) == format!("-> {call}") {
                lines.extend(lines_of(method));
            }
        }
    }
    let request = structs(file).find(|item| item.ident == name).unwrap();
    lines.retain(|line| !prose_of(request).contains(line));
    let mut inputs = members(file, request);
    for (input, own) in &mut inputs {
        for item in impls(file).filter(|item| text(&item.self_ty) == call) {
            own.extend(methods(item).filter(|method| method.sig.ident == input).flat_map(lines_of));
        }
        for method in impls(file).flat_map(methods) {
            if text(&method.sig.output) == format!("-> {call}") {
                own.extend(lines_of_argument(method, input));
            }
        }
    }
    for own in inputs.values().chain(downloads.values()) {
        lines.retain(|line| !own.contains(line));
    }
    Operation { name, lines, inputs, downloads }
}

/// The documentation of a request without its first line, up to the facts that we add to it.
fn prose_of(request: &ItemStruct) -> Lines {
    let documentation = request.attrs.iter().filter(|attribute| attribute.path().is_ident("doc"));
    let prose = documentation.take_while(|attribute| !text(&attribute.meta).contains("\" * `"));
    prose.skip(1).flat_map(lines_of).collect()
}

/// The lines of each member of a struct, wherever the struct and its impls name it.
fn members(file: &File, item: &ItemStruct) -> BTreeMap<String, Lines> {
    let mut members = fields(item);
    let arguments = format!("{}Args", item.ident);
    for arguments in structs(file).filter(|item| item.ident == arguments) {
        for (name, lines) in fields(arguments) {
            members.entry(name).or_default().extend(lines);
        }
    }
    for item in impls(file).filter(|found| item.ident == text(&found.self_ty)) {
        for method in methods(item) {
            for (name, lines) in &mut members {
                lines.extend(lines_in(method, name));
            }
        }
    }
    members
}

fn fields(item: &ItemStruct) -> BTreeMap<String, Lines> {
    let Fields::Named(fields) = &item.fields else { return BTreeMap::new() };
    let field = |field: &syn::Field| (field.ident.as_ref().unwrap().to_string(), lines_of(field));
    fields.named.iter().map(field).collect()
}

/// The lines of a method that speak of the member `name` alone.
fn lines_in(method: &ImplItemFn, name: &str) -> Lines {
    if method.sig.ident == name {
        return lines_of(method);
    }
    let mut lines = lines_of_argument(method, name);
    // A statement of `encode` is of one member if it reads no other.
    for statement in &method.block.stmts {
        let mut read = SelfFields::default();
        read.visit_stmt(statement);
        if read.names == [name] {
            lines.extend(lines_of(statement));
        }
    }
    let mut values = FieldValues { name, lines };
    values.visit_block(&method.block);
    values.lines
}

/// The lines of the argument `name`, if it has lines of its own.
fn lines_of_argument(method: &ImplItemFn, name: &str) -> Lines {
    let mut lines = Lines::new();
    for input in &method.sig.inputs {
        let FnArg::Typed(input) = input else { continue };
        let on_its_own = input.span().start().line != method.sig.fn_token.span().start().line;
        if on_its_own && matches!(&*input.pat, Pat::Ident(pat) if pat.ident == name) {
            lines.extend(lines_of(input));
        }
    }
    lines
}

/// Collects the names of the members that are read from `self`.
#[derive(Default)]
struct SelfFields {
    names: Vec<String>,
}

impl<'ast> Visit<'ast> for SelfFields {
    fn visit_expr_field(&mut self, field: &'ast ExprField) {
        if let (Expr::Path(base), Member::Named(name)) = (&*field.base, &field.member)
            && base.path.is_ident("self")
        {
            self.names.push(name.to_string());
        }
        visit::visit_expr_field(self, field);
    }
}

/// Collects `name: …` of struct literals that have a line for each member.
struct FieldValues<'n> {
    name: &'n str,
    lines: Lines,
}

impl<'ast> Visit<'ast> for FieldValues<'_> {
    fn visit_expr(&mut self, expression: &'ast Expr) {
        if let Expr::Struct(literal) = expression
            && literal.span().start().line == literal.span().end().line
        {
            return;
        }
        visit::visit_expr(self, expression);
    }

    fn visit_field_value(&mut self, value: &'ast FieldValue) {
        if matches!(&value.member, Member::Named(name) if name == self.name) {
            self.lines.extend(lines_of(value));
        }
    }
}

fn structs(file: &File) -> impl Iterator<Item = &ItemStruct> {
    file.items.iter().filter_map(|item| match item {
        Item::Struct(item) => Some(item),
        _ => None,
    })
}

fn impls(file: &File) -> impl Iterator<Item = &ItemImpl> {
    file.items.iter().filter_map(|item| match item {
        Item::Impl(item) => Some(item),
        _ => None,
    })
}

fn methods(item: &ItemImpl) -> impl Iterator<Item = &ImplItemFn> {
    item.items.iter().filter_map(|item| match item {
        ImplItem::Fn(method) => Some(method),
        _ => None,
    })
}

fn trait_name(item: &ItemImpl) -> Option<String> {
    Some(text(&item.trait_.as_ref()?.0))
}

fn lines_of(node: &impl Spanned) -> Lines {
    let span = node.span();
    (span.start().line..=span.end().line).collect()
}

/// Tokens with one blank between them.
fn text(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string()
}
