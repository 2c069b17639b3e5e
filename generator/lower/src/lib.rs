//! OpenAPI document to intermediate representation, one pass a file.
//!
//! Input: a [`Document`] in the terms of OpenAPI 3.1 and the [`Lock`] of earlier decisions. Output:
//! an [`Api`] for which [`specwright_ir::verify()`] finds nothing, whatever the document says.
//!
//! - What the document means is decided here and nowhere else; how it is called in a target
//!   language is decided behind the [`Api`].
//! - Nothing is dropped without a word. A contradiction is `OA02xx` or `OA03xx`, a feature that has
//!   no reading yet is `OA04xx`, a convention that does not fit is `OA06xx`. Each names the place
//!   and the reading that was taken, so that the rest of the API is of use.
//! - The result is a function of what the document says, not of the order in which it says it,
//!   unless OpenAPI gives the order a meaning or users see it (members, enum values, parameters).
//! - No pass reads a file, a clock or the environment, and none panics.

mod analysis;
mod convention;
mod guess;
mod hint;
mod literal;
mod lowering;
mod operation;
mod schema;
mod unsupported;

use specwright_ir::Api;
use specwright_ir::lock::Lock;
use specwright_openapi::Document;
use specwright_source::Sink;

use lowering::Lowering;

/// Finds the meaning of a document.
///
/// The passes stand in the order in which they run; each one's own documentation says what it needs
/// and what holds after it. Cost: linear in the document but for four things: alternatives that take
/// members in multiply, up to a bound; recursion takes a round for each cycle that another cycle
/// hides; each stated expansion looks for its target among all types; and lists are sorted.
pub fn lower(document: &Document, lock: &Lock, sink: &mut Sink) -> Api {
    convention::vocabulary::check(document, sink);
    let mut lowering = Lowering::new(document, sink);
    let mut api = operation::api(&mut lowering);
    schema::declare_components(&mut lowering);
    operation::lower_operations(&mut lowering, &mut api);
    operation::webhook::lower_webhooks(&mut lowering, &mut api);
    schema::define_declared(&mut lowering);
    (api.types, api.guesses) = lowering.finish();

    convention::expandable::recognise(document, &mut api, sink);
    convention::merge_patch::check(&mut api, sink);
    convention::envelope::check(document, &mut api, sink);
    convention::pagination::recognise(document, &mut api, sink);
    convention::idempotency::recognise(document, &mut api);
    convention::rate::recognise(document, &mut api);
    convention::errors::recognise(document, &mut api);
    convention::signature::recognise(document, &mut api, sink);

    analysis::webhook_tag::recognise(&mut api, sink);
    analysis::usage::mark(&mut api);
    analysis::constants::fix(&mut api);
    analysis::order::arrange(&mut api);
    analysis::recursion::mark(&mut api, lock, sink);

    guess::of_operations(document, &mut api);
    guess::of_webhooks(&mut api);
    guess::settle(&mut api, lock, sink);
    api
}
