//! An API with a few groups, and programs that call it.

use std::fs;
use std::path::Path;

use specwright_cli::scopes::{Answer, find};
use specwright_cli::specs::Specs;
use specwright_source::Sink;
use tempfile::TempDir;

const CONFIG: &str = "\
package: specwright-shop-v1
library: shop_v1
title: Shop
document: openapi.yaml
output: generated/shop-v1
";

const DOCUMENT: &str = r##"
openapi: 3.1.0
info: { title: Shop, version: "1" }
servers: [{ url: https://shop.example }]
components:
  securitySchemes:
    oauth:
      type: oauth2
      flows:
        clientCredentials:
          tokenUrl: /token
          scopes: { "things:read": "", "things:write": "", "orders:read": "", "orders:write": "", all: "" }
    key: { type: apiKey, in: header, name: X-Key }
    bearer: { type: http, scheme: bearer }
  parameters:
    id: { name: id, in: path, required: true, schema: { type: string } }
    expand: { name: expand, in: query, style: form, explode: false, schema: { type: array, items: { type: string } } }
paths:
  /things:
    get: { operationId: list_things, tags: [Things], security: [{ oauth: ["things:read"] }], responses: { "204": { description: ok } } }
    post: { operationId: create_thing, tags: [Things], security: [{ oauth: ["things:write"] }], responses: { "204": { description: ok } } }
  /things/found:
    post: { operationId: find_thing, tags: [Things], security: [{ oauth: ["things:read"] }], requestBody: { required: true, content: { text/plain: { schema: { type: string } } } }, responses: { "204": { description: ok } } }
  /things/{id}:
    parameters: [{ $ref: "#/components/parameters/id" }]
    get:
      operationId: show_thing
      tags: [Things]
      security: [{ oauth: ["things:read"] }]
      parameters: [{ $ref: "#/components/parameters/expand" }]
      responses: { "204": { description: ok } }
  /orders:
    get: { operationId: list_orders, tags: [Orders], security: [{ oauth: ["orders:read"] }, { oauth: [all] }], responses: { "204": { description: ok } } }
  /orders/{id}/ship:
    parameters: [{ $ref: "#/components/parameters/id" }]
    post: { operationId: ship_order, tags: [Orders], security: [{ oauth: ["orders:read", "orders:write"] }, { oauth: [all] }], responses: { "204": { description: ok } } }
  /orders/{id}/lines:
    parameters: [{ $ref: "#/components/parameters/id" }]
    get: { operationId: list_order_lines, tags: ["Orders / Lines"], security: [{ oauth: ["orders:read"] }], responses: { "204": { description: ok } } }
  /keys:
    get: { operationId: list_keys, tags: [Keys], security: [{ key: [] }, { oauth: ["things:read"] }], responses: { "204": { description: ok } } }
    post: { operationId: create_key, tags: [Keys], security: [{ key: [owner] }], responses: { "204": { description: ok } } }
    delete: { operationId: clear_keys, tags: [Keys], security: [{ oauth: ["things:write"], key: [] }], responses: { "204": { description: ok } } }
    put: { operationId: replace_keys, tags: [Keys], security: [{ bearer: [admin] }], responses: { "204": { description: ok } } }
    patch: { operationId: update_keys, tags: [Keys], security: [{ oauth: ["things:write"], key: [] }, { oauth: [all] }], responses: { "204": { description: ok } } }
  /status:
    get: { operationId: check_status, tags: [Status], security: [], responses: { "204": { description: ok } } }
"##;

/// A program of one file, and the API that it calls.
pub(crate) struct Program {
    folder: TempDir,
}

impl Program {
    /// A program whose `src/main.rs` has this text.
    pub(crate) fn new(main: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = Self { folder };
        program.write("specs/api.yaml", CONFIG);
        program.write("specs/openapi.yaml", DOCUMENT);
        program.with("src/main.rs", main)
    }

    /// The same with another file in it.
    pub(crate) fn with(self, path: &str, text: &str) -> Self {
        self.write(&format!("program/{path}"), text);
        self
    }

    pub(crate) fn answer(&self) -> Answer {
        let specs = self.folder.path().join("specs");
        let mut loader = Specs::loader(&specs).unwrap();
        let mut sink = Sink::default();
        let specs = Specs::read(&mut loader, &specs, &mut sink).unwrap();
        let mut lock = specs.lock;
        specwright_rust::decide_names(&specs.api, &mut lock, &mut sink);
        let program = self.folder.path().join("program");
        let found = find(&specs.api, &lock, &specs.config, &program).unwrap();
        let here = |text: &str| text.replace(&format!("{}/", program.display()), "");
        let doubts = found.doubts.iter().map(|doubt| here(doubt)).collect();
        Answer { text: here(&found.text), doubts }
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// The operations that a program of one file calls, each with its lines; nothing is in doubt.
#[track_caller]
pub(crate) fn calls(main: &str) -> Vec<String> {
    let answer = Program::new(main).answer();
    assert_eq!(answer.doubts, [] as [&str; 0]);
    operations(&answer)
}

/// The operations of an answer in the order of their first line: `GET /things 3 7`.
pub(crate) fn operations(answer: &Answer) -> Vec<String> {
    let mut operations: Vec<String> = Vec::new();
    for line in answer.text.lines() {
        if let Some(place) = line.strip_prefix("    ") {
            let (_, number) = place.rsplit_once(':').unwrap();
            let operation = operations.last_mut().unwrap();
            operation.push(' ');
            operation.push_str(number);
        } else if let Some(operation) = line.strip_prefix("  ") {
            operations.push(operation.to_owned());
        }
    }
    operations.sort();
    operations.dedup();
    operations
}
