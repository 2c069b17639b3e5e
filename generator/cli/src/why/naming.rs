//! What an item is called, and why.

use specwright_ir::Operation;
use specwright_ir::lock::Lock;

use super::Subject;
use super::catalog::{Item, param_key};

impl Subject<'_> {
    /// Names with their reasons, and the line of the lock that keeps them.
    pub(super) fn names(&self, item: &Item) -> Vec<String> {
        self.names_and_line(item).unwrap_or_default()
    }

    fn names_and_line(&self, item: &Item) -> Option<Vec<String>> {
        let api = &self.specs.api;
        let mut lines = Vec::new();
        let line = match item {
            Item::Type(index) => {
                let key = &api.types.get(*index)?.key;
                let schema = key.strip_prefix("/components/schemas/");
                let reason = match schema.filter(|schema| !schema.contains('/')) {
                    Some(schema) => format!("after the schema `{schema}`"),
                    None => {
                        format!("after the place of the schema: {}", api.types.get(*index)?.hint)
                    }
                };
                lines.push(self.name(&reason, |lock| Some(lock.types.get(key)?.name.as_str()))?);
                line("types", key, self.specs.lock.types.contains_key(key))
            }
            Item::Member { ty, wire } => {
                let key = &api.types.get(*ty)?.key;
                let reason = format!("after `{wire}`");
                lines.push(self.name(&reason, |lock| member_name(lock, key, wire))?);
                line("types", key, member_name(&self.specs.lock, key, wire).is_some())
            }
            Item::Operation(index) => {
                let operation = api.operations.get(*index)?;
                lines.extend(self.operation(operation)?);
                let key = &operation.key;
                line("operations", key, self.specs.lock.operations.contains_key(key))
            }
            Item::Param { operation, index } => {
                let operation = api.operations.get(*operation)?;
                let param = operation.params.get(*index)?;
                let (key, param_key) = (&operation.key, param_key(param.place, &param.wire));
                let reason = format!("after `{}`", param.wire);
                lines.push(self.name(&reason, |lock| param_name(lock, key, &param_key))?);
                let written = param_name(&self.specs.lock, key, &param_key).is_some();
                line("operations", key, written)
            }
            Item::Group(path) => {
                let key = path.join("/");
                lines.push(
                    self.name(&format!("after the module `{}`", path.join("::")), |lock| {
                        Some(lock.handles.get(&key)?.as_str())
                    })?,
                );
                line("handles", &key, self.specs.lock.handles.contains_key(&key))
            }
            Item::Event(index) => {
                let name = &api.webhooks.get(*index)?.name;
                let reason = format!("after `{name}`");
                lines.push(self.name(&reason, |lock| Some(lock.events.get(name)?.as_str()))?);
                line("events", name, self.specs.lock.events.contains_key(name))
            }
            Item::Place(_) => return None,
        };
        lines.push(line);
        Some(lines)
    }

    fn operation<'s>(&'s self, operation: &'s Operation) -> Option<Vec<String>> {
        let key = &operation.key;
        let stated = self
            .document()
            .and_then(|tree| tree.find(&operation.origin.pointer)?.get("operationId")?.as_str());
        let (method, reason) = if stated == Some(&operation.id) {
            let reason = format!("after the `operationId` `{}`", operation.id);
            (method_reason(operation, &reason), reason)
        } else {
            let missing = if stated.is_some() {
                "its `operationId` has no word"
            } else {
                "it has no `operationId`"
            };
            let reason = format!("after method and path, because {missing}");
            (reason.clone(), reason)
        };
        let group = self.specs.api.groups.get(operation.group.0)?;
        let group_reason = match &group.tag {
            Some(tag) => format!("after the tag `{tag}`"),
            None => "after the path, because it has no tag".to_owned(),
        };
        let group = |lock: &Lock| Some(lock.operations.get(key)?.group.join("::"));
        let mut lines = vec![
            self.name(&method, |lock| Some(lock.operations.get(key)?.method.as_str()))?,
            self.name(&reason, |lock| Some(lock.operations.get(key)?.request.as_str()))?,
            said(&group(&self.lock)?, group(&self.fresh).as_deref(), &group_reason),
        ];
        for media in self.lock.operations.get(key)?.media.keys() {
            let name = |lock: &'s Lock| Some(lock.operations.get(key)?.media.get(media)?.as_str());
            lines.push(self.name(&format!("after the media type `{media}`"), name)?);
        }
        Some(lines)
    }

    /// A name of the lock, with what it would be without the lock.
    fn name<'s>(
        &'s self,
        reason: &str,
        name: impl Fn(&'s Lock) -> Option<&'s str>,
    ) -> Option<String> {
        Some(said(name(&self.lock)?, name(&self.fresh), reason))
    }
}

/// Why a method is called what it is, if its operation is called after an `operationId`. Beside the
/// group the whole id is seldom needed, and one word of it may be told by another.
fn method_reason(operation: &Operation, reason: &str) -> String {
    let method: Vec<&str> = operation.hint.iter().collect();
    let whole: Vec<&str> = operation.full_hint.iter().collect();
    if method.iter().all(|word| whole.contains(word)) {
        reason.to_owned()
    } else if method == ["list"] && whole.contains(&"get") {
        format!("{reason}: to get several things is to list them")
    } else {
        format!(
            "after the method, because the group says all of the `operationId` `{}`",
            operation.id
        )
    }
}

fn member_name<'l>(lock: &'l Lock, ty: &str, wire: &str) -> Option<&'l str> {
    let names = lock.types.get(ty)?;
    names.members.get(wire).or(names.plain.get(wire)).map(String::as_str)
}

fn param_name<'l>(lock: &'l Lock, operation: &str, param: &str) -> Option<&'l str> {
    let names = lock.operations.get(operation)?;
    // `query:page` is called as it is on the wire.
    let plain = names.plain.get(param).and_then(|key| key.split_once(':'));
    names.params.get(param).map(String::as_str).or(plain.map(|(_, wire)| wire))
}

fn said(name: &str, first: Option<&str>, reason: &str) -> String {
    match first.filter(|first| *first != name) {
        Some(first) => format!(
            "name: `{name}`, kept from an earlier run; a first one would take `{first}`, {reason}"
        ),
        None => format!("name: `{name}`, {reason}"),
    }
}

/// Where the lock keeps the names.
fn line(table: &str, key: &str, written: bool) -> String {
    let how = if written {
        "to rename, change it there and generate"
    } else {
        "not written yet; generate"
    };
    format!("lock: [{table}] \"{key}\"; {how}")
}
