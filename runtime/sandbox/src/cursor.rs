//! Cursors: opaque, short-lived, good for one list.

use std::collections::BTreeMap;

use crate::clock::Moment;

/// The cursors that were given out.
#[derive(Debug, Default)]
pub(crate) struct Cursors {
    given: BTreeMap<String, Cursor>,
    count: u64,
}

#[derive(Debug)]
struct Cursor {
    operation: String,
    after: usize,
    until: Moment,
}

impl Cursors {
    /// A cursor that goes on after so many items of the list of `operation`.
    pub(crate) fn issue(&mut self, operation: &str, after: usize, until: Moment) -> String {
        self.count += 1;
        // `+`, `/` and `=` mean something else in a query: a client that does not encode them must
        // not get away with it.
        let name = format!("c+{:08x}/{after}==", self.count);
        let cursor = Cursor { operation: operation.to_owned(), after, until };
        self.given.insert(name.clone(), cursor);
        name
    }

    /// How many items of the list of `operation` lie before the cursor.
    pub(crate) fn place(&self, cursor: &str, operation: &str, now: Moment) -> Option<usize> {
        let cursor = self.given.get(cursor)?;
        (cursor.operation == operation && now < cursor.until).then_some(cursor.after)
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
        let cursor = cursors.issue("getOrders", 3, until);
        assert_eq!(cursors.place(&cursor, "getOrders", clock.now()), Some(3));
        assert_eq!(cursors.place(&cursor, "getEvents", clock.now()), None);
        clock.advance(Duration::from_secs(10));
        assert_eq!(cursors.place(&cursor, "getOrders", clock.now()), None);
    }
}
