//! Many at once, on two handles.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use specwright_core::transport::BoxError;
use specwright_refresh::{NewRow, StoreTime, Swap, Version};

use super::steps::{create, key, now, present, replace, row, row_due, together};
use super::{Outcome, Subject};
use crate::dropped::poll_once;

/// How many races on one row.
const RACES: u32 = 10_000;

/// How often each of those reads who watch somebody write.
const READS: u32 = 2_000;

pub async fn a_handle_sees_at_once_what_another_wrote(subject: &dyn Subject) -> Outcome {
    let (one, other) = (subject.handle().await?, subject.handle().await?);
    let mut version = create(&*one, &key("a"), row("0")).await?;
    for number in 1..100 {
        let (writer, reader) = if number % 2 == 0 { (&one, &other) } else { (&other, &one) };
        let text = number.to_string();
        version = replace(&**writer, &key("a"), Some(version), row(&text)).await?;
        let there = present(reader.load(&key("a")).await?);
        assert_eq!((there.version, there.text), (version, text));
    }
    Ok(())
}

pub async fn a_handle_sees_at_once_what_is_due_by_another(subject: &dyn Subject) -> Outcome {
    let (one, other) = (subject.handle().await?, subject.handle().await?);
    create(&*one, &key("a"), row_due(StoreTime::default())).await?;
    assert_eq!(other.due(10).await?, [key("a")]);
    Ok(())
}

pub async fn a_handle_sees_at_once_the_changes_of_another(subject: &dyn Subject) -> Outcome {
    let (one, other) = (subject.handle().await?, subject.handle().await?);
    let mut after = None;
    for number in 0..20 {
        let key = key(&number.to_string());
        let version = create(&*one, &key, row("text")).await?;
        let page = other.changes(after, 10).await?;
        assert_eq!(page.iter().map(|change| &change.key).collect::<Vec<_>>(), [&key]);
        after = Some(version);
    }
    Ok(())
}

pub async fn a_handle_takes_what_another_put(subject: &dyn Subject) -> Outcome {
    let (one, other) = (subject.handle().await?, subject.handle().await?);
    let until = now(&*one).await?.after(Duration::from_secs(60));
    one.put_once("id", "text".to_owned(), until).await?;
    assert_eq!(other.take_once("id").await?.as_deref(), Some("text"));
    assert_eq!(one.take_once("id").await?, None);
    Ok(())
}

pub async fn nothing_that_is_read_is_of_the_future(subject: &dyn Subject) -> Outcome {
    let (reader, writer) = (subject.handle().await?, subject.handle().await?);
    let start = now(&*writer).await?.as_millis().to_string();
    let mut version = create(&*writer, &key("a"), row(&start)).await?;
    let readers = (0..4).map(|_| {
        let reader = Arc::clone(&reader);
        tokio::spawn(async move {
            for _ in 0..READS {
                let loaded = reader.load(&key("a")).await?;
                let now = loaded.now;
                let written = StoreTime::from_millis(present(loaded).text.parse()?);
                assert!(written <= now, "{written:?} was read at {now:?}");
            }
            Ok::<_, BoxError>(())
        })
    });
    let readers: Vec<_> = readers.collect();
    while !readers.iter().all(tokio::task::JoinHandle::is_finished) {
        subject.advance(Duration::from_millis(1));
        let written = now(&*writer).await?.as_millis().to_string();
        version = replace(&*writer, &key("a"), Some(version), row(&written)).await?;
    }
    for reader in readers {
        reader.await??;
    }
    Ok(())
}

pub async fn one_of_many_creates_a_row(subject: &dyn Subject) -> Outcome {
    let handles = [subject.handle().await?, subject.handle().await?];
    let answers = together(&handles, 100, |store, number| async move {
        Ok(store.swap(&key("a"), None, row(&number.to_string())).await?)
    })
    .await?;
    let there = present(handles[0].load(&key("a")).await?);
    let winners: Vec<_> = answers.iter().filter(|answer| matches!(answer, Swap::Done(_))).collect();
    assert_eq!(winners, [&Swap::Done(there.version)]);
    Ok(())
}

pub async fn each_of_ten_thousand_races_has_one_winner(subject: &dyn Subject) -> Outcome {
    let (one, other) = (subject.handle().await?, subject.handle().await?);
    let key = key("a");
    let mut version = create(&*one, &key, row("start")).await?;
    for race in 0..RACES {
        let racing = Some(version);
        let (left, right) = (one.clone(), other.clone());
        let (left_key, right_key) = (key.clone(), key.clone());
        let left = tokio::spawn(async move { left.swap(&left_key, racing, row("left")).await });
        let right = tokio::spawn(async move { right.swap(&right_key, racing, row("right")).await });
        let (won, lost, winner) = match (left.await??, right.await??) {
            (Swap::Done(won), Swap::Conflict(lost)) => (won, lost, "left"),
            (Swap::Conflict(lost), Swap::Done(won)) => (won, lost, "right"),
            both => return Err(format!("race {race} ended {both:?}").into()),
        };
        let there = present(lost);
        assert_eq!((there.version, there.text.as_str()), (won, winner), "race {race}");
        version = won;
    }
    Ok(())
}

pub async fn no_update_is_lost(subject: &dyn Subject) -> Outcome {
    const TASKS: usize = 8;
    const EACH: usize = 25;
    let handles = [subject.handle().await?, subject.handle().await?];
    create(&*handles[0], &key("counter"), row("0")).await?;
    together(&handles, TASKS, |store, _| async move {
        for _ in 0..EACH {
            let mut there = present(store.load(&key("counter")).await?);
            loop {
                let next = there.text.parse::<usize>()? + 1;
                let next = row(&next.to_string());
                match store.swap(&key("counter"), Some(there.version), next).await? {
                    Swap::Done(_) => break,
                    Swap::Conflict(loaded) => there = present(loaded),
                }
            }
        }
        Ok(())
    })
    .await?;
    let counted = present(handles[1].load(&key("counter")).await?).text;
    assert_eq!(counted, (TASKS * EACH).to_string());
    Ok(())
}

pub async fn rows_written_together_are_all_there(subject: &dyn Subject) -> Outcome {
    let handles = [subject.handle().await?, subject.handle().await?];
    together(&handles, 200, |store, number| async move {
        let text = number.to_string();
        create(&*store, &key(&text), row(&text)).await
    })
    .await?;
    for number in 0..200 {
        let text = number.to_string();
        assert_eq!(present(handles[0].load(&key(&text)).await?).text, text);
    }
    Ok(())
}

pub async fn versions_given_together_differ(subject: &dyn Subject) -> Outcome {
    let handles = [subject.handle().await?, subject.handle().await?];
    let versions: Vec<Version> = together(&handles, 100, |store, number| async move {
        create(&*store, &key(&number.to_string()), row("text")).await
    })
    .await?;
    assert_eq!(versions.iter().collect::<BTreeSet<_>>().len(), versions.len());
    Ok(())
}

pub async fn an_operation_that_was_never_polled_does_nothing(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    drop(store.swap(&key("a"), None, row("text")));
    let version = create(&*store, &key("b"), row("b")).await?;
    drop(store.swap(&key("b"), Some(version), row("changed")));
    drop(store.put_once("id", "text".to_owned(), StoreTime::from_millis(u64::MAX)));
    // Whatever was begun ends before this does.
    create(&*store, &key("barrier"), row("text")).await?;
    assert_eq!(store.load(&key("a")).await?.row, None);
    assert_eq!(present(store.load(&key("b")).await?).text, "b");
    assert_eq!(store.take_once("id").await?, None);
    Ok(())
}

pub async fn a_dropped_swap_is_whole_or_not_there(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let mut version = create(&*store, &key("a"), row("first")).await?;
    for number in 0..50 {
        let new = NewRow { text: format!("text {number}"), due: Some(StoreTime::default()) };
        let before = present(store.load(&key("a")).await?);
        poll_once(store.swap(&key("a"), Some(version), new));
        // Whatever was begun ends before this does.
        create(&*store, &key(&number.to_string()), row("barrier")).await?;
        let there = present(store.load(&key("a")).await?);
        if there.version == version {
            assert_eq!(there.text, before.text);
        } else {
            assert_eq!(there.text, format!("text {number}"));
            assert_eq!(store.due(10).await?, [key("a")]);
        }
        version = there.version;
    }
    Ok(())
}

pub async fn dropped_operations_leave_the_store_working(subject: &dyn Subject) -> Outcome {
    let (one, other) = (subject.handle().await?, subject.handle().await?);
    for number in 0..200 {
        let key = key(&number.to_string());
        poll_once(one.swap(&key, None, row("dropped")));
        poll_once(one.load(&key));
        poll_once(one.changes(None, 10));
        poll_once(one.due(10));
        poll_once(one.take_once("id"));
    }
    for store in [&one, &other] {
        let there = store.load(&key("kept")).await?.row.map(|row| row.version);
        let version = replace(&**store, &key("kept"), there, row("text")).await?;
        assert_eq!(present(other.load(&key("kept")).await?).version, version);
    }
    Ok(())
}
