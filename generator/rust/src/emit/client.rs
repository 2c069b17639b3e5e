//! The client: accessors to the groups around the runtime's client.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Cx, group};

/// `client.rs`.
pub(super) fn emit(cx: Cx<'_>) -> TokenStream {
    let roots = cx.names.modules.iter().filter(|module| module.path.len() == 1);
    let accessors = roots.map(|module| group::accessor(cx, module, &quote!(self), &[]));
    quote! {
        //! The client of the API.
        use std::time::Duration;

        use specwright_client::operation::{Method, Operation};
        use specwright_client::{Builder, Client as Inner, RawRequest, Usage};

        use crate::call::Call;
        use crate::meta::PROFILE;

        /// The client of the API. Cloning it is cheap; clones share connections and credentials.
        #[derive(Clone, Debug)]
        pub struct Client {
            inner: Inner,
        }

        impl Client {
            /// Starts a client. `user_agent` names the product that calls: `Company/App` or
            /// `Company/App/1.0`.
            pub fn builder(user_agent: impl Into<String>) -> Builder<Self> {
                Inner::builder(&PROFILE, user_agent)
            }
            #(#accessors)*
            /// Prepares a request that was made by hand.
            pub fn send<O: Operation>(&self, request: O) -> Call<O> {
                Call::new(&self.inner, request)
            }
            /// Prepares a request that the document does not describe, with the same credentials, limits
            /// and retries. `path` starts with `/` and is sent as it is.
            pub fn request(&self, method: Method, path: &str) -> RawRequest {
                self.inner.request(method, path)
            }
            /// How full the rate windows of the API are for this client's account, as far as this process
            /// knows.
            pub fn quota(&self) -> Vec<Usage> {
                self.inner.quota()
            }
            /// How long so many more requests take at least, by the rate windows of the API.
            pub fn estimate(&self, requests: u32) -> Duration {
                self.inner.estimate(requests)
            }
        }

        impl From<Inner> for Client {
            fn from(inner: Inner) -> Self {
                Self { inner }
            }
        }
    }
}
