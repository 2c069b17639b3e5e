//! A place in which names must differ.

use std::collections::BTreeSet;

use super::ident::{Name, fingerprint, suffixed};

/// The names of one place: the types of the crate, the members of a record.
///
/// Two names count as one if they differ by case or underscores alone, so that a name is unique in
/// every rendering.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    taken: BTreeSet<String>,
}

/// How a name was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// One of the candidates was free.
    Candidate,
    /// None was; the name ends with a fingerprint of the thing it names.
    Fingerprint,
}

impl Scope {
    /// A scope in which some names are taken from the start.
    pub(super) fn reserving(names: &[&str]) -> Self {
        Self { taken: names.iter().map(|name| fold(name)).collect() }
    }

    /// Takes a name whatever it collides with: a decision of the lock.
    pub(super) fn take(&mut self, name: &str) -> Name {
        self.taken.insert(fold(name));
        Name::new(name)
    }

    /// Takes the first candidate that is free.
    ///
    /// If none is, the last candidate gets a fingerprint of `thing`, which stands for whatever is
    /// named and does not depend on the order of the document.
    pub(super) fn claim(
        &mut self,
        candidates: impl IntoIterator<Item = Option<String>>,
        thing: &str,
    ) -> (Name, Found) {
        self.claim_family(candidates, &[], thing)
    }

    /// Takes the first candidate that is free together with each of its forms with a suffix.
    ///
    /// The forms belong to the name from then on, whether they are used or not, so that a decision
    /// about the name decides them too.
    pub(super) fn claim_family(
        &mut self,
        candidates: impl IntoIterator<Item = Option<String>>,
        suffixes: &[&str],
        thing: &str,
    ) -> (Name, Found) {
        let mut last = None;
        for candidate in candidates.into_iter().flatten() {
            let free = std::iter::once(&"")
                .chain(suffixes)
                .all(|suffix| !self.taken.contains(&fold(&format!("{candidate}{suffix}"))));
            if free {
                return (self.take_family(&candidate, suffixes), Found::Candidate);
            }
            last = Some(candidate);
        }
        let stem = last.unwrap_or_else(|| "x".to_owned());
        let separator = if stem.starts_with(char::is_uppercase) { "X" } else { "_x" };
        let name = suffixed(&stem, &format!("{separator}{}", fingerprint(thing)));
        (self.take_family(&name, suffixes), Found::Fingerprint)
    }

    /// Takes a name and its forms with a suffix, whatever they collide with.
    pub(super) fn take_family(&mut self, name: &str, suffixes: &[&str]) -> Name {
        for suffix in suffixes {
            self.taken.insert(fold(&format!("{name}{suffix}")));
        }
        self.take(name)
    }
}

fn fold(name: &str) -> String {
    name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_by_case_get_different_names_that_do_not_depend_on_a_counter() {
        let mut scope = Scope::default();
        let (first, _) = scope.claim([Some("asc".to_owned())], "asc");
        let (second, found) = scope.claim([Some("ASC".to_owned())], "ASC");
        assert_eq!(first.as_str(), "asc");
        assert_eq!(found, Found::Fingerprint);
        assert_eq!(second.as_str(), format!("ASCX{}", fingerprint("ASC")));
    }
}
