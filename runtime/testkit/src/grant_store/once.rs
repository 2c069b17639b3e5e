//! Texts that can be taken once, and until a moment.

use std::time::Duration;

use specwright_refresh::{GrantStore, StoreTime};

use super::steps::{create, key, now, present, row, together};
use super::{Outcome, Subject};

/// Long beside the time that a test takes, for stores whose clock does not stand still.
const HOUR: Duration = Duration::from_secs(3_600);
const MINUTE: Duration = Duration::from_secs(60);

pub async fn a_text_is_taken_once(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    assert!(put(&*store, "id", "text").await?);
    assert_eq!(store.take_once("id").await?.as_deref(), Some("text"));
    assert_eq!(store.take_once("id").await?, None);
    Ok(())
}

pub async fn nothing_is_taken_of_an_unknown_id(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    put(&*store, "id", "text").await?;
    assert_eq!(store.take_once("other").await?, None);
    assert_eq!(store.take_once("").await?, None);
    Ok(())
}

pub async fn an_id_that_is_in_use_is_refused(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    assert!(put(&*store, "id", "text").await?);
    assert!(!put(&*store, "id", "text").await?);
    Ok(())
}

pub async fn a_refused_text_leaves_the_first_one(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    put(&*store, "id", "first").await?;
    put(&*store, "id", "second").await?;
    assert_eq!(store.take_once("id").await?.as_deref(), Some("first"));
    Ok(())
}

pub async fn an_id_is_free_after_its_text_was_taken(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    put(&*store, "id", "first").await?;
    store.take_once("id").await?;
    assert!(put(&*store, "id", "second").await?);
    assert_eq!(store.take_once("id").await?.as_deref(), Some("second"));
    Ok(())
}

pub async fn an_id_is_free_after_its_end(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    put(&*store, "id", "first").await?;
    subject.advance(HOUR);
    assert!(put(&*store, "id", "second").await?);
    assert_eq!(store.take_once("id").await?.as_deref(), Some("second"));
    Ok(())
}

pub async fn a_text_is_there_until_just_before_its_end(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    put(&*store, "id", "text").await?;
    subject.advance(MINUTE * 59);
    assert_eq!(store.take_once("id").await?.as_deref(), Some("text"));
    Ok(())
}

pub async fn a_text_is_gone_at_its_end(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    put(&*store, "id", "text").await?;
    subject.advance(HOUR);
    assert_eq!(store.take_once("id").await?, None);
    Ok(())
}

pub async fn a_text_that_ended_before_it_came_is_not_taken(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let moment = now(&*store).await?;
    assert!(store.put_once("id", "text".to_owned(), moment).await?);
    assert_eq!(store.take_once("id").await?, None);
    Ok(())
}

pub async fn a_text_until_the_end_of_time_is_taken(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let end = StoreTime::from_millis(u64::MAX);
    assert!(store.put_once("id", "text".to_owned(), end).await?);
    subject.advance(HOUR * 1_000);
    assert_eq!(store.take_once("id").await?.as_deref(), Some("text"));
    Ok(())
}

pub async fn one_time_texts_are_kept_exactly(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    for text in ["", "\0a\0", " \u{e9}e\u{301}\n", "007", "'\"; --", &"long".repeat(50_000)] {
        put(&*store, "id", text).await?;
        assert!(store.take_once("id").await?.as_deref() == Some(text), "{text:.20}");
    }
    Ok(())
}

pub async fn ids_are_compared_exactly(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let ids = ["id", "ID", "", "\0", "id ", "id\0", "1", "01", "\u{e9}", "e\u{301}", "i%"];
    for id in ids {
        assert!(put(&*store, id, id).await?, "{id:?} was there before");
    }
    for id in ids {
        assert_eq!(store.take_once(id).await?.as_deref(), Some(id));
    }
    Ok(())
}

pub async fn ids_and_grants_do_not_meet(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    create(&*store, &key("a"), row("row")).await?;
    for id in ["a", "grant", "a/grant"] {
        assert_eq!(store.take_once(id).await?, None);
        assert!(put(&*store, id, "text").await?);
    }
    assert_eq!(present(store.load(&key("a")).await?).text, "row");
    Ok(())
}

pub async fn one_of_a_hundred_takers_gets_the_text(subject: &dyn Subject) -> Outcome {
    let handles = [subject.handle().await?, subject.handle().await?];
    put(&*handles[0], "id", "text").await?;
    let taken =
        together(&handles, 100, |store, _| async move { Ok(store.take_once("id").await?) }).await?;
    assert_eq!(taken.into_iter().flatten().collect::<Vec<_>>(), ["text"]);
    Ok(())
}

pub async fn one_of_a_hundred_putters_gets_the_id(subject: &dyn Subject) -> Outcome {
    let handles = [subject.handle().await?, subject.handle().await?];
    let answers = together(&handles, 100, |store, number| async move {
        let text = number.to_string();
        Ok(put(&*store, "id", &text).await?.then_some(text))
    })
    .await?;
    let put: Vec<_> = answers.into_iter().flatten().collect();
    assert_eq!(put.len(), 1);
    assert_eq!(handles[0].take_once("id").await?.as_ref(), put.first());
    Ok(())
}

/// Puts a text for an hour.
async fn put(
    store: &dyn GrantStore,
    id: &str,
    text: &str,
) -> Result<bool, specwright_core::transport::BoxError> {
    let until = now(store).await?.after(HOUR);
    Ok(store.put_once(id, text.to_owned(), until).await?)
}
