//! Decisions that the document left open.

use insta::assert_snapshot;
use specwright_ir::lock::Lock;

use crate::support::understood;

const SHOP: &str = r"
servers: [{ url: https://a.example }, { url: https://b.example }]
paths:
  /v1/things/{id}:
    get:
      parameters: [{ name: id, in: path, required: true, schema: { $ref: '#/components/schemas/Id' } }]
      responses: {}
  /stated:
    get: { tags: [Stated], operationId: stated, responses: {} }
  /ids: { get: { tags: [Lists], operationId: ids, parameters: [{ $ref: '#/components/parameters/From' }], x-specwright-pagination: { style: cursor, cursor: from, items: /all, next: /next }, responses: { '200': { $ref: '#/components/responses/All' } } } }
  /codes: { get: { tags: [Lists], operationId: codes, parameters: [{ $ref: '#/components/parameters/From' }], x-specwright-pagination: { style: cursor, cursor: from, items: /all, id: code, next: /next }, responses: { '200': { $ref: '#/components/responses/All' } } } }
  /rows: { get: { tags: [Lists], operationId: rows, parameters: [{ $ref: '#/components/parameters/From' }], x-specwright-pagination: { style: cursor, cursor: from, items: /all, id: '', next: /next }, responses: { '200': { $ref: '#/components/responses/All' } } } }
webhooks:
  a: { post: { requestBody: { content: { application/json: { schema: { required: [type], properties: { type: { const: a } } } } } } } }
components:
  parameters:
    From: { name: from, in: query, schema: { type: string } }
  responses:
    All: { description: '', content: { application/json: { schema: { properties: { all: { type: array, items: { properties: { id: { type: string }, code: { type: string } } } }, next: { type: string } } } } } }
  schemas:
    Id: { type: string }
    Token: { properties: { access_token: { type: string } } }
    Ref: { anyOf: [{ required: [id], properties: { id: { type: string } } }, { required: [id, a], properties: { id: { type: string }, a: { type: string } } }] }
    Kind: { oneOf: [{ type: string }, { type: integer }] }
    Tag: { oneOf: [{ required: [t], properties: { t: { const: a } } }, { required: [t], properties: { t: { const: b } } }] }
    Told: { oneOf: [{ $ref: '#/components/schemas/Token' }, { $ref: '#/components/schemas/Other' }], discriminator: { propertyName: t } }
    Other: { properties: { t: { type: string } } }
    Text: { oneOf: [{ const: now }, { type: string, format: date }] }
    R: { properties: { inline: { oneOf: [{ required: [a], properties: { a: { type: string } } }, { required: [b], properties: { b: { type: string } } }] } } }
";

#[test]
fn every_open_question_is_answered_in_one_place() {
    let (api, _) = understood(&Lock::default(), SHOP);
    let guesses: Vec<String> = api
        .guesses
        .iter()
        .map(|guess| {
            format!(
                "{}: {} = {}, because {}",
                guess.key,
                guess.kind.as_str(),
                guess.value,
                guess.because
            )
        })
        .collect();
    assert_snapshot!(guesses.join("\n"), @"
    /components/schemas/Id: newtype = text, because the document gives text a name
    /components/schemas/Kind: dispatch = by kind: string | number, because each alternative has a JSON kind of its own
    /components/schemas/R/properties/inline: dispatch = by members: a | b, because each alternative requires a member that none of those after it has
    /components/schemas/Ref: expandable = `id`, or the whole object, because one of the two alternatives has an `id` and nothing else
    /components/schemas/Tag: dispatch = by `t`: a | b, because each alternative requires this member and has values of its own for it
    /components/schemas/Text: dispatch = by text: now, because the fixed texts have no form that the other alternative asks for
    /components/schemas/Token/properties/access_token: secret = secret, because RFC 6749 calls a credential `access_token`
    /servers: server = https://a.example, because the first server stands for all, its variables for their defaults
    /webhooks: webhook_tag = /type, because every payload has a string of its own there
    GET /ids: identity = id, because items have it, and it is the usual name
    GET /v1/things/{id}: group = things, because there is no tag, so the path names the group
    GET /v1/things/{id}: method = get, because there is no `operationId`, so method and path name it
    GET /v1/things/{id}: request = get things, because there is no `operationId`, so method and path name it
    ");
}

#[test]
fn the_lock_keeps_the_answers() {
    let (api, _) = understood(&Lock::default(), SHOP);
    let mut lock = Lock::default();
    lock.record_guesses(&api.guesses);
    let text = lock.to_text();
    let guesses = text.split("[guesses]\n").nth(1).unwrap();
    assert!(
        guesses
            .contains("\"/components/schemas/Kind\" = { dispatch = \"by kind: string | number\" }")
    );
    assert_eq!(Lock::parse(&text), Ok(lock.clone()));
    let (_, diagnostics) = understood(&lock, SHOP);
    assert!(diagnostics.iter().all(|found| found.code.id != "OA0702"), "{diagnostics:#?}");
}

#[test]
fn an_answer_that_changes_is_reported_with_both() {
    let (api, _) = understood(&Lock::default(), SHOP);
    let mut lock = Lock::default();
    lock.record_guesses(&api.guesses);
    let changed = SHOP
        .replace("[{ type: string }, { type: integer }]", "[{ type: string }, { type: boolean }]");
    let (_, diagnostics) = understood(&lock, &changed);
    let found: Vec<_> = diagnostics.iter().filter(|found| found.code.id == "OA0702").collect();
    let [found] = found.as_slice() else { panic!("{diagnostics:#?}") };
    assert_eq!(
        found.pointer.as_ref().map(ToString::to_string).unwrap(),
        "/components/schemas/Kind"
    );
    assert_eq!(
        found.notes,
        [
            "it was by kind: string | number",
            "it is by kind: string | boolean, because each alternative has a JSON kind of its own"
        ]
    );
}
