//! Overlays that mend damage, as text for the help of a diagnostic.
//!
//! Each removes the damaged value and then adds the right one to what held it: to merge an object
//! into a string, or a string into an object, is an error since Overlay 1.1.

use serde_yaml::{Mapping, Value};
use specwright_source::Pointer;

use super::{Reader, Site};

impl<'t, F> Reader<'t, F> {
    /// The overlay that puts `type: string` where there is no schema.
    pub(super) fn overlay_for_schema(&self, site: Site<'t>) -> String {
        let schema = mapping([("type", text("string"))]);
        self.overlay(site, "A schema in place of a bare value", schema)
    }

    /// The overlay that puts strings into a discriminator's mapping.
    pub(super) fn overlay_for_mapping(&self, site: Site<'t>) -> String {
        let values = site.members().filter_map(|(tag, value)| {
            let reference = value.get("$ref").unwrap_or(value).node.as_str()?;
            Some((tag, text(reference)))
        });
        self.overlay(site, "Discriminator mapping is strings", mapping(values))
    }

    fn overlay(&self, site: Site<'t>, title: &str, value: Value) -> String {
        let place = site.node.pointer();
        let Some(parent) = place.parent() else {
            return "mend the document itself: an overlay cannot replace its root".to_owned();
        };
        if site.file != self.main {
            return "mend the file itself: an overlay reaches the main document only".to_owned();
        }
        let added = match site.node.key() {
            Some(key) => mapping([(key, value)]),
            // An update of an array adds one element at its end (Overlay 1.0.0 §4.4.3.1).
            None => value,
        };
        let overlay = mapping([
            ("overlay", text("1.0.0")),
            ("info", mapping([("title", text(title)), ("version", text("1.0.0"))])),
            (
                "actions",
                Value::Sequence(vec![
                    mapping([("target", path(&place)), ("remove", Value::Bool(true))]),
                    mapping([("target", path(&parent)), ("update", added)]),
                ]),
            ),
        ]);
        let yaml = serde_yaml::to_string(&overlay).unwrap_or_default();
        format!("this overlay mends it:\n{}", yaml.trim_end())
    }
}

fn path(pointer: &Pointer) -> Value {
    text(&pointer.to_json_path())
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn mapping<'k>(members: impl IntoIterator<Item = (&'k str, Value)>) -> Value {
    let members = members.into_iter().map(|(key, value)| (text(key), value));
    Value::Mapping(members.collect::<Mapping>())
}
