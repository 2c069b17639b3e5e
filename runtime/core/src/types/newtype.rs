//! What a named string or number of a document can do as a type of its own.

/// Gives a tuple struct around a `String` everything that it needs as an id or another named text.
///
/// Generated code writes the struct, so that its documentation and its derives stand where people read them. The text is
/// not checked: the vendor's server knows best which ids there are.
///
/// ```
/// /// Names a book.
/// #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
/// pub struct BookId(String);
/// specwright_core::text_newtype!(BookId);
///
/// fn lend(id: impl Into<BookId>) -> BookId {
///     id.into()
/// }
/// let id = lend("book_1");
/// assert_eq!(id.as_str(), "book_1");
/// assert_eq!(lend(&id).into_inner(), lend(String::from("book_1")).to_string());
/// ```
#[macro_export]
macro_rules! text_newtype {
    ($name:ident) => {
        impl $name {
            /// Takes over the text, whatever it is.
            pub fn new(text: impl ::core::convert::Into<::std::string::String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text, to keep.
            pub fn into_inner(self) -> ::std::string::String {
                self.0
            }
        }

        impl ::core::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl ::core::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                Self(text)
            }
        }

        impl ::core::convert::From<&::std::string::String> for $name {
            fn from(text: &::std::string::String) -> Self {
                Self::new(text)
            }
        }

        /// A copy, so that what an answer holds can be passed on to the next call.
        impl ::core::convert::From<&$name> for $name {
            fn from(other: &$name) -> Self {
                ::core::clone::Clone::clone(other)
            }
        }

        impl ::core::convert::From<$name> for ::std::string::String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl ::core::convert::AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, to: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                to.pad(&self.0)
            }
        }

        impl $crate::json::Decode for $name {
            fn decode(
                from: $crate::json::Node<'_>,
            ) -> ::core::result::Result<Self, $crate::json::DecodeError> {
                from.decode().map(Self)
            }
        }

        impl $crate::json::Encode for $name {
            fn encode(&self, to: &mut $crate::json::Writer) {
                to.str(&self.0);
            }
        }

        impl $crate::operation::ToParam for $name {
            fn to_param(&self) -> $crate::operation::ParamValue {
                $crate::operation::ParamValue::scalar(self.as_str())
            }
        }
    };
}

/// Gives a tuple struct around an integer everything that it needs as a number of its own kind.
///
/// ```
/// /// Numbers the copies of a book, from 1.
/// #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
/// pub struct CopyNumber(i64);
/// specwright_core::integer_newtype!(CopyNumber, i64);
///
/// assert_eq!(CopyNumber::new(7).to_string(), "7");
/// assert_eq!("7".parse::<CopyNumber>()?.get(), 7);
/// # Ok::<(), std::num::ParseIntError>(())
/// ```
#[macro_export]
macro_rules! integer_newtype {
    ($name:ident, $integer:ident) => {
        impl $name {
            /// Takes over the number, whatever it is.
            pub const fn new(number: $integer) -> Self {
                Self(number)
            }

            /// The number.
            pub const fn get(self) -> $integer {
                self.0
            }
        }

        impl ::core::convert::From<$integer> for $name {
            fn from(number: $integer) -> Self {
                Self(number)
            }
        }

        impl ::core::convert::From<$name> for $integer {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = ::core::num::ParseIntError;

            fn from_str(text: &str) -> ::core::result::Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, to: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(&self.0, to)
            }
        }

        impl $crate::json::Decode for $name {
            fn decode(
                from: $crate::json::Node<'_>,
            ) -> ::core::result::Result<Self, $crate::json::DecodeError> {
                from.decode().map(Self)
            }
        }

        impl $crate::json::Encode for $name {
            fn encode(&self, to: &mut $crate::json::Writer) {
                $crate::json::Encode::encode(&self.0, to);
            }
        }

        impl $crate::operation::ToParam for $name {
            fn to_param(&self) -> $crate::operation::ParamValue {
                $crate::operation::ToParam::to_param(&self.0)
            }
        }
    };
}
