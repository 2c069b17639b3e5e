//! What is there after every handle was closed. Only for stores that outlive their process.

use std::time::Duration;

use specwright_refresh::{Durability, StoreTime};

use super::steps::{conflict, create, key, now, present, replace, row, row_due};
use super::{Outcome, Subject};
use crate::dropped::poll_once;

pub async fn the_store_says_that_it_is_durable(subject: &dyn Subject) -> Outcome {
    assert!(subject.handle().await?.durability() > Durability::Volatile);
    Ok(())
}

pub async fn rows_are_there_after_reopening(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let first = create(&*store, &key("a"), row("first")).await?;
    let second = replace(&*store, &key("a"), Some(first), row("second")).await?;
    drop(store);
    let store = subject.handle().await?;
    let there = present(store.load(&key("a")).await?);
    assert_eq!((there.version, there.text.as_str()), (second, "second"));
    conflict(&*store, &key("a"), Some(first), row("third")).await?;
    replace(&*store, &key("a"), Some(second), row("third")).await?;
    Ok(())
}

pub async fn moments_are_there_after_reopening(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let due = now(&*store).await?.after(Duration::from_secs(3_600));
    create(&*store, &key("a"), row_due(due)).await?;
    drop(store);
    let store = subject.handle().await?;
    assert_eq!(store.due(10).await?, []);
    subject.advance(Duration::from_secs(3_600));
    assert_eq!(store.due(10).await?, [key("a")]);
    Ok(())
}

pub async fn changes_are_there_after_reopening(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let seen = create(&*store, &key("a"), row("a")).await?;
    create(&*store, &key("b"), row("b")).await?;
    drop(store);
    let page = subject.handle().await?.changes(Some(seen), 10).await?;
    assert_eq!(page.iter().map(|change| &change.key).collect::<Vec<_>>(), [&key("b")]);
    Ok(())
}

pub async fn one_time_texts_are_there_after_reopening(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let end = StoreTime::from_millis(u64::MAX);
    for id in ["taken", "kept"] {
        store.put_once(id, id.to_owned(), end).await?;
    }
    store.take_once("taken").await?;
    drop(store);
    let store = subject.handle().await?;
    assert_eq!(store.take_once("taken").await?, None);
    assert_eq!(store.take_once("kept").await?.as_deref(), Some("kept"));
    Ok(())
}

pub async fn versions_rise_over_a_reopening(subject: &dyn Subject) -> Outcome {
    let mut last = None;
    for number in 0..5 {
        let store = subject.handle().await?;
        let version = create(&*store, &key(&number.to_string()), row("text")).await?;
        assert!(Some(version) > last, "{version:?} was given after {last:?}");
        last = Some(version);
    }
    Ok(())
}

pub async fn a_swap_whose_caller_left_is_whole_after_reopening(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let version = create(&*store, &key("a"), row("first")).await?;
    poll_once(store.swap(&key("a"), Some(version), row_due(StoreTime::default())));
    drop(store);
    let store = subject.handle().await?;
    let there = present(store.load(&key("a")).await?);
    if there.version == version {
        assert_eq!((there.text.as_str(), store.due(10).await?), ("first", vec![]));
    } else {
        assert_eq!((there.text.as_str(), store.due(10).await?), ("row", vec![key("a")]));
    }
    Ok(())
}
