//! Operations with a name, on the sandbox's ledger: one effect, whatever happens.

use std::sync::Arc;
use std::time::Duration;

use shared_clock::SharedClock;
use specwright_testkit::sandbox::{Fault, Target};
use specwright_testkit::{Sandbox, SeededRandom};
use stora_2025_09::Client;
use stora_2025_09::model::Contact;
use stora_2025_09::runtime::{
    AnyError, FingerprintKey, Journal, MemoryRows, Reconciled, StaticToken, UnknownOutcome,
};

use crate::setup::{builder, sandbox, statuses};
use stora_tests::inputs::smallest_contact;

const OPERATION: &str = "order-991/contact";

/// Processes with the same journal.
struct Office {
    sandbox: Sandbox,
    clock: SharedClock,
    rows: Arc<MemoryRows>,
}

impl Office {
    async fn new() -> Self {
        let sandbox = sandbox().await;
        // What a call waits until nothing can be on its way any more.
        let waits = Duration::from_secs(34)..=Duration::from_secs(36);
        let clock = SharedClock::new(&sandbox).with_long_pauses(waits);
        let rows = Arc::new(MemoryRows::volatile(Arc::new(clock.clone())));
        Self { sandbox, clock, rows }
    }

    fn process(&self, seed: u64) -> Client {
        let random = Arc::new(SeededRandom::new(seed));
        let secret = FingerprintKey::new([7; 32]);
        let journal = Journal::volatile(self.rows.clone(), secret, random.clone());
        builder(&self.sandbox)
            .clock(Arc::new(self.clock.clone()))
            .random(random)
            .credentials(StaticToken::new(self.sandbox.static_token()))
            .journal(journal)
            .build()
            .unwrap()
    }

    fn effects(&self) -> usize {
        self.sandbox.ledger().effects().len()
    }

    fn keys(&self) -> Vec<String> {
        let ledger = self.sandbox.ledger();
        let requests = ledger.requests_for("create_contact");
        requests
            .iter()
            .map(|request| request.header("idempotency-key").unwrap().to_owned())
            .collect()
    }
}

async fn create(client: &Client) -> Result<Contact, AnyError> {
    let call = client.contacts().create(smallest_contact()).with_operation(OPERATION);
    Ok(call.with_deadline(Duration::from_secs(30)).await?)
}

#[tokio::test]
async fn what_was_lost_after_its_effect_is_brought_to_its_end_by_another_process() {
    let office = Office::new().await;
    office.sandbox.push_fault(Target::Any, Fault::CloseAfterEffect);
    let error = create(&office.process(1)).await.unwrap_err();
    assert!(error.is_outcome_unknown() && error.is_retryable(), "{error:?}");
    let call = office.process(2).contacts().create(smallest_contact());
    call.with_operation(OPERATION).await.unwrap();
    let keys = office.keys();
    assert_eq!((keys.len(), &keys[0]), (2, &keys[1]));
    assert_eq!((office.effects(), statuses(&office.sandbox, "create_contact")[1]), (1, Some(201)));
    let error = create(&office.process(3)).await.unwrap_err();
    assert!(error.is_already_succeeded(), "{error:?}");
    assert_eq!(office.keys().len(), 2);
}

#[tokio::test]
async fn after_a_kept_failure_a_look_decides_and_the_effect_is_there_once() {
    let office = Office::new().await;
    let client = office.process(1);
    office.sandbox.push_fault(Target::Any, Fault::StoredStatus(500));
    let error = create(&client).await.unwrap_err();
    let in_doubt = UnknownOutcome::of(&error).unwrap().operation().unwrap().clone();
    let email = smallest_contact().email;
    let look = async || {
        let mut contacts = client.contacts().list().items();
        while let Some(contact) = contacts.next().await.transpose()? {
            if contact.email == email {
                return Ok(Some(contact));
            }
        }
        Ok::<_, AnyError>(None)
    };
    let Ok(Reconciled::Absent(right)) = in_doubt.reconcile(look).await else {
        panic!("the sandbox kept the failure and did nothing");
    };
    client.contacts().create(smallest_contact()).with_reissue(right).await.unwrap();
    let keys = office.keys();
    assert_eq!((keys.len(), office.effects()), (2, 1));
    assert_ne!(keys[0], keys[1]);
}
