//! Operations: names, parameters, bodies, responses, security.

use insta::assert_snapshot;

use crate::support::{lines, lowered, reported};

#[test]
fn a_tag_is_a_group_and_its_words_leave_the_name() {
    let dump = lowered(
        r"
tags: [{ name: Deals / Stages, description: Steps. }]
paths:
  /deals/stages:
    get: { operationId: list_deal_stages, tags: [Deals / Stages] }
    post: { operationId: DealStage, tags: [Deals / Stages] }
  /oauth2/token:
    post: { operationId: oauth2_token, tags: [OAuth 2] }
",
    );
    assert_snapshot!(lines(&dump, &["group", "operation", "named"]), @r#"
    group deals / stages (tag "Deals / Stages")
    group oauth2 (tag "OAuth 2")
    operation "GET /deals/stages" "list_deal_stages"
    named list in deals / stages, list deal stages in all
    operation "POST /deals/stages" "DealStage"
    named create in deals / stages, deal stage in all
    operation "POST /oauth2/token" "oauth2_token"
    named token in oauth2, oauth2 token in all
    "#);
}

#[test]
fn without_a_tag_the_first_text_of_the_path_that_is_no_version_is_the_group() {
    let dump = lowered(
        r"
paths:
  /v1/{tenant}/orders/{id}:
    get: { parameters: [{ name: tenant, in: path, required: true, schema: { type: string } }, { name: id, in: path, required: true, schema: { type: string } }] }
  /2025-09/orders: { get: {}, post: {} }
",
    );
    assert_snapshot!(lines(&dump, &["group", "operation", "named"]), @r#"
    group orders
    operation "GET /2025-09/orders" "list_orders"
    named list in orders, list orders in all
    operation "GET /v1/{tenant}/orders/{id}" "get_orders"
    named get in orders, get orders in all
    operation "POST /2025-09/orders" "create_orders"
    named create in orders, create orders in all
    "#);
}

#[test]
fn every_parameter_has_its_style_spelled_out() {
    let dump = lowered(
        r"
paths:
  /a/{p}/{m}:
    get:
      parameters:
        - { name: p, in: path, required: true, schema: { type: string } }
        - { name: m, in: path, required: true, style: matrix, explode: true, schema: { type: string } }
        - { name: q, in: query, schema: { type: array, items: { type: string } } }
        - { name: r, in: query, explode: false, allowReserved: true, schema: { type: string } }
        - { name: s, in: query, style: spaceDelimited, schema: { type: array, items: { type: string } } }
        - { name: t, in: query, style: pipeDelimited, explode: true, schema: { type: array, items: { type: string } } }
        - { name: d, in: query, style: deepObject, explode: true, schema: { type: object } }
        - { name: j, in: query, content: { application/json: { schema: { type: object } } } }
        - { name: X-H, in: header, schema: { type: string } }
        - { name: c, in: cookie, schema: { type: string } }
",
    );
    assert_snapshot!(lines(&dump, &["path", "query", "header", "cookie"]), @r#"
    path "p" (p): string, required, simple
    path "m" (m): string, required, matrix exploded
    query "q" (q): [string], optional, form exploded
    query "r" (r): string, optional, form reserved
    query "s" (s): [string], optional, space delimited
    query "t" (t): [string], optional, form exploded
    query "d" (d): {json}, optional, deep object
    query "j" (j): {json}, optional, json text
    header "X-H" (x h): string, optional, simple
    cookie "c" (c): string, optional, form exploded
    "#);
}

#[test]
fn an_operation_replaces_a_parameter_of_its_path() {
    let dump = lowered(
        r"
paths:
  /a:
    parameters: [{ name: x, in: query, schema: { type: string } }, { name: y, in: query, schema: { type: string } }]
    get: { parameters: [{ name: z, in: query, schema: { type: string } }, { name: x, in: query, required: true, schema: { type: integer } }] }
",
    );
    assert_snapshot!(lines(&dump, &["query"]), @r#"
    query "x" (x): i64, required, form exploded
    query "y" (y): string, optional, form exploded
    query "z" (z): string, optional, form exploded
    "#);
}

#[test]
fn a_choice_inside_a_parameter_is_called_after_operation_and_parameter() {
    let dump = lowered(
        r"
paths:
  /things:
    get: { operationId: list_things, parameters: [{ name: order, in: query, schema: { enum: [up, down] } }, { $ref: '#/components/parameters/Page' }] }
components:
  parameters: { Page: { name: p, in: query, schema: { enum: [first] } } }
",
    );
    assert_snapshot!(lines(&dump, &["choice", "query"]), @r#"
    choice /components/parameters/Page/schema (page) of string, open, request
    choice /paths/~1things/get/parameters/0/schema (list things order) of string, open, request
    query "order" (order): @/paths/~1things/get/parameters/0/schema, optional, form exploded
    query "p" (p): @/components/parameters/Page/schema, optional, form exploded
    "#);
}

#[test]
fn json_is_the_first_form_of_a_body() {
    let dump = lowered(
        r"
paths:
  /a:
    post:
      operationId: make
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded: { schema: { properties: { a: { type: string } } } }
          application/json: { schema: { properties: { b: { type: string } } } }
",
    );
    assert_snapshot!(dump, @r#"
    group a
    record /paths/~1a/post/requestBody/content/application~1json/schema (make request), request
      field "b" (b): string, optional
    record /paths/~1a/post/requestBody/content/application~1x-www-form-urlencoded/schema (make request form), request
      field "a" (a): string, optional
    operation "POST /a" "make"
      named make in a, make in all
      send POST "/a"
      body required
        "application/json" as json: @/paths/~1a/post/requestBody/content/application~1json/schema
        "application/x-www-form-urlencoded" as form: @/paths/~1a/post/requestBody/content/application~1x-www-form-urlencoded/schema
    "#);
}

#[test]
fn responses_stand_success_first_with_every_form() {
    let dump = lowered(
        r"
paths:
  /a:
    get:
      responses:
        default: { description: '', content: { application/problem+json: { schema: { type: object } } } }
        '404': { description: Gone. }
        5XX: { description: '' }
        2XX: { description: '', content: { application/pdf: {}, text/csv: {}, application/json: { schema: { type: string } } } }
        '204': { description: '' }
",
    );
    assert_snapshot!(lines(&dump, &["case", "\"", "description"]), @r#"
    case 204 empty
    case 2XX
    "application/json" as json: string
    "text/csv" as text: string
    "application/pdf" as bytes: string
    case 404 empty
    description "Gone."
    case 5XX empty
    case default
    "application/problem+json" as json: {json}
    "#);
}

#[test]
fn a_redirect_is_the_result_where_no_success_is_described() {
    let dump = lowered(
        r"
paths:
  /a:
    get:
      responses:
        default: { description: '', content: { application/json: {} } }
        '302': { description: '', content: { text/html: {} } }
        '304': { description: '' }
  /b:
    get: { responses: { '200': { description: '' }, '303': { description: '' } } }
  /c:
    get: { responses: { 3XX: { description: '' } } }
",
    );
    assert_snapshot!(lines(&dump, &["operation", "case"]), @r#"
    operation "GET /a" "list_a"
    case 302 redirect
    case 304 empty
    case default
    operation "GET /b" "list_b"
    case 200 empty
    case 303 empty
    operation "GET /c" "list_c"
    case 3XX redirect
    "#);
}

#[test]
fn several_success_bodies_have_names_of_their_own() {
    let dump = lowered(
        r"
paths:
  /a:
    post:
      operationId: make
      responses:
        '202': { description: '', content: { application/json: { schema: { properties: { b: {} } } } } }
        '201': { description: '', content: { application/json: { schema: { properties: { a: {} } } } } }
        '400': { description: '', content: { application/json: { schema: { properties: { c: {} } } } } }
",
    );
    assert_snapshot!(lines(&dump, &["record"]), @"
    record /paths/~1a/post/responses/201/content/application~1json/schema (make response), response
    record /paths/~1a/post/responses/202/content/application~1json/schema (make response202), response
    record /paths/~1a/post/responses/400/content/application~1json/schema (make response400), response
    ");
}

#[test]
fn multipart_is_reported_and_read_as_bytes() {
    let dump = lowered(
        r"
paths:
  /a:
    post: { requestBody: { content: { multipart/form-data: { schema: { type: object } } } } }
",
    );
    assert_snapshot!(lines(&dump, &["warning", "body", "\""]), @r#"
    warning OA0405 /paths/~1a/post/requestBody/content/multipart~1form-data: not supported yet: multipart bodies
    body optional
    "multipart/form-data" as bytes: string
    "#);
}

#[test]
fn security_is_alternatives_of_schemes_and_an_operation_can_refuse_it() {
    let dump = lowered(
        r"
security: [{ key: [], token: [read] }, {}]
paths:
  /a: { get: {} }
  /b: { get: { security: [] } }
  /c: { get: { security: [{ token: [write] }] } }
components:
  securitySchemes:
    token: { type: oauth2, flows: { clientCredentials: { tokenUrl: /token, scopes: { read: R, write: W } } } }
    key: { type: apiKey, in: header, name: X-Key }
",
    );
    assert_snapshot!(lines(&dump, &["scheme", "flow", "token", "scope", "operation", "security"]), @r#"
    scheme "key" key in header "X-Key"
    scheme "token" oauth2
    flow client credentials
    token "/token"
    scope "read" "R"
    scope "write" "W"
    operation "GET /a" "list_a"
    security "key" [] and "token" ["read"]
    security none
    operation "GET /b" "list_b"
    operation "GET /c" "list_c"
    security "token" ["write"]
    "#);
}

#[test]
fn security_by_other_means_is_reported_and_still_asked_for() {
    let dump = lowered(
        r"
paths:
  /a: { get: { security: [{ cert: [] }] } }
components: { securitySchemes: { cert: { type: mutualTLS } } }
",
    );
    assert_snapshot!(lines(&dump, &["warning", "scheme", "security"]), @r#"
    warning OA0408 /components/securitySchemes/cert: not supported yet: security by mutualTLS
    scheme "cert" other "mutualTLS"
    security "cert" []
    "#);
}

#[test]
fn a_second_oauth_scheme_that_says_something_else_is_reported_beside_the_first() {
    let document = r"
components:
  securitySchemes:
    user: { type: oauth2, flows: { authorizationCode: { authorizationUrl: /in, tokenUrl: /token, scopes: {} } } }
    app: { type: oauth2, flows: { clientCredentials: { tokenUrl: /token, scopes: {} } } }
    ci: { type: oauth2, flows: { clientCredentials: { tokenUrl: /token, scopes: { build: B } } } }
    page: { type: oauth2, flows: {} }
";
    assert_snapshot!(reported("OA0408", document), @"
    not supported yet: OAuth flows of `user` beside those of `app`
    these are left out: { type: oauth2, flows: { authorizationCode: { authorizationUrl: /in, tokenUrl: /token, scopes: {} } } }
    tokens are asked for by these: { type: oauth2, flows: { clientCredentials: { tokenUrl: /token, scopes: {} } } }
    ");
}

#[test]
fn the_server_has_its_variables_filled_in() {
    let dump = lowered(
        r"
servers: [{ url: 'https://{region}.example/v1/', variables: { region: { default: eu } } }]
paths: {}
",
    );
    assert_snapshot!(lines(&dump, &["server"]), @r#"server "https://eu.example/v1""#);
}

#[test]
fn a_default_alone_stands_for_successes_too() {
    let dump = lowered(
        r"
paths:
  /a: { get: { responses: { default: { description: '', content: { text/plain: {} } } } } }
  /b: { get: { responses: { '200': { description: '' }, default: { description: '' } } } }
",
    );
    assert_snapshot!(lines(&dump, &["operation", "case"]), @r#"
    operation "GET /a" "list_a"
    case 2XX
    case default
    operation "GET /b" "list_b"
    case 200 empty
    case default empty
    "#);
}

#[test]
fn json_text_outside_of_the_query_is_written_by_the_caller() {
    let dump = lowered(
        r"
paths:
  /a:
    get: { parameters: [{ name: X-A, in: header, content: { application/json: { schema: { type: object } } } }] }
",
    );
    assert_snapshot!(lines(&dump, &["warning", "header"]), @r#"
    warning OA0406 /paths/~1a/get/parameters/0: not supported yet: a parameter of media type `application/json` in the header
    header "X-A" (x a): string, optional, simple
    "#);
}
