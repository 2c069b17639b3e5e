//! The page on which a person decides, and what follows from the decision.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_FRAME_OPTIONS};
use http::{HeaderValue, StatusCode};

use crate::answer::Answer;
use crate::clock::Moment;
use crate::ledger::{AuthorizationEvent, Journal};
use crate::oauth::AuthorizationServer;
use crate::oauth::authorize::AuthorizationRequest;
use crate::oauth::codes::Code;
use crate::percent::{Plus, decode, pairs};
use crate::secret::{Digest, Secret};

/// The questions that wait for an answer.
#[derive(Debug, Default)]
pub(crate) struct Consents {
    by_digest: BTreeMap<Digest, Consent>,
}

/// A question that waits for an answer.
#[derive(Debug)]
pub(crate) struct Consent {
    pub(crate) request: AuthorizationRequest,
    expires: Moment,
}

impl Consents {
    pub(crate) fn add(&mut self, id: &Secret, consent: Consent) {
        self.by_digest.insert(id.digest(), consent);
    }

    /// Takes a question: it is answered once.
    fn take(&mut self, id: &str, now: Moment) -> Option<AuthorizationRequest> {
        let consent = self.by_digest.remove(&Digest::of(id))?;
        (now < consent.expires).then_some(consent.request)
    }
}

impl Consent {
    pub(crate) fn of(request: AuthorizationRequest, now: Moment) -> Self {
        Self { request, expires: now.plus(PATIENCE) }
    }
}

impl AuthorizationServer {
    /// Answers the form of the page: sends the person back with a code, or without.
    pub(crate) fn decide(&mut self, form: &[u8], journal: &mut Journal, now: Moment) -> Answer {
        let form = Form::read(form);
        let Some(request) = self.consents.take(form.text("consent"), now) else {
            return error_page("The question was answered before, or was never asked.");
        };
        let client = request.client.clone();
        match form.text("decision") {
            "approve" => {}
            "deny" => {
                journal.authorization(now, Some(&client), AuthorizationEvent::Denied);
                let description = "The person did not consent.";
                return request
                    .back
                    .answer(&[("error", "access_denied"), ("error_description", description)]);
            }
            _ => return error_page("There is no such decision."),
        }
        let Some(operator) = self.operators.get(form.text("operator")).cloned() else {
            return error_page("There is no such operator.");
        };
        let value = match self.secrets.invent() {
            Ok(value) => value,
            Err(error) => {
                let description = error.to_string();
                return request
                    .back
                    .answer(&[("error", "server_error"), ("error_description", &description)]);
            }
        };
        journal.hide(&value, "[code]".to_owned());
        let event = AuthorizationEvent::Approved { operator: operator.clone() };
        journal.authorization(now, Some(&client), event);
        let answer = request.back.answer(&[("code", value.expose())]);
        self.codes.issue(
            &value,
            Code {
                client,
                operator,
                redirect_uri: request.back.redirect_uri,
                scopes: request.scopes,
                challenge: request.challenge,
                expires: now.plus(self.rules.code_lifetime()),
                family: None,
            },
        );
        answer
    }
}

/// The page that asks.
pub(crate) fn page(
    id: &Secret,
    request: &AuthorizationRequest,
    operators: &BTreeSet<String>,
) -> Answer {
    let options = each("option", operators);
    let scopes = each("li", &request.scopes);
    let body = format!(
        "<h1>Connect {client}?</h1>\n\
         <p>It asks for:</p>\n<ul>{scopes}</ul>\n\
         <form method=\"post\">\n\
         <input type=\"hidden\" name=\"consent\" value=\"{id}\">\n\
         <p><label>Operator <select name=\"operator\">{options}</select></label></p>\n\
         <p><button name=\"decision\" value=\"approve\">Approve</button>\n\
         <button name=\"decision\" value=\"deny\">Deny</button></p>\n\
         </form>\n",
        client = escaped(&request.client),
        id = escaped(id.expose()),
    );
    html(StatusCode::OK, &body)
}

/// The page for a person who cannot be sent back. It repeats nothing of the request.
pub(crate) fn error_page(reason: &str) -> Answer {
    let body = format!("<h1>This cannot go on</h1>\n<p>{}</p>\n", escaped(reason));
    let mut answer = html(StatusCode::BAD_REQUEST, &body);
    answer.reason = Some(reason.to_owned());
    answer
}

/// The id of the question on a page; for whoever decides without a browser.
pub(crate) fn id_on(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("name=\"consent\" value=\"")?;
    rest.split_once('"').map(|(id, _)| id)
}

fn html(status: StatusCode, body: &str) -> Answer {
    let text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>Sandbox</title>\n</head>\n<body>\n{body}</body>\n</html>\n"
    );
    let media_type = HeaderValue::from_static("text/html; charset=utf-8");
    let mut answer = Answer::file(status, media_type, Bytes::from(text)).uncached();
    // The page runs nothing, is shown in no frame, and its address, which has the state, goes nowhere.
    answer.headers.extend([
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    ]);
    answer
}

/// An element for each of these texts.
fn each(element: &str, texts: &BTreeSet<String>) -> String {
    let elements = texts.iter().map(|text| format!("<{element}>{}</{element}>", escaped(text)));
    elements.collect::<Vec<_>>().concat()
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// The fields of the page's form. Of one that is given twice, the first counts.
struct Form(Vec<(String, String)>);

impl Form {
    fn read(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        let decoded = |raw: &str| decode(raw, Plus::Space).ok();
        Self(pairs(text).filter_map(|(name, value)| decoded(name).zip(decoded(value))).collect())
    }

    fn text(&self, name: &str) -> &str {
        let mut fields = self.0.iter();
        fields.find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }
}

/// How long a question waits for an answer: as long as most servers keep an interaction.
const PATIENCE: Duration = Duration::from_secs(600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_never_markup() {
        assert_eq!(escaped("<a href=\"'&\">"), "&lt;a href=&quot;&#39;&amp;&quot;&gt;");
    }
}
