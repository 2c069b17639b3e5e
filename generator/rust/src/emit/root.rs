//! The root of the crate.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Cx, docs};
use crate::prose;

/// `lib.rs`.
pub(super) fn emit(cx: Cx<'_>) -> TokenStream {
    let docs = docs::inner_attributes(&crate_docs(cx));
    let modules = cx.names.modules.iter().filter(|module| module.path.len() == 1).map(|module| {
        let name = module.path.last();
        quote!(pub mod #name;)
    });
    let webhooks = (!cx.api.webhooks.is_empty()).then(|| {
        quote!(
            pub mod webhooks;
        )
    });
    quote! {
        #docs
        // The crate itself uses what the API marks as deprecated: it offers it.
        #![allow(deprecated)]
        // A variant is never boxed by its size: growing by a member would change its type.
        #![allow(clippy::large_enum_variant)]
        mod call;
        mod client;
        #(#modules)*
        pub mod meta;
        pub mod model;
        #webhooks
        pub use specwright_client as runtime;
        pub use specwright_client::AnyError as Error;
        pub use self::call::Call;
        pub use self::client::Client;
    }
}

fn crate_docs(cx: Cx<'_>) -> Vec<String> {
    let title = prose::escape(&cx.settings.title);
    let version = prose::escape(&cx.api.version);
    let library = &cx.settings.library;
    let mut lines = vec![format!("Client of the {title} API, version {version}. Unofficial.")];
    if let Some(description) = &cx.api.docs.description {
        lines.push(String::new());
        lines.extend(prose::paragraphs(description));
    }
    lines.extend([
        String::new(),
        "# First call".to_owned(),
        String::new(),
        "```no_run".to_owned(),
        format!("use {library}::runtime::StaticToken;"),
        String::new(),
        format!("# fn example() -> Result<(), {library}::Error> {{"),
        format!("let client = {library}::Client::builder(\"Example/Importer\")"),
        "    .credentials(StaticToken::new(\"the access token\"))".to_owned(),
        "    .build()?;".to_owned(),
        "# Ok(())".to_owned(),
        "# }".to_owned(),
        "```".to_owned(),
    ]);
    lines
}
