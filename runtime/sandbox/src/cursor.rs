//! Cursors: opaque, short-lived, good for one list with one set of filters.

use std::collections::BTreeMap;

use serde_json::json;

use crate::clock::Moment;
use crate::params::Arguments;

/// The cursors that were given out.
#[derive(Debug, Default)]
pub(crate) struct Cursors {
    given: BTreeMap<String, Cursor>,
    count: u64,
}

#[derive(Debug)]
struct Cursor {
    list: ListKey,
    after: usize,
    until: Moment,
}

/// Which list a request asks for: two requests ask for one list if their keys are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListKey(String);

impl ListKey {
    /// The list of `operation` with these filters and this order. Which part of it is asked for, by
    /// the parameters `place`, makes no other list.
    pub(crate) fn of(operation: &str, arguments: &Arguments, place: &[&str]) -> Self {
        Self(json!([operation, arguments.in_path(), arguments.in_query_but(place)]).to_string())
    }
}

impl Cursors {
    /// A cursor that goes on after so many items of `list`.
    pub(crate) fn issue(&mut self, list: ListKey, after: usize, until: Moment) -> String {
        self.count += 1;
        // `+`, `/` and `=` mean something else in a query: a client that does not encode them must
        // not get away with it.
        let name = format!("c+{:08x}/{after}==", self.count);
        let cursor = Cursor { list, after, until };
        self.given.insert(name.clone(), cursor);
        name
    }

    /// How many items of `list` lie before the cursor. `None` if the cursor was given out for another
    /// list or not at all, or if its time is over.
    pub(crate) fn place(&self, cursor: &str, list: &ListKey, now: Moment) -> Option<usize> {
        let cursor = self.given.get(cursor)?;
        (cursor.list == *list && now < cursor.until).then_some(cursor.after)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::SandboxClock;

    #[test]
    fn a_cursor_is_good_for_its_list_and_its_time() {
        let clock = SandboxClock::fixed_at(0);
        let mut cursors = Cursors::default();
        let until = clock.now().plus(Duration::from_secs(10));
        let key = |operation: &str| ListKey::of(operation, &Arguments::default(), &[]);
        let cursor = cursors.issue(key("getOrders"), 3, until);
        assert_eq!(cursors.place(&cursor, &key("getOrders"), clock.now()), Some(3));
        assert_eq!(cursors.place(&cursor, &key("getEvents"), clock.now()), None);
        clock.advance(Duration::from_secs(10));
        assert_eq!(cursors.place(&cursor, &key("getOrders"), clock.now()), None);
    }
}
