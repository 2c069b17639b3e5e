//! An operator takes everything back at the vendor: it is seen at the first attempt, kept, and ended by connecting again.

use specwright_refresh::{GrantKey, GrantProblem, GrantStatus, ReconnectReason};
use stora_2025_09::Client;

use crate::office::Office;
use crate::setting::Trouble;
use crate::table::{Line, Row};

/// The row of revocations at the vendor.
pub fn rows() -> Vec<Row> {
    vec![Revocations { grants: 100 }.row()]
}

/// Grants that are revoked at the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocations {
    /// How many.
    pub grants: u32,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Grants whose first call said that the operator revoked.
    pub at_once: u32,
    /// Token requests of these calls.
    pub posts: usize,
    /// Grants that the feed of changes names as such, in a program that started afterwards.
    pub in_the_feed: usize,
    /// Grants whose calls say so in that program, three of each.
    pub afterwards: u32,
    /// Requests of these calls. Of each grant the first one tries its access token, which has not ended by its time.
    pub calls: usize,
    /// Token requests of these calls.
    pub posts_afterwards: usize,
    /// Grants that work after they were connected again.
    pub again: u32,
}

impl Revocations {
    fn row(self) -> Row {
        let Self { grants } = self;
        Row::new(format!("{grants} grants revoked at the vendor"), move |_| async move {
            let seen = self.run().await?;
            Ok(Line {
                expected: format!(
                    "{grants} seen by 1 token request each, in the feed, told without another one, and back"
                ),
                found: format!(
                    "{} seen, {} token requests, {} in the feed, {} told with {} calls and {} token requests, {} back",
                    seen.at_once,
                    seen.posts,
                    seen.in_the_feed,
                    seen.afterwards,
                    seen.calls,
                    seen.posts_afterwards,
                    seen.again
                ),
                met: seen == self.expected(),
            })
        })
    }

    /// What must come of it.
    pub fn expected(self) -> Seen {
        let number = self.grants as usize;
        Seen {
            at_once: self.grants,
            posts: number,
            in_the_feed: number,
            afterwards: self.grants,
            calls: number,
            posts_afterwards: 0,
            again: self.grants,
        }
    }

    /// Revokes, calls, starts another program, and connects again.
    pub async fn run(self) -> Result<Seen, Trouble> {
        let office = Office::open().await?;
        let program = office.program()?;
        for number in 0..self.grants {
            office.connect(&program, &key(number)).await?;
            program.client(key(number)).contacts().list().limit(1).await?;
        }
        office.revoke();
        let mut seen = Seen::default();
        let (_, posts) = office.requests();
        for number in 0..self.grants {
            seen.at_once += u32::from(is_told(&program.client(key(number))).await);
        }
        seen.posts = office.requests().1 - posts;
        drop(program);
        let restarted = office.program()?;
        let changes = restarted.grants().changes(None, usize::try_from(self.grants)?).await?;
        let statuses = changes.iter().filter_map(|change| change.status.as_ref());
        seen.in_the_feed = statuses.filter(|status| is_revoked(status)).count();
        let before = office.requests();
        for number in 0..self.grants {
            let client = restarted.client(key(number));
            let told = [is_told(&client).await, is_told(&client).await, is_told(&client).await];
            seen.afterwards += u32::from(told == [true; 3]);
        }
        let (calls, posts) = office.requests();
        (seen.calls, seen.posts_afterwards) = (calls - before.0, posts - before.1);
        for number in 0..self.grants {
            office.connect(&restarted, &key(number)).await?;
            restarted.client(key(number)).contacts().list().limit(1).await?;
            seen.again += 1;
        }
        Ok(seen)
    }
}

fn key(number: u32) -> GrantKey {
    GrantKey::new(format!("tenant-{number}"), "grant")
}

/// Whether a call says that the operator revoked.
async fn is_told(client: &Client) -> bool {
    match client.contacts().list().limit(1).await {
        Ok(_) => false,
        Err(error) => matches!(
            GrantProblem::of(&error),
            Some(GrantProblem::ReconnectRequired { reason: ReconnectReason::Revoked, .. })
        ),
    }
}

fn is_revoked(status: &GrantStatus) -> bool {
    matches!(status, GrantStatus::ReconnectRequired { reason: ReconnectReason::Revoked, .. })
}
