//! Members of an object by the kind of value they hold, with the best reading of wrong kinds.

use specwright_source::{Diagnostic, Files, Kind, Number, codes};

use super::{Reader, Site};
use crate::keywords::Object;

impl<'t, F: Files> Reader<'t, F> {
    /// A text. A number or a truth value is read as it is written: YAML authors forget quotes.
    pub(super) fn text(&mut self, object: Site<'t>, name: &str) -> Option<String> {
        let site = object.get(name)?;
        self.text_of(site)
    }

    pub(super) fn text_of(&mut self, site: Site<'t>) -> Option<String> {
        let text = match site.node.kind() {
            Kind::String(text) => return Some(text.to_string()),
            Kind::Number(number) => Some(number.as_str().to_owned()),
            Kind::Bool(value) => Some(value.to_string()),
            Kind::Null | Kind::Sequence(_) | Kind::Mapping(_) => None,
        };
        match &text {
            Some(text) => {
                let diagnostic = Diagnostic::new(
                    &codes::WRONG_KIND,
                    format!("{} is {}, where a string belongs", named(site), site.node.kind_name()),
                );
                self.send(diagnostic.help(format!("put it in quotes: `\"{text}\"`")), site);
            }
            None => self.wrong_kind(site, "a string"),
        }
        text
    }

    /// A text that must be there; empty if it is not.
    pub(super) fn required_text(&mut self, object: Site<'t>, name: &str, kind: Object) -> String {
        if object.get(name).is_none() {
            self.missing(object, name, kind);
        }
        self.text(object, name).unwrap_or_default()
    }

    pub(super) fn missing(&mut self, object: Site<'t>, name: &str, kind: Object) {
        self.report(&codes::MISSING_MEMBER, object, format!("{} needs `{name}`", kind.name()));
    }

    /// A truth value that is false if it is absent.
    pub(super) fn flag(&mut self, object: Site<'t>, name: &str) -> bool {
        self.optional_flag(object, name).unwrap_or(false)
    }

    pub(super) fn optional_flag(&mut self, object: Site<'t>, name: &str) -> Option<bool> {
        let site = object.get(name)?;
        if let Some(value) = site.node.as_bool() {
            return Some(value);
        }
        self.wrong_kind(site, "`true` or `false`");
        site.node.as_str().and_then(|text| text.parse().ok())
    }

    /// A number.
    pub(super) fn number(&mut self, object: Site<'t>, name: &str) -> Option<Number> {
        let site = object.get(name)?;
        let number = site.node.as_number();
        if number.is_none() {
            self.wrong_kind(site, "a number");
        }
        number.cloned()
    }

    /// A number that counts something.
    pub(super) fn count(&mut self, object: Site<'t>, name: &str) -> Option<Number> {
        let number = self.number(object, name)?;
        let whole = number.as_f64().is_some_and(|value| value >= 0.0 && value.fract() == 0.0);
        if whole {
            return Some(number);
        }
        let site = object.get(name)?;
        self.report(
            &codes::UNKNOWN_VALUE,
            site,
            format!("`{name}` is {number}, where a whole number from 0 on belongs"),
        );
        None
    }

    /// The elements of an array. Something else is read as an array of that one thing.
    pub(super) fn list(&mut self, object: Site<'t>, name: &str) -> Vec<Site<'t>> {
        let Some(site) = object.get(name) else { return Vec::new() };
        match site.node.kind() {
            Kind::Sequence(_) => site.items().collect(),
            Kind::Null => {
                self.wrong_kind(site, "an array");
                Vec::new()
            }
            Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Mapping(_) => {
                self.wrong_kind(site, "an array");
                vec![site]
            }
        }
    }

    /// The elements of an array of texts.
    pub(super) fn texts(&mut self, object: Site<'t>, name: &str) -> Vec<String> {
        let items = self.list(object, name);
        items.into_iter().filter_map(|item| self.text_of(item)).collect()
    }

    /// The members of an object whose names are free.
    pub(super) fn map(&mut self, object: Site<'t>, name: &str) -> Vec<(&'t str, Site<'t>)> {
        let Some(site) = object.get(name) else { return Vec::new() };
        if !site.node.is_mapping() {
            self.wrong_kind(site, "an object");
        }
        site.members().collect()
    }

    /// Reads each member of an object whose names are free; what cannot be read is left out.
    pub(super) fn map_of<T>(
        &mut self,
        object: Site<'t>,
        name: &str,
        read: impl Fn(&mut Self, Site<'t>) -> Option<T>,
    ) -> Vec<(String, T)> {
        let members = self.map(object, name);
        let read = |(name, site): (&str, _)| Some((name.to_owned(), read(self, site)?));
        members.into_iter().filter_map(read).collect()
    }

    /// An object in a member; something else is reported and left out.
    pub(super) fn object(
        &mut self,
        object: Site<'t>,
        name: &str,
        kind: Object,
    ) -> Option<Site<'t>> {
        let site = object.get(name)?;
        self.as_object(site, kind)
    }

    pub(super) fn as_object(&mut self, site: Site<'t>, kind: Object) -> Option<Site<'t>> {
        if site.node.is_mapping() {
            return Some(site);
        }
        self.wrong_kind(site, kind.name());
        None
    }

    /// Reports two members of which only one may be there.
    pub(super) fn exclusive(&mut self, object: Site<'t>, read: &str, ignored: &str) {
        let (Some(first), Some(second)) = (object.get(read), object.get(ignored)) else { return };
        let diagnostic = Diagnostic::new(
            &codes::MEMBERS_EXCLUDE,
            format!("`{read}` and `{ignored}` exclude each other"),
        )
        .label(second.node.key_span(), "not read")
        .label(first.node.key_span(), "read")
        .at(object.node.pointer());
        self.sink.report(diagnostic);
    }
}

fn named(site: Site<'_>) -> String {
    site.node.key().map_or_else(|| "this".to_owned(), |key| format!("`{key}`"))
}
