//! A text comes back byte by byte.

use super::steps::{create, key, present, replace, row};
use super::{Outcome, Subject};

pub async fn an_empty_text_is_kept(subject: &dyn Subject) -> Outcome {
    is_kept(subject, "").await
}

pub async fn a_text_of_json_is_kept(subject: &dyn Subject) -> Outcome {
    is_kept(subject, r#"{"phase":"active","pair":{"access":"x"},"n":1.0,"n":1e400,"":[null]}"#)
        .await
}

pub async fn a_text_with_letters_of_all_planes_is_kept(subject: &dyn Subject) -> Outcome {
    is_kept(subject, "aé\u{7ff}\u{800}\u{d7ff}\u{e000}\u{fffd}\u{ffff}\u{10000}\u{10ffff}").await
}

pub async fn a_text_is_not_normalized(subject: &dyn Subject) -> Outcome {
    is_kept(subject, "\u{feff}\u{e9} e\u{301} \u{fb01} \u{200b}").await
}

pub async fn a_text_with_nul_is_kept(subject: &dyn Subject) -> Outcome {
    is_kept(subject, "\0before\0\0after\0").await
}

pub async fn a_text_with_line_breaks_is_kept(subject: &dyn Subject) -> Outcome {
    is_kept(subject, "\na\r\nb\rc\u{85}d\u{2028}\n\n").await
}

pub async fn a_text_with_spaces_around_it_is_kept(subject: &dyn Subject) -> Outcome {
    is_kept(subject, " \t text \u{a0} ").await
}

pub async fn a_text_like_a_number_is_kept(subject: &dyn Subject) -> Outcome {
    for text in ["007", "1e3", "1.0", "-0", "0x10", "9223372036854775808", "NULL", "true"] {
        is_kept(subject, text).await?;
    }
    Ok(())
}

pub async fn a_text_with_quotes_and_statements_is_kept(subject: &dyn Subject) -> Outcome {
    is_kept(subject, r#"'); DROP TABLE grants; -- " ` \ \\ $1 ?1 :a @a %s {} "#).await
}

pub async fn a_text_of_one_mebibyte_is_kept(subject: &dyn Subject) -> Outcome {
    let text: String = ('a'..='z').cycle().take(1 << 20).collect();
    is_kept(subject, &text).await
}

pub async fn a_long_text_is_replaced_by_a_short_one(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let version = create(&*store, &key("a"), row(&"long".repeat(10_000))).await?;
    replace(&*store, &key("a"), Some(version), row("short")).await?;
    assert_eq!(present(store.load(&key("a")).await?).text, "short");
    Ok(())
}

/// The text comes back from a load and from the changes, on both handles.
async fn is_kept(subject: &dyn Subject, text: &str) -> Outcome {
    let key = key(&format!("the grant of {} bytes: {text:.20}", text.len()));
    let (one, other) = (subject.handle().await?, subject.handle().await?);
    create(&*one, &key, row(text)).await?;
    for store in [one, other] {
        assert!(present(store.load(&key).await?).text == text, "a load gave another text");
        let changes = store.changes(None, usize::MAX).await?;
        let kept = changes.into_iter().find(|change| change.key == key);
        assert!(kept.is_some_and(|change| change.row.text == text), "changes gave another text");
    }
    Ok(())
}
