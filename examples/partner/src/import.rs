//! Imports contacts, each of them once, and says so on the operator's timeline.
//!
//! It may be killed at any point and started again. Whoever comes next looks first what is there, by the application's own
//! references. What no look can find, a request that is still on its way, is what the journal is for: each step is an
//! operation with a name, so that it goes on under the key that it had, and not before its time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use stora_2025_09::model::{
    Contact, ContactCreate, ContactId, ContactReference, TimelineEventCreate,
    TimelineEventExternalInput, TimelineSourceId, TimelineSourceReference, TimelineTemplateId,
    TimelineTemplateReference,
};
use stora_2025_09::runtime::operation::Operation;
use stora_2025_09::runtime::{Lane, OperationInDoubt, Reconciled, UnknownOutcome};
use stora_2025_09::{Call, Client, Error};
use tokio::task::JoinSet;

use crate::app::{Failure, REFERENCE};
use crate::book::Customer;
use crate::progress::Progress;

/// As many customers at once as requests of one operator may be in flight; more of them would only wait in line.
const AT_ONCE: usize = 8;

/// Nobody waits for a single contact: a call has time until a full window is free, and until what another process has sent
/// cannot arrive any more.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// What was agreed with the vendor when the integration was reviewed: what stands on timelines as the source of its events,
/// and the template of their text.
#[derive(Clone)]
pub(crate) struct Onboarding {
    pub(crate) source: TimelineSourceId,
    pub(crate) template: TimelineTemplateId,
}

/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct Importer {
    client: Client,
    onboarding: Onboarding,
}

impl Importer {
    pub(crate) fn new(client: Client, onboarding: Onboarding) -> Self {
        Self { client, onboarding }
    }

    /// Imports all of them. One that cannot be imported keeps none of the others back, and is an error in the end.
    pub(crate) async fn import(&self, customers: Vec<Customer>) -> Result<(), Failure> {
        let there = Arc::new(self.there().await?);
        let done = customers.iter().filter(|it| there.contains_key(&it.reference)).count();
        let progress = Arc::new(Progress::begin(&self.client, customers.len(), done));

        let line = Arc::new(Mutex::new(customers.into_iter()));
        let mut workers = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (importer, line) = (self.clone(), Arc::clone(&line));
            let (there, progress) = (Arc::clone(&there), Arc::clone(&progress));
            workers.spawn(async move {
                let next = || line.lock().unwrap_or_else(PoisonError::into_inner).next();
                while let Some(customer) = next() {
                    let there = there.get(&customer.reference).cloned();
                    if let Err(error) = importer.import_one(&customer, there, &progress).await {
                        progress.failed(&customer, &error);
                    }
                }
            });
        }
        workers.join_all().await;
        progress.end()
    }

    /// What is at the vendor already, by our own references.
    async fn there(&self) -> Result<BTreeMap<String, ContactId>, Failure> {
        let mut there = BTreeMap::new();
        let mut contacts = self.client.contacts().list().limit(100).items();
        while let Some(contact) = contacts.next().await {
            let mut contact = contact?;
            if let Some(reference) = contact.metadata.remove(REFERENCE) {
                there.insert(reference, contact.id);
            }
        }
        Ok(there)
    }

    async fn import_one(
        &self,
        customer: &Customer,
        there: Option<ContactId>,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let contact = match there {
            Some(contact) => contact,
            None => {
                let contact = self.create(customer).await?;
                progress.step(&self.client);
                contact
            }
        };
        self.tell(customer, contact).await?;
        progress.step(&self.client);
        Ok(())
    }

    /// Creates the contact, unless that has been done.
    async fn create(&self, customer: &Customer) -> Result<ContactId, Failure> {
        let call = || patient(self.client.contacts().create(as_contact(customer)));
        match call().with_operation(&format!("contact/{}", customer.reference)).await {
            Ok(contact) => Ok(contact.id),
            Err(error) if error.is_already_succeeded() => {
                let contact = self.find(customer).await?;
                Ok(contact.ok_or("the contact was created, and is gone")?.id)
            }
            Err(error) => match in_doubt(&error) {
                // The key will not tell, so a look decides.
                Some(in_doubt) => match in_doubt.reconcile(|| self.find(customer)).await? {
                    Reconciled::Found(contact) => Ok(contact.id),
                    Reconciled::Absent(right) => Ok(call().with_reissue(right).await?.id),
                },
                // What was not answered in time is open: whoever calls again goes on with it.
                None => Err(error.into()),
            },
        }
    }

    /// Looks for the contact by our own reference.
    async fn find(&self, customer: &Customer) -> Result<Option<Contact>, Error> {
        let emails = [customer.email.clone()];
        let mut contacts = self.client.contacts().list().email(emails).items();
        while let Some(contact) = contacts.next().await {
            let contact = contact?;
            if contact.metadata.get(REFERENCE) == Some(&customer.reference) {
                return Ok(Some(contact));
            }
        }
        Ok(None)
    }

    /// Tells the operator's staff of it, unless that has been done.
    ///
    /// The vendor requires an event for whatever an integration does of its own (Building a partner integration, External
    /// Events). Each contact is such an action, and an event is about one contact at most: so it is one for each.
    async fn tell(&self, customer: &Customer, contact: ContactId) -> Result<(), Failure> {
        // Nothing of the hour is in it: whoever goes on after a kill makes the same request.
        let event = TimelineEventCreate::new()
            .source(TimelineSourceReference::new(self.onboarding.source.clone()))
            .template(TimelineTemplateReference::new(self.onboarding.template.clone()))
            .contact(ContactReference::new(contact))
            .external(TimelineEventExternalInput::new().id(&customer.reference))
            .description("Contact imported via Example Partner");
        let call = || patient(self.client.timeline().events().create(event.clone()));
        match call().with_operation(&format!("contact/{}/imported", customer.reference)).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_already_succeeded() => Ok(()),
            Err(error) => match in_doubt(&error) {
                // Events are in no list that one could look through. Staff that reads one twice is better than an action
                // that nobody sees.
                Some(in_doubt) => {
                    call().with_reissue(in_doubt.allow_duplicate()).await?;
                    Ok(())
                }
                None => Err(error.into()),
            },
        }
    }
}

fn as_contact(customer: &Customer) -> ContactCreate {
    let reference = (REFERENCE.to_owned(), customer.reference.clone());
    ContactCreate::new(&customer.email, &customer.name)
        .phone_number(&customer.phone)
        .metadata([reference].into())
}

/// For calls that go on for as long as they have to, behind those that somebody waits for.
fn patient<O: Operation>(call: Call<O>) -> Call<O> {
    call.with_lane(Lane::Bulk).with_deadline(PATIENCE)
}

/// The operation that failed, if nobody knows whether it was carried out, and its key will not tell.
fn in_doubt(error: &(dyn std::error::Error + 'static)) -> Option<OperationInDoubt> {
    UnknownOutcome::of(error)?.operation().cloned()
}
