//! Data about the API and its operations, as the runtime reads it.

use proc_macro2::{Literal as Token, TokenStream};
use quote::quote;
use specwright_ir::{Method, Operation, Place, ResetUnit, Rotation, SchemeKind, TokenKey};

use super::{Cx, docs, gate, imports};

/// The file with the profile of the API.
pub(super) fn emit(cx: Cx<'_>) -> TokenStream {
    let api = cx.api;
    let (title, version) = (&cx.settings.title, &api.version);
    let server = api.server.as_deref().unwrap_or("");
    let oauth = match oauth(cx) {
        Some(oauth) => quote!(Some(#oauth)),
        None => quote!(None),
    };
    let windows = api.rate_windows.iter().map(|window| {
        let requests = Token::u32_unsuffixed(window.requests);
        let seconds = Token::u32_unsuffixed(window.seconds);
        quote!(RateWindow { requests: #requests, period: Duration::from_secs(#seconds) })
    });
    let reset = match api.rate_reset {
        ResetUnit::Unknown => quote!(RateReset::Undocumented),
        ResetUnit::DeltaSeconds => quote!(RateReset::DelaySeconds),
        ResetUnit::EpochSeconds => quote!(RateReset::EpochSeconds),
    };
    let wait = duration(api.rate_limit_wait);
    let errors = match &api.error_envelope {
        Some(envelope) => {
            let (request_id, code) = (optional(envelope.request_id.as_ref()), &envelope.code);
            let faults = &envelope.server_faults;
            quote!(Some(ErrorEnvelope {
                request_id: #request_id,
                code: #code,
                server_faults: &[#(#faults),*],
            }))
        }
        None => quote!(None),
    };
    let schemes = api.schemes.iter().map(|scheme| {
        let name = &scheme.name;
        let kind = scheme_kind(&scheme.kind);
        quote!(Scheme { name: #name, kind: #kind })
    });
    let operations: Vec<TokenStream> = cx
        .names
        .modules
        .iter()
        .flat_map(|module| {
            let path = &module.path;
            module.operations.iter().map(move |id| {
                let request = &cx.names.of_operation(*id).request;
                let gate = gate::attribute(cx.features.of_module(module));
                quote!(#gate <crate #(::#path)* ::#request as Operation>::META)
            })
        })
        .collect();
    let items = quote! {
        #[doc = " The version of the API, as its document states it."]
        pub const API_VERSION: &str = #version;
        #[doc = " What the runtime needs to know of the API."]
        pub static PROFILE: ApiProfile = ApiProfile {
            name: #title,
            version: #version,
            server: #server,
            oauth: #oauth,
            rate_windows: &[#(#windows),*],
            rate_reset: #reset,
            rate_limit_wait: #wait,
            error_envelope: #errors,
            schemes: &[#(#schemes),*],
        };
        #[doc = " Every operation of the crate, by module and key."]
        pub static OPERATIONS: &[&OperationMeta] = &[#(#operations),*];
    };
    let mentioned = imports::mentioned(&items);
    let duration = mentioned.contains("Duration").then(|| {
        quote!(
            use std::time::Duration;
        )
    });
    let operation = if operations.is_empty() {
        quote!(
            use specwright_client::operation::OperationMeta;
        )
    } else {
        quote!(
            use specwright_client::operation::{Operation, OperationMeta};
        )
    };
    let profile: Vec<TokenStream> = PROFILE
        .iter()
        .filter(|name| mentioned.contains(**name))
        .filter_map(|name| name.parse().ok())
        .collect();
    let docs = docs::inner_attributes(&["What the API is, as data.".to_owned()]);
    quote! {
        #docs
        #duration
        #operation
        use specwright_client::profile::{#(#profile),*};
        #items
    }
}

/// The `OperationMeta` of an operation.
pub(super) fn operation(cx: Cx<'_>, operation: &Operation, path: &str) -> TokenStream {
    let id = &operation.id;
    let method = method(operation.method);
    let alternatives = operation.security.iter().map(|requirement| {
        let schemes = requirement.schemes.iter().filter_map(|(scheme, scopes)| {
            let name = &cx.api.schemes.get(scheme.0)?.name;
            Some(quote!((#name, &[#(#scopes),*])))
        });
        quote!(&[#(#schemes),*])
    });
    let idempotency = match (&operation.idempotency, operation.method) {
        (Some(key), _) => {
            let header = &key.header;
            let retention = match key.retention_seconds.map(Token::u64_unsuffixed) {
                Some(seconds) => quote!(Some(#seconds)),
                None => quote!(None),
            };
            quote!(Idempotency::Key { header: #header, retention_seconds: #retention })
        }
        (None, Method::Get | Method::Head | Method::Options | Method::Trace) => {
            quote!(Idempotency::Safe)
        }
        (None, Method::Put | Method::Delete) => quote!(Idempotency::Idempotent),
        (None, Method::Post | Method::Patch) => quote!(Idempotency::Unsafe),
    };
    quote! {
        OperationMeta {
            id: #id,
            method: #method,
            path: #path,
            security: &[#(#alternatives),*],
            idempotency: #idempotency,
        }
    }
}

fn method(method: Method) -> TokenStream {
    match method {
        Method::Get => quote!(Method::GET),
        Method::Head => quote!(Method::HEAD),
        Method::Post => quote!(Method::POST),
        Method::Put => quote!(Method::PUT),
        Method::Patch => quote!(Method::PATCH),
        Method::Delete => quote!(Method::DELETE),
        Method::Options => quote!(Method::OPTIONS),
        Method::Trace => quote!(Method::TRACE),
    }
}

fn oauth(cx: Cx<'_>) -> Option<TokenStream> {
    let flows = cx.api.token_flows()?;
    let token = flows.token.as_deref()?;
    let (authorization, revocation) =
        (optional(flows.authorization.as_ref()), optional(flows.revocation.as_ref()));
    let audience = optional(flows.audience.as_ref());
    let offline_scope = optional(flows.offline_scope.as_ref());
    let rotation = rotation(flows.rotation);
    let refresh_token_life = duration(flows.refresh_token_life);
    let token_key = match flows.token_key {
        TokenKey::None => quote!(TokenKey::None),
        TokenKey::IdempotencyKey => quote!(TokenKey::IdempotencyKey),
    };
    Some(quote! {
        OAuthProfile {
            token: #token,
            authorization: #authorization,
            revocation: #revocation,
            audience: #audience,
            offline_scope: #offline_scope,
            rotation: #rotation,
            refresh_token_life: #refresh_token_life,
            token_key: #token_key,
        }
    })
}

fn rotation(rotation: Rotation) -> TokenStream {
    match rotation {
        Rotation::Immediate => quote!(Rotation::Immediate),
        Rotation::OnFirstUse => quote!(Rotation::OnFirstUse),
        Rotation::ReuseRevokes => quote!(Rotation::ReuseRevokes),
        Rotation::Grace => quote!(Rotation::Grace),
        Rotation::LostAnswer => quote!(Rotation::LostAnswer),
        Rotation::None => quote!(Rotation::None),
        Rotation::Undocumented => quote!(Rotation::Undocumented),
    }
}

fn duration(seconds: Option<u32>) -> TokenStream {
    match seconds.map(Token::u32_unsuffixed) {
        Some(seconds) => quote!(Some(Duration::from_secs(#seconds))),
        None => quote!(None),
    }
}

fn optional(text: Option<&String>) -> TokenStream {
    match text {
        Some(text) => quote!(Some(#text)),
        None => quote!(None),
    }
}

fn scheme_kind(kind: &SchemeKind) -> TokenStream {
    match kind {
        SchemeKind::Bearer => quote!(SchemeKind::Bearer),
        SchemeKind::Basic => quote!(SchemeKind::Basic),
        SchemeKind::ApiKey { place, name } => {
            let place = match place {
                Place::Query => quote!(KeyPlace::Query),
                Place::Cookie => quote!(KeyPlace::Cookie),
                Place::Header | Place::Path => quote!(KeyPlace::Header),
            };
            quote!(SchemeKind::ApiKey { place: #place, name: #name })
        }
        SchemeKind::OAuth2(_) => quote!(SchemeKind::OAuth2),
        SchemeKind::Other { .. } => quote!(SchemeKind::Other),
    }
}

/// What `specwright_client::profile` offers to this file.
const PROFILE: &[&str] = &[
    "ApiProfile",
    "ErrorEnvelope",
    "KeyPlace",
    "OAuthProfile",
    "RateReset",
    "RateWindow",
    "Rotation",
    "Scheme",
    "SchemeKind",
    "TokenKey",
];
