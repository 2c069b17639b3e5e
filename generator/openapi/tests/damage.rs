//! The diagnostics of a document that is damaged as a vendor's published one is, as people read
//! them: places, notes and the overlays that mend the damage.

use std::path::Path;

use specwright_openapi::{Document, read_document};
use specwright_source::{Budget, Diagnostic, Loader, MemoryFiles, Overlay, Sink, SourceMap};

const DAMAGED: &str = r"openapi: 3.1.1
info: { title: Tokens, version: '1' }
paths:
  /oauth2/token:
    post:
      requestBody:
        content:
          application/json:
            schema: { $ref: '#/components/schemas/TokenRequest' }
      responses:
        '200':
          description: A token.
          content:
            application/json:
              schema: { $ref: '#/components/schemas/TokenResponse' }
components:
  schemas:
    TokenRequest:
      oneOf:
        - $ref: '#/components/schemas/ClientCredentials'
        - $ref: '#/components/schemas/Refresh'
      discriminator:
        propertyName: grant_type
        mapping:
          client_credentials:
            $ref: '#/components/schemas/ClientCredentials'
          refresh_token:
            $ref: '#/components/schemas/Refresh'
    ClientCredentials:
      type: object
      properties:
        grant_type: { const: client_credentials }
    Refresh:
      type: object
      properties:
        grant_type: { const: refresh_token }
        scope: 00000000-0000-4000-8000-000000000001
    TokenResponse:
      type: object
      properties:
        scope: 00000000-0000-4000-8000-000000000002
        expires_in: { type: integer }
";

/// A document that was read, and everything that is needed to talk about it.
struct Reading {
    document: Document,
    diagnostics: Vec<Diagnostic>,
    sources: SourceMap,
}

/// Reads the text after the overlays, which are applied in order.
fn read(text: &str, overlays: &[String]) -> Option<Reading> {
    let main = Path::new("openapi.yaml");
    let mut files = MemoryFiles::default().with("openapi.yaml", text);
    for (at, overlay) in overlays.iter().enumerate() {
        files = files.with(&format!("{at}.overlay.yaml"), overlay.as_str());
    }
    let mut loader = Loader::beside(files, main, Budget::DEFAULT).ok()?;
    let mut sink = Sink::default();
    let main = loader.open(main, &mut sink)?;
    for at in 0..overlays.len() {
        let file = loader.open(Path::new(&format!("{at}.overlay.yaml")), &mut sink)?;
        let overlay = Overlay::read(loader.tree(file)?.root(), &mut sink)?;
        overlay.apply(loader.tree_mut(main)?, &mut sink);
    }
    let document = read_document(&mut loader, main, &mut sink)?;
    let sources = loader.into_sources();
    Some(Reading { document, diagnostics: sink.into_diagnostics(), sources })
}

fn report(reading: &Reading) -> String {
    let mut lines = Vec::new();
    for found in &reading.diagnostics {
        lines.push(format!("{:?} {}: {}", found.severity, found.code.id, found.message));
        for label in &found.labels {
            let place = reading.sources.position(label.span);
            let text = reading.sources.slice(label.span);
            lines.push(format!("  at {}:{} {text}", place.line, place.column));
        }
        lines.extend(found.pointer.iter().map(|pointer| format!("  pointer #{pointer}")));
        lines.extend(found.notes.iter().map(|note| format!("  note: {note}")));
        lines.extend(found.help.iter().map(|help| format!("  help: {help}\n")));
    }
    lines.join("\n")
}

#[test]
fn each_damaged_place_is_reported_with_the_overlay_that_mends_it() {
    let reading = read(DAMAGED, &[]).unwrap();
    insta::assert_snapshot!(report(&reading));
}

#[test]
fn the_overlays_of_the_help_mend_the_document() {
    let helps: Vec<String> = read(DAMAGED, &[])
        .unwrap()
        .diagnostics
        .into_iter()
        .filter_map(|found| found.help)
        .collect();
    let overlays: Vec<String> =
        helps.iter().filter_map(|help| Some(help.split_once('\n')?.1.to_owned())).collect();
    assert_eq!(overlays.len(), 3);
    let mended = read(DAMAGED, &overlays).unwrap();
    assert_eq!(report(&mended), "");
    assert_eq!(mended.document.components.len(), 4);
}

#[test]
fn the_rest_of_a_damaged_document_is_read() {
    let document = read(DAMAGED, &[]).unwrap().document;
    let names: Vec<&str> = document.components.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["TokenRequest", "ClientCredentials", "Refresh", "TokenResponse"]);
    let request = document.schema(document.components[0].1).as_object().unwrap();
    let mapping = &request.discriminator.as_ref().unwrap().mapping;
    assert_eq!(mapping[0], ("client_credentials".to_owned(), document.components[1].1));
    assert_eq!(mapping[1], ("refresh_token".to_owned(), document.components[2].1));
}
