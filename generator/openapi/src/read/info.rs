//! The Info, Contact, License, Tag and External Documentation Objects.

use specwright_source::Files;

use super::{Reader, Site};
use crate::document::{Contact, ExternalDocs, Info, License, Tag};
use crate::keywords::Object;

impl<'t, F: Files> Reader<'t, F> {
    pub(super) fn info(&mut self, root: Site<'t>) -> Info {
        let Some(site) = self.object(root, "info", Object::Info) else {
            if root.get("info").is_none() && root.node.is_mapping() {
                self.missing(root, "info", Object::Document);
            }
            return Info {
                title: String::new(),
                summary: None,
                description: None,
                terms_of_service: None,
                contact: None,
                license: None,
                version: String::new(),
                extensions: Vec::new(),
                at: root.at(),
            };
        };
        Info {
            title: self.required_text(site, "title", Object::Info),
            summary: self.text(site, "summary"),
            description: self.text(site, "description"),
            terms_of_service: self.text(site, "termsOfService"),
            contact: self.contact(site),
            license: self.license(site),
            version: self.required_text(site, "version", Object::Info),
            extensions: site.extensions(),
            at: site.at(),
        }
    }

    fn contact(&mut self, info: Site<'t>) -> Option<Contact> {
        let site = self.object(info, "contact", Object::Contact)?;
        Some(Contact {
            name: self.text(site, "name"),
            url: self.text(site, "url"),
            email: self.text(site, "email"),
            extensions: site.extensions(),
            at: site.at(),
        })
    }

    fn license(&mut self, info: Site<'t>) -> Option<License> {
        let site = self.object(info, "license", Object::License)?;
        self.exclusive(site, "identifier", "url");
        Some(License {
            name: self.required_text(site, "name", Object::License),
            identifier: self.text(site, "identifier"),
            url: self.text(site, "url"),
            extensions: site.extensions(),
            at: site.at(),
        })
    }

    pub(super) fn tags(&mut self, root: Site<'t>) -> Vec<Tag> {
        let items = self.list(root, "tags");
        items.into_iter().filter_map(|item| self.tag(item)).collect()
    }

    fn tag(&mut self, site: Site<'t>) -> Option<Tag> {
        let site = self.as_object(site, Object::Tag)?;
        Some(Tag {
            name: self.required_text(site, "name", Object::Tag),
            summary: self.text(site, "summary"),
            description: self.text(site, "description"),
            external_docs: self.external_docs(site),
            parent: self.text(site, "parent"),
            kind: self.text(site, "kind"),
            extensions: site.extensions(),
            at: site.at(),
        })
    }

    /// `externalDocs` of any object.
    pub(super) fn external_docs(&mut self, owner: Site<'t>) -> Option<ExternalDocs> {
        let site = self.object(owner, "externalDocs", Object::ExternalDocs)?;
        Some(ExternalDocs {
            url: self.required_text(site, "url", Object::ExternalDocs),
            description: self.text(site, "description"),
            extensions: site.extensions(),
            at: site.at(),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn each_member_of_info_is_read() {
        let fixture = Fixture::read(
            r"openapi: 3.1.1
info:
  title: T
  summary: s
  description: d
  termsOfService: tos
  contact: { name: n, url: u, email: e }
  license: { name: MIT, identifier: MIT }
  version: '1'
  x-own: 1
paths: {}
tags: [{ name: a, description: d, externalDocs: { url: u } }]
",
        );
        assert_eq!(fixture.found(), [""; 0]);
        let info = &fixture.document.info;
        assert_eq!((info.title.as_str(), info.version.as_str()), ("T", "1"));
        assert_eq!(info.contact.as_ref().and_then(|found| found.email.as_deref()), Some("e"));
        assert_eq!(info.license.as_ref().map(|found| found.name.as_str()), Some("MIT"));
        assert_eq!(info.extensions.len(), 1);
        assert!(fixture.document.tags[0].external_docs.is_some());
    }

    #[test]
    fn a_version_without_quotes_is_read_and_reported() {
        let fixture =
            Fixture::read("openapi: 3.1.1\ninfo: { title: T, version: 1.10 }\npaths: {}\n");
        assert_eq!(fixture.document.info.version, "1.10");
        assert_eq!(fixture.found(), ["OA0003 /info/version"]);
    }

    #[test]
    fn a_document_without_info_is_read() {
        let fixture = Fixture::read("openapi: 3.1.1\npaths: { /x: { get: {} } }\n");
        assert_eq!(fixture.document.paths.len(), 1);
        assert_eq!(fixture.found(), ["OA0004 "]);
    }
}
