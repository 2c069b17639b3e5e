//! Security schemes, and what an operation asks of them.

use std::collections::BTreeMap;

use specwright_ir::{Api, OAuthFlows, Place, Requirement, SchemeId, SchemeKind, SecurityScheme};
use specwright_openapi::Document;
use specwright_openapi::document::{
    self, ApiKeyLocation, OAuthFlow, SecurityRequirement, SecuritySchemeKind, extension,
};
use specwright_source::{Diagnostic, Sink, codes};

use crate::convention::{renewal, vocabulary};
use crate::lowering::{Lowering, docs, origin};
use crate::unsupported::unsupported;

/// The schemes sorted by name. What the runtime cannot do stays a scheme, so that its operations
/// are never taken for anonymous.
pub(super) fn schemes(lowering: &mut Lowering<'_>) -> Vec<SecurityScheme> {
    let mut schemes: Vec<SecurityScheme> =
        lowering.document.schemes.iter().map(|scheme| lower(lowering, scheme)).collect();
    schemes.sort_by(|one, two| one.name.cmp(&two.name));
    schemes.dedup_by(|one, two| one.name == two.name);
    report_left_out(&schemes, lowering.sink);
    schemes
}

/// Reports the schemes whose flows are not those by which a client asks for tokens ([`Api::token_flows`]), except where
/// nothing but the scopes differs: those stay.
fn report_left_out(schemes: &[SecurityScheme], sink: &mut Sink) {
    let mut servers =
        schemes.iter().filter_map(|scheme| Some((scheme, without_scopes(scheme.token_flows()?))));
    let Some((taken, flows)) = servers.next() else { return };
    for (left_out, _) in servers.filter(|(_, other)| *other != flows) {
        let (taken_name, name) = (&taken.name, &left_out.name);
        sink.report(
            Diagnostic::new(
                &codes::SECURITY_UNSUPPORTED,
                format!(
                    "not supported yet: OAuth flows of `{name}` beside those of `{taken_name}`"
                ),
            )
            .label(left_out.origin.span, "these are left out")
            .label(taken.origin.span, "tokens are asked for by these")
            .at(left_out.origin.pointer.clone())
            .help("state all flows of the authorization server in one scheme"),
        );
    }
}

fn without_scopes(flows: &OAuthFlows) -> OAuthFlows {
    OAuthFlows { scopes: Vec::new(), ..flows.clone() }
}

/// What an operation asks for: its own `security`, else that of the document.
pub(super) fn requirements(
    document: &Document,
    api: &Api,
    own: Option<&[SecurityRequirement]>,
) -> Vec<Requirement> {
    let stated = own.or(document.security.as_deref()).unwrap_or_default();
    stated.iter().map(|requirement| self::requirement(document, api, requirement)).collect()
}

fn requirement(document: &Document, api: &Api, requirement: &SecurityRequirement) -> Requirement {
    let mut schemes: Vec<(SchemeId, Vec<String>)> = requirement
        .schemes
        .iter()
        .map(|used| {
            let name = &document.scheme(used.scheme).name;
            let index = api.schemes.iter().position(|scheme| scheme.name == *name);
            (SchemeId(index.unwrap_or_default()), used.scopes.clone())
        })
        .collect();
    schemes.sort();
    Requirement { schemes }
}

fn lower(lowering: &mut Lowering<'_>, scheme: &document::SecurityScheme) -> SecurityScheme {
    SecurityScheme {
        name: scheme.name.clone(),
        kind: kind(lowering, scheme),
        docs: docs(None, scheme.description.as_ref()),
        origin: origin(&scheme.at),
    }
}

fn kind(lowering: &mut Lowering<'_>, scheme: &document::SecurityScheme) -> SchemeKind {
    match &scheme.kind {
        SecuritySchemeKind::ApiKey { name, location } => SchemeKind::ApiKey {
            place: match location {
                ApiKeyLocation::Query => Place::Query,
                ApiKeyLocation::Header => Place::Header,
                ApiKeyLocation::Cookie => Place::Cookie,
            },
            name: name.clone(),
        },
        SecuritySchemeKind::Http { scheme: name, .. } => match name.as_str() {
            "bearer" => SchemeKind::Bearer,
            "basic" => SchemeKind::Basic,
            other => foreign(lowering, scheme, &format!("http {other}")),
        },
        SecuritySchemeKind::OAuth2 { flows, .. } => {
            let offered = [&flows.implicit, &flows.password, &flows.device_authorization];
            if offered.into_iter().any(Option::is_some) {
                lowering.sink.report(unsupported(
                    &codes::SECURITY_UNSUPPORTED,
                    &flows.at,
                    "OAuth flows other than client credentials and authorization code",
                    "the other flows are left out",
                ));
            }
            SchemeKind::OAuth2(oauth_flows(lowering, scheme, flows))
        }
        SecuritySchemeKind::MutualTls => foreign(lowering, scheme, "mutualTLS"),
        SecuritySchemeKind::OpenIdConnect { .. } => foreign(lowering, scheme, "openIdConnect"),
        // The reader has said what is wrong with it.
        SecuritySchemeKind::Unreadable => SchemeKind::Other { kind: "unreadable".to_owned() },
    }
}

fn foreign(
    lowering: &mut Lowering<'_>,
    scheme: &document::SecurityScheme,
    kind: &str,
) -> SchemeKind {
    lowering.sink.report(unsupported(
        &codes::SECURITY_UNSUPPORTED,
        &scheme.at,
        &format!("security by {kind}"),
        "the caller brings the credentials",
    ));
    SchemeKind::Other { kind: kind.to_owned() }
}

fn oauth_flows(
    lowering: &mut Lowering<'_>,
    scheme: &document::SecurityScheme,
    flows: &document::OAuthFlows,
) -> OAuthFlows {
    let offered: Vec<&OAuthFlow> =
        [&flows.client_credentials, &flows.authorization_code].into_iter().flatten().collect();
    let tokens: Vec<&String> = offered.iter().filter_map(|flow| flow.token_url.as_ref()).collect();
    if tokens.windows(2).any(|pair| pair.first() != pair.last()) {
        lowering.sink.report(unsupported(
            &codes::SECURITY_UNSUPPORTED,
            &flows.at,
            "OAuth flows with different token endpoints",
            "the endpoint of client credentials is taken",
        ));
    }
    let scopes: BTreeMap<&String, &String> = offered
        .iter()
        .flat_map(|flow| flow.scopes.iter().map(|(name, text)| (name, text)))
        .collect();
    let stated = |key: &str| {
        extension(&scheme.extensions, key).and_then(|it| it.value.as_str()).map(str::to_owned)
    };
    let mut flows = OAuthFlows {
        token: tokens.first().map(|url| (*url).clone()),
        authorization: flows
            .authorization_code
            .as_ref()
            .and_then(|flow| flow.authorization_url.clone()),
        revocation: stated(vocabulary::REVOCATION_URL),
        audience: stated(vocabulary::AUDIENCE),
        client_credentials: flows.client_credentials.is_some(),
        authorization_code: flows.authorization_code.is_some(),
        scopes: scopes.into_iter().map(|(name, text)| (name.clone(), text.clone())).collect(),
        ..OAuthFlows::default()
    };
    renewal::recognise(&scheme.extensions, &mut flows, lowering.sink);
    flows
}
