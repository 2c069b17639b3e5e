use std::borrow::Cow;
use std::fmt;

/// Why a document could not be decoded, and where.
///
/// One pointer wide, because every generated `decode` returns it by value.
#[derive(Debug)]
pub struct DecodeError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    /// From the inside out: the innermost step is known first.
    steps: Vec<Step>,
    problem: Problem,
}

#[derive(Debug)]
enum Step {
    Key(Cow<'static, str>),
    Index(usize),
}

#[derive(Debug)]
enum Problem {
    Syntax { at: usize, expected: &'static str },
    Wrong { expected: &'static str },
    Missing,
}

impl DecodeError {
    fn new(problem: Problem) -> Self {
        Self(Box::new(Inner { steps: Vec::new(), problem }))
    }

    /// The text is not JSON at byte `at`.
    #[cold]
    pub fn syntax(at: usize, expected: &'static str) -> Self {
        Self::new(Problem::Syntax { at, expected })
    }

    /// The value is JSON, but not of the expected kind.
    #[cold]
    pub fn wrong(expected: &'static str) -> Self {
        Self::new(Problem::Wrong { expected })
    }

    /// A required member is not there.
    #[cold]
    pub fn missing(name: &'static str) -> Self {
        Self::new(Problem::Missing).in_field(name)
    }

    /// Adds the declared member that holds the value.
    #[cold]
    pub fn in_field(mut self, name: &'static str) -> Self {
        self.0.steps.push(Step::Key(Cow::Borrowed(name)));
        self
    }

    /// Adds the map key that holds the value.
    #[cold]
    pub fn in_key(mut self, key: &str) -> Self {
        self.0.steps.push(Step::Key(Cow::Owned(key.to_owned())));
        self
    }

    /// Adds the list position that holds the value.
    #[cold]
    pub fn at_index(mut self, index: usize) -> Self {
        self.0.steps.push(Step::Index(index));
        self
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        for step in self.0.steps.iter().rev() {
            match step {
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        match &self.0.problem {
            Problem::Syntax { at, expected } => write!(f, ": expected {expected} at byte {at}"),
            Problem::Wrong { expected } => write!(f, ": expected {expected}"),
            Problem::Missing => write!(f, ": required, but missing"),
        }
    }
}

impl std::error::Error for DecodeError {}
