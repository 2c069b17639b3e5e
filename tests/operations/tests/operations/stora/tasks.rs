//! The groups `Tasks` and `Notes`.

use std::collections::BTreeMap;

use stora_2025_09::model::{
    MetadataUpdate, NoteCreate, ResourceReference, SiteReference, SortDirection, StaffReference,
    TaskCreate, TaskId, TaskUpdate,
};

use super::ids::{CONTACT, SITE, STAFF, UNIT};
use super::{Account, moment, names};

pub(crate) async fn required(account: &Account) {
    let tasks = account.client.tasks();
    let id: TaskId = account.seed("tasks");
    tasks.list().await.unwrap();
    tasks.create(TaskCreate::new("Call the locksmith")).await.unwrap();
    tasks.update(&id, TaskUpdate::new()).await.unwrap();
    tasks.open(&id).await.unwrap();
    let note = NoteCreate::new("Prefers the morning.", ResourceReference::new(CONTACT));
    account.client.notes().create(note).await.unwrap();
}

pub(crate) async fn all(account: &Account) {
    let tasks = account.client.tasks();
    let id: TaskId = account.seed("tasks");
    let list = tasks.list().page(1).limit(25).sort_direction(SortDirection::Asc);
    list.expand(names(["assignee", "site"])).await.unwrap();
    let create = TaskCreate::new("Oil the lock of UNIT-001")
        .assignee(StaffReference::new(STAFF))
        .description("<p>The lock is stiff.</p>".to_owned())
        .due_at(moment("2026-03-05T12:00:00Z"))
        .metadata(BTreeMap::from([("helpdesk.ticket".to_owned(), "99".to_owned())]))
        .resource(ResourceReference::new(UNIT))
        .site(SiteReference::new(SITE));
    tasks.create(create).await.unwrap();
    let update = TaskUpdate::new()
        .title("Replace the lock of UNIT-001")
        .assignee(StaffReference::new(STAFF))
        .description("<p>Oil did not help.</p>".to_owned())
        .due_at(moment("2026-03-06T12:00:00Z"))
        .metadata(MetadataUpdate::default().set("helpdesk.ticket", "100").remove("source"))
        .resource(ResourceReference::new(UNIT))
        .site(SiteReference::new(SITE));
    tasks.update(&id, update).await.unwrap();
    tasks.open(&id).await.unwrap();
    let note = NoteCreate::new("Prefers the morning.", ResourceReference::new(CONTACT))
        .metadata(BTreeMap::from([("crm.note".to_owned(), "31".to_owned())]));
    account.client.notes().create(note).await.unwrap();
}
