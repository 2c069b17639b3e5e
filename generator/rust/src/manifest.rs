//! `Cargo.toml`.

use std::fmt::Write as _;

use specwright_ir::Api;

use crate::features::Features;
use crate::render::header;
use crate::{File, Runtime, Settings};

/// The manifest of the crate.
pub(crate) fn file(api: &Api, settings: &Settings, features: &Features) -> File {
    File { path: "Cargo.toml".to_owned(), text: text(api, settings, features) }
}

fn text(api: &Api, settings: &Settings, features: &Features) -> String {
    let mut text = header("#", &settings.command);
    let description =
        format!("Unofficial client of the {} API, version {}", settings.title, api.version);
    let _ = write!(
        text,
        "[package]\nname = {}\nversion = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.89\"\n\
         description = {}\nlicense = \"MIT OR Apache-2.0\"\npublish = false\n\n[lib]\nname = {}\n\n\
         [features]\n{}# Sends requests with reqwest; without it the caller brings a transport.\n\
         reqwest = [\"specwright-client/reqwest\"]\n# Lists and downloads as `futures_core::Stream`.\n\
         stream = [\"specwright-client/stream\"]\n{}\n[dependencies]\nspecwright-client = {{ {}, default-features = false{} }}\n",
        quoted(&settings.package),
        quoted(&description),
        quoted(&settings.library),
        groups(api, features),
        loopback(api),
        runtime(&settings.runtime),
        always(api, features),
    );
    if settings.runtime != Runtime::Workspace {
        // A crate written into some folder belongs to no workspace that happens to lie above it.
        text.push_str("\n[workspace]\n");
    }
    text
}

/// The default and, if the crate has them, the features of its groups.
fn groups(api: &Api, features: &Features) -> String {
    if features.is_empty() {
        return "default = [\"reqwest\"]\n".to_owned();
    }
    let all = features.all();
    let list: Vec<String> = all.iter().map(|name| quoted(name)).collect();
    let mut text = format!(
        "default = [\"all\", \"reqwest\"]\n# Every group of operations, and the events.\nall = [{}]\n",
        list.join(", ")
    );
    for name in all {
        let needs = if features.of_events() == Some(name) { signatures(api) } else { None };
        let needs = needs.map(|feature| quoted(&format!("specwright-client/{feature}")));
        let _ = writeln!(text, "{name} = [{}]", needs.unwrap_or_default());
    }
    text
}

/// The feature of an API whose operators connect applications.
fn loopback(api: &Api) -> &'static str {
    match api.token_flows().and_then(|flows| flows.authorization.as_ref()) {
        Some(_) => {
            "# The callback of an operator who connects a program without a server.\n\
             loopback = [\"specwright-client/loopback\"]\n"
        }
        None => "",
    }
}

/// The features of the runtime that a crate without features of its own has.
fn always(api: &Api, features: &Features) -> String {
    match signatures(api) {
        Some(feature) if features.is_empty() => format!(", features = [{}]", quoted(feature)),
        Some(_) | None => String::new(),
    }
}

/// The feature of the runtime that verifies webhooks, if the document says how they are signed.
fn signatures(api: &Api) -> Option<&'static str> {
    api.webhook_signature.as_ref().map(|_| "webhooks")
}

fn runtime(runtime: &Runtime) -> String {
    match runtime {
        Runtime::Workspace => "path = \"../../runtime/client\"".to_owned(),
        Runtime::Path(path) => format!("path = {}", quoted(path)),
        Runtime::Git { url, rev } => format!("git = {}, rev = {}", quoted(url), quoted(rev)),
        Runtime::Version(version) => format!("version = {}", quoted(version)),
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
