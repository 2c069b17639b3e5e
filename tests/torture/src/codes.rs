//! Callbacks that no honest browser brings, at both vendors, and who is connected by them: nobody.

mod forgery;
mod scene;

use std::time::Duration;

use specwright_refresh::{GrantProblem, ReconnectReason};
use specwright_testkit::sandbox::Ledger;
use stora_2025_09::runtime::{ConnectError, Session};
use tokio::task::JoinSet;

use self::forgery::{Before, FORGERIES, Forgery, REPLAYS, Refused};
pub use self::scene::Vendor;
use self::scene::{ATTACKER, Asked, OPERATOR, PAIR, Program, Scene, THIEF, USER, key};
use crate::setting::{Trouble, wait};
use crate::table::{Line, Row, listed};

/// The rows of authorization codes.
pub fn rows() -> Vec<Row> {
    Vendor::ALL
        .into_iter()
        .flat_map(|vendor| [forgeries_row(vendor), TABS.row(vendor), replay_row(vendor)])
        .collect()
}

const TABS: Tabs = Tabs { authorizations: 100 };

fn forgeries_row(vendor: Vendor) -> Row {
    Row::new(format!("callbacks that are forged, {vendor:?}"), move |_| async move {
        let Forged { tried, wrong, activations } = forge(vendor).await?;
        Ok(Line {
            expected: format!("{tried} of {tried} refused, 1 activation"),
            found: format!(
                "{} of {tried} refused, {activations} activation; wrong: {}",
                tried - wrong.len(),
                listed(&wrong)
            ),
            met: wrong.is_empty() && activations == 1,
        })
    })
}

fn replay_row(vendor: Vendor) -> Row {
    Row::new(format!("a code that is shown twice, {vendor:?}"), move |_| async move {
        let Replayed { refused, left, told } = replay(vendor).await?;
        Ok(Line {
            expected: "refused, 0 tokens left of it, and its grant says so".to_owned(),
            found: format!("refused: {refused}, {left} tokens left, told: {told}"),
            met: refused && left == 0 && told,
        })
    })
}

/// What came of the forgeries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forged {
    /// How many were tried.
    pub tried: usize,
    /// Those that were not refused as they must be, and how they ended.
    pub wrong: Vec<String>,
    /// Consents for which the server gave tokens.
    pub activations: usize,
}

/// Tries every forgery before the honest callback, and the honest one again after itself.
pub async fn forge(vendor: Vendor) -> Result<Forged, Trouble> {
    let scene = Scene::new(vendor).await?;
    let mut wrong = Vec::new();
    for forgery in FORGERIES {
        let asked = scene.begin(forgery).await?;
        wrong.extend(scene.judge(forgery, &scene.program, &asked).await?);
    }
    let honest = scene.ask_all(None).await?;
    scene.program.receive(&honest.honest(), Session::Browser(USER)).await?;
    let restarted = scene.another()?;
    for forgery in REPLAYS {
        wrong.extend(scene.judge(forgery, &restarted, &honest).await?);
    }
    let ledger = scene.sandbox.ledger();
    Ok(Forged {
        tried: FORGERIES.len() + REPLAYS.len(),
        wrong,
        activations: [OPERATOR, THIEF].map(|name| ledger.families_of(name).len()).iter().sum(),
    })
}

/// What came of a code that was shown twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Whether the second one was refused.
    pub refused: bool,
    /// Tokens that still live.
    pub left: usize,
    /// Whether the grant says that its user has to connect again.
    pub told: bool,
}

/// Whoever finds a code that was exchanged can bring it to an authorization of their own. The server takes that for a theft
/// and revokes what the code gave (RFC 6749 §4.1.2).
pub async fn replay(vendor: Vendor) -> Result<Replayed, Trouble> {
    let scene = Scene::new(vendor).await?;
    let program = &scene.program;
    let asked = scene.ask_all(None).await?;
    program.receive(&asked.honest(), Session::Browser(USER)).await?;
    let again = format!("code={}&state={}", asked.own.code, asked.foreign.state);
    let second = program.receive(&again, Session::Browser(ATTACKER)).await;
    let told = match program.call(key()).await {
        Ok(()) => false,
        Err(error) => matches!(
            GrantProblem::of(&error),
            Some(GrantProblem::ReconnectRequired { reason: ReconnectReason::Revoked, .. })
        ),
    };
    Ok(Replayed {
        refused: matches!(second, Err(ConnectError::Exchange(_))),
        left: scene.sandbox.ledger().live_tokens(OPERATOR).len(),
        told,
    })
}

/// Two tabs that finish at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tabs {
    /// Authorizations that two tabs finish, and as many of which each tab finishes its own.
    pub authorizations: u32,
}

/// What came of the tabs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finished {
    /// Of two tabs with the same authorization, those that were told that it is connected.
    pub same: u32,
    /// The token requests of these.
    pub posts: usize,
    /// Grants that have another number of living pairs than one, or cannot be used, after each tab finished its own.
    pub odd: Vec<String>,
}

impl Tabs {
    fn row(self, vendor: Vendor) -> Row {
        Row::new(format!("two tabs at once, {vendor:?}"), move |_| async move {
            let number = self.authorizations;
            let Finished { same, posts, odd } = self.finish(vendor).await?;
            Ok(Line {
                expected: format!(
                    "{number} connected, {number} token requests, 1 pair a grant where it can be revoked, which can be used"
                ),
                found: format!("{same}, {posts}, others: {}", listed(&odd)),
                met: same == number && posts == number as usize && odd.is_empty(),
            })
        })
    }

    /// Lets the tabs finish. Each has its own program, with the same store.
    pub async fn finish(self, vendor: Vendor) -> Result<Finished, Trouble> {
        let scene = Scene::new(vendor).await?;
        let programs = [scene.program.clone(), scene.another()?];
        let mut finished = Finished::default();
        for _ in 0..self.authorizations {
            let before = scene.sandbox.ledger().token_posts();
            let answer = scene.ask(&key(), USER, OPERATOR, None).await?;
            finished.same += at_once(&programs, [answer.query(), answer.query()]).await?;
            finished.posts += scene.sandbox.ledger().token_posts() - before;
        }
        for round in 0..self.authorizations {
            let one = scene.ask(&key(), USER, OPERATOR, None).await?;
            let other = scene.ask(&key(), USER, OPERATOR, None).await?;
            let connected = at_once(&programs, [one.query(), other.query()]).await?;
            let live = if vendor.is_revocable() { scene.live_in_the_end().await } else { PAIR };
            // The pair that lives has to be the one in the store.
            let called = scene.program.call(key()).await;
            if (connected, live) != (2, PAIR) || called.is_err() {
                finished.odd.push(format!(
                    "{round}: {connected} connected, {live} live tokens, a call gives {called:?}"
                ));
            }
        }
        Ok(finished)
    }
}

/// Both tabs, and how many of them were told that they are connected.
async fn at_once(programs: &[Program; 2], queries: [String; 2]) -> Result<u32, Trouble> {
    let mut tabs = JoinSet::new();
    for (program, query) in programs.iter().zip(queries) {
        let program = program.clone();
        tabs.spawn(async move { program.receive(&query, Session::Browser(USER)).await.is_ok() });
    }
    let outcomes = tabs.join_all().await;
    Ok(outcomes.into_iter().map(u32::from).sum())
}

/// How long the revocation of a pair that was replaced may take. Nobody waits for it who connects.
const REVOKED_WITHIN: Duration = Duration::from_secs(5);

/// How often the ledger is asked meanwhile.
const POLL: Duration = Duration::from_millis(10);

impl Scene {
    /// How many tokens of the user live when no more are revoked.
    async fn live_in_the_end(&self) -> usize {
        let live = || self.sandbox.ledger().live_tokens(OPERATOR).len();
        let mut waited = Duration::ZERO;
        while live() > PAIR && waited < REVOKED_WITHIN {
            wait(POLL).await;
            waited += POLL;
        }
        live()
    }

    async fn begin(&self, forgery: &Forgery) -> Result<Asked, Trouble> {
        let time = (forgery.before == Before::TooLate).then_some(Duration::from_millis(1));
        let asked = self.ask_all(time).await?;
        match forgery.before {
            Before::Nothing => {}
            Before::TooLate => wait(Duration::from_millis(20)).await,
            Before::CodeEnds => self.sandbox.advance(Duration::from_secs(3_600)),
        }
        Ok(asked)
    }

    /// What is wrong with how a forgery ended, if anything.
    async fn judge(
        &self,
        forgery: &Forgery,
        program: &Program,
        asked: &Asked,
    ) -> Result<Option<String>, Trouble> {
        let (before, status) = (self.sandbox.ledger(), program.grants().status(&key()).await?);
        let outcome = program.receive(&(forgery.query)(asked), forgery.session).await;
        let (after, status_after) = (self.sandbox.ledger(), program.grants().status(&key()).await?);
        let refused = match (&forgery.refused, &outcome) {
            (Refused::Here(why), Err(ConnectError::Callback(error))) => {
                error == why && posts(&before, &after) == 0
            }
            (Refused::There, Err(ConnectError::Exchange(_))) => posts(&before, &after) == 1,
            _ => false,
        };
        let same = status == status_after
            && [OPERATOR, THIEF].map(|name| before.live_tokens(name))
                == [OPERATOR, THIEF].map(|name| after.live_tokens(name));
        Ok((!refused || !same).then(|| {
            let posts = posts(&before, &after);
            format!("{}: {outcome:?}, {posts} token requests, {status_after:?}", forgery.name)
        }))
    }
}

fn posts(before: &Ledger, after: &Ledger) -> usize {
    after.token_posts() - before.token_posts()
}
