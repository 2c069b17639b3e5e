//! Two things of one name, which no run writes into a lock. A merge of two locks does, if each gave
//! something new the same name.

use std::collections::BTreeMap;

use super::Lock;

/// What is wrong with the first two things that have one name in one place; `None` if names differ.
pub(super) fn find(lock: &Lock) -> Option<String> {
    let mut taken: BTreeMap<(Place<'_>, &str), &str> = BTreeMap::new();
    names(lock).find_map(|(place, name, thing)| {
        let other = taken.insert((place, name), thing).filter(|other| *other != thing)?;
        let [one, two] = [other, thing].map(str::escape_debug);
        Some(format!("`{name}` is the name of both `{one}` and `{two}`"))
    })
}

/// A place in which names must differ.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Place<'l> {
    /// The types of the crate: models, requests and handles.
    Types,
    /// A type, by its key.
    Members(&'l str),
    /// A group, by its path.
    Methods(&'l [String]),
    /// An operation, by its key.
    Inputs(&'l str),
    Events,
}

/// Every name with its place and the key of what has it.
fn names(lock: &Lock) -> impl Iterator<Item = (Place<'_>, &str, &str)> {
    let types = lock.types.iter().flat_map(|(key, ty)| {
        let members = ty.members.iter().map(|(wire, name)| (name.as_str(), wire.as_str()));
        let plain = ty.plain.iter().map(|name| (name.as_str(), name.as_str()));
        let members = members.chain(plain);
        let members = members.map(|(name, wire)| (Place::Members(key), name, wire));
        members.chain([(Place::Types, ty.name.as_str(), key.as_str())])
    });
    let operations = lock.operations.iter().flat_map(|(key, op)| {
        let given = op.params.iter().chain(&op.media);
        let given = given.map(|(wire, name)| (name.as_str(), wire.as_str()));
        let plain = op.plain.iter().filter_map(|key| Some((key.split_once(':')?.1, key.as_str())));
        let inputs = given.chain(plain).map(|(name, wire)| (Place::Inputs(key), name, wire));
        inputs.chain([
            (Place::Methods(&op.group), op.method.as_str(), key.as_str()),
            (Place::Types, op.request.as_str(), key.as_str()),
        ])
    });
    let handles =
        lock.handles.iter().map(|(path, name)| (Place::Types, name.as_str(), path.as_str()));
    let events =
        lock.events.iter().map(|(event, name)| (Place::Events, name.as_str(), event.as_str()));
    types.chain(operations).chain(handles).chain(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_things_of_one_name_are_found_wherever_names_must_differ() {
        let op = |rest: &str| format!("{{ group = [\"a\"], {rest} }}");
        for (text, said) in [
            (
                r#"types = { "/a" = { name = "A" }, "/b" = { name = "A" } }"#.to_owned(),
                "`A` is the name of both `/a` and `/b`",
            ),
            (
                r#"types = { "/a" = { name = "A", members = { "b-c" = "b_c" }, plain = ["b_c"] } }"#
                    .to_owned(),
                "`b_c` is the name of both `b-c` and `b_c`",
            ),
            (
                format!(
                    "operations = {{ x = {}, y = {} }}",
                    op(r#"method = "list", request = "X""#),
                    op(r#"method = "list", request = "Y""#)
                ),
                "`list` is the name of both `x` and `y`",
            ),
            (
                format!(
                    "handles = {{ a = \"X\" }}\noperations = {{ x = {} }}",
                    op(r#"method = "list", request = "X""#)
                ),
                "`X` is the name of both `x` and `a`",
            ),
            (
                format!(
                    "operations = {{ x = {} }}",
                    op(r#"method = "m", request = "X", params = { "path:a" = "b" }, plain = ["query:b"]"#)
                ),
                "`b` is the name of both `path:a` and `query:b`",
            ),
            (
                r#"events = { "a.b" = "AB", "ab" = "AB" }"#.to_owned(),
                "`AB` is the name of both `a.b` and `ab`",
            ),
        ] {
            let found = Lock::parse(&text);
            assert!(found.as_ref().is_err_and(|found| found == said), "{text}: {found:?}");
        }
    }

    #[test]
    fn one_name_in_two_places_is_no_twin() {
        let text = r#"
            types = { a = { name = "A", plain = ["id"] }, b = { name = "B", plain = ["id"] } }
            events = { a = "A" }
            [operations]
            x = { group = ["a"], method = "list", request = "X", plain = ["query:id"] }
            y = { group = ["b"], method = "list", request = "Y", plain = ["query:id"] }
        "#;
        assert!(Lock::parse(text).is_ok());
    }
}
