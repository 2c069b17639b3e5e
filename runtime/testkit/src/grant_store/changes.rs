//! The feed: rows in the order in which they changed last.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use specwright_core::transport::BoxError;
use specwright_refresh::{Change, GrantKey, GrantStore, Version};

use super::steps::{conflict, create, key, now, replace, row};
use super::{Outcome, Subject};

pub async fn an_empty_store_has_no_changes(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    assert_eq!(store.changes(None, 10).await?, []);
    assert_eq!(store.changes(Some(Version::default()), 10).await?, []);
    Ok(())
}

pub async fn all_rows_are_changes_at_first(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    write(&*store, &["a", "b", "c"]).await?;
    assert_eq!(names(&store.changes(None, 10).await?), ["a", "b", "c"]);
    Ok(())
}

pub async fn changes_come_in_the_order_of_their_versions(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let versions = write(&*store, &["c", "a", "b"]).await?;
    let changes = store.changes(None, 10).await?;
    assert_eq!(names(&changes), ["c", "a", "b"]);
    assert_eq!(changes.iter().map(|change| change.row.version).collect::<Vec<_>>(), versions);
    Ok(())
}

pub async fn a_change_has_the_row_as_it_is_now(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let first = create(&*store, &key("a"), row("first")).await?;
    let second = replace(&*store, &key("a"), Some(first), row("second")).await?;
    let changes = store.changes(None, 10).await?;
    let rows: Vec<_> =
        changes.iter().map(|change| (change.row.version, change.row.text.as_str())).collect();
    assert_eq!(rows, [(second, "second")]);
    Ok(())
}

pub async fn a_row_that_changed_twice_is_there_once(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let versions = write(&*store, &["a", "b"]).await?;
    replace(&*store, &key("a"), Some(versions[0]), row("again")).await?;
    assert_eq!(names(&store.changes(None, 10).await?), ["b", "a"]);
    Ok(())
}

pub async fn nothing_comes_after_the_last_version(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let versions = write(&*store, &["a", "b"]).await?;
    assert_eq!(store.changes(versions.last().copied(), 10).await?, []);
    Ok(())
}

pub async fn what_was_seen_does_not_come_again(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let versions = write(&*store, &["a", "b", "c"]).await?;
    assert_eq!(names(&store.changes(Some(versions[0]), 10).await?), ["b", "c"]);
    assert_eq!(names(&store.changes(Some(versions[1]), 10).await?), ["c"]);
    Ok(())
}

pub async fn a_version_that_is_no_more_is_read_on_from(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let versions = write(&*store, &["a", "b", "c"]).await?;
    replace(&*store, &key("b"), Some(versions[1]), row("again")).await?;
    assert_eq!(names(&store.changes(Some(versions[1]), 10).await?), ["c", "b"]);
    Ok(())
}

pub async fn a_version_of_the_future_has_nothing_after_it(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    write(&*store, &["a"]).await?;
    assert_eq!(store.changes(Some(Version::new(u64::MAX)), 10).await?, []);
    assert_eq!(store.changes(Some(Version::new(u64::MAX - 1)), 10).await?, []);
    Ok(())
}

pub async fn no_more_changes_are_given_than_asked_for(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    write(&*store, &["a", "b", "c"]).await?;
    assert_eq!(names(&store.changes(None, 2).await?), ["a", "b"]);
    assert_eq!(names(&store.changes(None, usize::MAX).await?), ["a", "b", "c"]);
    Ok(())
}

pub async fn no_changes_are_given_if_none_are_asked_for(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    write(&*store, &["a"]).await?;
    assert_eq!(store.changes(None, 0).await?, []);
    Ok(())
}

pub async fn a_conflict_is_no_change(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let versions = write(&*store, &["a"]).await?;
    conflict(&*store, &key("a"), None, row("other")).await?;
    assert_eq!(store.changes(versions.last().copied(), 10).await?, []);
    Ok(())
}

pub async fn a_one_time_text_is_no_change(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let until = now(&*store).await?.after(Duration::from_secs(3_600));
    store.put_once("id", "text".to_owned(), until).await?;
    assert_eq!(store.changes(None, 10).await?, []);
    Ok(())
}

pub async fn pages_have_every_row_once(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let written: Vec<_> = (0..25).map(|number| format!("{number:02}")).collect();
    write(&*store, &written.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    for most in [1, 3, 24, 25, 26] {
        let mut read = Vec::new();
        let mut after = None;
        loop {
            let page = store.changes(after, most).await?;
            let Some(last) = page.last() else { break };
            assert!(after < Some(last.row.version), "in pages of {most}: {read:?}");
            after = Some(last.row.version);
            read.extend(page.iter().map(|change| change.key.tenant().to_owned()));
        }
        assert_eq!(read, written, "in pages of {most}");
    }
    Ok(())
}

pub async fn pages_lose_nothing_while_others_write(subject: &dyn Subject) -> Outcome {
    const ROWS: usize = 10;
    const CHANGES: usize = 40;
    let (reader, writer) = (subject.handle().await?, subject.handle().await?);
    let writers: Vec<_> = (0..ROWS)
        .map(|number| tokio::spawn(change_often(Arc::clone(&writer), number, CHANGES)))
        .collect();
    let mut seen: BTreeMap<GrantKey, Version> = BTreeMap::new();
    let mut after = None;
    loop {
        // Asked before the page is read: what is written later than that, a page still to come has.
        let finished = writers.iter().all(tokio::task::JoinHandle::is_finished);
        let page = reader.changes(after, 3).await?;
        for change in &page {
            assert!(after < Some(change.row.version), "{:?} after {after:?}", change.row.version);
            after = Some(change.row.version);
            seen.insert(change.key.clone(), change.row.version);
        }
        if page.is_empty() && finished {
            break;
        }
        tokio::task::yield_now().await;
    }
    let mut written = BTreeMap::new();
    for writer in writers {
        let (key, version) = writer.await??;
        written.insert(key, version);
    }
    assert_eq!(seen, written);
    Ok(())
}

/// Writes one row many times. The last version of it.
async fn change_often(
    store: Arc<dyn GrantStore>,
    number: usize,
    times: usize,
) -> Result<(GrantKey, Version), BoxError> {
    let key = key(&number.to_string());
    let mut version = create(&*store, &key, row("0")).await?;
    for time in 1..times {
        version = replace(&*store, &key, Some(version), row(&time.to_string())).await?;
    }
    Ok((key, version))
}

/// Creates rows, one after the other.
async fn write(store: &dyn GrantStore, tenants: &[&str]) -> Result<Vec<Version>, BoxError> {
    let mut versions = Vec::new();
    for tenant in tenants {
        versions.push(create(store, &key(tenant), row(tenant)).await?);
    }
    Ok(versions)
}

fn names(changes: &[Change]) -> Vec<&str> {
    changes.iter().map(|change| change.key.tenant()).collect()
}
