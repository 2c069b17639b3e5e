//! One operation of the document, ready to be played.

use std::time::Duration;

use http::{HeaderName, Method, StatusCode};
use serde_json::Value;

use crate::document::{Place, covers};
use crate::error::StartError;
use crate::negotiate::JSON;
use crate::params::Parameter;
use crate::route::PathTemplate;
use crate::security::Security;
use crate::shape::Shape;
use crate::validate::{Check, Schemas};

/// An operation.
#[derive(Debug)]
pub(crate) struct Operation {
    /// `operationId`, or the method and path where there is none.
    pub(crate) id: String,
    pub(crate) method: Method,
    pub(crate) template: PathTemplate,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<RequestBody>,
    pub(crate) responses: Vec<Response>,
    pub(crate) security: Security,
    pub(crate) idempotency: Option<IdempotencyRule>,
    pub(crate) pages: Option<PageRule>,
}

/// What an operation takes as a body.
#[derive(Debug)]
pub(crate) struct RequestBody {
    pub(crate) required: bool,
    pub(crate) content: Vec<Content>,
}

/// What an operation answers under one key of its `responses`.
#[derive(Debug)]
pub(crate) struct Response {
    /// `200`, `4XX` or `default`.
    pub(crate) key: String,
    pub(crate) content: Vec<Content>,
    /// `x-specwright-envelope`: the member that holds the result.
    pub(crate) envelope: Option<String>,
}

/// One media type and its schema.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) media_type: String,
    pub(crate) shape: Shape,
    pub(crate) check: Option<Check>,
    pub(crate) examples: Vec<Value>,
}

/// `x-specwright-idempotency-key`.
#[derive(Debug)]
pub(crate) struct IdempotencyRule {
    pub(crate) header: HeaderName,
    pub(crate) retention: Duration,
}

/// `x-specwright-pagination`.
#[derive(Debug)]
pub(crate) enum PageRule {
    Number(NumberedPages),
    Cursor(CursorPages),
}

/// Pages that are asked for by their number.
#[derive(Debug)]
pub(crate) struct NumberedPages {
    /// The query parameter with the number of the page.
    pub(crate) page: String,
    /// The query parameter with the size of a page.
    pub(crate) limit: String,
    /// JSON Pointer to the items of an answer.
    pub(crate) items: String,
    /// JSON Pointer to the object of an answer that tells where the page stands.
    pub(crate) place: String,
    /// JSON Pointer to the number of the next page, which is in that object.
    pub(crate) next: String,
}

/// Pages of which each names the next.
#[derive(Debug)]
pub(crate) struct CursorPages {
    /// The query parameter with the place to go on from.
    pub(crate) cursor: String,
    /// The query parameter with the size of a page.
    pub(crate) limit: String,
    /// JSON Pointer to the items of an answer.
    pub(crate) items: String,
    /// JSON Pointer to the cursor of the next page.
    pub(crate) next: String,
}

impl Operation {
    pub(crate) fn read(
        root: &Place<'_>,
        item: &Place<'_>,
        place: &Place<'_>,
        method: Method,
        path: &str,
        schemas: &Schemas<'_>,
    ) -> Result<Self, StartError> {
        let template = PathTemplate::parse(path).map_err(|reason| item.error(reason))?;
        let id =
            place.text("operationId").map_or_else(|| format!("{method} {path}"), str::to_owned);
        let operation = Self {
            id,
            method,
            parameters: parameters(item, place, schemas)?,
            body: body(place, schemas)?,
            responses: responses(place, schemas)?,
            security: Security::read(root, place)?,
            idempotency: place
                .get("x-specwright-idempotency-key")
                .as_ref()
                .map(idempotency)
                .transpose()?,
            pages: place.get("x-specwright-pagination").as_ref().map(pages).transpose()?,
            template,
        };
        if let Some(name) = operation.undeclared_variable() {
            return Err(place.error(format!("no path parameter `{name}` is declared")));
        }
        Ok(operation)
    }

    /// What the document says about answers with `status`: its own key before its class before
    /// `default`.
    pub(crate) fn response(&self, status: StatusCode) -> Option<&Response> {
        let rank = |response: &&Response| match response.key.as_str() {
            "default" => 0,
            key if key.ends_with("XX") => 1,
            _ => 2,
        };
        self.responses.iter().filter(|response| covers(&response.key, status)).max_by_key(rank)
    }

    /// The documented answer of a request that went well, with its status.
    pub(crate) fn success(&self) -> Option<(StatusCode, &Response)> {
        self.responses.iter().find_map(|response| {
            let status: StatusCode = response.key.parse().ok()?;
            status.is_success().then_some((status, response))
        })
    }

    /// What the document shows of JSON bodies of requests.
    pub(crate) fn request_examples(&self) -> impl Iterator<Item = &Value> {
        let contents = self.body.iter().flat_map(|body| &body.content);
        contents.filter(|content| content.media_type == JSON).flat_map(|content| &content.examples)
    }

    /// What the document shows of JSON answers to requests that went well.
    pub(crate) fn answer_examples(&self) -> impl Iterator<Item = &Value> {
        let contents = self.success().into_iter().flat_map(|(_, response)| &response.content);
        contents.filter(|content| content.media_type == JSON).flat_map(|content| &content.examples)
    }

    /// What the document shows of a path parameter.
    pub(crate) fn path_examples(&self, name: &str) -> impl Iterator<Item = &Value> {
        let parameters = self.parameters.iter();
        parameters
            .filter(move |parameter| parameter.is_in_path() && parameter.name == name)
            .flat_map(|parameter| &parameter.examples)
    }

    /// The names of the query parameters.
    pub(crate) fn query_names(&self) -> impl Iterator<Item = &str> {
        let parameters = self.parameters.iter().filter(|parameter| parameter.is_in_query());
        parameters.map(|parameter| parameter.name.as_str())
    }

    /// The names of the header parameters.
    pub(crate) fn header_names(&self) -> impl Iterator<Item = &str> {
        let parameters = self.parameters.iter().filter(|parameter| parameter.is_in_header());
        parameters.map(|parameter| parameter.name.as_str())
    }

    fn undeclared_variable(&self) -> Option<&str> {
        let declares =
            |parameter: &Parameter, name: &str| parameter.is_in_path() && parameter.name == name;
        self.template
            .variables()
            .find(|name| !self.parameters.iter().any(|parameter| declares(parameter, name)))
    }
}

/// Those of the operation, then those of the path item that it does not override.
fn parameters(
    item: &Place<'_>,
    place: &Place<'_>,
    schemas: &Schemas<'_>,
) -> Result<Vec<Parameter>, StartError> {
    let mut parameters: Vec<Parameter> = Vec::new();
    for parameter in place.items("parameters").into_iter().chain(item.items("parameters")) {
        let Some(parameter) = Parameter::read(&parameter.resolved()?, schemas)? else { continue };
        if !parameters.iter().any(|known| known.overrides(&parameter)) {
            parameters.push(parameter);
        }
    }
    Ok(parameters)
}

fn body(place: &Place<'_>, schemas: &Schemas<'_>) -> Result<Option<RequestBody>, StartError> {
    let Some(body) = place.get("requestBody") else { return Ok(None) };
    let body = body.resolved()?;
    let required = body.value.get("required").and_then(Value::as_bool);
    let content = content(&body, |schema| schemas.check_of_request(schema))?;
    Ok(Some(RequestBody { required: required.unwrap_or(false), content }))
}

fn responses(place: &Place<'_>, schemas: &Schemas<'_>) -> Result<Vec<Response>, StartError> {
    let mut responses = Vec::new();
    for (key, response) in place.members("responses") {
        let response = response.resolved()?;
        let envelope = response
            .members("content")
            .iter()
            .find_map(|(_, media)| media.text("x-specwright-envelope"))
            .map(str::to_owned);
        let content = content(&response, |schema| schemas.check(&schema.pointer))?;
        responses.push(Response { key: key.to_owned(), content, envelope });
    }
    Ok(responses)
}

fn content(
    place: &Place<'_>,
    compiled: impl Fn(&Place<'_>) -> Result<Check, StartError>,
) -> Result<Vec<Content>, StartError> {
    let mut contents = Vec::new();
    for (media_type, media) in place.members("content") {
        let (shape, check) = match media.get("schema") {
            Some(schema) => (Shape::of(&schema)?, Some(compiled(&schema)?)),
            None => (Shape::default(), None),
        };
        let (media_type, examples) = (media_type.to_ascii_lowercase(), media.examples()?);
        contents.push(Content { media_type, shape, check, examples });
    }
    Ok(contents)
}

fn idempotency(place: &Place<'_>) -> Result<IdempotencyRule, StartError> {
    let header = place.text("header").and_then(|name| name.parse().ok());
    let retention = place.number("retention_seconds").map(Duration::from_secs);
    match header.zip(retention) {
        Some((header, retention)) => Ok(IdempotencyRule { header, retention }),
        None => Err(place.error("an idempotency key has a `header` and `retention_seconds`")),
    }
}

fn pages(place: &Place<'_>) -> Result<PageRule, StartError> {
    let text = |name: &str| {
        let text = place.text(name).map(str::to_owned);
        text.ok_or_else(|| place.error(format!("`{name}` is missing")))
    };
    let (limit, items, next) = (text("limit")?, text("items")?, text("next")?);
    let (holder, _) = next
        .rsplit_once('/')
        .ok_or_else(|| place.error("`next` is a JSON Pointer, such as `/meta/next`"))?;
    match place.text("style") {
        Some("page-number") => {
            let (page, place) = (text("page")?, holder.to_owned());
            Ok(PageRule::Number(NumberedPages { page, limit, items, place, next }))
        }
        Some("cursor") => {
            Ok(PageRule::Cursor(CursorPages { cursor: text("cursor")?, limit, items, next }))
        }
        _ => {
            Err(place
                .error("the styles of pages that can be played are `page-number` and `cursor`"))
        }
    }
}
