//! Security requirements and the Security Scheme, OAuth Flows and OAuth Flow Objects.
//!
//! The rule of this file: damage asks for credentials. What cannot be read becomes a scheme of kind
//! [`SecuritySchemeKind::Unreadable`], never a requirement that is left out.

use specwright_source::{Diagnostic, Files, codes};

use super::{Reader, Site};
use crate::document::{
    ApiKeyLocation, OAuthFlow, OAuthFlows, SchemeId, SchemeUse, SecurityRequirement,
    SecurityScheme, SecuritySchemeKind,
};
use crate::keywords::Object;

impl<'t, F: Files> Reader<'t, F> {
    /// `security` of the document or of an operation; `None` if it is absent.
    pub(super) fn security(&mut self, owner: Site<'t>) -> Option<Vec<SecurityRequirement>> {
        let site = owner.get("security")?;
        if !site.node.is_sequence() {
            if site.node.is_mapping() && site.members().next().is_some() {
                self.wrong_kind(site, "an array of requirements");
                return Some(vec![self.requirement(site)]);
            }
            return Some(vec![self.unreadable_requirement(site)]);
        }
        Some(site.items().map(|item| self.requirement(item)).collect())
    }

    fn requirement(&mut self, site: Site<'t>) -> SecurityRequirement {
        if !site.node.is_mapping() {
            return self.unreadable_requirement(site);
        }
        // Names that start with `x-` are schemes too (`x-api-key`): this object has no extensions.
        SecurityRequirement {
            schemes: site.members().map(|(name, scopes)| self.scheme_use(name, scopes)).collect(),
            at: site.at(),
        }
    }

    fn scheme_use(&mut self, name: &str, scopes: Site<'t>) -> SchemeUse {
        let declared = self.schemes.iter().position(|scheme| scheme.name == name);
        let scheme = match declared {
            Some(index) => SchemeId(index),
            None => self.undeclared_scheme(name, scopes),
        };
        if !scopes.node.is_sequence() {
            self.wrong_kind(scopes, "an array of scopes");
        }
        let scopes = scopes.items().filter_map(|scope| self.text_of(scope)).collect();
        SchemeUse { scheme, scopes }
    }

    fn undeclared_scheme(&mut self, name: &str, scopes: Site<'t>) -> SchemeId {
        self.send(
            Diagnostic::new(
                &codes::SECURITY_UNDECLARED,
                format!("security scheme `{name}` is not declared in `components.securitySchemes`"),
            )
            .note("it is read as credentials of an unknown kind"),
            scopes,
        );
        self.unreadable_scheme(name, scopes)
    }

    fn unreadable_requirement(&mut self, site: Site<'t>) -> SecurityRequirement {
        self.send(
            Diagnostic::new(
                &codes::SECURITY_UNREADABLE,
                format!("{} is no security requirement", site.node.kind_name()),
            )
            .note("it is read as: credentials of an unknown kind are required")
            .help("a requirement is an object of scheme names: `security: [{ bearer: [] }]`"),
            site,
        );
        let known = self.schemes.iter().position(is_nameless);
        let scheme = known.map_or_else(|| self.unreadable_scheme("", site), SchemeId);
        let schemes = vec![SchemeUse { scheme, scopes: Vec::new() }];
        SecurityRequirement { schemes, at: site.at() }
    }

    fn unreadable_scheme(&mut self, name: &str, site: Site<'t>) -> SchemeId {
        let id = SchemeId(self.schemes.len());
        let name = if name.is_empty() { UNREADABLE } else { name };
        self.schemes.push(SecurityScheme {
            name: name.to_owned(),
            kind: SecuritySchemeKind::Unreadable,
            description: None,
            deprecated: false,
            extensions: Vec::new(),
            at: site.at(),
        });
        id
    }

    /// `components.securitySchemes`. A scheme that cannot be read stays as one of unknown kind.
    pub(super) fn security_schemes(&mut self, components: Site<'t>) {
        for (name, site) in self.map(components, "securitySchemes") {
            let read = self.within(site, Object::SecurityScheme, |reader, target| {
                reader.security_scheme(name, target)
            });
            match read {
                Some(mut scheme) => {
                    scheme.description = self.overriding(site, "description", scheme.description);
                    self.schemes.push(scheme);
                }
                None => {
                    self.unreadable_scheme(name, site);
                }
            }
        }
    }

    fn security_scheme(&mut self, name: &str, site: Site<'t>) -> SecurityScheme {
        SecurityScheme {
            name: name.to_owned(),
            kind: self.scheme_kind(site).unwrap_or(SecuritySchemeKind::Unreadable),
            description: self.text(site, "description"),
            deprecated: self.flag(site, "deprecated"),
            extensions: site.extensions(),
            at: site.at(),
        }
    }

    fn scheme_kind(&mut self, site: Site<'t>) -> Option<SecuritySchemeKind> {
        let kind = self.required_text(site, "type", Object::SecurityScheme);
        Some(match kind.as_str() {
            "apiKey" => SecuritySchemeKind::ApiKey {
                name: self.needed(site, "name")?,
                location: self.api_key_location(site)?,
            },
            "http" => SecuritySchemeKind::Http {
                scheme: self.needed(site, "scheme")?.to_ascii_lowercase(),
                bearer_format: self.text(site, "bearerFormat"),
            },
            "mutualTLS" => SecuritySchemeKind::MutualTls,
            "oauth2" => SecuritySchemeKind::OAuth2 {
                flows: Box::new(self.oauth_flows(site)?),
                metadata_url: self.text(site, "oauth2MetadataUrl"),
            },
            "openIdConnect" => {
                SecuritySchemeKind::OpenIdConnect { url: self.needed(site, "openIdConnectUrl")? }
            }
            _ => {
                if let Some(member) = site.get("type") {
                    let message = format!("no security scheme is of type `{kind}`");
                    self.report(&codes::UNKNOWN_VALUE, member, message);
                }
                return None;
            }
        })
    }

    fn needed(&mut self, site: Site<'t>, name: &str) -> Option<String> {
        let text = self.required_text(site, name, Object::SecurityScheme);
        (!text.is_empty()).then_some(text)
    }

    fn api_key_location(&mut self, site: Site<'t>) -> Option<ApiKeyLocation> {
        let place = self.needed(site, "in")?;
        Some(match place.as_str() {
            "query" => ApiKeyLocation::Query,
            "header" => ApiKeyLocation::Header,
            "cookie" => ApiKeyLocation::Cookie,
            _ => {
                if let Some(member) = site.get("in") {
                    let message = format!("an API key cannot be in `{place}`");
                    self.report(&codes::UNKNOWN_VALUE, member, message);
                }
                return None;
            }
        })
    }

    fn oauth_flows(&mut self, scheme: Site<'t>) -> Option<OAuthFlows> {
        if scheme.get("flows").is_none() {
            self.missing(scheme, "flows", Object::SecurityScheme);
        }
        let site = self.object(scheme, "flows", Object::OAuthFlows)?;
        Some(OAuthFlows {
            implicit: self.oauth_flow(site, "implicit", &["authorizationUrl"]),
            password: self.oauth_flow(site, "password", &["tokenUrl"]),
            client_credentials: self.oauth_flow(site, "clientCredentials", &["tokenUrl"]),
            authorization_code: self.oauth_flow(
                site,
                "authorizationCode",
                &["authorizationUrl", "tokenUrl"],
            ),
            device_authorization: self.oauth_flow(
                site,
                "deviceAuthorization",
                &["deviceAuthorizationUrl", "tokenUrl"],
            ),
            extensions: site.extensions(),
            at: site.at(),
        })
    }

    fn oauth_flow(&mut self, flows: Site<'t>, name: &str, needed: &[&str]) -> Option<OAuthFlow> {
        let site = self.object(flows, name, Object::OAuthFlow)?;
        for name in needed.iter().copied().chain(["scopes"]) {
            if site.get(name).is_none() {
                self.missing(site, name, Object::OAuthFlow);
            }
        }
        Some(OAuthFlow {
            authorization_url: self.text(site, "authorizationUrl"),
            device_authorization_url: self.text(site, "deviceAuthorizationUrl"),
            token_url: self.text(site, "tokenUrl"),
            refresh_url: self.text(site, "refreshUrl"),
            scopes: self.map_of(site, "scopes", Self::text_of),
            extensions: site.extensions(),
            at: site.at(),
        })
    }
}

fn is_nameless(scheme: &SecurityScheme) -> bool {
    scheme.name == UNREADABLE && matches!(scheme.kind, SecuritySchemeKind::Unreadable)
}

/// The name of the scheme that stands for requirements which name none.
const UNREADABLE: &str = "unreadable";

#[cfg(test)]
mod tests {
    use crate::document::{ApiKeyLocation, SecurityRequirement, SecuritySchemeKind};
    use crate::fixture::Fixture;

    /// Reads `security` of an operation in a document that declares the scheme `key`.
    #[track_caller]
    fn security(text: &str) -> (Fixture, Option<Vec<SecurityRequirement>>) {
        let fixture = Fixture::read(&format!(
            "openapi: 3.1.1\ninfo: {{ title: T, version: '1' }}\n\
             paths: {{ /x: {{ get: {{ {text} }} }} }}\n\
             components: {{ securitySchemes: {{ key: {{ type: apiKey, in: header, name: K }} }} }}\n"
        ));
        let security = fixture.first_operation().security.clone();
        (fixture, security)
    }

    #[test]
    fn an_absent_security_and_an_empty_one_differ() {
        assert!(security("").1.is_none());
        assert!(security("security: []").1.is_some_and(|alternatives| alternatives.is_empty()));
    }

    #[test]
    fn an_empty_requirement_is_anonymous() {
        let (fixture, alternatives) = security("security: [{}]");
        assert!(alternatives.unwrap()[0].schemes.is_empty());
        assert!(fixture.is_clean());
    }

    #[test]
    fn a_requirement_names_a_scheme_and_scopes() {
        let (fixture, alternatives) = security("security: [{ key: [read] }]");
        let first = alternatives.unwrap()[0].schemes[0].clone();
        assert_eq!(fixture.document.scheme(first.scheme).name, "key");
        assert_eq!(first.scopes, ["read"]);
    }

    #[test]
    fn a_scheme_may_be_named_like_an_extension() {
        let (_, alternatives) = security("security: [{ x-api-key: [] }]");
        assert_eq!(alternatives.unwrap()[0].schemes.len(), 1);
    }

    #[test]
    fn damage_never_makes_an_operation_anonymous() {
        for damaged in [
            "null",
            "true",
            "key",
            "5",
            "[null]",
            "[key]",
            "[[]]",
            "{}",
            "[{ other: [] }]",
            "{ key: [] }",
        ] {
            let (fixture, alternatives) = security(&format!("security: {damaged}"));
            let alternatives = alternatives.unwrap();
            assert!(!alternatives.is_empty(), "{damaged}");
            assert!(alternatives.iter().all(|found| !found.schemes.is_empty()), "{damaged}");
            assert!(!fixture.diagnostics.is_empty(), "{damaged}");
        }
    }

    #[test]
    fn a_scheme_that_cannot_be_read_stays_as_one_of_unknown_kind() {
        for damaged in [
            "null",
            "{}",
            "{ type: basic }",
            "{ type: http }",
            "{ type: oauth2 }",
            "{ $ref: '#/x' }",
            "{ type: apiKey, in: body, name: k }",
        ] {
            let fixture = Fixture::components("3.1.1", "securitySchemes", "s", damaged);
            let schemes = &fixture.document.schemes;
            assert!(matches!(schemes[0].kind, SecuritySchemeKind::Unreadable), "{damaged}");
            assert!(!fixture.diagnostics.is_empty(), "{damaged}");
        }
    }

    #[test]
    fn each_kind_of_scheme_is_read() {
        let kind = |text: &str| {
            let fixture = Fixture::components("3.2.0", "securitySchemes", "s", text);
            assert_eq!(fixture.found(), [""; 0]);
            fixture.document.schemes[0].kind.clone()
        };
        assert!(matches!(
            kind("{ type: apiKey, in: cookie, name: k }"),
            SecuritySchemeKind::ApiKey { location: ApiKeyLocation::Cookie, name } if name == "k"
        ));
        assert!(matches!(
            kind("{ type: http, scheme: Bearer, bearerFormat: JWT }"),
            SecuritySchemeKind::Http { scheme, bearer_format: Some(_) } if scheme == "bearer"
        ));
        assert!(matches!(kind("{ type: mutualTLS }"), SecuritySchemeKind::MutualTls));
        assert!(matches!(
            kind("{ type: openIdConnect, openIdConnectUrl: /.well-known }"),
            SecuritySchemeKind::OpenIdConnect { .. }
        ));
        let oauth = kind(
            "{ type: oauth2, flows: { clientCredentials: { tokenUrl: /t, scopes: { r: read, w: write } } } }",
        );
        let SecuritySchemeKind::OAuth2 { flows, .. } = oauth else { panic!("{oauth:?}") };
        let flow = flows.client_credentials.unwrap();
        assert_eq!(flow.token_url.as_deref(), Some("/t"));
        assert_eq!(flow.scopes.len(), 2);
        assert!(flows.implicit.is_none());
    }

    #[test]
    fn a_flow_without_its_token_url_is_reported() {
        let fixture = Fixture::components(
            "3.1.1",
            "securitySchemes",
            "s",
            "{ type: oauth2, flows: { password: { scopes: {} } } }",
        );
        assert_eq!(fixture.found(), ["OA0004 /components/securitySchemes/s/flows/password"]);
    }
}
