//! `--cross-check`: what the crate `openapiv3` understands of the same document.
//!
//! It models OpenAPI 3.0 and drops what it does not know, so it is no reader for a client; but it
//! was written by other people, so where it disagrees, one of the two is wrong. Differences with a
//! known cause are listed in a file, and an entry of that file that is not needed is an error.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use specwright_ir::Api;
use specwright_ir::lock::Lock;
use specwright_openapi::{Document, OpenApiVersion};
use specwright_source::{Diagnostic, Files, Loader, Pointer, Sink, Span, codes};

use crate::facts::Facts;
use crate::pipeline::{Reading, understand};

/// A difference that is known, and why it is none of ours.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    /// JSON Pointer of the schema, operation or webhook; differences inside it are meant too.
    pub pointer: String,
    /// Why the second reader differs.
    pub cause: String,
}

/// Reads a list of known differences; `None` if it is none, which has been reported.
pub fn allowed<F: Files>(
    loader: &mut Loader<F>,
    path: &Path,
    sink: &mut Sink,
) -> Option<Vec<Allowed>> {
    let file = loader.open(path, sink)?;
    let list: Result<Vec<Allowed>, _> = serde_yaml::from_str(loader.sources().file(file).text());
    match list {
        Ok(list) => Some(list),
        Err(error) => {
            let start = error.location().map_or(0, |location| location.index());
            sink.report(
                Diagnostic::new(&codes::CONFIG_MALFORMED, error.to_string())
                    .label(Span::new(file, start, start), "")
                    .help("write a list of `pointer` and `cause`"),
            );
            None
        }
    }
}

/// Compares both meanings and reports each difference that is not listed (`OA0903`) and each entry
/// of the list that is not needed (`OA0904`). Documents of 3.1 and later have no second reader.
pub fn compare(reading: &Reading, api: &Api, allowed: &[Allowed], sink: &mut Sink) {
    if reading.document.version != OpenApiVersion::V30 {
        return;
    }
    let differences = match second_reading(&reading.effective) {
        Ok(other) => differences(&blocks(api), &blocks(&other)),
        Err(refusal) => vec![refusal],
    };
    let mut used = vec![false; allowed.len()];
    for difference in differences {
        let mut listed = false;
        for (entry, used) in allowed.iter().zip(&mut used) {
            if difference.is_inside(&entry.pointer) {
                listed = true;
                *used = true;
            }
        }
        if !listed {
            sink.report(difference.diagnostic());
        }
    }
    for (entry, _) in allowed.iter().zip(used).filter(|(_, used)| !used) {
        let message = format!("the second reader agrees at `{}`", entry.pointer);
        sink.report(
            Diagnostic::new(&codes::SECOND_OPINION_UNUSED, message)
                .note(format!("listed because: {}", entry.cause))
                .help("delete the entry"),
        );
    }
}

fn second_reading(effective: &str) -> Result<Api, Difference> {
    let refused = |words: String| Difference {
        pointer: Pointer::root(),
        ours: "a document".to_owned(),
        theirs: format!("refused: {words}"),
    };
    let parsed: openapiv3::OpenAPI =
        serde_json::from_str(effective).map_err(|error| refused(error.to_string()))?;
    let document = Document::try_from(&parsed).map_err(|error| refused(error.to_string()))?;
    // Without decisions on both sides, so that a lock cannot hide a difference; the diagnostics
    // are those of the first reading.
    Ok(understand(&document, &Lock::default(), &mut Sink::default()))
}

/// One place that the two understand differently.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Difference {
    pointer: Pointer,
    ours: String,
    theirs: String,
}

impl Difference {
    fn is_inside(&self, pointer: &str) -> bool {
        Pointer::parse(pointer).is_some_and(|outer| self.pointer.starts_with(&outer))
    }

    fn diagnostic(self) -> Diagnostic {
        Diagnostic::new(&codes::SECOND_OPINION, "`openapiv3` understands this place otherwise")
            .at(self.pointer)
            .note(format!("ours: {}", self.ours))
            .note(format!("theirs: {}", self.theirs))
    }
}

type Blocks = BTreeMap<(Pointer, &'static str), String>;

/// What is said of each item, by its place and kind.
fn blocks(api: &Api) -> Blocks {
    let named = |name: &str| Pointer::root().join("components").join("securitySchemes").join(name);
    let head = std::iter::once((Pointer::root(), "api"));
    let schemes = api.schemes.iter().map(|scheme| (named(&scheme.name), "scheme"));
    let groups = api.groups.iter().map(|group| {
        let tag = group.tag.as_deref().unwrap_or_default();
        (Pointer::root().join("tags").join(tag), "group")
    });
    let types = api.types.iter().map(|def| (def.origin.pointer.clone(), "type"));
    let operations = api.operations.iter().map(|op| (op.origin.pointer.clone(), "operation"));
    let webhooks = api.webhooks.iter().map(|webhook| (webhook.origin.pointer.clone(), "webhook"));
    let keys = head.chain(schemes).chain(groups).chain(types).chain(operations).chain(webhooks);

    let mut blocks = Blocks::new();
    for (key, item) in keys.zip(Facts::of(api).into_items()) {
        let block: &mut String = blocks.entry(key).or_default();
        for line in item.lines() {
            block.push_str(&by_value(line));
            block.push('\n');
        }
    }
    blocks
}

/// Numbers by value: `openapiv3` keeps every limit of a number as a floating-point one, so `maximum
/// 10` comes back as `maximum 10.0`.
fn by_value(line: &str) -> String {
    let fact = |fact: &str| match fact.strip_suffix(".0") {
        Some(whole) if fact.rsplit(' ').next().is_some_and(|word| word.parse::<f64>().is_ok()) => {
            whole.to_owned()
        }
        _ => fact.to_owned(),
    };
    line.split(", ").map(fact).collect::<Vec<_>>().join(", ")
}

/// The first differing line of each item.
fn differences(ours: &Blocks, theirs: &Blocks) -> Vec<Difference> {
    let mut keys: Vec<&(Pointer, &str)> = ours.keys().chain(theirs.keys()).collect();
    keys.sort();
    keys.dedup();
    let difference = |key: &&(Pointer, &'static str)| {
        let block = |blocks: &Blocks| blocks.get(*key).cloned().unwrap_or_default();
        let (ours, theirs) = (block(ours), block(theirs));
        let (mut ours, mut theirs) = (ours.lines(), theirs.lines());
        loop {
            let (left, right) = (ours.next(), theirs.next());
            if left != right {
                let words = |line: Option<&str>| line.unwrap_or("nothing").trim().to_owned();
                return Some(Difference {
                    pointer: key.0.clone(),
                    ours: words(left),
                    theirs: words(right),
                });
            }
            // Both have ended.
            left?;
        }
    };
    keys.iter().filter_map(difference).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Input, read};
    use specwright_source::{Budget, MemoryFiles};

    const DOCUMENT: &str = r##"
openapi: 3.0.3
info: { title: Shop, version: "1" }
paths:
  /prices:
    get:
      operationId: listPrices
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema: { $ref: "#/components/schemas/Price" }
components:
  schemas:
    Price: { type: object, properties: { amount: { type: integer, nullable: true } } }
"##;

    fn codes_of(document: &str, allowed: &[Allowed]) -> Vec<(String, String)> {
        let files = MemoryFiles::default().with("a.yaml", document);
        let mut loader = Loader::new(files, Path::new(""), Budget::DEFAULT).unwrap();
        let mut sink = Sink::default();
        let input = Input { document: Path::new("a.yaml"), overlays: &[] };
        let reading = read(&mut loader, input, &mut sink).unwrap();
        let api = understand(&reading.document, &Lock::default(), &mut sink);
        let mut found = Sink::default();
        compare(&reading, &api, allowed, &mut found);
        let found = found.into_diagnostics().into_iter();
        let pointer = |found: &Diagnostic| found.pointer.clone().unwrap_or_default().to_string();
        found.map(|found| (found.code.id.to_owned(), pointer(&found))).collect()
    }

    fn allow(pointer: &str) -> Vec<Allowed> {
        vec![Allowed { pointer: pointer.to_owned(), cause: "a test".to_owned() }]
    }

    #[test]
    fn two_readers_agree_on_a_plain_document() {
        assert_eq!(codes_of(DOCUMENT, &[]), []);
    }

    #[test]
    fn numbers_are_compared_by_value() {
        assert_eq!(by_value("f64, maximum 10.0, minimum -0.5"), "f64, maximum 10, minimum -0.5");
        assert_eq!(by_value("version \"1.0\""), "version \"1.0\"");
        let limited = DOCUMENT.replace("type: integer", "type: number, maximum: 10");
        assert_eq!(codes_of(&limited, &[]), []);
    }

    #[test]
    fn a_difference_is_located_unless_it_is_listed() {
        let ours = BTreeMap::from([((Pointer::root(), "api"), "api\n  server \"a\"\n".to_owned())]);
        let theirs = BTreeMap::from([((Pointer::root(), "api"), "api\n".to_owned())]);
        let found = differences(&ours, &theirs);
        assert_eq!(found.len(), 1);
        assert_eq!((&*found[0].ours, &*found[0].theirs), ("server \"a\"", "nothing"));
        assert!(found[0].is_inside(""));
        assert!(!found[0].is_inside("/paths"));
    }

    #[test]
    fn a_document_that_the_second_reader_refuses_is_a_difference() {
        let damaged = DOCUMENT.replace("version: \"1\"", "version: 1");
        assert_eq!(codes_of(&damaged, &[]), [("OA0903".to_owned(), String::new())]);
        assert_eq!(codes_of(&damaged, &allow("")), []);
    }

    #[test]
    fn an_entry_that_is_not_needed_is_an_error() {
        let found = codes_of(DOCUMENT, &allow("/components/schemas/Price"));
        assert_eq!(found, [("OA0904".to_owned(), String::new())]);
    }

    #[test]
    fn a_document_of_3_1_has_no_second_reader() {
        let newer = DOCUMENT.replace("3.0.3", "3.1.0");
        assert_eq!(codes_of(&newer, &[]), []);
    }
}
