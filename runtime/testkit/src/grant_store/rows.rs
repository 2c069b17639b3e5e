//! Loading a row, and replacing it if it is what was read.

use std::time::Duration;

use specwright_refresh::{Swap, Version};

use super::steps::{conflict, create, key, now, present, replace, row};
use super::{Outcome, Subject};

pub async fn a_grant_that_was_never_written_has_no_row(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    assert_eq!(store.load(&key("a")).await?.row, None);
    Ok(())
}

pub async fn a_load_tells_the_time_of_the_store(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let before = now(&*store).await?;
    subject.advance(Duration::from_secs(3_600));
    assert!(before.until(now(&*store).await?) >= Duration::from_secs(3_600));
    Ok(())
}

pub async fn a_conflict_tells_the_time_of_the_store(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    create(&*store, &key("a"), row("text")).await?;
    let before = now(&*store).await?;
    subject.advance(Duration::from_secs(60));
    let there = conflict(&*store, &key("a"), None, row("other")).await?;
    assert!(before.until(there.now) >= Duration::from_secs(60));
    Ok(())
}

pub async fn the_time_of_the_store_does_not_go_back(subject: &dyn Subject) -> Outcome {
    let handles = [subject.handle().await?, subject.handle().await?];
    let mut last = now(&*handles[0]).await?;
    for store in handles.iter().cycle().take(100) {
        let next = now(&**store).await?;
        assert!(next >= last, "{next:?} came after {last:?}");
        last = next;
    }
    Ok(())
}

pub async fn a_swap_without_a_version_creates_the_row(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let done = store.swap(&key("a"), None, row("text")).await?;
    assert!(matches!(done, Swap::Done(_)), "{done:?}");
    Ok(())
}

pub async fn a_row_is_loaded_as_it_was_written(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let version = create(&*store, &key("a"), row("text")).await?;
    let there = present(store.load(&key("a")).await?);
    assert_eq!((there.version, there.text.as_str()), (version, "text"));
    Ok(())
}

pub async fn creating_a_row_that_is_there_conflicts(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    create(&*store, &key("a"), row("text")).await?;
    conflict(&*store, &key("a"), None, row("other")).await?;
    Ok(())
}

pub async fn a_conflict_gives_the_row_that_is_there(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let version = create(&*store, &key("a"), row("text")).await?;
    let there = present(conflict(&*store, &key("a"), None, row("other")).await?);
    assert_eq!((there.version, there.text.as_str()), (version, "text"));
    Ok(())
}

pub async fn a_conflict_writes_nothing(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let first = create(&*store, &key("a"), row("first")).await?;
    let second = replace(&*store, &key("a"), Some(first), row("second")).await?;
    conflict(&*store, &key("a"), Some(first), row("third")).await?;
    let there = present(store.load(&key("a")).await?);
    assert_eq!((there.version, there.text.as_str()), (second, "second"));
    Ok(())
}

pub async fn a_swap_replaces_the_version_that_was_read(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    create(&*store, &key("a"), row("first")).await?;
    let read = present(store.load(&key("a")).await?);
    replace(&*store, &key("a"), Some(read.version), row("second")).await?;
    assert_eq!(present(store.load(&key("a")).await?).text, "second");
    Ok(())
}

pub async fn a_stale_version_conflicts(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let first = create(&*store, &key("a"), row("first")).await?;
    replace(&*store, &key("a"), Some(first), row("second")).await?;
    conflict(&*store, &key("a"), Some(first), row("third")).await?;
    Ok(())
}

pub async fn a_version_of_another_row_conflicts(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    create(&*store, &key("a"), row("a")).await?;
    let foreign = create(&*store, &key("b"), row("b")).await?;
    conflict(&*store, &key("a"), Some(foreign), row("c")).await?;
    Ok(())
}

pub async fn a_version_that_was_never_given_conflicts(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let version = create(&*store, &key("a"), row("text")).await?;
    for number in [version.number() + 1, version.number() + 1_000, u64::MAX - 1, u64::MAX] {
        conflict(&*store, &key("a"), Some(Version::new(number)), row("other")).await?;
    }
    Ok(())
}

pub async fn version_zero_is_not_the_absence_of_a_row(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    conflict(&*store, &key("a"), Some(Version::default()), row("text")).await?;
    assert!(create(&*store, &key("a"), row("text")).await? > Version::default());
    Ok(())
}

pub async fn replacing_a_row_that_is_not_there_conflicts_without_a_row(
    subject: &dyn Subject,
) -> Outcome {
    let store = subject.handle().await?;
    let foreign = create(&*store, &key("b"), row("b")).await?;
    let there = conflict(&*store, &key("a"), Some(foreign), row("text")).await?;
    assert_eq!(there.row, None);
    assert_eq!(store.load(&key("a")).await?.row, None);
    Ok(())
}

pub async fn versions_of_a_row_rise(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let mut last = create(&*store, &key("a"), row("0")).await?;
    for number in 1..20 {
        let next = replace(&*store, &key("a"), Some(last), row(&number.to_string())).await?;
        assert!(next > last, "{next:?} was given after {last:?}");
        last = next;
    }
    Ok(())
}

pub async fn versions_rise_over_all_rows(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let (a, b) = (key("a"), key("b"));
    let first = create(&*store, &a, row("a")).await?;
    let second = create(&*store, &b, row("b")).await?;
    let third = replace(&*store, &a, Some(first), row("a")).await?;
    assert!(first < second && second < third, "{first:?} {second:?} {third:?}");
    Ok(())
}

pub async fn versions_rise_over_handles(subject: &dyn Subject) -> Outcome {
    let (one, other) = (subject.handle().await?, subject.handle().await?);
    let first = create(&*one, &key("a"), row("a")).await?;
    let second = create(&*other, &key("b"), row("b")).await?;
    let third = create(&*one, &key("c"), row("c")).await?;
    assert!(first < second && second < third, "{first:?} {second:?} {third:?}");
    Ok(())
}

pub async fn the_same_text_again_is_another_version(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let first = create(&*store, &key("a"), row("text")).await?;
    let second = replace(&*store, &key("a"), Some(first), row("text")).await?;
    assert!(second > first);
    conflict(&*store, &key("a"), Some(first), row("text")).await?;
    Ok(())
}

pub async fn a_row_that_is_as_before_is_not_its_old_version(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let first = create(&*store, &key("a"), row("as before")).await?;
    let second = replace(&*store, &key("a"), Some(first), row("changed")).await?;
    replace(&*store, &key("a"), Some(second), row("as before")).await?;
    conflict(&*store, &key("a"), Some(first), row("other")).await?;
    Ok(())
}

pub async fn a_swap_touches_no_other_row(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let left = create(&*store, &key("a"), row("left alone")).await?;
    let written = create(&*store, &key("b"), row("b")).await?;
    replace(&*store, &key("b"), Some(written), row("changed")).await?;
    let there = present(store.load(&key("a")).await?);
    assert_eq!((there.version, there.text.as_str()), (left, "left alone"));
    Ok(())
}

pub async fn a_store_works_after_conflicts(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let version = create(&*store, &key("a"), row("first")).await?;
    for _ in 0..50 {
        conflict(&*store, &key("a"), None, row("refused")).await?;
    }
    replace(&*store, &key("a"), Some(version), row("second")).await?;
    Ok(())
}

pub async fn debug_shows_no_text(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    create(&*store, &key("a"), row("canary-row")).await?;
    let until = now(&*store).await?.after(Duration::from_secs(60));
    store.put_once("id", "canary-once".to_owned(), until).await?;
    let shown = format!("{store:?} {store:#?}");
    assert!(!shown.contains("canary"), "{shown}");
    Ok(())
}

pub async fn handles_agree_on_durability(subject: &dyn Subject) -> Outcome {
    let (one, other) = (subject.handle().await?, subject.handle().await?);
    assert_eq!(one.durability(), other.durability());
    Ok(())
}
