//! Answers that are files: a list as CSV, a resource as PDF.
//!
//! The vendor shows neither its columns nor its pages, so both are the plainest that are well-formed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value};

/// A list as CSV (RFC 4180): one column a member, in the order of their names; what is no single
/// value is written as JSON.
pub(crate) fn csv(items: &[Map<String, Value>]) -> String {
    let columns: BTreeSet<&str> = items.iter().flat_map(Map::keys).map(String::as_str).collect();
    let mut text = line(columns.iter().map(|column| (*column).to_owned()));
    for item in items {
        text.push_str(&line(columns.iter().map(|column| cell(item.get(*column)))));
    }
    text
}

/// A PDF of one page with one line of text (ISO 32000-1, section 7.5). Only ASCII is written.
pub(crate) fn pdf(words: &str) -> Vec<u8> {
    let words: String =
        words.chars().filter(|c| c.is_ascii_graphic() && !"()\\".contains(*c)).collect();
    let page = format!("BT /F1 12 Tf 72 720 Td ({words}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (at, object) in objects.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = writeln!(table, "{:010} 00000 n ", file.len());
        let _ = write!(file, "{} 0 obj\n{object}\nendobj\n", at + 1);
    }
    let start = file.len();
    let size = objects.len() + 1;
    let _ =
        write!(file, "{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    file.into_bytes()
}

/// The media type of what [`pdf`] writes.
pub(crate) const PDF: &str = "application/pdf";

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|cell| quoted(&cell)).collect();
    format!("{}\r\n", cells.join(","))
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cell_that_would_break_the_line_is_quoted() {
        let items = [json!({"b": "x,\"y\"", "a": null}), json!({"a": {"id": "1"}})];
        let items: Vec<_> = items.iter().map(|item| item.as_object().cloned().unwrap()).collect();
        assert_eq!(csv(&items), "a,b\r\n,\"x,\"\"y\"\"\"\r\n\"{\"\"id\"\":\"\"1\"\"}\",\r\n");
    }

    #[test]
    fn the_table_of_a_pdf_points_to_its_objects() {
        let file = String::from_utf8(pdf("Contract (1)")).unwrap();
        let offsets = file.lines().filter_map(|line| line.strip_suffix(" 00000 n "));
        let offsets: Vec<usize> = offsets.map(|offset| offset.parse().unwrap()).collect();
        for (at, offset) in offsets.iter().enumerate() {
            assert!(file[*offset..].starts_with(&format!("{} 0 obj\n", at + 1)));
        }
        assert_eq!(offsets.len(), 5);
    }
}
