//! Absent, null, or a value.

/// A member of a request whose absence and whose `null` mean different things.
///
/// In a `PATCH`, absent leaves the stored value as it is, and null removes it (RFC 7396).
///
/// ```
/// use specwright_core::types::Maybe;
///
/// let keep = Maybe::<&str>::Absent;
/// let remove: Maybe<&str> = None.into();
/// let change: Maybe<&str> = "new".into();
/// assert_eq!((keep.value(), remove.is_null(), change.value()), (None, true, Some("new")));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Maybe<T> {
    /// The member is left out.
    #[default]
    Absent,
    /// The member is `null`.
    Null,
    /// The member has a value.
    Value(T),
}

impl<T> Maybe<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Borrows what is inside.
    pub fn as_ref(&self) -> Maybe<&T> {
        match self {
            Self::Absent => Maybe::Absent,
            Self::Null => Maybe::Null,
            Self::Value(value) => Maybe::Value(value),
        }
    }

    /// Borrows what is inside, to change it.
    pub fn as_mut(&mut self) -> Maybe<&mut T> {
        match self {
            Self::Absent => Maybe::Absent,
            Self::Null => Maybe::Null,
            Self::Value(value) => Maybe::Value(value),
        }
    }

    /// Changes the value, if there is one.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Maybe<U> {
        match self {
            Self::Absent => Maybe::Absent,
            Self::Null => Maybe::Null,
            Self::Value(value) => Maybe::Value(change(value)),
        }
    }

    /// Whether the member is left out.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether the member is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl<T> From<T> for Maybe<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

/// `None` is null: whoever names the member means to send it.
impl<T> From<Option<T>> for Maybe<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Value)
    }
}

#[cfg(test)]
mod tests {
    use super::Maybe;

    #[test]
    fn none_is_null_and_the_default_is_absent() {
        assert_eq!(Maybe::<i64>::from(None), Maybe::Null);
        assert_eq!(Maybe::<i64>::from(Some(1)), Maybe::Value(1));
        assert_eq!(Maybe::<i64>::from(1), Maybe::Value(1));
        assert_eq!(Maybe::<i64>::default(), Maybe::Absent);
    }
}
