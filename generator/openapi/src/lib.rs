//! Span tree to OpenAPI 3.1 document.
//!
//! Input: the tree of an OpenAPI 3.0, 3.1 or 3.2 file after its overlays, in the loader that reads
//! the files it refers to. Output: a [`Document`] in the terms of 3.1.
//!
//! Invariants:
//!
//! - Reading never fails and never panics. A damaged place gives a located diagnostic and the best
//!   reading there is; the rest of the document is read as if nothing had happened.
//! - Nothing is dropped without a word: a member that no table of keywords knows is reported.
//! - Damage never weakens a request: a damaged `security` asks for credentials.
//! - A schema node is read once, so a schema that holds itself is a cycle of ids.
//!
//! This crate decides what the text says, never what it means for a program: merging of `allOf`,
//! unions and names are the business of lowering.

pub mod compat_openapiv3;
pub mod document;
mod keywords;
mod read;
mod resolve;
mod survey;
mod unknown;
mod upgrade;
pub mod version;

use specwright_source::{Diagnostic, FileId, Files, Loader, NodeRef, Sink, codes};

pub use compat_openapiv3::Unreadable;
pub use document::Document;
pub use version::OpenApiVersion;

/// Reads the document in the file `main` and everything it refers to.
///
/// The trees in the loader are upgraded to 3.1 on the way and stay so. Diagnostics come in the
/// order in which the stages find them, not in that of the text. `None` only if the loader
/// has no tree for `main`, or if the file is of Swagger 2.0, which is reported as `OA0007`.
pub fn read_document<F: Files>(
    loader: &mut Loader<F>,
    main: FileId,
    sink: &mut Sink,
) -> Option<Document> {
    let version = version(loader.tree(main)?.root(), sink)?;
    let survey = survey::survey(loader, main, version, sink);
    upgrade::upgrade(loader, &survey);
    read::read(loader, main, version, &survey, sink)
}

/// The version that a document declares. A version nobody knows is read as 3.1.
fn version(root: NodeRef<'_>, sink: &mut Sink) -> Option<OpenApiVersion> {
    if let Some(swagger) = root.get("swagger").filter(|_| root.get("openapi").is_none()) {
        sink.report(
            Diagnostic::new(&codes::VERSION, "this is a document of Swagger 2.0")
                .label(swagger.span(), "")
                .at(swagger.pointer())
                .note("OpenAPI 3.0, 3.1 and 3.2 are read")
                .help("convert it to OpenAPI 3, for instance with `swagger2openapi`"),
        );
        return None;
    }
    let Some(member) = root.get("openapi") else {
        if root.is_mapping() {
            sink.report(
                Diagnostic::new(&codes::VERSION, "an OpenAPI document needs `openapi`")
                    .label(root.span(), "")
                    .at(root.pointer())
                    .note("it is read as OpenAPI 3.1"),
            );
        }
        return Some(OpenApiVersion::V31);
    };
    let text = match (member.as_str(), member.as_number()) {
        (Some(text), _) => text,
        (None, Some(number)) => number.as_str(),
        (None, None) => "",
    };
    let version = OpenApiVersion::parse(text);
    if version.is_none() {
        sink.report(
            Diagnostic::new(&codes::VERSION, format!("OpenAPI version `{text}` is not known"))
                .label(member.span(), "")
                .at(member.pointer())
                .note("it is read as OpenAPI 3.1"),
        );
    }
    Some(version.unwrap_or(OpenApiVersion::V31))
}
