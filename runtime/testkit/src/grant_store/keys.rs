//! Keys are compared byte by byte, and never joined.

use specwright_refresh::{GrantKey, NewRow, StoreTime};

use super::steps::{conflict, create, present, row};
use super::{Outcome, Subject};

pub async fn tenants_differ_by_case(subject: &dyn Subject) -> Outcome {
    are_different(subject, &[("tenant", "g"), ("Tenant", "g"), ("TENANT", "g")]).await
}

pub async fn grants_differ_by_case(subject: &dyn Subject) -> Outcome {
    are_different(subject, &[("t", "grant"), ("t", "Grant"), ("t", "gran\u{1e6d}")]).await
}

pub async fn tenant_and_grant_are_not_joined(subject: &dyn Subject) -> Outcome {
    are_different(subject, &[("a", "bc"), ("ab", "c"), ("abc", ""), ("", "abc")]).await
}

pub async fn tenant_and_grant_are_not_swapped(subject: &dyn Subject) -> Outcome {
    are_different(subject, &[("a", "b"), ("b", "a"), ("a", "a"), ("b", "b")]).await
}

pub async fn keys_with_slashes_differ(subject: &dyn Subject) -> Outcome {
    let keys =
        [("a/b", "c"), ("a", "b/c"), ("a/", "b/c"), ("../a", "c"), ("a:b", "c"), ("a", "b:c")];
    are_different(subject, &keys).await
}

pub async fn keys_with_nul_differ(subject: &dyn Subject) -> Outcome {
    let keys = [("a\0", "b"), ("a", "\0b"), ("a\0b", "b"), ("a", "b"), ("a", "b\0"), ("\0", "\0")];
    are_different(subject, &keys).await
}

pub async fn keys_with_quotes_differ(subject: &dyn Subject) -> Outcome {
    are_different(
        subject,
        &[("a'b", "c"), ("a''b", "c"), ("a\"b", "c"), ("a\\b", "c"), ("a\\'b", "c")],
    )
    .await
}

pub async fn keys_with_wildcards_differ(subject: &dyn Subject) -> Outcome {
    are_different(subject, &[("a%", "c"), ("a_", "c"), ("a*", "c"), ("a?", "c"), ("ab", "c")]).await
}

pub async fn keys_with_spaces_differ(subject: &dyn Subject) -> Outcome {
    are_different(subject, &[("a", "c"), ("a ", "c"), (" a", "c"), ("a\t", "c"), ("a\n", "c")])
        .await
}

pub async fn keys_like_numbers_differ(subject: &dyn Subject) -> Outcome {
    are_different(subject, &[("1", "c"), ("01", "c"), ("1.0", "c"), ("1e0", "c"), ("+1", "c")])
        .await
}

pub async fn keys_of_other_normal_forms_differ(subject: &dyn Subject) -> Outcome {
    are_different(
        subject,
        &[("\u{e9}", "c"), ("e\u{301}", "c"), ("\u{212b}", "c"), ("\u{c5}", "c")],
    )
    .await
}

pub async fn empty_parts_are_keys(subject: &dyn Subject) -> Outcome {
    are_different(subject, &[("", ""), ("a", ""), ("", "a")]).await
}

pub async fn long_keys_differ_at_their_end(subject: &dyn Subject) -> Outcome {
    let start = "tenant-".repeat(200);
    let (a, b) = (format!("{start}a"), format!("{start}b"));
    are_different(subject, &[(&a, "c"), (&b, "c"), ("c", &a), ("c", &b)]).await
}

pub async fn keys_come_back_as_they_were_given(subject: &dyn Subject) -> Outcome {
    let store = subject.handle().await?;
    let odd = GrantKey::new("Ten/ant\0 \u{e9}'", "e\u{301}%\n");
    let due = Some(StoreTime::default());
    create(&*store, &odd, NewRow { text: "text".to_owned(), due }).await?;
    assert_eq!(store.due(1).await?.first(), Some(&odd));
    let keys: Vec<_> = store.changes(None, 1).await?.into_iter().map(|change| change.key).collect();
    assert_eq!(keys, [odd]);
    Ok(())
}

/// Each key has a row of its own.
async fn are_different(subject: &dyn Subject, keys: &[(&str, &str)]) -> Outcome {
    let store = subject.handle().await?;
    let keys: Vec<_> = keys.iter().map(|(tenant, grant)| GrantKey::new(*tenant, *grant)).collect();
    for (number, key) in keys.iter().enumerate() {
        create(&*store, key, row(&number.to_string())).await?;
    }
    for (number, key) in keys.iter().enumerate() {
        assert_eq!(present(store.load(key).await?).text, number.to_string(), "{key:?}");
        conflict(&*store, key, None, row("other")).await?;
    }
    Ok(())
}
