//! The three faults of the vendor's token document, made again in a small one.

use crate::fixture::Fixture;

const DAMAGED: &str = r##"
openapi: 3.1.1
info: { title: Tokens, version: "2025-09" }
paths:
  /oauth2/token:
    post:
      operationId: oauth2_token
      requestBody:
        content:
          application/json:
            schema: { $ref: "#/components/schemas/TokenRequest" }
      responses:
        "200":
          description: A token.
          content:
            application/json:
              schema: { $ref: "#/components/schemas/Token" }
components:
  schemas:
    TokenRequest:
      oneOf:
        - $ref: "#/components/schemas/ClientCredentials"
        - $ref: "#/components/schemas/Refresh"
      discriminator:
        propertyName: grant_type
        mapping:
          client_credentials:
            $ref: "#/components/schemas/ClientCredentials"
          refresh_token:
            $ref: "#/components/schemas/Refresh"
    ClientCredentials:
      type: object
      required: [grant_type]
      properties: { grant_type: { const: client_credentials }, scope: { type: string } }
    Refresh:
      type: object
      required: [grant_type]
      properties:
        grant_type: { const: refresh_token }
        scope: 11111111-2222-4333-8444-555555555555
    Token:
      type: object
      properties:
        scope: 66666666-7777-4888-9999-000000000000
"##;

#[test]
fn all_faults_are_reported_in_one_run_each_with_place_pointer_and_overlay() {
    let ended = Fixture::new(DAMAGED).generate();
    assert_eq!(ended.code, Some(0));
    for expected in [
        "error[OA0209]",
        "--> openapi.yaml:28:13",
        "= pointer: /components/schemas/TokenRequest/discriminator/mapping",
        "error[OA0205]",
        "--> openapi.yaml:40:16",
        "= pointer: /components/schemas/Refresh/properties/scope",
        "--> openapi.yaml:44:16",
        "= pointer: /components/schemas/Token/properties/scope",
        "- target: $.components.schemas.Token.properties.scope",
        "\n3 errors",
    ] {
        assert!(ended.stderr.contains(expected), "{expected}\n{}", ended.stderr);
    }
}

#[test]
fn the_overlays_in_the_help_mend_the_document() {
    let fixture = Fixture::new(DAMAGED);
    let report = fixture.run(&["lint", "openapi.yaml", "--format", "json"]);
    let mut arguments = vec!["lint".to_owned(), "openapi.yaml".to_owned()];
    for (number, line) in report.stdout.lines().enumerate() {
        let diagnostic: serde_json::Value = serde_json::from_str(line).unwrap();
        let help = diagnostic["help"].as_str().unwrap_or_default();
        if let Some(overlay) = help.find("overlay: 1") {
            let name = format!("{number}.overlay.yaml");
            fixture.write(&name, &help[overlay..]);
            arguments.extend(["--overlay".to_owned(), name]);
        }
    }
    assert_eq!(arguments.len(), 2 + 3 * 2, "three overlays are offered");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mended = fixture.run(&arguments);
    assert_eq!(mended.code, Some(0), "{}", mended.stdout);
}
