//! What is wrong in a user's file, where, and what to do about it.

use std::collections::BTreeMap;

use crate::codes::Code;
use crate::pointer::Pointer;
use crate::span::Span;

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something was recognised or decided; nothing is wrong.
    Note,
    /// The document is questionable, the reading is certain.
    Warning,
    /// The document is damaged; the best reading was taken.
    Error,
}

/// A place and what it has to do with the problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The bytes to underline.
    pub span: Span,
    /// Short text beside the underline; may be empty.
    pub text: String,
}

/// One problem, complete enough to be understood without the source at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a diagnostic that is not reported is lost"]
pub struct Diagnostic {
    /// Stable code with its documentation page.
    pub code: &'static Code,
    /// Taken from the code unless a stage knows better.
    pub severity: Severity,
    /// One line, lower case start, in the words of the user's document.
    pub message: String,
    /// The primary place first, then the places it conflicts with.
    pub labels: Vec<Label>,
    /// JSON Pointer of the node the problem sits at.
    pub pointer: Option<Pointer>,
    /// Further facts, one line each.
    pub notes: Vec<String>,
    /// What to do; may hold several lines, for instance an overlay that mends the document.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Creates a diagnostic with the code's own severity.
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity,
            message: message.into(),
            labels: Vec::new(),
            pointer: None,
            notes: Vec::new(),
            help: None,
        }
    }

    /// Adds a place. The first one added is the primary place.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Names the node the problem sits at.
    pub fn at(mut self, pointer: Pointer) -> Self {
        self.pointer = Some(pointer);
        self
    }

    /// Adds a fact.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Collects the diagnostics of a run, in the order of the stages.
#[derive(Debug, Default)]
pub struct Sink {
    diagnostics: Vec<Diagnostic>,
    /// Diagnostics by code and primary place, so that a repetition is found without a full scan.
    places: BTreeMap<(&'static str, Option<Span>), Vec<usize>>,
    /// How many of each code came, kept or not.
    counts: BTreeMap<&'static str, usize>,
    has_errors: bool,
}

impl Sink {
    /// How many diagnostics of one code are kept: a hostile file of a few megabytes can hold
    /// millions of faults, and nobody reads the second thousand.
    pub const KEPT_PER_CODE: usize = 1_000;

    /// Takes a diagnostic. A repetition of one that is already there is dropped, because a node
    /// that several references reach is read once for each. Of one code the first
    /// [`Self::KEPT_PER_CODE`] are kept, the rest is counted.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.has_errors |= diagnostic.severity == Severity::Error;
        let place = (diagnostic.code.id, diagnostic.labels.first().map(|label| label.span));
        let mut same_place = self.places.get(&place).into_iter().flatten();
        if same_place.any(|index| self.diagnostics.get(*index) == Some(&diagnostic)) {
            return;
        }
        let count = self.counts.entry(diagnostic.code.id).or_default();
        *count += 1;
        if *count <= Self::KEPT_PER_CODE {
            self.places.entry(place).or_default().push(self.diagnostics.len());
            self.diagnostics.push(diagnostic);
        }
    }

    /// Everything that was kept.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Codes of which more came than were kept, each with the number that was left out.
    pub fn left_out(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let counts = self.counts.iter().map(|(id, count)| (*id, *count));
        counts.filter_map(|(id, count)| {
            let left_out = count.saturating_sub(Self::KEPT_PER_CODE);
            (left_out > 0).then_some((id, left_out))
        })
    }

    /// True if at least one diagnostic was an error.
    pub fn has_errors(&self) -> bool {
        self.has_errors
    }

    /// Ends the collection.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes;
    use crate::file::SourceMap;

    #[test]
    fn a_repetition_is_reported_once() {
        let file = SourceMap::default().add("a.yaml", "");
        let mut sink = Sink::default();
        for text in ["first", "first", "second"] {
            let span = Span::new(file, 0, 0);
            sink.report(Diagnostic::new(&codes::SYNTAX, text).label(span, ""));
        }
        assert_eq!(sink.diagnostics().len(), 2);
    }

    #[test]
    fn more_than_a_thousand_of_a_code_are_counted_and_not_kept() {
        let mut sink = Sink::default();
        for number in 0..1_005 {
            sink.report(Diagnostic::new(&codes::SYNTAX, number.to_string()));
        }
        assert_eq!(sink.diagnostics().len(), 1_000);
        assert_eq!(sink.left_out().collect::<Vec<_>>(), [("OA0001", 5)]);
    }
}
