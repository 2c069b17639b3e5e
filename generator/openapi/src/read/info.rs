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
