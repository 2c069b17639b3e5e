//! What cases are written with.

use std::sync::Arc;

use specwright_core::transport::BoxError;
use specwright_refresh::{GrantKey, GrantStore, Loaded, NewRow, Row, StoreTime, Swap, Version};

/// A grant of its own, by a name that says what it is for.
pub(super) fn key(tenant: &str) -> GrantKey {
    GrantKey::new(tenant, "grant")
}

/// A row that nobody has to look at.
pub(super) fn row(text: &str) -> NewRow {
    NewRow { text: text.to_owned(), due: None }
}

/// A row that is due at a moment.
pub(super) fn row_due(due: StoreTime) -> NewRow {
    NewRow { text: "row".to_owned(), due: Some(due) }
}

/// The time of the store.
pub(super) async fn now(store: &dyn GrantStore) -> Result<StoreTime, BoxError> {
    Ok(store.load(&key("nobody")).await?.now)
}

/// The row of a grant that has one.
#[track_caller]
pub(super) fn present(loaded: Loaded) -> Row {
    assert!(loaded.row.is_some(), "there is no row");
    loaded.row.unwrap_or(Row { version: Version::default(), text: String::new() })
}

/// Creates the row of a grant that has none.
pub(super) async fn create(
    store: &dyn GrantStore,
    key: &GrantKey,
    row: NewRow,
) -> Result<Version, BoxError> {
    replace(store, key, None, row).await
}

/// Writes a row; a conflict is an error.
pub(super) async fn replace(
    store: &dyn GrantStore,
    key: &GrantKey,
    expected: Option<Version>,
    row: NewRow,
) -> Result<Version, BoxError> {
    match store.swap(key, expected, row).await? {
        Swap::Done(version) => Ok(version),
        Swap::Conflict(there) => {
            Err(format!("conflict: {:?} is there", there.row.map(|row| row.version)).into())
        }
    }
}

/// Tries to write a row; that it is written is an error.
pub(super) async fn conflict(
    store: &dyn GrantStore,
    key: &GrantKey,
    expected: Option<Version>,
    row: NewRow,
) -> Result<Loaded, BoxError> {
    match store.swap(key, expected, row).await? {
        Swap::Done(version) => Err(format!("the row was written as {version:?}").into()),
        Swap::Conflict(there) => Ok(there),
    }
}

/// Runs the same operation on many tasks, half of them on each handle, and gives all answers.
pub(super) async fn together<T: Send + 'static, F>(
    handles: &[Arc<dyn GrantStore>; 2],
    tasks: usize,
    operation: impl Fn(Arc<dyn GrantStore>, usize) -> F,
) -> Result<Vec<T>, BoxError>
where
    F: Future<Output = Result<T, BoxError>> + Send + 'static,
{
    let started: Vec<_> = handles
        .iter()
        .cycle()
        .take(tasks)
        .enumerate()
        .map(|(number, handle)| tokio::spawn(operation(Arc::clone(handle), number)))
        .collect();
    let mut answers = Vec::with_capacity(tasks);
    for task in started {
        answers.push(task.await??);
    }
    Ok(answers)
}
