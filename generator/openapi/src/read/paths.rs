//! The Paths, Path Item and Callback Objects.

use specwright_source::{Diagnostic, Files, codes};

use super::{Reader, Site};
use crate::document::{Callback, Method, Operation, PathItem};
use crate::keywords::Object;

impl<'t, F: Files> Reader<'t, F> {
    pub(super) fn paths(&mut self, root: Site<'t>) -> Vec<(String, PathItem)> {
        let Some(site) = self.object(root, "paths", Object::Paths) else { return Vec::new() };
        let mut paths = Vec::new();
        for (template, item) in site.members().filter(|(name, _)| !name.starts_with("x-")) {
            let slash = if template.starts_with('/') {
                ""
            } else {
                self.report(
                    &codes::UNKNOWN_VALUE,
                    item,
                    format!("path `{template}` does not start with `/`"),
                );
                "/"
            };
            if let Some(item) = self.path_item(item) {
                paths.push((format!("{slash}{template}"), item));
            }
        }
        paths
    }

    /// A path item with what its reference leads to. Both may have members; those beside the
    /// reference win, which is one of the readings that 3.1.1 §4.8.9 leaves open.
    pub(super) fn path_item(&mut self, site: Site<'t>) -> Option<PathItem> {
        let own = self.within(site, Object::PathItem, Self::own_path_item)?;
        let Some(reference) = site.get("$ref") else { return Some(own) };
        if reference.node.as_str().is_none() {
            self.wrong_kind(reference, "a URI reference");
            return Some(own);
        }
        let Some(target) = self.target(reference) else { return Some(own) };
        if target.address() == site.address() || self.trail.contains(&target.address()) {
            self.report_cycle(reference, Object::PathItem);
            return Some(own);
        }
        if self.spend_reference(reference).is_none() {
            return Some(own);
        }
        self.trail.push(site.address());
        let target = self.path_item(target);
        self.trail.pop();
        Some(match target {
            Some(target) => merged(own, target),
            None => own,
        })
    }

    fn own_path_item(&mut self, site: Site<'t>) -> PathItem {
        PathItem {
            summary: self.text(site, "summary"),
            description: self.text(site, "description"),
            operations: self.operations(site),
            servers: self.servers(site),
            parameters: self.parameters(site),
            extensions: site.extensions(),
            at: site.at(),
        }
    }

    fn operations(&mut self, item: Site<'t>) -> Vec<Operation> {
        let mut operations = Vec::new();
        for (name, site) in item.members() {
            if let Some(method) = method(name) {
                operations.extend(self.operation(site, method));
            } else if name == "additionalOperations" {
                for (name, site) in self.map(item, name) {
                    operations.extend(self.operation(site, Method::Other(name.to_owned())));
                }
            } else if let Some(method) = method(&name.to_ascii_lowercase()) {
                self.send(
                    Diagnostic::new(
                        &codes::UNKNOWN_VALUE,
                        format!("method `{name}` is not written in lower case"),
                    )
                    .note("it is read as if it were"),
                    site,
                );
                operations.extend(self.operation(site, method));
            }
        }
        operations
    }

    pub(super) fn callback(&mut self, site: Site<'t>) -> Option<Callback> {
        self.within(site, Object::Callback, |reader, site| {
            let members = site.members().filter(|(name, _)| !name.starts_with("x-"));
            Callback {
                items: members
                    .filter_map(|(name, item)| Some((name.to_owned(), reader.path_item(item)?)))
                    .collect(),
                extensions: site.extensions(),
                at: site.at(),
            }
        })
    }
}

fn merged(own: PathItem, target: PathItem) -> PathItem {
    let mut operations = own.operations;
    for operation in target.operations {
        if operations.iter().all(|known| known.method != operation.method) {
            operations.push(operation);
        }
    }
    let mut parameters = own.parameters;
    for parameter in target.parameters {
        let same = |known: &crate::document::Parameter| {
            known.name == parameter.name && known.location == parameter.location
        };
        if !parameters.iter().any(same) {
            parameters.push(parameter);
        }
    }
    PathItem {
        summary: own.summary.or(target.summary),
        description: own.description.or(target.description),
        operations,
        servers: if own.servers.is_empty() { target.servers } else { own.servers },
        parameters,
        extensions: own.extensions.into_iter().chain(target.extensions).collect(),
        at: target.at,
    }
}

fn method(name: &str) -> Option<Method> {
    Some(match name {
        "get" => Method::Get,
        "put" => Method::Put,
        "post" => Method::Post,
        "delete" => Method::Delete,
        "options" => Method::Options,
        "head" => Method::Head,
        "patch" => Method::Patch,
        "trace" => Method::Trace,
        "query" => Method::Other("QUERY".to_owned()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn operations_keep_the_order_of_the_file() {
        let fixture = Fixture::read(
            "openapi: 3.2.0\ninfo: { title: T, version: '1' }\n\
             paths: { /x: { post: {}, query: {}, get: {}, additionalOperations: { COPY: {} } } }\n",
        );
        let operations = &fixture.document.paths[0].1.operations;
        let methods: Vec<&str> = operations.iter().map(|found| found.method.as_str()).collect();
        assert_eq!(methods, ["POST", "QUERY", "GET", "COPY"]);
        assert_eq!(fixture.found(), [""; 0]);
    }

    #[test]
    fn a_path_without_a_slash_gets_one() {
        let fixture = Fixture::read(
            "openapi: 3.1.1\ninfo: { title: T, version: '1' }\npaths: { x: { get: {} } }\n",
        );
        assert_eq!(fixture.document.paths[0].0, "/x");
        assert_eq!(fixture.found(), ["OA0010 /paths/x"]);
    }

    #[test]
    fn members_beside_the_reference_of_a_path_item_win() {
        let fixture = Fixture::read(
            "openapi: 3.1.1\ninfo: { title: T, version: '1' }\n\
             paths: { /x: { $ref: '#/components/pathItems/I', get: { summary: own } } }\n\
             components: { pathItems: { I: { get: { summary: other }, put: {} } } }\n",
        );
        let operations = &fixture.document.paths[0].1.operations;
        assert_eq!(operations.len(), 2);
        assert_eq!(operations[0].summary.as_deref(), Some("own"));
    }

    #[test]
    fn a_path_item_that_refers_to_itself_is_reported() {
        let fixture = Fixture::read(
            "openapi: 3.1.1\ninfo: { title: T, version: '1' }\n\
             paths: { /x: { $ref: '#/paths/~1y', get: {} }, /y: { $ref: '#/paths/~1x' } }\n",
        );
        assert!(fixture.found().iter().all(|found| found.starts_with("OA0103")));
        assert!(!fixture.diagnostics.is_empty());
        assert_eq!(fixture.document.paths[0].1.operations.len(), 1);
    }

    #[test]
    fn a_webhook_is_a_path_item_by_name() {
        let fixture = Fixture::read(
            "openapi: 3.1.1\ninfo: { title: T, version: '1' }\n\
             webhooks: { contact.created: { post: { operationId: created } } }\n",
        );
        let (name, item) = &fixture.document.webhooks[0];
        assert_eq!(name, "contact.created");
        assert_eq!(item.operations[0].operation_id.as_deref(), Some("created"));
    }
}
