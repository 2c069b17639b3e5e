//! The vendor's table of errors: what it calls each way in which a request can fail.

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::document::Document;
use crate::error::StartError;
use crate::fault::SCRIPTED;
use crate::recipe::Recipe;
use crate::refusal::{Cause, Refusal};
use crate::validate::Violation;

/// The form of an error, and the table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ErrorRules {
    /// The body of an error. Blanks: `code`, `type`, `message`, `request_id`, `details`.
    body: Recipe,
    table: Vec<ErrorRow>,
}

/// One error.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorRow {
    status: u16,
    code: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The document does not say that any operation answers with the status.
    #[serde(default)]
    undocumented: bool,
    /// What it is the answer to. Empty: only a fault brings it about.
    #[serde(default)]
    when: Vec<Cause>,
}

impl ErrorRules {
    /// The answer to a request that is refused.
    pub(crate) fn answer(&self, refusal: &Refusal, request_id: &str) -> Answer {
        let row = self.table.iter().find(|row| row.when.contains(&refusal.cause));
        let mut answer = self.written(row, None, &refusal.message, &refusal.details, request_id);
        answer.headers.extend(refusal.headers.clone());
        let code = row.map_or("", |row| row.code.as_str());
        answer.reason = Some(format!("{code}: {}", refusal.words()));
        answer
    }

    /// The answer with this status that a test asks for: of the rows with the status the first, else
    /// the nearest one.
    pub(crate) fn with_status(&self, status: StatusCode, request_id: &str) -> Answer {
        let usual = if status.is_server_error() { Cause::NoBehavior } else { Cause::Unreadable };
        let known = self.table.iter().find(|row| row.status == status.as_u16());
        let row = known.or_else(|| self.table.iter().find(|row| row.when.contains(&usual)));
        let answer = self.written(row, Some(status), SCRIPTED, &[], request_id);
        with_reason(answer, row)
    }

    /// The answer with this code that a test asks for, with the status it has in the table. `None`
    /// if the table lacks it.
    pub(crate) fn with_code(&self, code: &str, request_id: &str) -> Option<Answer> {
        let row = self.table.iter().find(|row| row.code == code)?;
        let answer = self.written(Some(row), None, SCRIPTED, &[], request_id);
        Some(with_reason(answer, Some(row)))
    }

    /// Refuses a table that lacks an error, or has one that the document does not.
    pub(crate) fn check(&self, document: &Document) -> Result<(), StartError> {
        if let Some(blank) = self.body.stranger(&BLANKS) {
            let reason = format!("the blank `{blank}` means nothing here");
            return Err(StartError::profile("/errors/body", reason));
        }
        for (number, row) in self.table.iter().enumerate() {
            let wrong = |reason: String| {
                Err(StartError::profile(&format!("/errors/table/{number}/status"), reason))
            };
            let status = StatusCode::from_u16(row.status).ok();
            let is_error = |it: &StatusCode| it.is_client_error() || it.is_server_error();
            let Some(status) = status.filter(is_error) else {
                return wrong(format!("{} is no status of an error", row.status));
            };
            if !row.undocumented && !document.documents(status) {
                let status = status.as_str();
                let reason = format!(
                    "no operation of the document answers {status}; if the vendor does all the same, \
                     write `undocumented: true`"
                );
                return wrong(reason);
            }
        }
        for cause in Cause::ALL {
            let rows = self.table.iter().filter(|row| row.when.contains(&cause)).count();
            if rows != 1 {
                let reason = format!("{rows} rows are for {cause:?}, not 1");
                return Err(StartError::profile("/errors/table", reason));
            }
        }
        Ok(())
    }

    fn written(
        &self,
        row: Option<&ErrorRow>,
        status: Option<StatusCode>,
        message: &str,
        details: &[Violation],
        request_id: &str,
    ) -> Answer {
        let documented = row.and_then(|row| StatusCode::from_u16(row.status).ok());
        let status = status.or(documented).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = self.body.filled(&mut |blank| match blank.name.as_str() {
            "code" => row.map(|row| json!(row.code)),
            "type" => row.and_then(|row| row.kind.as_ref()).map(|kind| json!(kind)),
            "message" => Some(json!(message)),
            "request_id" => Some(json!(request_id)),
            "details" => (!details.is_empty()).then(|| json!(details)),
            _ => None,
        });
        Answer::json(status, body.unwrap_or(Value::Null))
    }
}

fn with_reason(mut answer: Answer, row: Option<&ErrorRow>) -> Answer {
    answer.reason = row.map(|row| format!("{}: {SCRIPTED}", row.code));
    answer
}

const BLANKS: [&str; 5] = ["code", "type", "message", "request_id", "details"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Body;
    use crate::profile::Profile;

    fn rules(table: &Value) -> ErrorRules {
        let rules = json!({
            "body": {"code": "${code}", "message": "${message}", "at": "${details}"},
            "table": table,
        });
        serde_json::from_value(rules).unwrap()
    }

    fn code(answer: &Answer) -> String {
        match &answer.body {
            Body::Json(body) => body["code"].as_str().unwrap_or_default().to_owned(),
            _ => String::new(),
        }
    }

    /// Why the table is refused for a document whose one operation answers 400.
    fn refused(table: &Value) -> String {
        let operation = json!({"operationId": "a", "responses": {"400": {}}});
        let document = json!({"paths": {"/a": {"get": operation}}}).to_string();
        let document = Document::parse(&document, &Profile::stora().unwrap()).unwrap();
        let error = rules(table).check(&document).unwrap_err().to_string();
        error.strip_prefix("cannot use the profile: ").unwrap().to_owned()
    }

    #[test]
    fn a_cause_without_a_row_is_an_error() {
        let table = json!([{"status": 400, "code": "A", "when": ["unreadable"]}]);
        assert_eq!(refused(&table), "at `#/errors/table`: 0 rows are for TooLarge, not 1");
    }

    #[test]
    fn a_success_is_no_error() {
        let table = json!([{"status": 200, "code": "A"}]);
        assert_eq!(refused(&table), "at `#/errors/table/0/status`: 200 is no status of an error");
    }

    #[test]
    fn a_status_that_the_document_lacks_is_an_error() {
        let table = json!([{"status": 400, "code": "A"}, {"status": 418, "code": "B"}]);
        let reason = "no operation of the document answers 418; if the vendor does all the same, \
                      write `undocumented: true`";
        assert_eq!(refused(&table), format!("at `#/errors/table/1/status`: {reason}"));
    }

    #[test]
    fn a_member_without_a_value_is_left_out() {
        let rules = rules(&json!([{"status": 409, "code": "B", "when": ["conflict"]}]));
        let answer = rules.answer(&Refusal::new(Cause::Conflict, "No."), "r");
        let Body::Json(body) = answer.body else { panic!("JSON was expected") };
        assert_eq!(body, json!({"code": "B", "message": "No."}));
    }

    #[test]
    fn a_status_brings_the_first_row_that_has_it() {
        let rules = rules(&json!([
            {"status": 400, "code": "A", "when": ["unreadable"]},
            {"status": 404, "code": "B", "when": ["no_resource"]},
            {"status": 404, "code": "C", "when": ["no_endpoint"]},
        ]));
        assert_eq!(code(&rules.with_status(StatusCode::NOT_FOUND, "r")), "B");
        assert_eq!(code(&rules.with_status(StatusCode::IM_A_TEAPOT, "r")), "A");
    }

    #[test]
    fn a_code_brings_its_status() {
        let rules = rules(&json!([{"status": 400, "code": "api_error"}]));
        assert_eq!(rules.with_code("api_error", "r").map(|it| it.status.as_u16()), Some(400));
        assert!(rules.with_code("other", "r").is_none());
    }
}
