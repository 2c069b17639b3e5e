//! Which of its inputs a request carried, by the ledger.

use std::collections::BTreeSet;

use equal::Equal;
use specwright_testkit::sandbox::RequestEntry;

use vendors::{Operation, ParameterPlace};

/// The inputs that the request carried and may go without.
pub(crate) fn optional(
    equal: &Equal,
    operation: &Operation,
    request: &RequestEntry,
) -> Vec<String> {
    let mut found = parameters(operation, |required| !required, |given| given, request);
    if let (Some(body), Some(value)) = (&operation.body, &request.body) {
        let members = equal.members(&body.schema, value).unwrap();
        found.extend(members.optional.into_iter().map(|pointer| format!("body {pointer}")));
        if !body.required {
            found.push("body".to_owned());
        }
    }
    found
}

/// The inputs that the operation takes and the request did not carry.
pub(crate) fn missing(equal: &Equal, operation: &Operation, request: &RequestEntry) -> Vec<String> {
    let mut found = parameters(operation, |_| true, |given| !given, request);
    match (&operation.body, &request.body) {
        (Some(body), Some(value)) => {
            let members = equal.members(&body.schema, value).unwrap();
            found.extend(members.missing.into_iter().map(|pointer| format!("body {pointer}")));
        }
        (Some(_), None) => found.push("body".to_owned()),
        (None, _) => {}
    }
    found
}

/// The alternatives that the body of the request was, as pointers into the document.
pub(crate) fn alternatives(
    equal: &Equal,
    operation: &Operation,
    request: &RequestEntry,
) -> BTreeSet<String> {
    let body = operation.body.as_ref().zip(request.body.as_ref());
    let members = body.map(|(body, value)| equal.members(&body.schema, value).unwrap());
    members.map(|members| members.alternatives).unwrap_or_default()
}

fn parameters(
    operation: &Operation,
    is_meant: impl Fn(bool) -> bool,
    is_found: impl Fn(bool) -> bool,
    request: &RequestEntry,
) -> Vec<String> {
    let meant = operation.parameters.iter().filter(|parameter| is_meant(parameter.required));
    let found = meant.filter_map(|parameter| {
        let name = &parameter.name;
        let (given, place) = match parameter.place {
            ParameterPlace::Query => (in_query(&request.query, name), "query"),
            ParameterPlace::Header => {
                (request.header(&name.to_ascii_lowercase()).is_some(), "header")
            }
            // The request would have meant another operation.
            ParameterPlace::Path => return None,
        };
        is_found(given).then(|| format!("{place} {name}"))
    });
    found.collect()
}

/// Whether the query names the parameter, alone or with a key behind it (`deepObject`).
fn in_query(query: &str, name: &str) -> bool {
    query.split('&').any(|pair| {
        let key = pair.split_once('=').map_or(pair, |(key, _)| key);
        let key = key.replace("%5B", "[").replace("%5D", "]");
        key == name || key.strip_prefix(name).is_some_and(|rest| rest.starts_with('['))
    })
}
