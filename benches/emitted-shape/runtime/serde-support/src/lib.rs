//! The one helper that derived code needs: telling null from absent.

use serde::{Deserialize, Deserializer};

/// Decodes a member that is there, so that null becomes `Some(None)` and only absence stays `None`.
pub fn present<'de, T, D>(from: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(from).map(Some)
}
