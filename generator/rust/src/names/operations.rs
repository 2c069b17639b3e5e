//! Names of modules, handles, requests, methods and inputs.

use std::collections::{BTreeMap, BTreeSet};

use specwright_ir::lock::{Lock, OperationLock};
use specwright_ir::{Api, Media, Operation, OperationId, Param, Place, Words};
use specwright_source::{Diagnostic, Sink, codes};

use super::ident::{Name, snake, spelled, suffixed, upper_camel, verbatim_value};
use super::scope::{Found, Scope};

/// More inputs than this are given as one struct, because a row of strings invites mistakes.
pub(crate) const MAX_POSITIONAL: usize = 4;

const ARGS: &str = "Args";
const ERROR: &str = "Error";
const OUTPUT: &str = "Output";

/// Suffixes that belong to the name of a request.
pub(super) const FAMILY: &[&str] = &[ARGS, ERROR, OUTPUT];

/// A module of operations: one file, one handle.
#[derive(Debug)]
pub(crate) struct Module {
    /// Names of the modules that lead here, this one last.
    pub(crate) path: Vec<Name>,
    /// The handle.
    pub(crate) handle: Name,
    /// Its operations, in the order of their keys.
    pub(crate) operations: Vec<OperationId>,
}

/// The names of one operation.
#[derive(Debug)]
pub(crate) struct OperationNames {
    /// The request type.
    pub(crate) request: Name,
    /// The method on the handle.
    pub(crate) method: Name,
    /// The struct that holds the positional inputs when they are more than [`MAX_POSITIONAL`].
    pub(crate) args: Name,
    /// The enum of error bodies, if they differ.
    pub(crate) error: Name,
    /// The enum of success bodies, if they differ.
    pub(crate) output: Name,
    /// Fields of the request, in the order of [`Operation::params`].
    pub(crate) params: Vec<Name>,
    /// The field that holds the body.
    pub(crate) body: Name,
    /// The field that says how the body is encoded.
    pub(crate) body_codec: Name,
    /// What `new` needs, in order.
    pub(crate) positional: Vec<Input>,
    /// Methods that give the answer as it comes, in the order of [`Operation::downloads`].
    pub(crate) downloads: Vec<Name>,
}

/// An input of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// Index into [`Operation::params`].
    Param(usize),
    /// The request body.
    Body,
}

/// Names all operations and the modules they stand in.
pub(super) fn decide(
    api: &Api,
    lock: &mut Lock,
    scope: &mut Scope,
    sink: &mut Sink,
) -> (Vec<Module>, Vec<OperationNames>) {
    let paths = module_paths(api, lock);
    let mut modules = modules(&paths, lock, scope);
    // A child's accessor and an operation's method share a handle, so they share a scope.
    let mut methods: BTreeMap<Vec<String>, Scope> = BTreeMap::new();
    for module in &modules {
        let (last, parent) = split_last(&module.path);
        let scope = methods.entry(parent).or_insert_with(method_scope);
        scope.take(&last);
    }
    for (key, decision) in &lock.operations {
        if !api.operations.iter().any(|operation| operation.key == *key) {
            methods
                .entry(decision.group.clone())
                .or_insert_with(method_scope)
                .take(&decision.method);
        }
    }
    let mut order: Vec<usize> = (0..api.operations.len()).collect();
    order.sort_by_key(|index| !lock.operations.contains_key(&api.operations[*index].key));
    let mut named: BTreeMap<usize, OperationNames> = BTreeMap::new();
    for index in order {
        let (operation, path) = (&api.operations[index], &paths[index]);
        let method_scope = methods.entry(path.clone()).or_insert_with(method_scope);
        let known = lock.operations.get(&operation.key);
        named.insert(index, names_of(operation, path, known, method_scope, scope, sink));
    }
    for module in &mut modules {
        let path: Vec<String> = module.path.iter().map(|name| name.as_str().to_owned()).collect();
        let inside = paths.iter().enumerate().filter(|(_, other)| **other == path);
        module.operations = inside.map(|(index, _)| OperationId(index)).collect();
    }
    let names: Vec<OperationNames> = named.into_values().collect();
    update_lock(api, &paths, &names, lock);
    (modules, names)
}

/// What a handle has already. `into` and `try_into` take a value, so that they would be found before a
/// method that borrows.
fn method_scope() -> Scope {
    Scope::reserving(&["new", "clone", "into", "try_into"])
}

/// The module of each operation: the lock's; else that of the locked operations of its group, so
/// that a renamed tag moves nothing; else the words of the group.
fn module_paths(api: &Api, lock: &Lock) -> Vec<Vec<String>> {
    let mut of_group: BTreeMap<usize, BTreeSet<Vec<String>>> = BTreeMap::new();
    for operation in &api.operations {
        if let Some(decision) = lock.operations.get(&operation.key) {
            of_group.entry(operation.group.0).or_default().insert(decision.group.clone());
        }
    }
    let mut fresh: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut scopes: BTreeMap<Vec<String>, (Scope, BTreeMap<Words, String>)> = BTreeMap::new();
    for (index, group) in api.groups.iter().enumerate() {
        let mut path = Vec::new();
        for words in &group.path {
            let (scope, known) = scopes
                .entry(path.clone())
                .or_insert_with(|| (module_scope(&path, lock), BTreeMap::new()));
            let name = known.entry(words.clone()).or_insert_with(|| {
                let plain = snake(words);
                let qualified = plain.as_ref().map(|name| suffixed(name, "_group"));
                scope.claim([plain, qualified], &words.to_string()).0.as_str().to_owned()
            });
            path.push(name.clone());
        }
        fresh.insert(index, path);
    }
    let path_of = |operation: &Operation| {
        if let Some(decision) = lock.operations.get(&operation.key) {
            return decision.group.clone();
        }
        let locked = of_group.get(&operation.group.0).filter(|paths| paths.len() == 1);
        locked
            .and_then(|paths| paths.first().cloned())
            .or_else(|| fresh.get(&operation.group.0).cloned())
            .filter(|path| !path.is_empty())
            .unwrap_or_else(|| vec!["api".to_owned()])
    };
    api.operations.iter().map(path_of).collect()
}

/// What a module may hold: no other one of its own name, which would read as a mistake, and none
/// called as a method that the lock holds, beside which its accessor would stand.
fn module_scope(path: &[String], lock: &Lock) -> Scope {
    let mut scope = Scope::reserving(RESERVED_MODULES);
    for decision in lock.operations.values().filter(|decision| decision.group == path) {
        scope.take(&decision.method);
    }
    if let Some(parent) = path.last() {
        scope.take(parent);
    }
    scope
}

fn modules(paths: &[Vec<String>], lock: &mut Lock, scope: &mut Scope) -> Vec<Module> {
    let mut all: BTreeSet<Vec<String>> = BTreeSet::new();
    for path in paths {
        for length in 1..=path.len() {
            all.insert(path[..length].to_vec());
        }
    }
    all.into_iter()
        .map(|path| {
            let handle = handle_name(&path, lock, scope);
            let path = path.into_iter().map(Name::new).collect();
            Module { path, handle, operations: Vec::new() }
        })
        .collect()
}

fn handle_name(path: &[String], lock: &mut Lock, scope: &mut Scope) -> Name {
    let key = path.join("/");
    if let Some(name) = lock.handles.get(&key) {
        return Name::new(name.clone());
    }
    let plain = upper_camel(&module_words(path));
    let qualified = plain.as_ref().map(|name| suffixed(name, "Group"));
    let (handle, _) = scope.claim([plain, qualified], &key);
    lock.handles.insert(key, handle.as_str().to_owned());
    handle
}

fn module_words(path: &[String]) -> Words {
    Words::split(&path.join("_"))
}

fn split_last(path: &[Name]) -> (String, Vec<String>) {
    let mut path: Vec<String> = path.iter().map(|name| name.as_str().to_owned()).collect();
    let last = path.pop().unwrap_or_default();
    (last, path)
}

fn names_of(
    operation: &Operation,
    module: &[String],
    known: Option<&OperationLock>,
    methods: &mut Scope,
    scope: &mut Scope,
    sink: &mut Sink,
) -> OperationNames {
    let (request, method) = match known {
        Some(decision) => (Name::new(decision.request.clone()), methods.take(&decision.method)),
        None => {
            let plain = upper_camel(&operation.full_hint);
            let grouped = upper_camel(&module_words(module).join(&operation.hint));
            let qualified = plain.as_ref().map(|name| suffixed(name, "Request"));
            let candidates = [plain, grouped, qualified];
            let (request, _) = scope.claim_family(candidates, FAMILY, &operation.key);
            let candidates = [snake(&operation.hint), snake(&operation.full_hint)];
            let (method, found) = methods.claim(candidates, &operation.key);
            if found == Found::Fingerprint {
                report_method(operation, &method, sink);
            }
            (request, method)
        }
    };
    let [args, error, output] =
        [ARGS, ERROR, OUTPUT].map(|suffix| Name::new(format!("{}{suffix}", request.as_str())));
    let mut inputs = Scope::reserving(RESERVED_INPUTS);
    let body = inputs.take("body");
    let body_codec = inputs.take("body_codec");
    // Taken first, whatever is new: a decision never yields.
    for name in known.iter().flat_map(|decision| decision.media.values()) {
        inputs.take(name);
    }
    let params = param_names(operation, known, &mut inputs);
    let downloads = download_names(operation, known, &mut inputs);
    OperationNames {
        request,
        method,
        args,
        error,
        output,
        params,
        body,
        body_codec,
        positional: positional(operation, known),
        downloads,
    }
}

fn report_method(operation: &Operation, method: &Name, sink: &mut Sink) {
    sink.report(
        Diagnostic::new(&codes::NAME_TAKEN, format!("no free name for `{}`", operation.key))
            .label(operation.origin.span, format!("called `{method}` now"))
            .at(operation.origin.pointer.clone())
            .help("give the operation an `operationId` of its own with an overlay"),
    );
}

/// Names of parameters by their key, those that are gone included.
fn known_params(decision: &OperationLock) -> BTreeMap<String, String> {
    let plain = decision.plain.iter().filter_map(|key| {
        let (_, wire) = key.split_once(':')?;
        Some((key.clone(), wire.to_owned()))
    });
    plain.chain(decision.params.clone()).collect()
}

fn param_names(
    operation: &Operation,
    known: Option<&OperationLock>,
    scope: &mut Scope,
) -> Vec<Name> {
    let known = known.map(known_params).unwrap_or_default();
    for name in known.values() {
        scope.take(name);
    }
    let plain = |param: &Param| {
        let name = verbatim_value(&param.wire).or_else(|| snake(&param.hint));
        name.filter(is_no_option)
    };
    // Not the order of the document, and those first whose name needs no guess.
    let mut order: Vec<usize> = (0..operation.params.len()).collect();
    order.sort_by_key(|index| {
        let param = &operation.params[*index];
        (verbatim_value(&param.wire).is_none(), param_key(param))
    });
    let mut names: BTreeMap<usize, Name> = BTreeMap::new();
    for index in order {
        let param = &operation.params[index];
        let name = match known.get(&param_key(param)) {
            Some(name) => Name::new(name.clone()),
            None => {
                let plain = plain(param);
                let stem = plain.clone().or_else(|| snake(&param.hint));
                let qualified = stem.map(|name| format!("{}_{name}", place_word(param.place)));
                let spelled = snake(&spelled(&param.wire)).filter(is_no_option);
                scope.claim([plain, spelled, qualified], &param_key(param)).0
            }
        };
        names.insert(index, name);
    }
    names.into_values().collect()
}

/// Names of the methods that give an answer as it comes: `send_` and what the media type is called.
fn download_names(
    operation: &Operation,
    known: Option<&OperationLock>,
    scope: &mut Scope,
) -> Vec<Name> {
    let name = |media: &Media| {
        if let Some(name) = known.and_then(|known| known.media.get(&media.range)) {
            return Name::new(name.clone());
        }
        let sent = |words: Words| snake(&Words::split("send").join(&words));
        let short = sent(media_words(&media.range));
        let whole = sent(Words::split(&media.range));
        scope.claim([short, whole], &media.range).0
    };
    operation.downloads().into_iter().map(name).collect()
}

/// The words of a media type that people say: those of the subtype, without what says how it was
/// registered (RFC 6838 §3) and how it is written (§4.2.8); of the type if the subtype says nothing.
fn media_words(range: &str) -> Words {
    let essence = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if let Some((_, word)) = SAID.iter().find(|(said, _)| *said == essence) {
        return Words::split(word);
    }
    let (kind, subtype) = essence.split_once('/').unwrap_or(("", &essence));
    let subtype = subtype.split('+').next().unwrap_or_default();
    let trees = ["vnd.", "prs.", "x.", "x-"];
    let subtype = trees.iter().find_map(|tree| subtype.strip_prefix(tree)).unwrap_or(subtype);
    match subtype {
        "*" | "plain" => Words::split(kind),
        _ => Words::split(subtype),
    }
}

/// Media types that people call by another word.
const SAID: [(&str, &str); 5] = [
    ("*/*", "any"),
    ("application/vnd.ms-excel", "xls"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("image/svg+xml", "svg"),
];

/// `with_` names the options of a call.
#[expect(clippy::ptr_arg, reason = "the form that `Option::filter` takes")]
fn is_no_option(name: &String) -> bool {
    !name.starts_with("with_")
}

/// What `new` needs: path parameters in path order, the body, then required query and header
/// parameters. What the lock holds stays positional even if the document relaxes it.
fn positional(operation: &Operation, known: Option<&OperationLock>) -> Vec<Input> {
    let of_place = |wanted: &'static [Place]| {
        let params = operation.params.iter().enumerate();
        params
            .filter(move |(_, param)| param.required && wanted.contains(&param.place))
            .map(|(index, _)| Input::Param(index))
    };
    let kept = known.iter().flat_map(|lock| &lock.positional);
    let kept = kept.filter_map(|key| find_input(operation, key));
    let mut path: Vec<Input> = of_place(&[Place::Path]).collect();
    path.sort_by_key(|input| path_position(operation, *input));
    let body = operation.body.as_ref().filter(|body| body.required).map(|_| Input::Body);
    let rest = of_place(&[Place::Query, Place::Header, Place::Cookie]);
    let mut inputs: Vec<Input> = Vec::new();
    for input in kept.chain(path).chain(body).chain(rest) {
        if !inputs.contains(&input) {
            inputs.push(input);
        }
    }
    inputs
}

fn path_position(operation: &Operation, input: Input) -> usize {
    let Input::Param(index) = input else { return usize::MAX };
    let wire = &operation.params[index].wire;
    let mut parts = operation.path.parts.iter();
    parts
        .position(|part| matches!(part, specwright_ir::PathPart::Param(name) if name == wire))
        .unwrap_or(usize::MAX)
}

fn find_input(operation: &Operation, key: &str) -> Option<Input> {
    if key == "body" {
        return operation.body.as_ref().map(|_| Input::Body);
    }
    let index = operation.params.iter().position(|param| param_key(param) == key)?;
    Some(Input::Param(index))
}

fn param_key(param: &Param) -> String {
    format!("{}:{}", place_word(param.place), param.wire)
}

fn place_word(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        Place::Cookie => "cookie",
    }
}

fn update_lock(api: &Api, paths: &[Vec<String>], names: &[OperationNames], lock: &mut Lock) {
    for decision in lock.operations.values_mut() {
        decision.gone = true;
    }
    for ((operation, path), names) in api.operations.iter().zip(paths).zip(names) {
        let input_key = |input: &Input| match input {
            Input::Param(index) => param_key(&operation.params[*index]),
            Input::Body => "body".to_owned(),
        };
        let mut decision = OperationLock {
            group: path.clone(),
            method: names.method.as_str().to_owned(),
            request: names.request.as_str().to_owned(),
            positional: names.positional.iter().map(input_key).collect(),
            ..OperationLock::default()
        };
        // A parameter that is gone keeps its name, as everything in the lock does.
        if let Some(before) = lock.operations.remove(&operation.key) {
            decision.params = before.params;
            decision.plain = before.plain;
            decision.media = before.media;
        }
        for (param, name) in operation.params.iter().zip(&names.params) {
            if param.wire == name.as_str() {
                decision.plain.insert(param_key(param));
            } else {
                decision.params.insert(param_key(param), name.as_str().to_owned());
            }
        }
        for (media, name) in operation.downloads().into_iter().zip(&names.downloads) {
            decision.media.insert(media.range.clone(), name.as_str().to_owned());
        }
        lock.operations.insert(operation.key.clone(), decision);
    }
}

/// Modules of the crate, methods that stand beside accessors, crates and primitive types that a
/// module of the same name would hide, and names that a file cannot have everywhere: `mod.rs` is the
/// file of its folder, and Windows has devices.
const RESERVED_MODULES: &[&str] = &[
    "alloc",
    "aux",
    "bool",
    "builder",
    "call",
    "char",
    "client",
    "clone",
    "con",
    "core",
    "estimate",
    "ext",
    "f32",
    "f64",
    "i128",
    "i16",
    "i32",
    "i64",
    "i8",
    "into",
    "isize",
    "lib",
    "main",
    "meta",
    "mod",
    "model",
    "new",
    "nul",
    "prn",
    "quota",
    "request",
    "runtime",
    "send",
    "specwright_client",
    "std",
    "str",
    "try_into",
    "u128",
    "u16",
    "u32",
    "u64",
    "u8",
    "usize",
    "webhooks",
];

/// Methods of the generated `Call`, which setters share a type with.
const RESERVED_INPUTS: &[&str] = &[
    "as_request",
    "clone",
    "default",
    "download",
    "into_future",
    "into_request",
    "items",
    "new",
    "pages",
    "send",
    "send_with_response",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_called_as_people_call_it() {
        for (range, word) in [
            ("text/csv", "csv"),
            ("application/pdf", "pdf"),
            ("text/plain; charset=utf-8", "text"),
            ("text/*", "text"),
            ("*/*", "any"),
            ("application/octet-stream", "octet stream"),
            ("Application/XML", "xml"),
            ("application/vnd.api+json", "api"),
            ("application/x-ndjson", "ndjson"),
            ("image/svg+xml", "svg"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(media_words(range).to_string(), word, "{range}");
        }
    }
}
