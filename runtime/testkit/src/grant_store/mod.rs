//! What every [`GrantStore`] must do, as cases that any store is held to.
//!
//! Input: a [`Subject`], which opens handles onto one store. Output: a test for each case, so that a failure has a name.
//! [`grant_store_cases!`](crate::grant_store_cases) makes the tests of every store, `grant_store_durable_cases!` those of a
//! store that outlives its process, and [`model::diverges`] compares random operations with a model.
//!
//! ```no_run
//! mod kept_in_memory {
//!     use std::{sync::Arc, time::Duration};
//!     use specwright_core::transport::{BoxError, BoxFuture};
//!     use specwright_refresh::{GrantStore, MemoryStore};
//!     use specwright_testkit::{VirtualClock, grant_store::Subject};
//!
//!     struct InMemory(VirtualClock, Arc<MemoryStore>);
//!
//!     impl InMemory {
//!         fn new() -> Self {
//!             let clock = VirtualClock::new();
//!             Self(clock.clone(), Arc::new(MemoryStore::volatile(Arc::new(clock))))
//!         }
//!     }
//!
//!     impl Subject for InMemory {
//!         fn handle(&self) -> BoxFuture<'_, Result<Arc<dyn GrantStore>, BoxError>> {
//!             Box::pin(async { Ok(Arc::clone(&self.1) as Arc<dyn GrantStore>) })
//!         }
//!
//!         fn advance(&self, time: Duration) {
//!             self.0.advance(time);
//!         }
//!     }
//!
//!     specwright_testkit::grant_store_cases!(InMemory::new());
//! }
//! ```
#![expect(missing_docs, reason = "the name of a case is what the store must do")]
#![expect(
    clippy::missing_panics_doc,
    reason = "a case panics where the store is wrong; that is what it is for"
)]

pub mod changes;
pub mod due;
pub mod durable;
pub mod keys;
pub mod model;
pub mod once;
pub mod races;
pub mod rows;
mod steps;
pub mod texts;

use std::sync::Arc;
use std::time::Duration;

use specwright_core::transport::{BoxError, BoxFuture};
use specwright_refresh::GrantStore;

/// A store that is tested. At first it is empty.
pub trait Subject: Send + Sync {
    /// Another handle onto the same data, as another process has one. A store that cannot be shared gives the same
    /// handle each time.
    ///
    /// For the cases of a durable store: when all handles are dropped, the next one is opened anew.
    fn handle(&self) -> BoxFuture<'_, Result<Arc<dyn GrantStore>, BoxError>>;

    /// Lets the time of the store pass.
    fn advance(&self, time: Duration);
}

/// What a case ends with. It panics where the store is wrong, and gives the error where the store gave one.
pub type Outcome = Result<(), BoxError>;

/// A test for each case that every store must pass. The argument makes a [`Subject`]; it may await.
///
/// Each test runs on a tokio runtime with two threads, so the crate needs `tokio` with `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! grant_store_cases {
    ($subject:expr) => {
        $crate::grant_store_tests! { $subject =>
            rows::{
                a_grant_that_was_never_written_has_no_row,
                a_load_tells_the_time_of_the_store,
                a_conflict_tells_the_time_of_the_store,
                the_time_of_the_store_does_not_go_back,
                a_swap_without_a_version_creates_the_row,
                a_row_is_loaded_as_it_was_written,
                creating_a_row_that_is_there_conflicts,
                a_conflict_gives_the_row_that_is_there,
                a_conflict_writes_nothing,
                a_swap_replaces_the_version_that_was_read,
                a_stale_version_conflicts,
                a_version_of_another_row_conflicts,
                a_version_that_was_never_given_conflicts,
                version_zero_is_not_the_absence_of_a_row,
                replacing_a_row_that_is_not_there_conflicts_without_a_row,
                versions_of_a_row_rise,
                versions_rise_over_all_rows,
                versions_rise_over_handles,
                the_same_text_again_is_another_version,
                a_row_that_is_as_before_is_not_its_old_version,
                a_swap_touches_no_other_row,
                a_store_works_after_conflicts,
                debug_shows_no_text,
                handles_agree_on_durability,
            }
            texts::{
                an_empty_text_is_kept,
                a_text_of_json_is_kept,
                a_text_with_letters_of_all_planes_is_kept,
                a_text_is_not_normalized,
                a_text_with_nul_is_kept,
                a_text_with_line_breaks_is_kept,
                a_text_with_spaces_around_it_is_kept,
                a_text_like_a_number_is_kept,
                a_text_with_quotes_and_statements_is_kept,
                a_text_of_one_mebibyte_is_kept,
                a_long_text_is_replaced_by_a_short_one,
            }
            keys::{
                tenants_differ_by_case,
                grants_differ_by_case,
                tenant_and_grant_are_not_joined,
                tenant_and_grant_are_not_swapped,
                keys_with_slashes_differ,
                keys_with_nul_differ,
                keys_with_quotes_differ,
                keys_with_wildcards_differ,
                keys_with_spaces_differ,
                keys_like_numbers_differ,
                keys_of_other_normal_forms_differ,
                empty_parts_are_keys,
                long_keys_differ_at_their_end,
                keys_come_back_as_they_were_given,
            }
            due::{
                an_empty_store_has_nothing_due,
                a_row_is_due_at_its_moment,
                a_row_is_not_due_before_its_moment,
                a_row_becomes_due_as_time_passes,
                a_row_without_a_moment_is_never_due,
                the_longest_due_comes_first,
                no_more_are_given_than_asked_for,
                the_bound_keeps_the_longest_due,
                none_are_given_if_none_are_asked_for,
                asking_takes_nothing_away,
                a_moment_that_is_put_off_is_not_due,
                a_moment_that_is_brought_forward_is_due,
                a_moment_that_is_taken_away_is_not_due,
                a_conflict_changes_no_moment,
                the_ends_of_time_are_moments,
            }
            changes::{
                an_empty_store_has_no_changes,
                all_rows_are_changes_at_first,
                changes_come_in_the_order_of_their_versions,
                a_change_has_the_row_as_it_is_now,
                a_row_that_changed_twice_is_there_once,
                nothing_comes_after_the_last_version,
                what_was_seen_does_not_come_again,
                a_version_that_is_no_more_is_read_on_from,
                a_version_of_the_future_has_nothing_after_it,
                no_more_changes_are_given_than_asked_for,
                no_changes_are_given_if_none_are_asked_for,
                a_conflict_is_no_change,
                a_one_time_text_is_no_change,
                pages_have_every_row_once,
                pages_lose_nothing_while_others_write,
            }
            once::{
                a_text_is_taken_once,
                nothing_is_taken_of_an_unknown_id,
                an_id_that_is_in_use_is_refused,
                a_refused_text_leaves_the_first_one,
                an_id_is_free_after_its_text_was_taken,
                an_id_is_free_after_its_end,
                a_text_is_there_until_just_before_its_end,
                a_text_is_gone_at_its_end,
                a_text_that_ended_before_it_came_is_not_taken,
                a_text_until_the_end_of_time_is_taken,
                one_time_texts_are_kept_exactly,
                ids_are_compared_exactly,
                ids_and_grants_do_not_meet,
                one_of_a_hundred_takers_gets_the_text,
                one_of_a_hundred_putters_gets_the_id,
            }
            races::{
                a_handle_sees_at_once_what_another_wrote,
                a_handle_sees_at_once_what_is_due_by_another,
                a_handle_sees_at_once_the_changes_of_another,
                a_handle_takes_what_another_put,
                nothing_that_is_read_is_of_the_future,
                one_of_many_creates_a_row,
                each_of_ten_thousand_races_has_one_winner,
                no_update_is_lost,
                rows_written_together_are_all_there,
                versions_given_together_differ,
                an_operation_that_was_never_polled_does_nothing,
                a_dropped_swap_is_whole_or_not_there,
                dropped_operations_leave_the_store_working,
            }
        }
    };
}

/// A test for each case of a store that outlives its process. The argument makes a [`Subject`]; it may await.
#[macro_export]
macro_rules! grant_store_durable_cases {
    ($subject:expr) => {
        $crate::grant_store_tests! { $subject =>
            durable::{
                the_store_says_that_it_is_durable,
                rows_are_there_after_reopening,
                moments_are_there_after_reopening,
                changes_are_there_after_reopening,
                one_time_texts_are_there_after_reopening,
                versions_rise_over_a_reopening,
                a_swap_whose_caller_left_is_whole_after_reopening,
            }
        }
    };
}

/// A module for each group of cases, a test for each case.
#[doc(hidden)]
#[macro_export]
macro_rules! grant_store_tests {
    ($subject:expr => $($group:ident :: { $($case:ident,)+ })+) => {
        $(mod $group {
            #[allow(unused_imports, reason = "what the subject is made of stands outside")]
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() -> $crate::grant_store::Outcome {
                    $crate::grant_store::$group::$case(&$subject).await
                }
            )+
        })+
    };
}

#[cfg(test)]
mod tests {
    /// The macros and the cases of all files.
    const FILES: [&str; 8] = [
        include_str!("rows.rs"),
        include_str!("texts.rs"),
        include_str!("keys.rs"),
        include_str!("due.rs"),
        include_str!("changes.rs"),
        include_str!("once.rs"),
        include_str!("races.rs"),
        include_str!("durable.rs"),
    ];

    #[test]
    fn every_case_is_in_a_macro() {
        let lists = include_str!("mod.rs");
        let cases = FILES.iter().flat_map(|file| file.split("pub async fn ").skip(1));
        let names: Vec<&str> = cases.filter_map(|case| case.split('(').next()).collect();
        let missing: Vec<&&str> =
            names.iter().filter(|name| !lists.contains(&format!(" {name},\n"))).collect();
        assert!(missing.is_empty(), "in no macro: {missing:?}");
        assert!(names.len() > 100, "only {} cases were found", names.len());
    }
}
