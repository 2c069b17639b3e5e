//! The rows on what must be refused and on what must not be seen, with small numbers.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without stops it")]

use torture::canary;
use torture::client_secret::Rotated;
use torture::codes::{self, Tabs, Vendor};
use torture::redirects::{Matrix, Route, Sends};
use torture::revoked::Revocations;
use torture::swapped::Swaps;

#[tokio::test]
async fn no_forged_callback_connects_anybody_at_either_vendor() {
    for vendor in Vendor::ALL {
        let forged = codes::forge(vendor).await.unwrap();
        assert_eq!(forged.wrong, Vec::<String>::new(), "{vendor:?}");
        assert_eq!(forged.activations, 1, "{vendor:?}");
    }
}

#[tokio::test]
async fn of_two_tabs_with_one_authorization_one_is_connected_by_one_request() {
    let tabs = Tabs { authorizations: 10 };
    let finished = tabs.finish(Vendor::Stora).await.unwrap();
    assert_eq!((finished.same, finished.posts), (10, 10));
}

#[tokio::test]
async fn of_two_tabs_with_two_authorizations_one_living_pair_is_left() {
    let tabs = Tabs { authorizations: 10 };
    assert_eq!(tabs.finish(Vendor::Stora).await.unwrap().odd, Vec::<String>::new());
}

#[tokio::test]
async fn what_a_code_gave_is_dead_once_it_is_shown_again_and_the_grant_says_so() {
    for vendor in Vendor::ALL {
        let replayed = codes::replay(vendor).await.unwrap();
        assert!(replayed.refused && replayed.told, "{vendor:?} {replayed:?}");
        assert_eq!(replayed.left, 0, "{vendor:?}");
    }
}

#[tokio::test]
async fn no_redirect_of_any_request_leads_a_secret_elsewhere() {
    let statuses = &[302, 307];
    let matrix = Matrix { statuses, by: Route::SystemProxy, sends: &Sends::ALL };
    let followed = matrix.run().await.unwrap();
    assert_eq!(followed.answers, matrix.cells());
    assert_eq!((followed.visits, followed.secrets), (0, Vec::new()));
    assert!(followed.known > 0);
}

#[tokio::test]
async fn no_secret_is_in_logs_errors_debug_panics_or_files() {
    let seen = canary::look(env!("CARGO_BIN_EXE_torture-canary").into()).await.unwrap();
    assert!(seen.is_met(), "{seen:?}");
}

#[tokio::test]
async fn moved_rows_do_not_open_and_the_others_do() {
    let swaps = Swaps { each: 3 };
    let opened = swaps.run().await.unwrap();
    assert_eq!((opened.wrong, opened.requests), (Vec::new(), 0));
    assert_eq!((opened.moved, opened.others), (21, 3));
}

#[tokio::test]
async fn what_an_operator_revokes_is_seen_at_once_kept_and_ended_by_connecting_again() {
    let revocations = Revocations { grants: 5 };
    assert_eq!(revocations.run().await.unwrap(), revocations.expected());
}

#[tokio::test]
async fn a_wrong_client_secret_is_one_event_and_no_grant_is_marked() {
    let rotated = Rotated { grants: 200, renewed: 5 };
    let blamed = rotated.run().await.unwrap();
    assert!(rotated.is_met(&blamed), "{blamed:?}");
}
