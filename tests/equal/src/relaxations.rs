//! How often each relaxation was needed.

use std::fmt;
use std::ops::AddAssign;

/// How often each relaxation was needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Relaxations {
    /// Members that no schema declares, dropped where additional properties are not modelled.
    pub undeclared: usize,
    /// Null that became absent, or the other way around, in types that only answers hold.
    pub null_or_absent: usize,
    /// Numbers written differently.
    pub numbers: usize,
    /// Date-times written differently.
    pub instants: usize,
    /// Lesser spellings of an enum's value that became the main one.
    pub spellings: usize,
}

impl AddAssign for Relaxations {
    fn add_assign(&mut self, other: Self) {
        self.undeclared += other.undeclared;
        self.null_or_absent += other.null_or_absent;
        self.numbers += other.numbers;
        self.instants += other.instants;
        self.spellings += other.spellings;
    }
}

impl fmt::Display for Relaxations {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { undeclared, null_or_absent, numbers, instants, spellings } = self;
        write!(
            to,
            "{undeclared} undeclared members dropped, {null_or_absent} times null or absent, \
             {numbers} numbers by value, {instants} date-times by instant, {spellings} spellings"
        )
    }
}
