//! What a value can be, as far as calls of the API are concerned.

use specwright_ir::OperationId;

use super::surface::HandleId;

/// What a value is. A function or closure counts as what it returns: nothing else of it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The client, or the builder that becomes one.
    Client,
    /// The handle of a group.
    Handle(HandleId),
    /// One of these handles, going by the name of the accessor alone.
    Named(Vec<HandleId>),
    /// A prepared call, or what is made of one: pages, items.
    Call(OperationId),
    /// A request value.
    Request(OperationId),
    /// A value of a type that the program declares.
    Own(String),
    /// What holds such values or leads to one: an `Option`, a `Mutex`, an iterator.
    Of(Box<Kind>),
    /// A tuple.
    Tuple(Vec<Kind>),
    /// Certainly nothing of the API.
    Other,
    /// It cannot be told.
    Unknown,
}

impl Kind {
    /// A tuple of values; nothing of the API if none of them is.
    pub(super) fn tuple(kinds: Vec<Self>) -> Self {
        if kinds.iter().all(|kind| *kind == Self::Other) { Self::Other } else { Self::Tuple(kinds) }
    }

    /// Something that holds values of this kind.
    pub(super) fn held(self) -> Self {
        match self {
            Self::Of(_) | Self::Other => self,
            held => Self::Of(Box::new(held)),
        }
    }

    /// What is inside; a value that holds nothing is taken for itself.
    pub(super) fn inner(self) -> Self {
        match self {
            Self::Of(inner) => *inner,
            itself => itself,
        }
    }

    /// True if calls may start from here.
    pub(super) fn leads_on(&self) -> bool {
        match self {
            Self::Client
            | Self::Handle(_)
            | Self::Named(_)
            | Self::Call(_)
            | Self::Request(_)
            | Self::Own(_) => true,
            Self::Of(inner) => inner.leads_on(),
            Self::Tuple(kinds) => kinds.iter().any(Self::leads_on),
            Self::Other | Self::Unknown => false,
        }
    }

    /// One of two branches. Both have one type, so the one that is better known says more.
    pub(super) fn or(self, other: Self) -> Self {
        match (self.leads_on(), other.leads_on()) {
            _ if self == other => self,
            (true, true) => match (self, other) {
                (Self::Of(one), other) | (other, Self::Of(one))
                    if *one == other.clone().inner() =>
                {
                    Self::Of(one)
                }
                _ => Self::Unknown,
            },
            (true, false) => self,
            (false, true) => other,
            (false, false) => {
                if self == Self::Other {
                    other
                } else {
                    self
                }
            }
        }
    }

    /// A value of a type that is written `_`, in part or as a whole, and begins as another.
    pub(super) fn or_initial(self, initial: Self) -> Self {
        match self {
            Self::Unknown => initial,
            Self::Of(inner) if *inner == Self::Unknown => initial,
            stated => stated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_that_leads_on_says_more_than_one_that_does_not() {
        assert_eq!(Kind::Other.or(Kind::Client), Kind::Client);
        assert_eq!(Kind::Client.or(Kind::Unknown), Kind::Client);
        assert_eq!(Kind::Client.held().or(Kind::Client), Kind::Client.held());
        assert_eq!(Kind::Client.or(Kind::Own("App".to_owned())), Kind::Unknown);
    }
}
