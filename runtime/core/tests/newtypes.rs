//! The macros of named scalars, used from another crate as generated code does.

use specwright_core::json::{from_slice, to_vec};
use specwright_core::operation::{ParamValue, RequestEncoder, ToParam};
use specwright_core::{integer_newtype, text_newtype};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct BookId(String);
text_newtype!(BookId);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct CopyNumber(i64);
integer_newtype!(CopyNumber, i64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Version(u64);
integer_newtype!(Version, u64);

#[test]
fn a_text_is_taken_from_what_people_have_at_hand() {
    let id = BookId::new("book_1");
    assert_eq!(BookId::from("book_1"), id);
    assert_eq!(BookId::from("book_1".to_owned()), id);
    assert_eq!(BookId::from(&id), id);
}

#[test]
fn a_text_is_given_back_in_each_form() {
    let id = BookId::new("book_1");
    assert_eq!((id.as_str(), id.as_ref()), ("book_1", "book_1"));
    assert_eq!(format!("{id} {id:>8}"), "book_1   book_1");
    assert_eq!(String::from(id.clone()), id.into_inner());
}

#[test]
fn any_text_comes_back_from_json() {
    for text in [r#""book_1""#, r#""""#, r#""a\"b\u0001/..\\""#] {
        let id: BookId = from_slice(text.as_bytes()).unwrap();
        assert_eq!(to_vec(&id).unwrap(), text.as_bytes());
    }
}

#[test]
fn a_text_is_no_number_and_a_number_no_text() {
    assert_eq!(from_slice::<BookId>(b"1").unwrap_err().expected(), "a string");
    assert_eq!(from_slice::<CopyNumber>(b"\"1\"").unwrap_err().expected(), "an integer");
}

#[test]
fn an_id_cannot_leave_its_place_in_a_path() {
    let mut to = RequestEncoder::new("/v1/books/{id}");
    to.path("id", &BookId::new("a/b?c#d e")).unwrap();
    assert_eq!(to.finish().unwrap().path_and_query, "/v1/books/a%2Fb%3Fc%23d%20e");
    let mut to = RequestEncoder::new("/v1/books/{id}");
    assert!(to.path("id", &BookId::new("..")).is_err());
}

#[test]
fn a_number_is_written_as_the_integer_it_is() {
    for (text, number) in [("-9223372036854775808", i64::MIN), ("7", 7)] {
        let value: CopyNumber = from_slice(text.as_bytes()).unwrap();
        assert_eq!((value.get(), i64::from(value)), (number, number));
        assert_eq!(to_vec(&value).unwrap(), text.as_bytes());
        assert!(value.to_param() == ParamValue::scalar(text));
        assert_eq!(text.parse::<CopyNumber>().unwrap().to_string(), text);
    }
}

#[test]
fn a_number_keeps_the_range_of_its_integer() {
    assert_eq!(from_slice::<Version>(b"18446744073709551615").unwrap().get(), u64::MAX);
    let error = from_slice::<Version>(b"-1").unwrap_err();
    assert_eq!(error.expected(), "an integer in the range of `u64`");
    assert!("1.5".parse::<Version>().is_err());
}
