//! An association that arrives as a reference or whole.

use crate::json::{Decode, DecodeError, Encode, Node, Writer};

/// Another object, of which an answer holds either the id alone, `{"id": …}`, or everything.
///
/// Which of the two it is depends on what the call asked for, as in `expand=contact`. The id is at hand in both cases.
/// A reference to write is made of the id alone: [`Self::reference`].
///
/// ```
/// use specwright_core::json;
/// use specwright_core::json::{Decode, DecodeError, Node};
/// use specwright_core::types::{Expandable, Expanded};
///
/// struct Author {
///     name: String,
/// }
///
/// impl Expanded for Author {
///     const REQUIRED: &'static [&'static str] = &["name"];
/// }
/// # impl Decode for Author {
/// #     fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
/// #         Ok(Self { name: from.object()?.required("name")? })
/// #     }
/// # }
///
/// let author: Expandable<String, Author> = json::from_slice(br#"{"id": "a_1"}"#)?;
/// assert!(author.whole().is_none());
/// let author: Expandable<String, Author> = json::from_slice(br#"{"id": "a_1", "name": "Jane"}"#)?;
/// assert_eq!((author.id().as_str(), author.whole().unwrap().name.as_str()), ("a_1", "Jane"));
/// # Ok::<(), DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Expandable<I, T> {
    id: I,
    /// Boxed, because objects refer to each other in circles.
    whole: Option<Box<T>>,
}

/// A type that can stand in an [`Expandable`]. Generated code implements it.
pub trait Expanded {
    /// The members, apart from `id`, that the object always has when it is whole; of a union those that all of its
    /// alternatives have. An object with any of them is whole, one with none of them is a reference.
    const REQUIRED: &'static [&'static str];
}

impl<I, T> Expandable<I, T> {
    /// A reference to the object of this id.
    pub fn reference(id: impl Into<I>) -> Self {
        Self { id: id.into(), whole: None }
    }

    /// The id.
    pub fn id(&self) -> &I {
        &self.id
    }

    /// The object, if the answer holds it.
    pub fn whole(&self) -> Option<&T> {
        self.whole.as_deref()
    }

    /// The object, to keep.
    pub fn into_whole(self) -> Option<T> {
        self.whole.map(|whole| *whole)
    }
}

/// An object with some of the members but not all is a damaged object, not a reference: the error names what is missing.
impl<I: Decode, T: Decode + Expanded> Decode for Expandable<I, T> {
    fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
        let id = from.object()?.required("id")?;
        let whole = T::REQUIRED.iter().any(|name| from.has(&[name]));
        Ok(Self { id, whole: if whole { Some(from.decode()?) } else { None } })
    }
}

impl<I: Encode, T: Encode> Encode for Expandable<I, T> {
    fn encode(&self, to: &mut Writer) {
        match &self.whole {
            Some(whole) => whole.encode(to),
            None => {
                let mut object = to.object();
                object.required("id", &self.id);
                object.end();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Expandable, Expanded};
    use crate::json::{Decode, DecodeError, Encode, Node, Writer, from_slice, to_vec};

    type AuthorRef = Expandable<String, Author>;

    /// An author, who refers to another one.
    #[derive(Clone, Debug, PartialEq)]
    struct Author {
        id: String,
        name: String,
        teacher: Option<AuthorRef>,
    }

    impl Expanded for Author {
        const REQUIRED: &'static [&'static str] = &["name", "born"];
    }

    impl Decode for Author {
        fn decode(from: Node<'_>) -> Result<Self, DecodeError> {
            let mut object = from.object()?;
            Ok(Self {
                id: object.required("id")?,
                name: object.required("name")?,
                teacher: object.optional("teacher")?,
            })
        }
    }

    impl Encode for Author {
        fn encode(&self, to: &mut Writer) {
            let mut object = to.object();
            object.required("id", &self.id);
            object.required("name", &self.name);
            object.optional("teacher", &self.teacher);
            object.end();
        }
    }

    fn read(text: &str) -> Result<AuthorRef, DecodeError> {
        from_slice(text.as_bytes())
    }

    #[track_caller]
    fn written(value: &AuthorRef, expected: &str) {
        assert_eq!(String::from_utf8(to_vec(value).unwrap()).unwrap(), expected);
    }

    #[test]
    fn an_id_alone_is_a_reference() {
        let author = read(r#"{"id":"a_1"}"#).unwrap();
        assert_eq!((author.id().as_str(), author.whole()), ("a_1", None));
        assert_eq!(author, AuthorRef::reference("a_1"));
        written(&author, r#"{"id":"a_1"}"#);
    }

    #[test]
    fn members_that_say_nothing_of_the_whole_leave_it_a_reference() {
        let author = read(r#"{"object":"author","id":"a_1","url":"/a_1"}"#).unwrap();
        assert!(author.whole().is_none());
    }

    #[test]
    fn a_whole_object_is_there_with_its_id_and_is_written_whole() {
        let text = r#"{"id":"a_1","name":"Jane"}"#;
        let author = read(text).unwrap();
        assert_eq!(author.id(), "a_1");
        written(&author, text);
        assert_eq!(author.into_whole().unwrap().name, "Jane");
    }

    #[test]
    fn objects_refer_to_each_other_at_any_depth() {
        let text = r#"{"id":"a","name":"A","teacher":{"id":"b","name":"B","teacher":{"id":"a"}}}"#;
        let author = read(text).unwrap();
        let teacher = author.whole().unwrap().teacher.as_ref().unwrap();
        assert_eq!(teacher.whole().unwrap().teacher, Some(AuthorRef::reference("a")));
        written(&author, text);
    }

    #[test]
    fn any_member_of_the_whole_makes_what_is_missing_an_error() {
        let error = read(r#"{"id":"a_1","born":1775}"#).unwrap_err();
        assert_eq!(error.expected(), "the member `name`");
    }

    #[test]
    fn without_an_id_it_is_neither() {
        assert_eq!(read(r#"{"name":"Jane"}"#).unwrap_err().expected(), "the member `id`");
        assert_eq!(read(r#"{"id":7}"#).unwrap_err().pointer(), Some("/id"));
        assert_eq!(read(r#""a_1""#).unwrap_err().expected(), "an object");
    }
}
