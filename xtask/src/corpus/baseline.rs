//! `docs/corpus.md`: where the generator stands with the documents of others.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::str::FromStr;

use anyhow::bail;

use super::compile::Compiled;
use super::generate::{Generated, Outcome};
use super::{Row, Total};

/// A day, as it is given: this program reads no clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Date(String);

impl FromStr for Date {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let form: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        if form != "0000-00-00" {
            bail!("`{text}` is no day; write 2026-01-31");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The whole page.
pub(super) fn page(date: &Date, rows: &[Row], total: &Total) -> String {
    let mut page = format!(
        "# Documents by others\n\n\
         What the generator made of {} documents that nobody here wrote, on {date}. They are no part of this\n\
         repository. Written by `cargo xtask corpus DIR --baseline {date}`, with\n\
         `--compile all` or `--compile subset`, which compiles twenty small ones and tries no other.\n\n\
         - *errors*: damage that the generator reported, by code; `specwright explain CODE` tells what it means.\n\
         - *compiled*: `cargo check`, all features, warnings denied; else the errors of the compiler by code.\n\n\
         | document | operations | types | errors | generated | compiled |\n\
         |---|---:|---:|---|---|---|\n",
        total.documents
    );
    for row in rows {
        let (operations, types, errors, generated) = match &row.outcome {
            Outcome::Generated(Generated { operations, types, errors }) => {
                (operations.to_string(), types.to_string(), counted(errors), "yes".to_owned())
            }
            outcome => (String::new(), String::new(), String::new(), outcome.words()),
        };
        let compiled = match &row.compiled {
            None => "not tried".to_owned(),
            Some(Compiled::Yes) => "yes".to_owned(),
            Some(Compiled::No { errors, .. }) => format!("no: {}", counted(errors)),
        };
        let _ = writeln!(
            page,
            "| {} | {operations} | {types} | {errors} | {generated} | {compiled} |",
            row.document
        );
    }
    let Total {
        read, generated, tried, compiled, panics, hangs, operations, types, errors, ..
    } = total;
    let _ = write!(
        page,
        "\n## Totals\n\n{read} read, {generated} generated, {compiled} of {tried} compiled, {panics} panics, \
         {hangs} hangs; {operations} operations, {types} types.\n\n\
         Errors of documents: {}.\n",
        if errors.is_empty() { "none".to_owned() } else { counted(errors) }
    );
    let refused: Vec<(&String, &String)> = rows.iter().filter_map(refused).collect();
    if !refused.is_empty() {
        page.push_str("\n## What the compiler said first\n\n");
    }
    for (document, first) in refused {
        let first = first.lines().next().unwrap_or_default().replace('`', "'");
        let _ = writeln!(page, "- {document}: `{first}`");
    }
    page
}

fn refused(row: &Row) -> Option<(&String, &String)> {
    match &row.compiled {
        Some(Compiled::No { first, .. }) => Some((&row.document, first)),
        Some(Compiled::Yes) | None => None,
    }
}

/// `OA0205 × 3, OA0402`.
fn counted(counts: &BTreeMap<String, usize>) -> String {
    let one = |(code, count): (&String, &usize)| {
        let code = if code.is_empty() { "without a code" } else { code };
        if *count == 1 { code.to_owned() } else { format!("{code} × {count}") }
    };
    counts.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(document: &str, outcome: Outcome, compiled: Option<Compiled>) -> Row {
        Row { document: document.to_owned(), outcome, kept: compiled.is_some(), compiled }
    }

    #[test]
    fn a_page_has_a_line_for_each_document_and_totals() {
        let errors = BTreeMap::from([("OA0205".to_owned(), 3), ("OA0101".to_owned(), 1)]);
        let refused = Compiled::No {
            errors: BTreeMap::from([("E0072".to_owned(), 1)]),
            first: "recursive type `A`\nmore".to_owned(),
        };
        let generated = Generated { operations: 2, types: 5, errors };
        let rows = [
            row("a/a.yaml", Outcome::Generated(generated), Some(refused)),
            row("a/b.yaml", Outcome::Generated(Generated::default()), Some(Compiled::Yes)),
            row("b.json", Outcome::NotRead, None),
        ];
        let page = page(&"2026-01-31".parse().unwrap(), &rows, &Total::of(&rows));
        let expected = "\
| a/a.yaml | 2 | 5 | OA0101, OA0205 × 3 | yes | no: E0072 |
| a/b.yaml | 0 | 0 |  | yes | yes |
| b.json |  |  |  | not read | not tried |

## Totals

2 read, 2 generated, 1 of 2 compiled, 0 panics, 0 hangs; 2 operations, 5 types.

Errors of documents: OA0101, OA0205 × 3.

## What the compiler said first

- a/a.yaml: `recursive type 'A'`
";
        assert!(page.ends_with(expected), "{page}");
        assert!(page.contains("3 documents that nobody here wrote, on 2026-01-31"), "{page}");
    }

    #[test]
    fn a_day_has_one_form() {
        assert!("2026-01-31".parse::<Date>().is_ok());
        assert!("31.1.2026".parse::<Date>().is_err());
        assert!("today".parse::<Date>().is_err());
    }
}
