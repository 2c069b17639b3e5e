//! The meaning of an API as text, item by item.

use specwright_ir::{Api, dump};

/// The dump of an API, cut into its items.
pub(crate) struct Facts<'a> {
    api: &'a Api,
    /// In the order of the dump: the API itself, schemes, groups, types, operations, webhooks.
    items: Vec<String>,
}

impl<'a> Facts<'a> {
    /// In a dump each item starts on the left margin, and items stand in the order of the API.
    pub(crate) fn of(api: &'a Api) -> Self {
        let mut items: Vec<String> = Vec::new();
        for line in dump(api).lines() {
            match items.last_mut() {
                Some(item) if line.starts_with(' ') => {
                    item.push('\n');
                    item.push_str(line);
                }
                _ => items.push(line.to_owned()),
            }
        }
        Self { api, items }
    }

    /// Every item.
    pub(crate) fn into_items(self) -> Vec<String> {
        self.items
    }

    /// What is said of a type, by its place in [`Api::types`].
    pub(crate) fn of_type(&self, index: usize) -> &str {
        self.item(self.before_types() + index)
    }

    /// What is said of an operation, by its place in [`Api::operations`].
    pub(crate) fn of_operation(&self, index: usize) -> &str {
        self.item(self.before_types() + self.api.types.len() + index)
    }

    /// What is said of an event, by its place in [`Api::webhooks`].
    pub(crate) fn of_webhook(&self, index: usize) -> &str {
        let before = self.before_types() + self.api.types.len() + self.api.operations.len();
        self.item(before + index)
    }

    fn before_types(&self) -> usize {
        1 + self.api.schemes.len() + self.api.groups.len()
    }

    fn item(&self, index: usize) -> &str {
        self.items.get(index).map_or("", String::as_str)
    }
}
