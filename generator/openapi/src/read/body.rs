//! The Request Body, Media Type and Encoding Objects.

use specwright_source::{Files, codes};

use super::{Reader, Site};
use crate::document::{Encoding, MediaType, RequestBody};
use crate::keywords::Object;

impl<'t, F: Files> Reader<'t, F> {
    pub(super) fn request_body(&mut self, site: Site<'t>) -> Option<RequestBody> {
        let mut body = self.within(site, Object::RequestBody, |reader, site| {
            if site.get("content").is_none() {
                reader.missing(site, "content", Object::RequestBody);
            }
            RequestBody {
                description: reader.text(site, "description"),
                required: reader.flag(site, "required"),
                content: reader.content(site),
                extensions: site.extensions(),
                at: site.at(),
            }
        })?;
        body.description = self.overriding(site, "description", body.description);
        Some(body)
    }

    /// `content` of a request body or a response.
    pub(super) fn content(&mut self, owner: Site<'t>) -> Vec<(String, MediaType)> {
        let mut content = Vec::new();
        for (range, site) in self.map(owner, "content") {
            if !range.contains('/') {
                let message = format!("`{range}` is no media type: it has no `/`");
                self.report(&codes::UNKNOWN_VALUE, site, message);
            }
            content.extend(self.media_type(site).map(|media| (range.to_owned(), media)));
        }
        content
    }

    pub(super) fn media_type(&mut self, site: Site<'t>) -> Option<MediaType> {
        self.within(site, Object::MediaType, |reader, site| MediaType {
            schema: site.get("schema").map(|schema| reader.schema(schema)),
            item_schema: site.get("itemSchema").map(|schema| reader.schema(schema)),
            examples: reader.examples(site),
            encoding: reader.map_of(site, "encoding", Self::encoding),
            prefix_encoding: reader.prefix_encoding(site),
            item_encoding: reader.item_encoding(site),
            extensions: site.extensions(),
            at: site.at(),
        })
    }

    fn item_encoding(&mut self, owner: Site<'t>) -> Option<Box<Encoding>> {
        let encoding = owner.get("itemEncoding")?;
        self.encoding(encoding).map(Box::new)
    }

    fn prefix_encoding(&mut self, owner: Site<'t>) -> Vec<Encoding> {
        let items = self.list(owner, "prefixEncoding");
        items.into_iter().filter_map(|item| self.encoding(item)).collect()
    }

    fn encoding(&mut self, site: Site<'t>) -> Option<Encoding> {
        let site = self.as_object(site, Object::Encoding)?;
        Some(Encoding {
            content_type: self.text(site, "contentType"),
            headers: self.map_of(site, "headers", Self::header),
            style: site.get("style").and_then(|style| self.style_of(style)),
            explode: self.optional_flag(site, "explode"),
            allow_reserved: self.optional_flag(site, "allowReserved"),
            encoding: self.map_of(site, "encoding", Self::encoding),
            prefix_encoding: self.prefix_encoding(site),
            item_encoding: self.item_encoding(site),
            extensions: site.extensions(),
            at: site.at(),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::document::Style;
    use crate::fixture::Fixture;

    #[test]
    fn a_media_type_has_schema_examples_and_encoding() {
        let fixture = Fixture::operation(
            r"requestBody:
  content:
    multipart/form-data:
      schema: { type: object }
      examples: { one: { value: 1 }, two: { summary: s, externalValue: u } }
      encoding:
        file:
          contentType: image/png
          style: form
          explode: false
          allowReserved: true
          headers: { X-A: { schema: {} } }",
        );
        assert_eq!(fixture.found(), [""; 0]);
        let body = fixture.first_operation().request_body.clone().unwrap();
        let (range, media) = &body.content[0];
        assert_eq!(range, "multipart/form-data");
        assert_eq!(media.examples[1].name, "two");
        let (property, encoding) = &media.encoding[0];
        assert_eq!(property, "file");
        assert_eq!(encoding.content_type.as_deref(), Some("image/png"));
        assert_eq!((encoding.style, encoding.explode), (Some(Style::Form), Some(false)));
        assert_eq!(encoding.headers.len(), 1);
    }

    #[test]
    fn an_item_schema_of_3_2_is_read() {
        let fixture = Fixture::components(
            "3.2.0",
            "requestBodies",
            "B",
            "{ content: { text/event-stream: { itemSchema: { type: object } } } }",
        );
        assert_eq!(fixture.document.schemas.len(), 1);
        assert_eq!(fixture.found(), [""; 0]);
    }

    #[test]
    fn encodings_of_3_2_lie_inside_each_other() {
        let fixture = Fixture::components(
            "3.2.0",
            "requestBodies",
            "B",
            "{ content: { multipart/mixed: { prefixEncoding: [{ encoding: { a: {} } }], itemEncoding: { itemEncoding: {} } } } }",
        );
        assert_eq!(fixture.found(), [""; 0]);
        let fixture = Fixture::operation(
            "requestBody: { content: { multipart/mixed: { itemEncoding: { prefixEncoding: [{}, {}] } } } }",
        );
        let body = fixture.first_operation().request_body.clone().unwrap();
        let item = body.content[0].1.item_encoding.clone().unwrap();
        assert_eq!(item.prefix_encoding.len(), 2);
    }

    #[test]
    fn a_media_type_without_a_slash_is_reported() {
        let fixture = Fixture::operation("requestBody: { content: { json: {} } }");
        assert_eq!(fixture.found(), ["OA0010 /paths/~1x/get/requestBody/content/json"]);
    }
}
