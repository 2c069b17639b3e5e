//! The `x-specwright-*` keys.

use insta::assert_snapshot;

use crate::support::{lines, lowered};

fn about(dump: &str) -> String {
    lines(dump, &["error", "warning", "rate", "pages", "header", "idempotency", "\""])
}

fn list(pagination: &str) -> String {
    about(&lowered(&format!(
        r"
paths:
  /things:
    get:
      x-specwright-pagination: {pagination}
      parameters: [{{ name: page, in: query, schema: {{ type: integer }} }}]
      responses:
        '200':
          description: ''
          content:
            application/json:
              schema:
                properties:
                  things: {{ type: array, items: {{ type: string }} }}
                  meta: {{ properties: {{ next: {{ type: [integer, 'null'] }} }} }}
"
    )))
}

#[test]
fn pages_by_number_need_parameters_and_pointers_that_exist() {
    assert_snapshot!(list("{ style: page-number, page: page, items: /things, next: /meta/next }"), @r#"
    "application/json" as json: @/paths/~1things/get/responses/200/content/application~1json/schema
    pages by number "page" items "/things" next "/meta/next"
    "#);
}

#[test]
fn pages_without_their_parameter_are_reported() {
    assert_snapshot!(list("{ style: page-number, page: p, items: /things, next: /meta/next }"), @r#"
    warning OA0603 /paths/~1things/get/x-specwright-pagination: the stated pagination does not fit: there is no query parameter `p`
    "application/json" as json: @/paths/~1things/get/responses/200/content/application~1json/schema
    "#);
}

#[test]
fn pages_whose_pointer_leads_nowhere_are_reported() {
    assert_snapshot!(list("{ style: page-number, page: page, items: /things, next: /meta/nxt }"), @r#"
    warning OA0603 /paths/~1things/get/x-specwright-pagination: the stated pagination does not fit: `/meta/nxt` leads to nothing in the response
    "application/json" as json: @/paths/~1things/get/responses/200/content/application~1json/schema
    "#);
}

#[test]
fn a_cursor_whose_parameter_is_no_text_is_reported() {
    assert_snapshot!(list("{ style: cursor, cursor: page, items: /things, next: /meta/next }"), @r#"
    warning OA0603 /paths/~1things/get/x-specwright-pagination: the stated pagination does not fit: the query parameter `page` does not hold text
    "application/json" as json: @/paths/~1things/get/responses/200/content/application~1json/schema
    "#);
}

/// A list whose pages say how many there are, of items with these members.
fn counted(pagination: &str, page: &str, item: &str) -> String {
    about(&lowered(&format!(
        r"
paths:
  /things:
    get:
      x-specwright-pagination: {{ style: page-number, page: page, items: /things, next: /next{pagination} }}
      parameters: [{{ name: page, in: query, schema: {page} }}]
      responses:
        '200':
          description: ''
          content:
            application/json:
              schema:
                properties:
                  things: {{ type: array, items: {item} }}
                  next: {{ type: integer }}
                  count: {{ type: integer }}
                  last: {{ type: string }}
"
    )))
}

const NUMBER: &str = "{ type: integer }";
const RECORD: &str = "{ properties: { id: { type: string }, no: { type: integer } } }";

#[test]
fn pages_say_how_many_entries_there_are() {
    let list = counted(", count: /count", NUMBER, "{ type: string }");
    assert_snapshot!(lines(&list, &["pages"]), @r#"pages by number "page" items "/things" next "/next" count "/count""#);
    let list = counted(", count: /count, pages: /last", NUMBER, "{ type: string }");
    assert_snapshot!(lines(&list, &["warning"]), @"warning OA0603 /paths/~1things/get/x-specwright-pagination: the stated pagination does not fit: `/last` does not lead to a whole number");
}

#[test]
fn the_first_page_has_the_number_that_is_the_default_or_else_1_if_it_is_the_least() {
    let first = |page| lines(&counted("", page, "{ type: string }"), &["pages"]);
    assert_snapshot!(first("{ type: integer, default: 0, minimum: -1 }"), @r#"pages by number "page" items "/things" next "/next" from 0"#);
    assert_snapshot!(first("{ type: integer, minimum: 1 }"), @r#"pages by number "page" items "/things" next "/next" from 1"#);
    // The least number may be 0 because none is negative, though pages are counted from 1.
    for page in ["{ type: integer, minimum: 0 }", "{ type: integer, minimum: 2 }", NUMBER] {
        assert_eq!(first(page), r#"pages by number "page" items "/things" next "/next""#, "{page}");
    }
}

/// Pages of a list with these sizes, which begins with a page that is asked for so.
fn sized(size: &str, page: &str) -> String {
    lines(
        &about(&lowered(&format!(
            r"
paths:
  /things:
    get:
      x-specwright-pagination: {{ style: cursor, cursor: from, limit: size, items: /things, next: /next }}
      parameters:
        - {{ name: from, in: query, schema: {{ type: string }} {page} }}
        - {{ name: size, in: query, {size} }}
      responses:
        '200':
          description: ''
          content:
            application/json:
              schema:
                properties:
                  things: {{ type: array, items: {{ type: string }} }}
                  next: {{ type: string }}
"
        ))),
        &["pages"],
    )
}

#[test]
fn a_full_page_is_the_largest_that_is_allowed_up_to_100() {
    let sized = |size: &str| sized(&format!("schema: {{ {size} }}"), "");
    assert_snapshot!(sized("type: integer, maximum: 500, default: 20"), @r#"pages by cursor "from" limit "size" of 100 items "/things" next "/next""#);
    assert_snapshot!(sized("type: integer, minimum: 1, maximum: 50"), @r#"pages by cursor "from" limit "size" of 50 items "/things" next "/next""#);
}

#[test]
fn a_page_is_as_large_as_the_server_makes_it_where_no_other_size_is_better_or_sure() {
    let optional = |size: &str| sized(&format!("schema: {{ {size} }}"), "");
    for size in [
        // Perhaps too many.
        "type: integer, default: 20",
        "type: integer, maximum: 0",
        "type: integer, minimum: 200, maximum: 500",
        "type: integer, maximum: 100, exclusiveMaximum: 100",
        "type: integer, maximum: 500, multipleOf: 30",
        // As many come anyway.
        "type: integer, maximum: 500, default: 100",
        "type: integer, maximum: 500, default: 200",
        // No number of items.
        "type: string",
    ] {
        let unsized_pages = r#"pages by cursor "from" limit "size" items "/things" next "/next""#;
        assert_eq!(optional(size), unsized_pages, "{size}");
    }
}

#[test]
fn whoever_must_name_a_size_or_a_page_has_named_the_size() {
    const FULL: &str = "schema: { type: integer, maximum: 100 }";
    let required = format!("required: true, {FULL}");
    assert_snapshot!(sized(&required, ""), @r#"pages by cursor "from" limit "size" items "/things" next "/next""#);
    assert_snapshot!(sized(FULL, ", required: true"), @r#"pages by cursor "from" limit "size" items "/things" next "/next""#);
}

#[test]
fn items_are_told_apart_by_their_id_or_by_the_stated_member() {
    let pages = |stated, item| lines(&counted(stated, NUMBER, item), &["warning", "pages"]);
    assert_snapshot!(pages("", RECORD), @r#"pages by number "page" items "/things" told apart by "id" next "/next""#);
    assert_snapshot!(pages(", id: no", RECORD), @r#"pages by number "page" items "/things" told apart by "no" next "/next""#);
    assert_snapshot!(pages("", "{ properties: { id: { type: boolean } } }"), @r#"pages by number "page" items "/things" next "/next""#);
    assert_snapshot!(pages(", id: ''", RECORD), @r#"pages by number "page" items "/things" next "/next""#);
    assert_snapshot!(pages(", id: name", RECORD), @"warning OA0603 /paths/~1things/get/x-specwright-pagination: the stated pagination does not fit: `name` is no text or whole number that tells items apart");
}

#[test]
fn items_of_a_union_are_told_apart_if_each_alternative_has_the_member() {
    let either = |other| {
        let one = "{ type: object, required: [a], properties: { id: { type: string }, a: { type: string } } }";
        counted("", NUMBER, &format!("{{ oneOf: [{one}, {other}] }}"))
    };
    let with = "{ type: object, required: [b], properties: { id: { type: string }, b: { type: string } } }";
    assert_snapshot!(lines(&either(with), &["pages"]), @r#"pages by number "page" items "/things" told apart by "id" next "/next""#);
    let without = "{ type: object, required: [b], properties: { b: { type: string } } }";
    assert_snapshot!(lines(&either(without), &["pages"]), @r#"pages by number "page" items "/things" next "/next""#);
}

fn cursors(cursor: &str) -> String {
    about(&lowered(&format!(
        r"
paths:
  /things:
    get:
      x-specwright-pagination: {{ style: cursor, cursor: from, limit: size, items: /things, next: /next }}
      parameters:
        - {{ name: from, in: query, schema: {{ type: string }} }}
        - {{ name: size, in: query, schema: {{ type: integer }} }}
      responses:
        '200':
          description: ''
          content:
            application/json:
              schema:
                properties:
                  things: {{ type: array, items: {{ type: string }} }}
                  next: {cursor}
"
    )))
}

#[test]
fn pages_by_cursor_go_on_where_the_answer_says() {
    assert_snapshot!(cursors("{ type: [string, 'null'] }"), @r#"
    "application/json" as json: @/paths/~1things/get/responses/200/content/application~1json/schema
    pages by cursor "from" limit "size" items "/things" next "/next"
    "#);
}

#[test]
fn a_cursor_that_is_no_text_is_reported() {
    assert_snapshot!(cursors("{ type: integer }"), @r#"
    warning OA0603 /paths/~1things/get/x-specwright-pagination: the stated pagination does not fit: `/next` does not lead to text
    "application/json" as json: @/paths/~1things/get/responses/200/content/application~1json/schema
    "#);
}

#[test]
fn pages_of_an_unknown_style_are_reported() {
    assert_snapshot!(list("{ style: offset, page: page, items: /things, next: /meta/next }"), @r#"
    warning OA0602 /paths/~1things/get/x-specwright-pagination: `x-specwright-pagination` has the wrong form
    "application/json" as json: @/paths/~1things/get/responses/200/content/application~1json/schema
    "#);
}

#[test]
fn an_idempotency_key_is_no_parameter_of_the_caller() {
    let dump = lowered(
        r"
paths:
  /a:
    post:
      x-specwright-idempotency-key: { header: Idempotency-Key, retention_seconds: 86400 }
      parameters: [{ name: idempotency-key, in: header, schema: { type: string } }]
",
    );
    assert_snapshot!(about(&dump), @r#"idempotency key "Idempotency-Key" kept 86400 s"#);
}

fn answer(envelope: &str) -> String {
    about(&lowered(&format!(
        r"
paths:
  /a:
    get:
      responses:
        '200':
          description: ''
          content: {{ application/json: {{ x-specwright-envelope: {envelope}, schema: {{ properties: {{ thing: {{ type: string }} }} }} }} }}
"
    )))
}

#[test]
fn an_envelope_names_the_member_with_the_result() {
    assert_snapshot!(answer("thing"), @r#""application/json" as json: @/paths/~1a/get/responses/200/content/application~1json/schema, result in "thing""#);
}

#[test]
fn an_envelope_that_is_no_member_is_reported() {
    assert_snapshot!(answer("thong"), @r#"
    warning OA0604 /paths/~1a/get/responses/200/content/application~1json/x-specwright-envelope: the stated envelope `thong` is no member of the body
    "application/json" as json: @/paths/~1a/get/responses/200/content/application~1json/schema
    "#);
}

#[test]
fn rate_windows_are_sorted_by_length() {
    let dump = lowered(
        r"
x-specwright-rate-limits: [{ requests: 60, seconds: 60 }, { requests: 10, seconds: 1 }]
x-specwright-rate-limit-reset: epoch-seconds
paths: {}
",
    );
    assert_snapshot!(about(&dump), @"
    rate 10 in 1 s
    rate 60 in 60 s
    rate reset at epoch second
    ");
}

#[test]
fn the_wait_after_a_refusal_is_the_documents() {
    assert_snapshot!(about(&lowered("x-specwright-rate-limit-wait: 60\npaths: {}")), @"rate wait 60 s");
    assert_snapshot!(about(&lowered("x-specwright-rate-limit-wait: 0\npaths: {}")), @"warning OA0602 /x-specwright-rate-limit-wait: `x-specwright-rate-limit-wait` has the wrong form");
}

#[test]
fn an_error_envelope_may_have_a_code_alone() {
    let envelope = |text: &str| {
        let dump = lowered(&format!("x-specwright-error-envelope: {text}\npaths: {{}}"));
        lines(&dump, &["warning", "errors"])
    };
    assert_snapshot!(envelope("{ code: /code }"), @r#"errors: code "/code", of the server []"#);
    assert_snapshot!(envelope("{ code: /error/type, request_id: /id, server_faults: [busy] }"), @r#"errors: request id "/id", code "/error/type", of the server ["busy"]"#);
    assert_snapshot!(envelope("{ request_id: /id }"), @"warning OA0602 /x-specwright-error-envelope: `x-specwright-error-envelope` has the wrong form");
}

#[test]
fn a_token_may_be_asked_for_one_api() {
    let dump = lowered(
        r"
paths: {}
components:
  securitySchemes:
    token:
      type: oauth2
      x-specwright-audience: https://api.example
      flows: { clientCredentials: { tokenUrl: /token, scopes: {} } }
",
    );
    assert_snapshot!(lines(&dump, &["warning", "audience"]), @r#"audience "https://api.example""#);
}

fn renewed(keys: &str) -> String {
    let dump = lowered(&format!(
        r"
paths: {{}}
components:
  securitySchemes:
    token:
      type: oauth2
      flows: {{ authorizationCode: {{ authorizationUrl: /authorize, tokenUrl: /token, scopes: {{}} }} }}
{keys}
"
    ));
    lines(&dump, &["warning", "offline", "rotation", "refresh token life", "token key"])
}

#[test]
fn a_document_says_how_tokens_are_renewed() {
    assert_snapshot!(renewed(r"
      x-specwright-offline-scope: offline
      x-specwright-rotation: on-first-use
      x-specwright-refresh-token-life: 2592000
      x-specwright-token-idempotency: idempotency-key
"), @r#"
    offline scope "offline"
    rotation on first use
    refresh token life 2592000 s
    token key Idempotency-Key
    "#);
}

#[test]
fn every_word_for_rotation_is_read() {
    let words = [
        "immediate",
        "on-first-use",
        "reuse-revokes",
        "grace",
        "lost-answer",
        "none",
        "undocumented",
    ];
    let read = words.map(|word| renewed(&format!("      x-specwright-rotation: {word}")));
    assert_snapshot!(read.join("\n"), @"
    rotation immediate
    rotation on first use
    rotation reuse revokes
    rotation grace
    rotation lost answer
    rotation none
    ");
}

#[test]
fn a_wrong_value_about_renewal_is_reported_and_without_effect() {
    assert_snapshot!(renewed(r"
      x-specwright-offline-scope: offline openid
      x-specwright-rotation: sometimes
      x-specwright-refresh-token-life: 0
      x-specwright-token-idempotency: X-Request-Key
"), @"
    warning OA0602 /components/securitySchemes/token/x-specwright-offline-scope: `x-specwright-offline-scope` has the wrong form
    warning OA0602 /components/securitySchemes/token/x-specwright-rotation: `x-specwright-rotation` has the wrong form
    warning OA0602 /components/securitySchemes/token/x-specwright-refresh-token-life: `x-specwright-refresh-token-life` has the wrong form
    warning OA0602 /components/securitySchemes/token/x-specwright-token-idempotency: `x-specwright-token-idempotency` has the wrong form
    ");
}

#[test]
fn what_is_said_of_renewal_belongs_to_the_flow_that_is_renewed() {
    let dump = lowered(
        r"
paths: {}
components:
  securitySchemes:
    token:
      type: oauth2
      flows: { clientCredentials: { tokenUrl: /token, scopes: {} } }
      x-specwright-offline-scope: offline
      x-specwright-rotation: grace
      x-specwright-refresh-token-life: 60
      x-specwright-token-idempotency: Idempotency-Key
",
    );
    assert_snapshot!(lines(&dump, &["warning", "offline", "rotation", "refresh token life", "token key"]), @"
    warning OA0611 /components/securitySchemes/token/x-specwright-offline-scope: `x-specwright-offline-scope` stands where nobody connects by authorization code
    warning OA0611 /components/securitySchemes/token/x-specwright-rotation: `x-specwright-rotation` stands where nobody connects by authorization code
    warning OA0611 /components/securitySchemes/token/x-specwright-refresh-token-life: `x-specwright-refresh-token-life` stands where nobody connects by authorization code
    warning OA0611 /components/securitySchemes/token/x-specwright-token-idempotency: `x-specwright-token-idempotency` stands where nobody connects by authorization code
    ");
}

#[test]
fn a_wrong_value_about_renewal_is_reported_once_where_nothing_is_renewed() {
    let dump = lowered(
        r"
paths: {}
components:
  securitySchemes:
    token:
      type: oauth2
      flows: { clientCredentials: { tokenUrl: /token, scopes: {} } }
      x-specwright-rotation: sometimes
",
    );
    assert_snapshot!(lines(&dump, &["warning"]), @"warning OA0602 /components/securitySchemes/token/x-specwright-rotation: `x-specwright-rotation` has the wrong form");
}

#[test]
fn what_is_said_of_tokens_belongs_to_oauth() {
    let dump = lowered(
        r"
paths: {}
components:
  securitySchemes:
    key: { type: http, scheme: bearer, x-specwright-rotation: none }
",
    );
    assert_snapshot!(lines(&dump, &["warning", "rotation"]), @"warning OA0602 /components/securitySchemes/key/x-specwright-rotation: `x-specwright-rotation` belongs to a security scheme of the type `oauth2`");
}

#[test]
fn an_unknown_key_is_reported() {
    assert_snapshot!(about(&lowered("x-specwright-rate-limit: []\npaths: {}")), @"warning OA0601 /x-specwright-rate-limit: `x-specwright-rate-limit` is not known");
}

#[test]
fn a_key_in_the_wrong_place_is_reported() {
    assert_snapshot!(about(&lowered("x-specwright-sensitive: true\npaths: {}")), @"warning OA0602 /x-specwright-sensitive: `x-specwright-sensitive` belongs to a schema");
}

#[test]
fn a_key_of_the_wrong_form_is_reported_and_without_effect() {
    assert_snapshot!(about(&lowered("x-specwright-rate-limits: [{ requests: 0, seconds: 1 }]\npaths: {}")), @"warning OA0602 /x-specwright-rate-limits: `x-specwright-rate-limits` has the wrong form");
}

fn answered(responses: &str) -> String {
    about(&lowered(&format!(
        r"
paths:
  /things:
    get:
      x-specwright-pagination: {{ style: cursor, cursor: from, items: /things, next: /next }}
      parameters: [{{ name: from, in: query, schema: {{ type: string }} }}]
      responses:
{responses}
components:
  schemas:
    Page: {{ properties: {{ things: {{ type: array, items: {{ type: string }} }}, next: {{ type: string }} }} }}
"
    )))
}

const PAGE: &str = "schema: { $ref: '#/components/schemas/Page' }";

#[test]
fn pages_of_successes_with_different_bodies_are_reported() {
    let page = format!(
        "        '200': {{ description: '', content: {{ application/json: {{ {PAGE} }} }} }}"
    );
    assert_snapshot!(answered(&format!("{page}\n        '202': {{ description: '' }}")), @r#"
    warning OA0603 /paths/~1things/get/x-specwright-pagination: the stated pagination does not fit: the success responses differ in their bodies
    "application/json" as json: @Page
    "#);
}

#[test]
fn pages_of_successes_with_the_same_body_go_on() {
    let page = |status: &str| {
        format!(
            "        '{status}': {{ description: '', content: {{ application/json: {{ {PAGE} }} }} }}"
        )
    };
    assert_snapshot!(answered(&format!("{}\n{}", page("200"), page("206"))), @r#"
    "application/json" as json: @Page
    "application/json" as json: @Page
    pages by cursor "from" items "/things" next "/next"
    "#);
}

#[test]
fn pages_inside_an_envelope_are_reported() {
    let page = format!(
        "        '200': {{ description: '', content: {{ application/json: {{ x-specwright-envelope: things, {PAGE} }} }} }}"
    );
    assert_snapshot!(answered(&page), @r#"
    warning OA0603 /paths/~1things/get/x-specwright-pagination: the stated pagination does not fit: the envelope of the success response hides where the list goes on
    "application/json" as json: @Page, result in "things"
    "#);
}

#[test]
fn pages_of_a_body_that_may_be_null_are_reported() {
    let page = "        '200': { description: '', content: { application/json: { schema: { oneOf: [{ $ref: '#/components/schemas/Page' }, { type: 'null' }] } } } }";
    assert_snapshot!(answered(page), @r#"
    warning OA0603 /paths/~1things/get/x-specwright-pagination: the stated pagination does not fit: the body of the success response may be null
    "application/json" as json: @Page?
    "#);
}

#[test]
fn pages_whose_pointer_leads_through_a_map_are_reported() {
    let page = "        '200': { description: '', content: { application/json: { schema: { type: object, additionalProperties: { type: array, items: { type: string } } } } } }";
    assert_snapshot!(answered(page), @r#"
    warning OA0603 /paths/~1things/get/x-specwright-pagination: the stated pagination does not fit: `/things` leads to nothing in the response
    "application/json" as json: {[string]}
    "#);
}

#[test]
fn an_envelope_of_a_map_is_reported() {
    let dump = lowered(
        r"
paths:
  /a:
    get:
      responses:
        '200':
          description: ''
          content: { application/json: { x-specwright-envelope: thing, schema: { type: object, additionalProperties: { type: string } } } }
",
    );
    assert_snapshot!(about(&dump), @r#"
    warning OA0604 /paths/~1a/get/responses/200/content/application~1json/x-specwright-envelope: the stated envelope `thing` is no member of the body
    "application/json" as json: {string}
    "#);
}

fn reported(schema: &str) -> String {
    lines(
        &lowered(&format!(
            "components: {{ schemas: {{ A: {schema}, B: {{ type: string, enum: [b] }} }} }}"
        )),
        &["warning"],
    )
}

#[test]
fn a_merge_patch_that_is_no_object_is_reported() {
    assert_snapshot!(reported("{ type: string, x-specwright-merge-patch: { empty: clear } }"), @"warning OA0602 /components/schemas/A/x-specwright-merge-patch: only a map can be a merge patch");
}

#[test]
fn spellings_without_an_enum_are_reported() {
    assert_snapshot!(reported("{ type: string, x-specwright-spellings: { b: [c] } }"), @"warning OA0602 /components/schemas/A/x-specwright-spellings: only an `enum` of strings has other spellings");
}

#[test]
fn spellings_beside_a_reference_are_reported() {
    assert_snapshot!(reported("{ $ref: '#/components/schemas/B', x-specwright-spellings: { b: [c] } }"), @"warning OA0602 /components/schemas/A/x-specwright-spellings: the key stands beside another schema and says nothing of it");
}

#[test]
fn an_expansion_of_what_is_no_definition_is_reported() {
    assert_snapshot!(reported("{ properties: { b: { type: string, x-specwright-expands-to: '#/components/schemas/B' } } }"), @"warning OA0602 /components/schemas/A/properties/b/x-specwright-expands-to: only an object can be a reference to another one");
}
