//! What the exchanges with one vendor prove, and what is wrong with them.

use std::iter;

use equal::Relaxations;
use serde_json::{Value, json};
use specwright_testkit::sandbox::{RequestEntry, Verdict};
use vendors::{Document, members, schema_name};

use crate::exchange::{Exchanges, RecordedAnswer};
use crate::inputs;
use crate::types::{Types, find};

/// The count of what was right, and each thing that was wrong.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Operations that were called twice: with few inputs, then with all.
    pub(crate) called: usize,
    /// Requests that the sandbox refused.
    pub(crate) refused: usize,
    /// Answers that are Equal.
    pub(crate) equal: usize,
    pub(crate) relaxations: Relaxations,
    pub(crate) wrong: Vec<String>,
}

/// Looks at the exchanges in which each operation of the document was called twice.
pub(crate) fn report(document: &Document, types: Types, exchanges: &Exchanges) -> Report {
    let mut report = Report::default();
    calls(document, exchanges, &mut report);
    refusals(exchanges, &mut report);
    for (request, answer) in exchanges.pairs() {
        report.answer(document, types, request, answer);
    }
    report
}

/// Finds operations that were not called once with few inputs and then once with all.
fn calls(document: &Document, exchanges: &Exchanges, report: &mut Report) {
    for (id, operation) in &document.operations {
        let requests = exchanges.ledger.requests_for(id);
        let [few, all] = requests.as_slice() else {
            report.wrong.push(format!("{id}: called {} times", requests.len()));
            continue;
        };
        let optional = inputs::optional(&document.equal, operation, few);
        let missing = inputs::missing(&document.equal, operation, all);
        if optional.is_empty() && missing.is_empty() {
            report.called += 1;
        }
        let optional = optional.iter().map(|it| format!("{id}: the first call carried {it}"));
        let missing = missing.iter().map(|it| format!("{id}: the second call lacked {it}"));
        report.wrong.extend(optional.chain(missing));
    }
}

/// Finds requests that were refused or meant no operation, and defects of the sandbox itself.
fn refusals(exchanges: &Exchanges, report: &mut Report) {
    for request in &exchanges.ledger.requests {
        let name = request.operation.as_deref().unwrap_or("no operation");
        match &request.verdict {
            Verdict::Answered { status: 200..=399, reason: None } => {}
            verdict => {
                report.refused += 1;
                report.wrong.push(format!("{name} ({}): {verdict:?}", request.path));
            }
        }
        if request.operation.is_none() {
            report.wrong.push(format!("{} {} is no operation", request.method, request.path));
        }
    }
    let defects = exchanges.ledger.defects.iter();
    report.wrong.extend(defects.map(|it| format!("{}: the sandbox: {}", it.operation, it.reason)));
}

impl Report {
    /// Finds out whether an answer is Equal after decode and encode.
    fn answer(
        &mut self,
        document: &Document,
        types: Types,
        request: &RequestEntry,
        answer: &RecordedAnswer,
    ) {
        let Some(id) = &request.operation else { return };
        let operation = &document.operations[id];
        let result = match operation.answer(answer.status).map(|answer| &answer.schema) {
            Some(Some(pointer)) => round_trip(document, types, pointer, &answer.body),
            Some(None) if answer.body.is_empty() => Ok(Relaxations::default()),
            Some(None) => Err("the document knows of no body here".to_owned()),
            None => Err("the document does not know this status".to_owned()),
        };
        match result {
            Ok(relaxations) => {
                self.equal += 1;
                self.relaxations += relaxations;
                self.lists(id, &answer.body);
            }
            Err(reason) => self.wrong.push(format!("{id} ({}): {reason}", answer.status)),
        }
    }

    /// Finds lists without items: that they are Equal proves nothing.
    fn lists(&mut self, id: &str, body: &[u8]) {
        let empty = empty_lists(body);
        if id == WITHOUT_ITEMS {
            if empty.is_empty() {
                self.wrong.push(format!("{id}: it has items and is no exception"));
            }
            return;
        }
        let empty = empty.into_iter();
        self.wrong.extend(empty.map(|list| format!("{id}: the list {list} has no item")));
    }
}

/// The one list of which the document shows no item, because what it holds could not be read.
const WITHOUT_ITEMS: &str = "getInformationRequestAnswers";

/// The lists that an answer consists of and that have no item, as pointers: nothing was decoded of them.
fn empty_lists(body: &[u8]) -> Vec<String> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let lists = members(&body).map(|(name, member)| (format!("/{name}"), member));
    let lists = iter::once((String::new(), &body)).chain(lists);
    lists.filter(|(_, list)| **list == json!([])).map(|(pointer, _)| pointer).collect()
}

/// Decodes a value of the schema at `pointer` into its generated type, encodes it and compares.
pub(crate) fn round_trip(
    document: &Document,
    types: Types,
    pointer: &str,
    came: &[u8],
) -> Result<Relaxations, String> {
    let schema = document.raw().pointer(pointer).unwrap();
    let name = schema_name(schema);
    let round_trip = find(types, &name).ok_or_else(|| format!("no type for {name}"))?;
    let written: Value = parse(&round_trip(came)?)?;
    let equal = document.equal.compare(pointer, &parse(came)?, &written);
    equal.map_err(|unequal| format!("{name} is not Equal:\n{unequal}"))
}

fn parse(text: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(text).map_err(|error| format!("it is no JSON: {error}"))
}
