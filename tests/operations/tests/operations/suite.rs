//! The suite: its closing line, and that it finds what it is there to find.

use specwright_testkit::sandbox::Verdict;

use crate::exchange::Exchanges;
use crate::report::{Report, report};
use crate::{stora, understory};

#[tokio::test]
async fn every_operation_is_called_with_few_and_with_all_inputs_and_none_is_refused() {
    let stora = report(&stora::document(), stora::TYPES, &stora::run().await);
    let understory = report(&understory::document(), understory::TYPES, &understory::run().await);
    tell("stora", &stora);
    tell("understory", &understory);
    let line = format!(
        "operations: {} called (stora {}, understory {}), {} refused",
        stora.called + understory.called,
        stora.called,
        understory.called,
        stora.refused + understory.refused
    );
    println!("{line}");
    let wrong = stora.wrong.len() + understory.wrong.len();
    assert_eq!(wrong, 0, "see above");
    assert_eq!(line, "operations: 88 called (stora 63, understory 25), 0 refused");
}

#[tokio::test]
async fn an_operation_that_is_not_called_is_found() {
    let wrong = wrong_after(|exchanges| {
        exchanges.ledger.requests.pop();
        exchanges.answers.pop();
    });
    assert_eq!(wrong.await, ["deleteWebhookSubscription: called 1 times"]);
}

#[tokio::test]
async fn a_refusal_is_found() {
    let wrong = wrong_after(|exchanges| {
        let reason = Some("a reason".to_owned());
        exchanges.ledger.requests[0].verdict = Verdict::Answered { status: 400, reason };
    });
    let refusal =
        r#"getBookings (/v1/bookings): Answered { status: 400, reason: Some("a reason") }"#;
    assert_eq!(wrong.await, [refusal]);
}

#[tokio::test]
async fn a_success_with_a_reason_is_found() {
    let wrong = wrong_after(|exchanges| {
        let reason = Some("a reason".to_owned());
        exchanges.ledger.requests[0].verdict = Verdict::Answered { status: 200, reason };
    });
    let refusal =
        r#"getBookings (/v1/bookings): Answered { status: 200, reason: Some("a reason") }"#;
    assert_eq!(wrong.await, [refusal]);
}

#[tokio::test]
async fn an_input_too_many_in_the_first_call_is_found() {
    let wrong = wrong_after(|exchanges| {
        let first = exchanges.first("getEvents");
        exchanges.ledger.requests[first].query = "limit=1".to_owned();
    });
    assert_eq!(wrong.await, ["getEvents: the first call carried query limit"]);
}

#[tokio::test]
async fn a_parameter_that_is_missing_in_the_second_call_is_found() {
    let wrong = wrong_after(|exchanges| {
        let second = exchanges.second("getEvents");
        exchanges.ledger.requests[second].query = "limit=1&cursor=&to=a".to_owned();
    });
    assert_eq!(wrong.await, ["getEvents: the second call lacked query from"]);
}

#[tokio::test]
async fn a_header_that_is_missing_in_the_second_call_is_found() {
    let wrong = wrong_after(|exchanges| {
        let second = exchanges.second("getExperiences");
        let headers = &mut exchanges.ledger.requests[second].headers;
        headers.retain(|(name, _)| name != "accept-language");
    });
    assert_eq!(wrong.await, ["getExperiences: the second call lacked header Accept-Language"]);
}

#[tokio::test]
async fn a_member_that_is_missing_in_the_second_call_is_found() {
    let wrong = wrong_after(|exchanges| {
        let second = exchanges.second("createBooking");
        let body = exchanges.ledger.requests[second].body.as_mut().unwrap();
        body["customer"]["address"].as_object_mut().unwrap().remove("city");
    });
    assert_eq!(wrong.await, ["createBooking: the second call lacked body /customer/address/city"]);
}

#[tokio::test]
async fn an_answer_that_does_not_fit_its_type_is_found() {
    let wrong = wrong_after(|exchanges| {
        let first = exchanges.first("getEvent");
        exchanges.answers[first].body = b"{}".to_vec();
    });
    assert_eq!(
        wrong.await,
        [
            "getEvent (200): it does not decode: expected the member `id` at the top (line 1, column 1), found none"
        ]
    );
}

#[tokio::test]
async fn a_list_without_items_is_found() {
    let wrong = wrong_after(|exchanges| {
        let first = exchanges.first("getEvents");
        exchanges.answers[first].body = br#"{"items":[]}"#.to_vec();
    });
    assert_eq!(wrong.await, ["getEvents: the list /items has no item"]);
}

#[tokio::test]
async fn a_success_that_is_not_documented_is_found() {
    let wrong = wrong_after(|exchanges| {
        let first = exchanges.first("getEvent");
        exchanges.answers[first].status = 203;
    });
    assert_eq!(wrong.await, ["getEvent (203): the document does not know this status"]);
}

#[expect(clippy::print_stdout, reason = "what is wrong stands before the closing line")]
fn tell(vendor: &str, report: &Report) {
    for wrong in &report.wrong {
        println!("{vendor}: {wrong}");
    }
    println!("{vendor}: {} answers are Equal: {}", report.equal, report.relaxations);
}

/// What the suite says of Understory when something has gone another way than it did.
async fn wrong_after(change: impl FnOnce(&mut Exchanges)) -> Vec<String> {
    let mut exchanges = understory::run().await;
    change(&mut exchanges);
    report(&understory::document(), understory::TYPES, &exchanges).wrong
}

impl Exchanges {
    /// The position of the first call of an operation.
    fn first(&self, operation: &str) -> usize {
        let operation = Some(operation.to_owned());
        self.ledger.requests.iter().position(|request| request.operation == operation).unwrap()
    }

    /// The position of the second call of an operation.
    fn second(&self, operation: &str) -> usize {
        let operation = Some(operation.to_owned());
        self.ledger.requests.iter().rposition(|request| request.operation == operation).unwrap()
    }
}
