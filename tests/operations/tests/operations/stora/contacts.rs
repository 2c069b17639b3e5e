//! The group `Contacts`.

use stora_2025_09::model::{ContactId, ContactUpdate};
use stora_tests::inputs::{full_contact, full_update, smallest_contact, with_every_parameter};

use super::Account;

pub(crate) async fn required(account: &Account) {
    let contacts = account.client.contacts();
    let id: ContactId = account.seed("contacts");
    contacts.list().await.unwrap();
    contacts.create(smallest_contact()).await.unwrap();
    contacts.show(&id).await.unwrap();
    contacts.update(&id, ContactUpdate::new()).await.unwrap();
    contacts.delete(&id).await.unwrap();
}

pub(crate) async fn all(account: &Account) {
    let contacts = account.client.contacts();
    let id: ContactId = account.seed("contacts");
    contacts.create(full_contact()).await.unwrap();
    with_every_parameter(contacts.list()).await.unwrap();
    contacts.show(&id).expand(["tenancies".to_owned(), "tenancies.unit".to_owned()]).await.unwrap();
    contacts.update(&id, full_update()).await.unwrap();
    contacts.delete(&id).await.unwrap();
}
