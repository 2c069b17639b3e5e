//! Which rows somebody should look at.

use std::time::Duration;

use specwright_refresh::{GrantKey, GrantStore, StoreTime};

use super::steps::{conflict, create, key, now, replace, row, row_due};
use super::{Outcome, Subject};

/// Long beside the time that a test takes, for stores whose clock does not stand still.
const HOUR: Duration = Duration::from_secs(3_600);
const MINUTE: Duration = Duration::from_secs(60);

pub async fn an_empty_store_has_nothing_due(subject: &dyn Subject) -> Outcome {
    assert_eq!(subject.handle().await?.due(10).await?, []);
    Ok(())
}

pub async fn a_row_is_due_at_its_moment(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let moment = now(&*store).await?;
    create(&*store, &key("a"), row_due(moment)).await?;
    assert_eq!(store.due(10).await?, [key("a")]);
    Ok(())
}

pub async fn a_row_is_not_due_before_its_moment(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let moment = now(&*store).await?.after(HOUR);
    create(&*store, &key("a"), row_due(moment)).await?;
    assert_eq!(store.due(10).await?, []);
    subject.advance(MINUTE * 59);
    assert_eq!(store.due(10).await?, []);
    Ok(())
}

pub async fn a_row_becomes_due_as_time_passes(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let moment = now(&*store).await?.after(HOUR);
    create(&*store, &key("a"), row_due(moment)).await?;
    subject.advance(HOUR);
    assert_eq!(store.due(10).await?, [key("a")]);
    Ok(())
}

pub async fn a_row_without_a_moment_is_never_due(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    create(&*store, &key("a"), row("text")).await?;
    subject.advance(HOUR * 100_000);
    assert_eq!(store.due(10).await?, []);
    Ok(())
}

pub async fn the_longest_due_comes_first(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let keys = due_since(&*store, &[(2, "b"), (4, "d"), (1, "a"), (3, "c")]).await?;
    assert_eq!(store.due(10).await?, keys);
    Ok(())
}

pub async fn no_more_are_given_than_asked_for(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    due_since(&*store, &[(1, "a"), (2, "b"), (3, "c")]).await?;
    assert_eq!(store.due(2).await?.len(), 2);
    assert_eq!(store.due(3).await?.len(), 3);
    assert_eq!(store.due(usize::MAX).await?.len(), 3);
    Ok(())
}

pub async fn the_bound_keeps_the_longest_due(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let keys = due_since(&*store, &[(1, "a"), (3, "c"), (2, "b")]).await?;
    assert_eq!(store.due(1).await?, keys[..1]);
    assert_eq!(store.due(2).await?, keys[..2]);
    Ok(())
}

pub async fn none_are_given_if_none_are_asked_for(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    due_since(&*store, &[(1, "a")]).await?;
    assert_eq!(store.due(0).await?, []);
    Ok(())
}

pub async fn asking_takes_nothing_away(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let keys = due_since(&*store, &[(1, "a"), (2, "b")]).await?;
    assert_eq!(store.due(10).await?, keys);
    assert_eq!(store.due(10).await?, keys);
    Ok(())
}

pub async fn a_moment_that_is_put_off_is_not_due(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let moment = now(&*store).await?;
    let version = create(&*store, &key("a"), row_due(moment)).await?;
    replace(&*store, &key("a"), Some(version), row_due(moment.after(HOUR))).await?;
    assert_eq!(store.due(10).await?, []);
    subject.advance(HOUR);
    assert_eq!(store.due(10).await?, [key("a")]);
    Ok(())
}

pub async fn a_moment_that_is_brought_forward_is_due(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let moment = now(&*store).await?;
    let version = create(&*store, &key("a"), row_due(moment.after(HOUR))).await?;
    replace(&*store, &key("a"), Some(version), row_due(moment)).await?;
    assert_eq!(store.due(10).await?, [key("a")]);
    Ok(())
}

pub async fn a_moment_that_is_taken_away_is_not_due(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let moment = now(&*store).await?;
    let version = create(&*store, &key("a"), row_due(moment)).await?;
    replace(&*store, &key("a"), Some(version), row("text")).await?;
    assert_eq!(store.due(10).await?, []);
    Ok(())
}

pub async fn a_conflict_changes_no_moment(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let moment = now(&*store).await?;
    create(&*store, &key("a"), row_due(moment)).await?;
    create(&*store, &key("b"), row("text")).await?;
    conflict(&*store, &key("a"), None, row("text")).await?;
    conflict(&*store, &key("b"), None, row_due(moment)).await?;
    assert_eq!(store.due(10).await?, [key("a")]);
    Ok(())
}

pub async fn the_ends_of_time_are_moments(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    create(&*store, &key("first"), row_due(StoreTime::default())).await?;
    create(&*store, &key("last"), row_due(StoreTime::from_millis(u64::MAX))).await?;
    assert_eq!(store.due(10).await?, [key("first")]);
    Ok(())
}

/// Rows that have been due for so many minutes, as keys from the longest to the shortest.
async fn due_since(
    store: &dyn GrantStore,
    rows: &[(u64, &str)],
) -> Result<Vec<GrantKey>, specwright_core::transport::BoxError> {
    let now = now(store).await?;
    for (minutes, name) in rows {
        let due = now.before(Duration::from_secs(minutes * 60));
        create(store, &key(name), row_due(due)).await?;
    }
    let mut sorted = rows.to_vec();
    sorted.sort_by_key(|(minutes, _)| std::cmp::Reverse(*minutes));
    Ok(sorted.into_iter().map(|(_, name)| key(name)).collect())
}
