//! The prepared call: the same text in every crate.
//!
//! It is generated, not a type of the runtime, because setters are inherent methods of a call of
//! one request, and those can only be written where the type is.

use proc_macro2::TokenStream;
use quote::quote;

/// `call.rs`.
pub(super) fn emit() -> TokenStream {
    quote! {
            //! A prepared call.
            use std::future::{Future, IntoFuture};
            use std::pin::Pin;
            use std::time::Duration;

                    use specwright_client::operation::{Operation, Paginated};
            use specwright_client::{
        CallOptions, Client, Download, Error, IdempotencyKey, Items, Lane, Pages, Reissue,
        Response,
    };

            /// A request together with the client that sends it. Nothing is sent before `.await`.
            ///
            /// It comes from a group of operations, or from [`crate::Client::send`]. `.await` gives the answer,
            /// [`Self::send_with_response`] status and headers too, and lists have [`Self::items`]. Setters
            /// fill the optional inputs of the request; what they mean is said at its fields.
            #[derive(Clone, Debug)]
            #[must_use = "nothing is sent before the call is awaited"]
            pub struct Call<O> {
                pub(crate) request: O,
                client: Client,
                options: CallOptions,
            }

            impl<O: Operation> Call<O> {
                pub(crate) fn new(client: &Client, request: O) -> Self {
                    Self { request, client: client.clone(), options: CallOptions::default() }
                }
                /// Sends the request; the same as `.await` on the call.
                pub async fn send(self) -> Result<O::Output, Error<O::Error>> {
                    self.send_with_response().await.map(Response::into_inner)
                }
                /// Sends the request and keeps the status, the headers and the body of the answer.
                pub async fn send_with_response(self) -> Result<Response<O::Output>, Error<O::Error>> {
                    self.client.send(&self.request, self.options).await
                }
                /// Sends the request and gives the body of a success as it comes. `accept` is the media type
                /// that is asked for; the API may have more of them than its document names.
                pub async fn download(
                    self,
                    accept: &'static str,
                ) -> Result<Download, Error<O::Error>> {
                    self.client.download(&self.request, accept, self.options).await
                }
                /// Sets how long the call may take in all: waiting, renewing credentials, every attempt.
                pub fn with_deadline(mut self, deadline: Duration) -> Self {
                    self.options = self.options.with_deadline(deadline);
                    self
                }
                /// Adds a header field to each attempt. A value that no header may hold fails the call.
                pub fn with_header(mut self, name: &str, value: &str) -> Self {
                    self.options = self.options.with_header(name, value);
                    self
                }
                /// Sets how many bytes of a success are held at most; a larger one is an error. Default: 16 MiB.
        /// An error of the API is read whatever is set here.
                pub fn with_max_bytes(mut self, bytes: usize) -> Self {
                    self.options = self.options.with_max_bytes(bytes);
                    self
                }
                /// Sends this idempotency key instead of a random one, for an operation that must stay one
        /// across restarts of the program.
                pub fn with_idempotency_key(mut self, key: IdempotencyKey) -> Self {
                    self.options = self.options.with_idempotency_key(key);
                    self
                }
                /// Makes the call an operation that happens once, however often it is called under this name, by any
        /// process with the same journal; [`Builder::journal`](crate::runtime::Builder::journal) says where
        /// it is.
                pub fn with_operation(mut self, name: &str) -> Self {
                    self.options = self.options.with_operation(name);
                    self
                }
                /// Carries out an operation with a name under another key, after a look has found no effect of the
        /// first one: [`OperationInDoubt`](crate::runtime::OperationInDoubt).
                pub fn with_reissue(mut self, right: Reissue) -> Self {
                    self.options = self.options.with_reissue(right);
                    self
                }
                /// Waits in this lane where the rate windows of the API are full: what somebody waits for goes
        /// before what can wait. Default: [`Lane::Interactive`], and [`Lane::Bulk`] for [`Self::pages`]
        /// and [`Self::items`].
                pub fn with_lane(mut self, lane: Lane) -> Self {
                    self.options = self.options.with_lane(lane);
                    self
                }
                /// The request as it stands.
                pub fn as_request(&self) -> &O {
                    &self.request
                }
                /// The request, to be kept or sent later.
                pub fn into_request(self) -> O {
                    self.request
                }
            }

            impl<O: Paginated> Call<O> {
                /// The answers page by page, each fetched when it is asked for.
                pub fn pages(self) -> Pages<O> {
                    Pages::new(self.client, self.request, self.options)
                }
                /// The items of all pages, each page fetched when its first item is asked for.
                pub fn items(self) -> Items<O> {
                    Items::new(self.pages())
                }
            }

            impl<O: Operation> IntoFuture for Call<O> {
                type Output = Result<O::Output, Error<O::Error>>;
                type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;
                fn into_future(self) -> Self::IntoFuture {
                    Box::pin(self.send())
                }
            }
        }
}
