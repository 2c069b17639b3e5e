//! A change of a map that is merged into what the server has.

use std::collections::BTreeMap;

use crate::json::{Decode, DecodeError, Encode, Node, Writer};

/// A change of a map, such as `metadata`, on a server that merges: a key that is not named stays as it is, `null`
/// removes a key, and an **empty** map removes all of them.
///
/// The last rule is not that of JSON Merge Patch (RFC 7396), where an empty map changes nothing. It makes a map that
/// happens to be empty dangerous. So only [`Self::Clear`] is written as `{}`; a [`Self::Merge`] without keys is left out
/// of the request, as [`Self::Unchanged`] is.
///
/// ```
/// use specwright_core::types::MergePatch;
///
/// let change = MergePatch::default().set("shelf", "upper").remove("loan");
/// # let _: MergePatch<String> = change;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MergePatch<T> {
    /// Everything stays as it is. The member is left out.
    #[default]
    Unchanged,
    /// Every key is removed. The member is `{}`.
    Clear,
    /// The keys that stand here are set, or removed where there is no value. All others stay.
    Merge(BTreeMap<String, Option<T>>),
}

impl<T> MergePatch<T> {
    /// Sets a key. What was said of it before no longer counts, and neither does [`Self::Clear`]: a server cannot be
    /// told both at once.
    #[must_use]
    pub fn set(self, key: impl Into<String>, value: impl Into<T>) -> Self {
        self.with(key.into(), Some(value.into()))
    }

    /// Removes a key. What was said of it before no longer counts, and neither does [`Self::Clear`].
    #[must_use]
    pub fn remove(self, key: impl Into<String>) -> Self {
        self.with(key.into(), None)
    }

    /// Whether nothing changes: [`Self::Unchanged`], or a [`Self::Merge`] without keys.
    pub fn is_unchanged(&self) -> bool {
        match self {
            Self::Unchanged => true,
            Self::Clear => false,
            Self::Merge(keys) => keys.is_empty(),
        }
    }

    fn with(self, key: String, value: Option<T>) -> Self {
        let mut keys = match self {
            Self::Unchanged | Self::Clear => BTreeMap::new(),
            Self::Merge(keys) => keys,
        };
        keys.insert(key, value);
        Self::Merge(keys)
    }
}

/// An empty object is [`MergePatch::Clear`]. When a key stands there twice, the last one counts.
impl<T: Decode> Decode for MergePatch<T> {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        let keys: BTreeMap<_, _> = from.decode()?;
        Ok(if keys.is_empty() { Self::Clear } else { Self::Merge(keys) })
    }
}

/// Only an object can leave a member out ([`ObjectWriter::merge_patch`](crate::json::ObjectWriter::merge_patch)).
/// Elsewhere there is no text for a patch without a change: `{}` and `null` would remove things. Writing fails.
impl<T: Encode> Encode for MergePatch<T> {
    fn encode(&self, to: &mut Writer) {
        match self {
            Self::Merge(keys) if !keys.is_empty() => keys.encode(to),
            Self::Clear => to.object().end(),
            Self::Merge(_) | Self::Unchanged => {
                to.unwritable("holds a patch without a change where it cannot be left out");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::MergePatch;
    use crate::json::{Decode, DecodeError, Encode, Node, Writer, from_slice, to_vec};

    #[derive(Debug, Default, PartialEq)]
    struct BookUpdate {
        title: Option<String>,
        notes: MergePatch<String>,
    }

    impl Decode for BookUpdate {
        fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
            let mut object = from.object()?;
            Ok(Self { title: object.optional("title")?, notes: object.merge_patch("notes")? })
        }
    }

    impl Encode for BookUpdate {
        fn encode(&self, to: &mut Writer) {
            let mut object = to.object();
            object.optional("title", &self.title);
            object.merge_patch("notes", &self.notes);
            object.end();
        }
    }

    fn written(notes: MergePatch<String>) -> String {
        let update = BookUpdate { title: None, notes };
        String::from_utf8(to_vec(&update).unwrap()).unwrap()
    }

    fn read(text: &str) -> MergePatch<String> {
        from_slice::<BookUpdate>(text.as_bytes()).unwrap().notes
    }

    #[test]
    fn nothing_is_cleared_unless_somebody_says_so() {
        assert_eq!(written(MergePatch::default()), "{}");
        assert_eq!(written(MergePatch::Merge(BTreeMap::new())), "{}");
        assert_eq!(written(MergePatch::Clear), r#"{"notes":{}}"#);
    }

    #[test]
    fn keys_are_set_and_removed() {
        let patch = MergePatch::default().set("shelf", "upper").remove("loan");
        assert_eq!(written(patch), r#"{"notes":{"loan":null,"shelf":"upper"}}"#);
    }

    #[test]
    fn the_last_word_on_a_key_counts() {
        let patch = MergePatch::<String>::Clear.set("a", "1").set("b", "2").remove("a");
        assert_eq!(written(patch), r#"{"notes":{"a":null,"b":"2"}}"#);
    }

    #[test]
    fn absent_empty_and_keys_stay_apart() {
        assert_eq!(read("{}"), MergePatch::Unchanged);
        assert_eq!(read(r#"{"notes":{}}"#), MergePatch::Clear);
        let keys = MergePatch::default().set("a", "1").remove("b");
        assert_eq!(read(r#"{"notes":{"a":"1","b":null}}"#), keys);
    }

    #[test]
    fn null_is_not_taken_for_a_patch() {
        let error = from_slice::<BookUpdate>(br#"{"notes":null}"#).unwrap_err();
        assert_eq!((error.pointer(), error.expected()), (Some("/notes"), "an object"));
    }

    #[test]
    fn a_patch_without_a_change_fails_where_it_cannot_be_left_out() {
        for patch in [MergePatch::<String>::Unchanged, MergePatch::Merge(BTreeMap::new())] {
            let error = to_vec(&vec![patch]).unwrap_err();
            assert_eq!(
                error.to_string(),
                "the body holds a patch without a change where it cannot be left out"
            );
        }
        assert_eq!(to_vec(&MergePatch::<String>::Clear).unwrap(), b"{}");
    }
}
