//! Small changes to a YAML text that leave all else as people wrote it, comments included.

use std::ops::Range;

use specwright_source::{Budget, NodeRef, Sink, SourceMap, Tree, read};

/// A text and what shall change in it.
pub(super) struct Edit<'t> {
    text: &'t str,
    pieces: Vec<(Range<usize>, String)>,
}

impl<'t> Edit<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, pieces: Vec::new() }
    }

    /// Puts another value in place of a scalar.
    pub(super) fn replace(&mut self, scalar: NodeRef<'_>, value: &str) {
        let span = scalar.span();
        self.pieces.push((span.start as usize..span.end as usize, value.to_owned()));
    }

    /// Removes items of a list; the last one takes the list and its key with it. False, and nothing
    /// is changed, if the items do not have lines of their own.
    pub(super) fn remove_items(&mut self, list: NodeRef<'_>, indexes: &[usize]) -> bool {
        let items = list.items().enumerate().filter(|(index, _)| indexes.contains(index));
        let Some(lines) = items.map(|(_, item)| self.lines(item)).collect::<Option<Vec<_>>>()
        else {
            return false;
        };
        if let (Some(last), true) = (lines.last(), lines.len() == list.items().len()) {
            let key = self.line_start(list.key_span().start as usize);
            self.pieces.push((key..last.end, String::new()));
        } else {
            self.pieces.extend(lines.into_iter().map(|lines| (lines, String::new())));
        }
        true
    }

    /// The new text with its tree; `None` if it cannot be read without a fault.
    pub(super) fn finish(mut self) -> Option<(String, Tree)> {
        self.pieces.sort_by_key(|(range, _)| range.start);
        let mut text = self.text.to_owned();
        for (range, value) in self.pieces.into_iter().rev() {
            text.replace_range(range, &value);
        }
        let mut sink = Sink::default();
        let (_, tree) = read(
            &mut SourceMap::default(),
            "a.yaml",
            text.as_bytes(),
            &Budget::DEFAULT,
            &mut sink,
        )?;
        sink.diagnostics().is_empty().then_some((text, tree))
    }

    /// The whole lines of an item that is written as `- ` and what follows.
    fn lines(&self, item: NodeRef<'_>) -> Option<Range<usize>> {
        let span = item.span();
        let (start, end) = (span.start as usize, span.end as usize);
        let first = self.line_start(start);
        if self.text.get(first..start)?.trim() != "-" {
            return None;
        }
        // A block ends where the next thing starts; what lies between belongs to that.
        let end = start + self.text.get(start..end)?.trim_end().len();
        let end = self.text.get(end..)?.find('\n').map_or(self.text.len(), |line| end + line + 1);
        Some(first..end)
    }

    fn line_start(&self, offset: usize) -> usize {
        let before = self.text.get(..offset).unwrap_or("");
        before.rfind('\n').map_or(0, |line_end| line_end + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "\
# why
actions:
  - target: $.a # first
    remove: true
  # the second one
  - target: $.b
    update:
      text: |
        - not an item

  - target: $.c
    remove: true
after: 1
";

    fn without(text: &str, indexes: &[usize]) -> Option<String> {
        let mut sources = SourceMap::default();
        let mut sink = Sink::default();
        let budget = Budget::DEFAULT;
        let (_, tree) = read(&mut sources, "a.yaml", text.as_bytes(), &budget, &mut sink).unwrap();
        let mut edit = Edit::new(text);
        let list = tree.root().get("actions").unwrap();
        edit.remove_items(list, indexes).then(|| edit.finish().unwrap().0)
    }

    #[test]
    fn an_item_goes_with_its_lines_and_the_rest_stays() {
        let left = without(LIST, &[0]).unwrap();
        assert_eq!(left, LIST.replace("  - target: $.a # first\n    remove: true\n", ""));
        let left = without(LIST, &[2]).unwrap();
        assert_eq!(left, LIST.replace("  - target: $.c\n    remove: true\n", ""));
    }

    #[test]
    fn a_text_with_dashes_inside_goes_as_a_whole() {
        let left = without(LIST, &[1]).unwrap();
        assert!(!left.contains("not an item") && left.contains("$.a") && left.contains("$.c"));
    }

    #[test]
    fn the_last_item_takes_the_list_with_it() {
        assert_eq!(without(LIST, &[0, 1, 2]).as_deref(), Some("# why\nafter: 1\n"));
    }

    #[test]
    fn a_list_in_one_line_is_left_alone() {
        assert_eq!(without("actions: [{ target: $.a }, { target: $.b }]\n", &[0]), None);
    }
}
