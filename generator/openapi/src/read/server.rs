//! The Server and Server Variable Objects.

use specwright_source::{Files, codes};

use super::{Reader, Site};
use crate::document::{Server, ServerVariable};
use crate::keywords::Object;

impl<'t, F: Files> Reader<'t, F> {
    /// `servers` of a document, a path item or an operation.
    pub(super) fn servers(&mut self, owner: Site<'t>) -> Vec<Server> {
        let items = self.list(owner, "servers");
        items.into_iter().filter_map(|item| self.server(item)).collect()
    }

    pub(super) fn server(&mut self, site: Site<'t>) -> Option<Server> {
        let site = self.as_object(site, Object::Server)?;
        Some(Server {
            url: self.required_text(site, "url", Object::Server),
            name: self.text(site, "name"),
            description: self.text(site, "description"),
            variables: self.map_of(site, "variables", Self::server_variable),
            extensions: site.extensions(),
            at: site.at(),
        })
    }

    fn server_variable(&mut self, site: Site<'t>) -> Option<ServerVariable> {
        let site = self.as_object(site, Object::ServerVariable)?;
        let values = self.texts(site, "enum");
        if let Some(listed) = site.get("enum")
            && values.is_empty()
        {
            self.report(&codes::UNKNOWN_VALUE, listed, "`enum` of a server variable has no value");
        }
        Some(ServerVariable {
            values,
            default: self.required_text(site, "default", Object::ServerVariable),
            description: self.text(site, "description"),
            extensions: site.extensions(),
            at: site.at(),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[track_caller]
    fn servers(text: &str) -> Fixture {
        Fixture::read(&format!(
            "openapi: 3.1.1\ninfo: {{ title: T, version: '1' }}\npaths: {{}}\nservers: {text}\n"
        ))
    }

    #[test]
    fn a_server_has_variables() {
        let fixture = servers(
            "[{ url: 'https://{r}.example', variables: { r: { enum: [eu, us], default: eu } } }]",
        );
        assert_eq!(fixture.found(), [""; 0]);
        let (name, variable) = &fixture.document.servers[0].variables[0];
        assert_eq!((name.as_str(), variable.default.as_str()), ("r", "eu"));
        assert_eq!(variable.values, ["eu", "us"]);
    }

    #[test]
    fn one_server_without_a_list_is_a_list_of_one() {
        let fixture = servers("{ url: /v1 }");
        assert_eq!(fixture.document.servers[0].url, "/v1");
        assert_eq!(fixture.found(), ["OA0003 /servers"]);
    }

    #[test]
    fn a_variable_without_a_value_to_choose_is_reported() {
        let fixture = servers("[{ url: '/{v}', variables: { v: { enum: [], default: a } } }]");
        assert_eq!(fixture.found(), ["OA0010 /servers/0/variables/v/enum"]);
    }
}
