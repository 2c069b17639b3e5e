//! The vendor's table of errors: what it calls each way in which a request can fail.

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::Answer;
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

    /// Says what the table lacks.
    pub(crate) fn check(&self) -> Result<(), String> {
        if let Some(blank) =
            self.body.stranger(&["code", "type", "message", "request_id", "details"])
        {
            return Err(format!("the body of errors has an unknown blank `{blank}`"));
        }
        for row in &self.table {
            if !(400..=599).contains(&row.status) {
                return Err(format!("{} is no status of an error", row.status));
            }
        }
        for cause in Cause::ALL {
            let rows = self.table.iter().filter(|row| row.when.contains(&cause)).count();
            if rows != 1 {
                return Err(format!("{rows} rows of the table of errors are for {cause:?}, not 1"));
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

const SCRIPTED: &str = "A fault that was asked for.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Body;

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

    #[test]
    fn a_cause_without_a_row_is_an_error() {
        let found = rules(&json!([{"status": 400, "code": "A", "when": ["unreadable"]}])).check();
        assert_eq!(found.unwrap_err(), "0 rows of the table of errors are for TooLarge, not 1");
    }

    #[test]
    fn a_success_is_no_error() {
        let found = rules(&json!([{"status": 200, "code": "A"}])).check();
        assert_eq!(found.unwrap_err(), "200 is no status of an error");
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
