//! What was guessed about an item, and how to decide otherwise.

use specwright_ir::{Guess, GuessKind};
use specwright_source::Pointer;

use super::Subject;
use super::catalog::Item;

impl Subject<'_> {
    /// Each guess with its reason and what would decide it otherwise, three lines a guess.
    pub(super) fn guesses(&self, item: &Item) -> Vec<String> {
        let about = self.specs.api.guesses.iter().filter(|guess| self.is_about(guess, item));
        let lines = about.flat_map(|guess| {
            let Guess { kind, value, because, .. } = guess;
            [
                format!("guess: {} = {value}", kind.as_str()),
                format!("  because {because}"),
                format!("  otherwise: {}", otherwise(*kind)),
            ]
        });
        lines.collect()
    }

    fn is_about(&self, guess: &Guess, item: &Item) -> bool {
        let api = &self.specs.api;
        match item {
            Item::Type(index) => api.types.get(*index).is_some_and(|ty| ty.key == guess.key),
            Item::Operation(index) => {
                api.operations.get(*index).is_some_and(|operation| operation.key == guess.key)
            }
            Item::Event(_) => guess.key == "/webhooks",
            // What was guessed about the schema of a member is a guess about the member.
            Item::Member { .. } | Item::Param { .. } => {
                let place = self.place(item).map(|(pointer, _)| pointer);
                place.is_some_and(|place| guess.origin.pointer.starts_with(&place))
            }
            Item::Group(path) => api.operations.iter().any(|operation| {
                let names = self.lock.operations.get(&operation.key);
                let inside = names.is_some_and(|names| names.group == *path);
                inside && guess.key == operation.key && guess.kind == GuessKind::Group
            }),
            Item::Place(place) => {
                let about = Pointer::parse(&guess.key);
                guess.origin.pointer.starts_with(place)
                    || about.is_some_and(|about| about == *place)
            }
        }
    }
}

/// What a user does who wants another answer than the one that was guessed.
fn otherwise(kind: GuessKind) -> &'static str {
    match kind {
        GuessKind::Dispatch => "state a `discriminator`, or other alternatives, with an overlay",
        GuessKind::Expandable => {
            "state `x-specwright-expands-to` on a schema of the reference, or give the alternatives a \
             `discriminator`, with an overlay"
        }
        GuessKind::Identity => {
            "state the right member as `id` of `x-specwright-pagination` with an overlay, or an empty text if \
             there is none"
        }
        GuessKind::Newtype => {
            "write the schema where it is used, with an overlay: only a component gets a type"
        }
        GuessKind::Secret => "state `x-specwright-sensitive: false` with an overlay",
        GuessKind::Group => "give the operation a tag with an overlay",
        GuessKind::Method | GuessKind::Request => {
            "give the operation an `operationId` with an overlay, or change the name in api.lock"
        }
        GuessKind::Server => {
            "leave one server with an overlay; a program may choose one with `base_url` of its builder"
        }
        GuessKind::WebhookTag => "take the fixed value off this place with an overlay (OA0606)",
    }
}
