//! Request values: what a caller hands in.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use specwright_ir::{Body, Case, Codec, Media, Method, Scalar, Status, Ty};

use super::Op;
use crate::emit::input::Argument;
use crate::emit::{Cx, docs};
use crate::names::{Input, MAX_POSITIONAL, Name};
use crate::prose;

/// An input of a request as a field.
pub(in crate::emit) struct InputField<'a> {
    pub(in crate::emit) name: &'a Name,
    pub(in crate::emit) ty: &'a Ty,
    /// Type of the field without the `Option` around it.
    pub(in crate::emit) tokens: TokenStream,
    pub(in crate::emit) optional: bool,
    pub(in crate::emit) docs: Vec<String>,
    pub(in crate::emit) deprecated: bool,
    /// It is a body that is sent as it is: bytes, or an upload.
    is_raw: bool,
}

impl InputField<'_> {
    /// The argument that fills the field.
    pub(in crate::emit) fn argument(&self, cx: Cx<'_>, name: &impl ToTokens) -> Argument {
        if self.is_raw {
            let ty = quote!(impl Into<RequestBody>);
            return Argument { ty, value: quote!(#name.into()) };
        }
        cx.argument(self.ty, name)
    }
}

impl<'a> Op<'a> {
    /// Required inputs in the order in which a caller gives them.
    pub(in crate::emit) fn positional(self) -> Vec<InputField<'a>> {
        self.names.positional.iter().filter_map(|input| self.input(*input)).collect()
    }

    /// The inputs that setters fill.
    fn settable(self) -> Vec<InputField<'a>> {
        let body = self.operation.body.as_ref().map(|_| Input::Body);
        let inputs = (0..self.operation.params.len()).map(Input::Param).chain(body);
        inputs
            .filter(|input| !self.names.positional.contains(input))
            .filter_map(|input| self.input(input))
            .collect()
    }

    /// True if the request has one field and no other.
    pub(in crate::emit) fn has_one_field(self) -> bool {
        self.fields().len() == 1 && !self.offers_codecs()
    }

    fn fields(self) -> Vec<InputField<'a>> {
        let mut fields = self.positional();
        fields.extend(self.settable());
        fields
    }

    fn input(self, input: Input) -> Option<InputField<'a>> {
        let optional = !self.names.positional.contains(&input);
        match input {
            Input::Param(index) => {
                let param = &self.operation.params[index];
                let name = &self.names.params[index];
                let tokens = self.cx.ty(&param.ty);
                let docs = docs::of_param(param, name);
                Some(InputField {
                    name,
                    ty: &param.ty,
                    tokens,
                    optional,
                    docs,
                    deprecated: param.deprecated,
                    is_raw: false,
                })
            }
            Input::Body => {
                let body = self.operation.body.as_ref()?;
                let media = body.media.first()?;
                let (ty, tokens) = self.cx.media_ty(media);
                let is_raw = body.is_raw();
                let tokens = if is_raw { quote!(RequestBody) } else { tokens };
                let docs = docs::prose_or(&body.docs, "The request body.");
                Some(InputField {
                    name: &self.names.body,
                    ty,
                    tokens,
                    optional,
                    docs,
                    deprecated: false,
                    is_raw,
                })
            }
        }
    }

    pub(super) fn request(self) -> TokenStream {
        let name = &self.names.request;
        let otherwise = format!("Calls {}.", prose::code(&self.operation.key));
        let mut lines = docs::prose_or(&self.operation.docs, &otherwise);
        // Prose has lists with another marker, so these items never become part of one.
        let facts = [Some(self.facts()), self.errors()].into_iter().flatten();
        lines.extend(facts.map(|fact| format!("* {fact}")));
        let docs = docs::attributes(&lines);
        let deprecated = self.deprecated();
        let default = self.names.positional.is_empty().then(|| quote!(, Default));
        let fields = self.fields().into_iter().map(|field| {
            let docs = docs::attributes(&field.docs);
            let deprecated = docs::deprecated(field.deprecated, "parameter");
            let (name, ty) = (field.name, field.tokens);
            let ty = if field.optional { quote!(Option<#ty>) } else { ty };
            quote!(#docs #deprecated pub #name: #ty)
        });
        let codec = self.offers_codecs().then(|| {
            let name = &self.names.body_codec;
            quote! {
                #[doc = " How the body is written. Default: JSON."]
                pub #name: BodyCodec,
            }
        });
        quote! {
            #docs
            #deprecated
            #[derive(Clone, Debug #default)]
            #[non_exhaustive]
            pub struct #name {
                #(#fields,)*
                #codec
            }
        }
    }

    /// Method and path, scopes, repetition, pages, other forms of the answer: one line.
    fn facts(self) -> String {
        let mut facts =
            vec![prose::code(&format!("{} {}", self.operation.method.as_str(), self.path()))];
        facts.push(self.security_words());
        facts.push(match (&self.operation.idempotency, self.operation.method) {
            (Some(key), _) => format!("sends {}", prose::code(&key.header)),
            (None, Method::Get | Method::Head | Method::Options | Method::Trace) => {
                "safe".to_owned()
            }
            (None, Method::Put | Method::Delete) => "idempotent".to_owned(),
            (None, Method::Post | Method::Patch) => "not idempotent".to_owned(),
        });
        if let Some(pagination) = &self.operation.pagination {
            let keyed = pagination.identity.is_some();
            facts.push(if keyed { "pages" } else { "pages of items without ids" }.to_owned());
        }
        if self.answers_with_redirect() {
            facts.push("gives a redirect, which is not followed".to_owned());
        }
        let downloads = self.operation.downloads().into_iter().zip(&self.names.downloads);
        facts.extend(downloads.map(|(media, method)| {
            format!("{} by `{}`", prose::code(&media.range), method.as_str())
        }));
        facts.join(" · ")
    }

    /// The statuses of errors, with the type of their body.
    fn errors(self) -> Option<String> {
        let (described, bare): (Vec<&Case>, Vec<&Case>) =
            self.error_cases().into_iter().partition(|case| self.has_body(case));
        let [described, bare] = [described, bare].map(|cases| self.statuses(&cases));
        let mut words = Vec::new();
        if !described.is_empty() {
            let body = self.linked(&self.error_ty());
            words.push(format!("{} as {body}", described.join(", ")));
        }
        words.extend(bare);
        (!words.is_empty()).then(|| format!("Errors: {}.", words.join(", ")))
    }

    /// The statuses that the document describes as errors.
    pub(in crate::emit) fn error_statuses(self) -> Vec<String> {
        self.statuses(&self.error_cases())
    }

    fn statuses(self, cases: &[&Case]) -> Vec<String> {
        // A default beside nothing else is no other one.
        let alone = self.error_cases().len() == 1;
        let status = |case: &&Case| match case.status {
            Status::Exact(status) => status.to_string(),
            Status::Class(class) => format!("{class}XX"),
            Status::Default if alone => "any status".to_owned(),
            Status::Default => "any other".to_owned(),
        };
        cases.iter().map(status).collect()
    }

    /// A type as documentation names it, with a link if it is one of the crate's.
    fn linked(self, ty: &TokenStream) -> String {
        let text = ty.to_string().replace(' ', "");
        let known = self.cx.is_model(&text) || text == self.names.error.as_str();
        if known { format!("[`{text}`]") } else { format!("`{text}`") }
    }

    fn security_words(self) -> String {
        let alternatives: Vec<String> = self
            .operation
            .security
            .iter()
            .map(|requirement| {
                let mut words: Vec<String> = Vec::new();
                for (scheme, scopes) in &requirement.schemes {
                    if scopes.is_empty() {
                        words.extend(
                            self.cx
                                .api
                                .schemes
                                .get(scheme.0)
                                .map(|scheme| prose::code(&scheme.name)),
                        );
                    }
                    words.extend(scopes.iter().map(|scope| prose::code(scope)));
                }
                words.join(" and ")
            })
            .collect();
        let mut distinct: Vec<String> = Vec::new();
        for words in alternatives {
            let words = if words.is_empty() { "nothing".to_owned() } else { words };
            if !distinct.contains(&words) {
                distinct.push(words);
            }
        }
        if distinct.is_empty() || distinct == ["nothing"] {
            "no credentials".to_owned()
        } else {
            format!("needs {}", distinct.join(" or "))
        }
    }

    pub(super) fn constructor(self) -> TokenStream {
        let name = &self.names.request;
        let positional = self.positional();
        let (args, new) = if positional.is_empty() {
            (
                None,
                quote!(
                    pub fn new() -> Self {
                        Self::default()
                    }
                ),
            )
        } else if positional.len() <= MAX_POSITIONAL {
            let parameters = positional.iter().map(|field| {
                let name = field.name;
                let ty = field.argument(self.cx, name).ty;
                quote!(#name: #ty)
            });
            let values = positional.iter().map(|field| {
                let name = field.name;
                let value = field.argument(self.cx, name).value;
                let converts = value.to_string() != name.to_token_stream().to_string();
                if converts { quote!(#name: #value) } else { quote!(#name) }
            });
            let absent = self.absent();
            let new = quote! {
                pub fn new(#(#parameters),*) -> Self {
                    Self { #(#values,)* #(#absent),* }
                }
            };
            (None, new)
        } else {
            let args = &self.names.args;
            let names = positional.iter().map(|field| field.name);
            let absent = self.absent();
            let new = quote! {
                pub fn new(args: #args) -> Self {
                    Self { #(#names: args.#names,)* #(#absent),* }
                }
            };
            (Some(self.args_struct(&positional)), new)
        };
        quote! {
            #args
            impl #name {
                #[doc = " A request with everything that the API requires."]
                #new
            }
        }
    }

    fn args_struct(self, positional: &[InputField<'_>]) -> TokenStream {
        let (args, request) = (&self.names.args, &self.names.request);
        let doc = format!(" What [`{request}::new`] needs.");
        let fields = positional.iter().map(|field| {
            let (name, ty) = (field.name, &field.tokens);
            let doc = format!(" [`{request}::{}`].", name.as_str());
            quote!(#[doc = #doc] pub #name: #ty)
        });
        quote! {
            #[doc = #doc]
            #[derive(Clone, Debug)]
            pub struct #args {
                #(#fields),*
            }
        }
    }

    fn absent(self) -> Vec<TokenStream> {
        let mut absent: Vec<TokenStream> = Vec::new();
        for field in self.settable() {
            let name = field.name;
            absent.push(quote!(#name: None));
        }
        if self.offers_codecs() {
            let name = &self.names.body_codec;
            absent.push(quote!(#name: BodyCodec::Json));
        }
        absent
    }

    /// True if the caller may choose between JSON and a form.
    fn offers_codecs(self) -> bool {
        self.operation.body.as_ref().is_some_and(offers_codecs)
    }

    /// The methods of a prepared call that this request has alone.
    pub(super) fn on_call(self) -> TokenStream {
        let request = &self.names.request;
        let mut methods = self.downloads();
        methods.extend(self.setters());
        if methods.is_empty() {
            return TokenStream::new();
        }
        quote! {
            impl Call<#request> {
                #(#methods)*
            }
        }
    }

    fn downloads(self) -> Vec<TokenStream> {
        let error = self.error_ty();
        let downloads = self.operation.downloads().into_iter().zip(&self.names.downloads);
        let method = |(media, name): (&Media, &Name)| {
            let range = &media.range;
            let what = prose::code(range);
            let doc = format!(" Sends the request and gives the answer as it comes, as {what}.");
            quote! {
                #[doc = #doc]
                pub async fn #name(self) -> Result<Download, Error<#error>> {
                    self.download(#range).await
                }
            }
        };
        downloads.map(method).collect()
    }

    fn setters(self) -> Vec<TokenStream> {
        let request = &self.names.request;
        let mut setters: Vec<TokenStream> = self
            .settable()
            .iter()
            .map(|field| {
                let name = field.name;
                let Argument { ty, value } = field.argument(self.cx, &quote!(value));
                let doc = format!(" Sets [`{request}::{}`].", name.as_str());
                let deprecated = docs::deprecated(field.deprecated, "parameter");
                quote! {
                    #[doc = #doc]
                    #deprecated
                    pub fn #name(mut self, value: #ty) -> Self {
                        self.request.#name = Some(#value);
                        self
                    }
                }
            })
            .collect();
        if self.offers_codecs() {
            let name = &self.names.body_codec;
            let doc = format!(" Sets [`{request}::{}`].", name.as_str());
            setters.push(quote! {
                #[doc = #doc]
                pub fn #name(mut self, value: BodyCodec) -> Self {
                    self.request.#name = value;
                    self
                }
            });
        }
        setters
    }
}

impl<'a> Cx<'a> {
    /// The type of a body: of the schema for JSON and forms, else text or bytes.
    pub(super) fn media_ty(self, media: &'a Media) -> (&'a Ty, TokenStream) {
        match media.codec {
            Codec::Json | Codec::Form => (&media.ty, self.ty(&media.ty)),
            Codec::Text => (&TEXT, quote!(String)),
            Codec::Bytes => (&BYTES, quote!(Bytes)),
        }
    }
}

static TEXT: Ty = Ty::Scalar(Scalar::String);
static BYTES: Ty = Ty::Scalar(Scalar::Base64);

pub(super) fn offers_codecs(body: &Body) -> bool {
    let codecs: Vec<Codec> = body.media.iter().map(|media| media.codec).collect();
    let same = body.media.windows(2).all(|pair| pair[0].ty == pair[1].ty);
    same && codecs.contains(&Codec::Json) && codecs.contains(&Codec::Form)
}
