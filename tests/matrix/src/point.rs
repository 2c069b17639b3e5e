//! The points of a renewal.

/// A point of a renewal, or, for the last, of the end of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// Before the intent.
    F0,
    /// The intent is durable, nothing is connected.
    F1,
    /// Connected, no byte is sent.
    F2,
    /// Half the request is sent.
    F3,
    /// The request is there, the server has done nothing.
    F4,
    /// The server has rotated, no byte of the answer is sent.
    F5,
    /// Half the answer is there.
    F6,
    /// All of it is there, nothing of it was looked at.
    F7,
    /// It was read, and is written nowhere.
    F8,
    /// The store has it, and its word was not heard.
    F9,
    /// The store has it, and nobody here knows it.
    F10,
    /// It may be used, and was not.
    F11,
    /// In the middle of a revocation.
    F12,
}

impl Point {
    /// All of them, in their order.
    pub const ALL: [Self; 13] = [
        Self::F0,
        Self::F1,
        Self::F2,
        Self::F3,
        Self::F4,
        Self::F5,
        Self::F6,
        Self::F7,
        Self::F8,
        Self::F9,
        Self::F10,
        Self::F11,
        Self::F12,
    ];

    /// From the first byte of the request to the moment at which the pair is written.
    pub(crate) fn is_within_the_exchange(self) -> bool {
        match self {
            Self::F3 | Self::F4 | Self::F5 | Self::F6 | Self::F7 | Self::F8 => true,
            Self::F0 | Self::F1 | Self::F2 | Self::F9 | Self::F10 | Self::F11 | Self::F12 => false,
        }
    }
}
