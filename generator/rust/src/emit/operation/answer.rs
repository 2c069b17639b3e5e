//! How answers are read: by status, success apart from failure.

use proc_macro2::TokenStream;
use quote::quote;
use specwright_ir::{Case, CaseBody, Codec, Media, Shape, Status};

use super::Op;
use super::status::{pattern, rank, share_an_arm};
use crate::emit::docs;
use crate::names::Name;

/// How one body of an answer becomes a value.
#[derive(Clone, PartialEq, Eq)]
struct Reading {
    ty: String,
    codec: Option<Codec>,
    envelope: Option<String>,
}

impl<'a> Op<'a> {
    pub(super) fn accept(self) -> &'a str {
        self.operation.asked_for().map_or("application/json", |media| &media.range)
    }

    /// The type of what a successful answer holds.
    pub(in crate::emit) fn output_ty(self) -> TokenStream {
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

    pub(super) fn error_ty(self) -> TokenStream {
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

    pub(super) fn decode(self) -> TokenStream {
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
                    let variant = Name::of_status(case.status);
                    quote!(#name::#variant)
                });
                let body = self.read_case(case, &reply, variant.as_ref());
                let equal = arms.iter_mut().find(|(statuses, other)| {
                    statuses.iter().all(|status| share_an_arm(*status, case.status))
                        && other.to_string() == body.to_string()
                });
                match equal {
                    Some((statuses, _)) => statuses.push(case.status),
                    None => arms.push((vec![case.status], body)),
                }
            }
        }
        if arms.is_empty() {
            return quote!(answer.undocumented());
        }
        arms.sort_by_key(|(statuses, _)| statuses.iter().map(|status| rank(*status)).max());
        let described = arms.iter().flat_map(|(statuses, _)| statuses);
        let exact: Vec<u16> = described
            .filter_map(|status| match status {
                Status::Exact(status) => Some(*status),
                Status::Class(_) | Status::Default => None,
            })
            .collect();
        let default = arms.iter().any(|(statuses, _)| statuses.contains(&Status::Default));
        let rest = (!default).then(|| quote!(_ => answer.undocumented(),));
        let arms = arms.iter().map(|(statuses, body)| {
            let pattern = pattern(statuses, &exact);
            quote!(#pattern => #body)
        });
        quote! {
            match answer.status() {
                #(#arms,)*
                #rest
            }
        }
    }

    /// Enums of bodies, where an operation has several.
    pub(super) fn body_enums(self) -> TokenStream {
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
            let variant = Name::of_status(case.status);
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

    fn read_case(
        self,
        case: &Case,
        reply: &TokenStream,
        variant: Option<&TokenStream>,
    ) -> TokenStream {
        let media = match &case.body {
            CaseBody::Media(media) => media.first(),
            CaseBody::Empty => None,
            CaseBody::Redirect => return quote!(answer.redirect()),
        };
        let Some(media) = media else { return empty(reply, variant) };
        if let Some((member, _)) = self.envelope(media) {
            let whole = self.cx.ty(&media.ty);
            return match variant {
                Some(variant) => {
                    quote!(answer.json().map(|body: #whole| #reply(#variant(body.#member))))
                }
                None if reply.to_string() == quote!(Reply::Success).to_string() => {
                    quote!(answer.member(|body: #whole| body.#member))
                }
                None => quote!(answer.json().map(|body: #whole| #reply(body.#member))),
            };
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

    fn success_cases(self) -> Vec<&'a Case> {
        self.operation.cases.iter().filter(|case| case.is_success()).collect()
    }

    /// True if some error has a body that the document describes.
    pub(in crate::emit) fn describes_errors(self) -> bool {
        !self.described_errors().is_empty()
    }

    /// True if the document says what comes of a thing that is not there.
    pub(in crate::emit) fn may_be_missing(self) -> bool {
        self.error_cases().iter().any(|case| case.status == Status::Exact(404))
    }

    /// True if all that a success says is where to go.
    pub(in crate::emit) fn answers_with_redirect(self) -> bool {
        self.success_cases().iter().any(|case| case.body == CaseBody::Redirect)
    }

    pub(super) fn error_cases(self) -> Vec<&'a Case> {
        let error = |case: &&Case| match case.status {
            Status::Exact(status) => status >= 400,
            Status::Class(class) => class >= 4,
            Status::Default => true,
        };
        self.operation.cases.iter().filter(error).collect()
    }

    /// Errors that have a body; one without says no more than its status.
    fn described_errors(self) -> Vec<&'a Case> {
        self.error_cases().into_iter().filter(|case| self.has_body(case)).collect()
    }

    pub(super) fn has_body(self, case: &Case) -> bool {
        self.reading(case).codec.is_some()
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
            CaseBody::Redirect => {
                Reading { ty: "Redirect".to_owned(), codec: None, envelope: None }
            }
        }
    }

    fn distinct(self, cases: &[&Case]) -> usize {
        let mut types: Vec<String> = cases.iter().map(|case| self.reading(case).ty).collect();
        types.sort();
        types.dedup();
        types.len()
    }

    fn case_ty(self, case: &Case) -> TokenStream {
        match &case.body {
            CaseBody::Media(media) => {
                media.first().map_or(quote!(()), |media| self.value_ty(media))
            }
            CaseBody::Empty => quote!(()),
            CaseBody::Redirect => quote!(Redirect),
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
        let (id, shape) = self.cx.api.shape(&media.ty)?;
        let Shape::Record { fields, .. } = shape else { return None };
        let index = fields.iter().position(|field| field.wire == *wire)?;
        Some((&self.cx.names.of_type(id).members[index], self.cx.field_ty(id, &fields[index])))
    }
}

fn empty(reply: &TokenStream, variant: Option<&TokenStream>) -> TokenStream {
    match variant {
        Some(variant) => quote!(Ok(#reply(#variant))),
        None => quote!(answer.empty()),
    }
}

fn status_text(status: Status) -> String {
    match status {
        Status::Exact(status) => format!("Status {status}."),
        Status::Class(class) => format!("Any status {class}XX."),
        Status::Default => "Any other status.".to_owned(),
    }
}
