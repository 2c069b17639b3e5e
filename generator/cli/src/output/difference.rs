//! A few lines that show how a file differs.

use std::fmt::Write as _;

use super::Change;
use crate::render::visible;

/// The first place at which the file differs, at most [`SHOWN`] lines of each side.
///
/// Between the common beginning and the common end lies what differs. That is no minimal
/// difference; it is short, and it shows where to look.
pub(super) fn difference(change: &Change) -> String {
    let path = change.path.display();
    let (old, new) = match (&change.old, &change.new) {
        (None, _) => return format!("{path}: is missing\n"),
        (Some(_), None) => return format!("{path}: is not generated any more\n"),
        (Some(old), Some(new)) => (String::from_utf8_lossy(old), new),
    };
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    let same_start = old.iter().zip(&new).take_while(|(left, right)| left == right).count();
    let (old, new) = (&old[same_start..], &new[same_start..]);
    let same_end =
        old.iter().rev().zip(new.iter().rev()).take_while(|(left, right)| left == right).count();
    let old = &old[..old.len() - same_end];
    let new = &new[..new.len() - same_end];

    let mut text = format!("{path}: differs from line {}\n", same_start + 1);
    push_lines(&mut text, '-', old);
    push_lines(&mut text, '+', new);
    text
}

fn push_lines(text: &mut String, sign: char, lines: &[&str]) {
    for line in lines.iter().take(SHOWN) {
        let shown: String = line.trim_end_matches(['\n', '\r']).chars().take(WIDTH).collect();
        let _ = writeln!(text, "  {sign} {}", visible(&shown));
    }
    if lines.len() > SHOWN {
        let _ = writeln!(text, "  {sign} … {} more lines", lines.len() - SHOWN);
    }
}

const SHOWN: usize = 5;
const WIDTH: usize = 160;
