//! Operations: a request value and what becomes of its answers.

use proc_macro2::TokenStream;
use quote::quote;
use specwright_ir::{
    Body, Case, CaseBody, Codec, Media, Method, Operation, OperationId, Param, ParamStyle,
    PathPart, Place, Shape, Status, Ty,
};

use super::types::Held;
use super::{Cx, docs};
use crate::names::{Input, MAX_POSITIONAL, Name, OperationNames};
use crate::prose;

/// An operation together with what is looked up for it again and again.
#[derive(Clone, Copy)]
pub(super) struct Op<'a> {
    pub(super) cx: Cx<'a>,
    pub(super) operation: &'a Operation,
    pub(super) names: &'a OperationNames,
}

/// An input of a request as a field.
pub(super) struct InputField<'a> {
    pub(super) name: &'a Name,
    pub(super) ty: &'a Ty,
    /// Type of the field without the `Option` around it.
    pub(super) tokens: TokenStream,
    pub(super) optional: bool,
    pub(super) docs: Vec<String>,
    pub(super) deprecated: bool,
}

/// How one body of an answer becomes a value.
#[derive(Clone, PartialEq, Eq)]
struct Reading {
    ty: String,
    codec: Option<Codec>,
    envelope: Option<String>,
}

impl<'a> Op<'a> {
    pub(super) fn new(cx: Cx<'a>, id: OperationId) -> Self {
        Self { cx, operation: &cx.api.operations[id.0], names: cx.names.of_operation(id) }
    }

    /// The names of the modules that lead to the operation.
    pub(super) fn module_path(self) -> impl Iterator<Item = &'a Name> {
        let holds = |module: &&crate::names::Module| {
            module
                .operations
                .iter()
                .any(|id| self.cx.api.operations[id.0].key == self.operation.key)
        };
        self.cx.names.modules.iter().find(holds).into_iter().flat_map(|module| &module.path)
    }

    /// The request, its constructor, its `Operation` impl and the setters of its call.
    pub(super) fn emit(self) -> TokenStream {
        let request = self.request();
        let constructor = self.constructor();
        let operation = self.implementation();
        let pages = super::pages::emit(self);
        let setters = self.setters();
        let bodies = self.body_enums();
        quote!(#request #constructor #operation #pages #setters #bodies)
    }

    /// Required inputs in the order in which a caller gives them.
    pub(super) fn positional(self) -> Vec<InputField<'a>> {
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
                })
            }
            Input::Body => {
                let body = self.operation.body.as_ref()?;
                let media = body.media.first()?;
                let (ty, tokens) = self.cx.media_ty(media);
                let docs = docs::prose_or(&body.docs, "The request body.");
                Some(InputField {
                    name: &self.names.body,
                    ty,
                    tokens,
                    optional,
                    docs,
                    deprecated: false,
                })
            }
        }
    }

    fn request(self) -> TokenStream {
        let name = &self.names.request;
        let otherwise = format!("Calls {}.", prose::code(&self.operation.key));
        let mut lines = docs::prose_or(&self.operation.docs, &otherwise);
        lines.extend([String::new(), self.facts()]);
        let docs = docs::attributes(&lines);
        let deprecated = self.deprecated();
        let default = self.names.positional.is_empty().then(|| quote!(, Default));
        let fields = self.fields().into_iter().map(|field| {
            let docs = docs::attributes(&field.docs);
            let deprecated = field.deprecated.then(
                || quote!(#[deprecated(note = "the API marks this parameter as deprecated")]),
            );
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

    pub(super) fn deprecated(self) -> Option<TokenStream> {
        self.operation
            .deprecated
            .then(|| quote!(#[deprecated(note = "the API marks this operation as deprecated")]))
    }

    /// Method and path, scopes, repetition, pages: one line.
    fn facts(self) -> String {
        let mut facts =
            vec![prose::code(&format!("{} {}", self.operation.method.as_str(), self.path()))];
        facts.push(self.security_words());
        facts.push(match (&self.operation.idempotency, &self.operation.method) {
            (Some(key), _) => format!("sends {}", prose::code(&key.header)),
            (None, Method::Get | Method::Head | Method::Options | Method::Trace) => {
                "safe".to_owned()
            }
            (None, Method::Put | Method::Delete) => "idempotent".to_owned(),
            (None, Method::Post | Method::Patch | Method::Other(_)) => "not idempotent".to_owned(),
        });
        if self.operation.pagination.is_some() {
            facts.push("pages".to_owned());
        }
        facts.join(" · ")
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

    fn path(self) -> String {
        let part = |part: &PathPart| match part {
            PathPart::Text(text) => text.clone(),
            PathPart::Param(name) => format!("{{{name}}}"),
        };
        self.operation.path.parts.iter().map(part).collect()
    }

    fn constructor(self) -> TokenStream {
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
                let ty = self.cx.argument_of(field).ty;
                quote!(#name: #ty)
            });
            let values = positional.iter().map(|field| {
                let name = field.name;
                let value = self.cx.argument_of(field).value;
                if value.to_string() == name.to_string() {
                    quote!(#name)
                } else {
                    quote!(#name: #value)
                }
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

    fn implementation(self) -> TokenStream {
        let name = &self.names.request;
        let meta = super::meta::operation(self.cx, self.operation, &self.path(), self.accept());
        let (output, error) = (self.output_ty(), self.error_ty());
        let encode = self.encode();
        let decode = self.decode();
        quote! {
            impl Operation for #name {
                const META: &'static OperationMeta = &#meta;
                type Output = #output;
                type Error = #error;
                #encode
                fn decode(answer: &Answer) -> Decoded<Self> {
                    #decode
                }
            }
        }
    }

    fn accept(self) -> &'a str {
        let media = self.success_cases().into_iter().find_map(|case| match &case.body {
            CaseBody::Media(media) => media.first(),
            CaseBody::Empty => None,
        });
        media.map_or("application/json", |media| &media.range)
    }

    fn encode(self) -> TokenStream {
        let mut steps: Vec<TokenStream> = self
            .operation
            .params
            .iter()
            .zip(&self.names.params)
            .map(|(p, name)| write_param(p, name))
            .collect();
        let body = self.operation.body.as_ref().and_then(|body| Some((body, body.media.first()?)));
        let mut last = None;
        if let Some((body, media)) = body {
            let field = &self.names.body;
            let optional = !self.names.positional.contains(&Input::Body);
            let value = if optional { quote!(body) } else { quote!(&self.#field) };
            let write = match media.codec {
                _ if offers_codecs(body) => {
                    let codec = &self.names.body_codec;
                    quote!(to.body(self.#codec, #value))
                }
                Codec::Json => quote!(to.json(#value)),
                Codec::Form => quote!(to.form(#value)),
                Codec::Text => {
                    let range = concrete(&media.range, "text/plain");
                    quote!(to.text(#range, #value))
                }
                Codec::Bytes => {
                    let range = concrete(&media.range, "application/octet-stream");
                    quote!(to.bytes(#range, #value))
                }
            };
            if optional {
                last = Some(quote! {
                    match &self.#field {
                        Some(body) => #write,
                        None => Ok(()),
                    }
                });
            } else {
                last = Some(write);
            }
        }
        let last = last.or_else(|| steps.pop());
        let Some(last) = last else {
            return quote! {
                fn encode(&self, _: &mut RequestEncoder) -> Result<(), EncodeError> {
                    Ok(())
                }
            };
        };
        quote! {
            fn encode(&self, to: &mut RequestEncoder) -> Result<(), EncodeError> {
                #(#steps?;)*
                #last
            }
        }
    }

    fn success_cases(self) -> Vec<&'a Case> {
        self.operation.cases.iter().filter(|case| case.status.is_success()).collect()
    }

    fn error_cases(self) -> Vec<&'a Case> {
        let error = |case: &&Case| match case.status {
            Status::Exact(status) => status >= 400,
            Status::Class(class) => class >= 4,
            Status::Default => true,
        };
        self.operation.cases.iter().filter(error).collect()
    }

    fn reading(self, case: &Case) -> Reading {
        match &case.body {
            CaseBody::Media(media) => match media.first() {
                Some(media) => Reading {
                    ty: self.value_ty(media).to_string(),
                    codec: Some(media.codec),
                    envelope: media.envelope.clone(),
                },
                None => Reading { ty: "()".to_owned(), codec: None, envelope: None },
            },
            CaseBody::Empty => Reading { ty: "()".to_owned(), codec: None, envelope: None },
        }
    }

    fn distinct(self, cases: &[&Case]) -> usize {
        let mut types: Vec<String> = cases.iter().map(|case| self.reading(case).ty).collect();
        types.sort();
        types.dedup();
        types.len()
    }

    /// The type of what a successful answer holds.
    pub(super) fn output_ty(self) -> TokenStream {
        let cases = self.success_cases();
        match self.distinct(&cases) {
            0 => quote!(()),
            1 => self.case_ty(cases[0]),
            _ => {
                let name = &self.names.output;
                quote!(#name)
            }
        }
    }

    fn error_ty(self) -> TokenStream {
        let cases = self.described_errors();
        match self.distinct(&cases) {
            0 => quote!(()),
            1 => self.case_ty(cases[0]),
            _ => {
                let name = &self.names.error;
                quote!(#name)
            }
        }
    }

    /// Errors that have a body; one without says no more than its status.
    fn described_errors(self) -> Vec<&'a Case> {
        self.error_cases().into_iter().filter(|case| self.reading(case).codec.is_some()).collect()
    }

    fn case_ty(self, case: &Case) -> TokenStream {
        match &case.body {
            CaseBody::Media(media) => {
                media.first().map_or(quote!(()), |media| self.value_ty(media))
            }
            CaseBody::Empty => quote!(()),
        }
    }

    /// The type of what a caller gets of a body: the whole, or the member of its envelope.
    fn value_ty(self, media: &Media) -> TokenStream {
        match self.envelope(media) {
            Some((_, ty)) => ty,
            None => self.cx.media_ty(media).1,
        }
    }

    /// The member of an envelope: its name and the type it is held in.
    fn envelope(self, media: &Media) -> Option<(&'a Name, TokenStream)> {
        let wire = media.envelope.as_ref()?;
        let (id, shape) = self.cx.shape(&media.ty)?;
        let Shape::Record { fields, .. } = shape else { return None };
        let index = fields.iter().position(|field| field.wire == *wire)?;
        Some((&self.cx.names.of_type(id).members[index], self.cx.field_ty(id, &fields[index])))
    }

    fn decode(self) -> TokenStream {
        let successes = self.success_cases();
        let errors = self.described_errors();
        let many_outputs = self.distinct(&successes) > 1;
        let many_errors = self.distinct(&errors) > 1;
        let mut arms: Vec<(Vec<Status>, TokenStream)> = Vec::new();
        for (cases, reply, many, name) in [
            (successes, quote!(Reply::Success), many_outputs, &self.names.output),
            (errors, quote!(Reply::Failure), many_errors, &self.names.error),
        ] {
            for case in cases {
                let variant = many.then(|| {
                    let variant = case_name(case.status);
                    quote!(#name::#variant)
                });
                let body = self.read_case(case, &reply, variant.as_ref());
                match arms.iter_mut().find(|(_, other)| other.to_string() == body.to_string()) {
                    Some((statuses, _)) => statuses.push(case.status),
                    None => arms.push((vec![case.status], body)),
                }
            }
        }
        if arms.is_empty() {
            return quote!(answer.undocumented());
        }
        // A `match` takes the first arm that fits: the exact statuses must stand before the classes.
        arms.sort_by_key(|(statuses, _)| statuses.iter().map(|status| specificity(*status)).max());
        let default = arms.iter().any(|(statuses, _)| statuses.contains(&Status::Default));
        let rest = (!default).then(|| quote!(_ => answer.undocumented(),));
        let arms = arms.iter().map(|(statuses, body)| {
            let patterns: Vec<TokenStream> = if statuses.contains(&Status::Default) {
                vec![quote!(_)]
            } else {
                statuses.iter().map(|status| pattern(*status)).collect()
            };
            quote!(#(#patterns)|* => #body)
        });
        quote! {
            match answer.status() {
                #(#arms,)*
                #rest
            }
        }
    }

    fn read_case(
        self,
        case: &Case,
        reply: &TokenStream,
        variant: Option<&TokenStream>,
    ) -> TokenStream {
        let CaseBody::Media(media) = &case.body else {
            return empty(reply, variant);
        };
        let Some(media) = media.first() else { return empty(reply, variant) };
        if let Some((member, _)) = self.envelope(media) {
            let whole = self.cx.ty(&media.ty);
            let value = quote!(body.#member);
            let value = variant.map_or(value.clone(), |variant| quote!(#variant(#value)));
            return quote!(answer.json().map(|body: #whole| #reply(#value)));
        }
        let read = match media.codec {
            Codec::Json | Codec::Form => quote!(answer.json()),
            Codec::Text => quote!(answer.text()),
            Codec::Bytes => quote!(answer.bytes()),
        };
        match variant {
            Some(variant) => quote!(#read.map(|body| #reply(#variant(body)))),
            None => quote!(#read.map(#reply)),
        }
    }

    /// Enums of bodies, where an operation has several.
    fn body_enums(self) -> TokenStream {
        let outputs = self.success_cases();
        let errors = self.described_errors();
        let output = (self.distinct(&outputs) > 1)
            .then(|| self.body_enum(&self.names.output, &outputs, "What the API answers"));
        let error = (self.distinct(&errors) > 1).then(|| {
            self.body_enum(&self.names.error, &errors, "What the API says when it refuses")
        });
        quote!(#output #error)
    }

    fn body_enum(self, name: &Name, cases: &[&Case], what: &str) -> TokenStream {
        let doc = format!(" {what} to [`{}`].", self.names.request);
        let variants = cases.iter().map(|case| {
            let variant = case_name(case.status);
            let docs = docs::attributes(&docs::prose_or(&case.docs, &status_text(case.status)));
            match self.reading(case).codec {
                Some(_) => {
                    let ty = self.case_ty(case);
                    quote!(#docs #variant(#ty))
                }
                None => quote!(#docs #variant),
            }
        });
        quote! {
            #[doc = #doc]
            #[derive(Clone, Debug, PartialEq)]
            #[non_exhaustive]
            pub enum #name {
                #(#variants),*
            }
        }
    }

    fn setters(self) -> TokenStream {
        let request = &self.names.request;
        let mut setters: Vec<TokenStream> = self
            .settable()
            .iter()
            .map(|field| {
                let name = field.name;
                let argument = self.cx.argument_of(field);
                let (ty, value) = (argument.ty, argument.value);
                let doc = format!(" Sets [`{request}::{}`].", name.as_str());
                quote! {
                    #[doc = #doc]
                    pub fn #name(mut self, #name: #ty) -> Self {
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
                pub fn #name(mut self, #name: BodyCodec) -> Self {
                    self.request.#name = #name;
                    self
                }
            });
        }
        if setters.is_empty() {
            return TokenStream::new();
        }
        quote! {
            impl Call<#request> {
                #(#setters)*
            }
        }
    }
}

impl<'a> Cx<'a> {
    /// The type of a body: of the schema for JSON and forms, else text or bytes.
    fn media_ty(self, media: &'a Media) -> (&'a Ty, TokenStream) {
        match media.codec {
            Codec::Json | Codec::Form => (&media.ty, self.ty(&media.ty)),
            Codec::Text => (&TEXT, quote!(String)),
            Codec::Bytes => (&BYTES, quote!(Bytes)),
        }
    }

    pub(super) fn argument_of(self, field: &InputField<'_>) -> super::input::Argument {
        self.argument(field.ty, field.name)
    }
}

static TEXT: Ty = Ty::Scalar(specwright_ir::Scalar::String);
static BYTES: Ty = Ty::Scalar(specwright_ir::Scalar::Base64);

fn offers_codecs(body: &Body) -> bool {
    let codecs: Vec<Codec> = body.media.iter().map(|media| media.codec).collect();
    let same = body.media.windows(2).all(|pair| pair[0].ty == pair[1].ty);
    same && codecs.contains(&Codec::Json) && codecs.contains(&Codec::Form)
}

fn write_param(param: &Param, name: &Name) -> TokenStream {
    let wire = &param.wire;
    let value = quote!(&self.#name);
    match (param.place, param.style) {
        (Place::Path, ParamStyle::Simple { explode: false }) => quote!(to.path(#wire, #value)),
        (Place::Path, style) => {
            let style = path_style(style);
            quote!(to.path_styled(#wire, #style, #value))
        }
        (Place::Query, ParamStyle::Json) => quote!(to.query_json(#wire, #value)),
        (Place::Query, style) => {
            let style = query_style(style);
            quote!(to.query(#wire, #style, #value))
        }
        (Place::Header, ParamStyle::Simple { explode: true }) => {
            quote!(to.header_exploded(#wire, #value))
        }
        (Place::Header, _) => quote!(to.header(#wire, #value)),
        (Place::Cookie, _) => quote!(to.cookie(#wire, #value)),
    }
}

fn path_style(style: ParamStyle) -> TokenStream {
    match style {
        ParamStyle::Simple { explode: true } => quote!(PathStyle::SimpleExploded),
        ParamStyle::Label { explode: false } => quote!(PathStyle::Label),
        ParamStyle::Label { explode: true } => quote!(PathStyle::LabelExploded),
        ParamStyle::Matrix { explode: false } => quote!(PathStyle::Matrix),
        ParamStyle::Matrix { explode: true } => quote!(PathStyle::MatrixExploded),
        ParamStyle::Simple { explode: false }
        | ParamStyle::Form { .. }
        | ParamStyle::SpaceDelimited
        | ParamStyle::PipeDelimited
        | ParamStyle::DeepObject
        | ParamStyle::Json => quote!(PathStyle::Simple),
    }
}

fn query_style(style: ParamStyle) -> TokenStream {
    match style {
        ParamStyle::Form { explode: false, .. } => quote!(QueryStyle::Form),
        ParamStyle::SpaceDelimited => quote!(QueryStyle::SpaceDelimited),
        ParamStyle::PipeDelimited => quote!(QueryStyle::PipeDelimited),
        ParamStyle::DeepObject => quote!(QueryStyle::DeepObject),
        ParamStyle::Form { explode: true, .. }
        | ParamStyle::Simple { .. }
        | ParamStyle::Label { .. }
        | ParamStyle::Matrix { .. }
        | ParamStyle::Json => quote!(QueryStyle::FormExploded),
    }
}

fn empty(reply: &TokenStream, variant: Option<&TokenStream>) -> TokenStream {
    match variant {
        Some(variant) => quote!(Ok(#reply(#variant))),
        None => quote!(answer.empty()),
    }
}

/// A media type that can be sent: a range such as `text/*` cannot.
fn concrete<'r>(range: &'r str, otherwise: &'r str) -> &'r str {
    if range.contains('*') { otherwise } else { range }
}

fn specificity(status: Status) -> u32 {
    match status {
        Status::Exact(status) => u32::from(status),
        Status::Class(class) => 1_000 + u32::from(class),
        Status::Default => 2_000,
    }
}

fn pattern(status: Status) -> TokenStream {
    match status {
        Status::Exact(status) => {
            let status = proc_macro2::Literal::u16_unsuffixed(status);
            quote!(#status)
        }
        Status::Class(class) => {
            let first = proc_macro2::Literal::u16_unsuffixed(u16::from(class) * 100);
            let last = proc_macro2::Literal::u16_unsuffixed(u16::from(class) * 100 + 99);
            quote!(#first..=#last)
        }
        Status::Default => quote!(_),
    }
}

fn status_text(status: Status) -> String {
    match status {
        Status::Exact(status) => format!("Status {status}."),
        Status::Class(class) => format!("Any status {class}XX."),
        Status::Default => "Any other status.".to_owned(),
    }
}

/// The variant of a body by its status: `Status404`, `Status4xx`, `Other`.
fn case_name(status: Status) -> Name {
    Name::of_status(status)
}

/// How a member of a record is held decides how a page is read; see `pages`.
pub(super) fn held_of(cx: Cx<'_>, ty: &Ty, wire: &str) -> Option<(Name, Held, Ty)> {
    let (id, shape) = cx.shape(ty)?;
    let Shape::Record { fields, .. } = shape else { return None };
    let index = fields.iter().position(|field| field.wire == wire)?;
    let name = cx.names.of_type(id).members[index].clone();
    Some((name, cx.held(id, &fields[index]), fields[index].ty.clone()))
}
