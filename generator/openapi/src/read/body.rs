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
        body.description = site.overriding("description", body.description);
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
            item_encoding: site
                .get("itemEncoding")
                .and_then(|encoding| reader.encoding(encoding))
                .map(Box::new),
            extensions: site.extensions(),
            at: site.at(),
        })
    }

    fn prefix_encoding(&mut self, media: Site<'t>) -> Vec<Encoding> {
        let items = self.list(media, "prefixEncoding");
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
            extensions: site.extensions(),
            at: site.at(),
        })
    }
}
