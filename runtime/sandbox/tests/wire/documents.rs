//! Both documents whole: every operation is played with the document's own examples, once with only
//! the required inputs and once with all of them.
//!
//! The requests are put together here from the raw document, by rules that know nothing of profiles.

use serde_json::{Map, Value};
use specwright_sandbox::{Profile, Sandbox};

use crate::client::{Answer, call_with, options, stora, understory};

const STORA: &str = include_str!("../../profiles/stora-2025-09/openapi.json");
const UNDERSTORY: &str = include_str!("../../profiles/understory-v1/openapi.json");

/// Not about resources, or not possible with what the examples show.
const ELSEWHERE: [&str; 3] = ["oauth2_token", "oauth2_revoke", "delete_contact"];

#[tokio::test]
async fn no_operation_and_no_query_parameter_of_understory_is_left_out() {
    assert_eq!(understory().await.unplayed(), [""; 0]);
}

#[tokio::test]
async fn an_operation_without_behavior_is_reported() {
    let profile = include_str!("../../profiles/understory-v1/profile.yaml");
    let profile = profile.replace("      getOrder: show\n", "") + "others: validated\n";
    let profile = profile.replace("      to: { field: created_at, keep: before }\n", "");
    let profile = Profile::from_yaml(&profile).unwrap();
    let options = options().with_profile(profile).with_document(UNDERSTORY);
    let sandbox = Sandbox::start(options).await.unwrap();
    assert_eq!(sandbox.unplayed(), ["getBookings?to", "getOrders?to", "getOrder"]);
}

#[tokio::test]
async fn no_operation_and_no_query_parameter_of_stora_is_left_out() {
    assert_eq!(stora().await.unplayed(), [""; 0]);
}

#[tokio::test]
async fn every_operation_of_stora_takes_the_examples_of_its_document() {
    assert_eq!(play(STORA, Vendor::Stora).await, 63);
}

#[tokio::test]
async fn every_operation_of_understory_takes_the_examples_of_its_document() {
    assert_eq!(play(UNDERSTORY, Vendor::Understory).await, 25);
}

#[derive(Clone, Copy)]
enum Vendor {
    Stora,
    Understory,
}

/// Plays each operation in an account of its own; gives how many there are.
async fn play(document: &str, vendor: Vendor) -> usize {
    let document: Value = serde_json::from_str(document).unwrap();
    let mut count = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(id) = operation["operationId"].as_str() else { continue };
            count += 1;
            if ELSEWHERE.contains(&id) {
                continue;
            }
            for body in bodies(&document, operation) {
                for inputs in [Inputs::Required, Inputs::All] {
                    let sandbox = match vendor {
                        Vendor::Stora => stora().await,
                        Vendor::Understory => understory().await,
                    };
                    let request = Request::of(&document, item, operation, inputs);
                    let line = format!("{} {path}", method.to_ascii_uppercase());
                    let answer = request.send(&sandbox, &line, &body).await;
                    assert!((200..300).contains(&answer.status), "{id} {body}: {answer:?}");
                    assert_eq!(sandbox.ledger().defects, [], "{id}");
                }
            }
        }
    }
    count
}

/// The bodies in the examples; an empty one if the operation takes none.
fn bodies(document: &Value, operation: &Value) -> Vec<String> {
    let examples = &operation["requestBody"]["content"]["application/json"]["examples"];
    let Some(examples) = examples.as_object() else { return vec![String::new()] };
    examples.values().map(|it| resolved(document, it)["value"].to_string()).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inputs {
    Required,
    All,
}

#[derive(Default)]
struct Request {
    path: Vec<(String, String)>,
    query: Vec<String>,
    headers: Vec<(String, String)>,
}

impl Request {
    fn of(document: &Value, item: &Value, operation: &Value, inputs: Inputs) -> Self {
        let mut request = Self::default();
        for holder in [item, operation] {
            for parameter in holder["parameters"].as_array().into_iter().flatten() {
                let parameter = resolved(document, parameter);
                let name = parameter["name"].as_str().unwrap();
                let example = &parameter["example"];
                let wanted = inputs == Inputs::All || parameter["required"] == true;
                // A cursor is good only if it was given out, and names to expand differ by resource.
                if !wanted || example.is_null() || ["cursor", "expand"].contains(&name) {
                    continue;
                }
                match parameter["in"].as_str().unwrap() {
                    "path" => request.path.push((name.to_owned(), text(example))),
                    "header" => request.headers.push((name.to_owned(), text(example))),
                    _ => request.query.extend(pairs(name, example)),
                }
            }
        }
        request
    }

    async fn send(&self, sandbox: &Sandbox, line: &str, body: &str) -> Answer {
        let mut line = line.to_owned();
        for (name, value) in &self.path {
            line = line.replace(&format!("{{{name}}}"), value);
        }
        if !self.query.is_empty() {
            line = format!("{line}?{}", self.query.join("&"));
        }
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        call_with(sandbox, &line, &headers, body).await
    }
}

fn pairs(name: &str, example: &Value) -> Vec<String> {
    match example {
        Value::Object(members) => deep_object(name, members),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| encoded(&text(item))).collect();
            vec![format!("{name}={}", items.join(","))]
        }
        other => vec![format!("{name}={}", encoded(&text(other)))],
    }
}

fn deep_object(name: &str, members: &Map<String, Value>) -> Vec<String> {
    let pair = |(member, value): (&String, &Value)| format!("{name}[{member}]={}", text(value));
    members.iter().map(pair).collect()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn encoded(text: &str) -> String {
    text.replace('%', "%25").replace('+', "%2B").replace(' ', "%20")
}

fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}
