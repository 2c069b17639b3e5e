//! Exit codes: the one place where they are given their meaning.

use std::process::ExitCode;

/// How a command ended. The numbers are a promise to scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exit {
    /// 0: done. Damage in a document does not change that: it is reported, and the client written.
    Done,
    /// 1: `lint` or `--cross-check` found errors, or `scopes` met a call that it could not tell.
    Findings,
    /// 2: the command line is not understood.
    Usage,
    /// 3: an input cannot be read: document, overlay, configuration or lock. Nothing was written.
    Input,
    /// 4: the output was refused or the disk failed. Nothing was written.
    Output,
    /// 5: what is on the disk is not what would be written (`check`).
    Stale,
}

impl Exit {
    /// Every way to end, in the order of the numbers.
    pub const ALL: [Self; 6] =
        [Self::Done, Self::Findings, Self::Usage, Self::Input, Self::Output, Self::Stale];

    /// The number that a shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Input => 3,
            Self::Output => 4,
            Self::Stale => 5,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// The same table for `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0  done; damage in the document is reported, and the output written all the same
  1  `lint` or `--cross-check` found errors, or `scopes` met a call that it could not tell
  2  the command line is not understood
  3  an input cannot be read; nothing was written
  4  the output was refused or the disk failed; nothing was written
  5  `check` found files that are not fresh";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_lists_every_code() {
        for exit in Exit::ALL {
            assert!(HELP.contains(&format!("\n  {}  ", exit.code())), "{exit:?}");
        }
    }
}
