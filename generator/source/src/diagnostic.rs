//! What is wrong in a user's file, where, and what to do about it.

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
}

impl Sink {
    /// Takes a diagnostic. A repetition of one that is already there is dropped, because a node
    /// that several references reach is read once for each.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Everything reported so far.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// True if at least one diagnostic is an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Ends the collection.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }
}
