//! Processes that are killed while they renew: what was used was written before, and what was acknowledged is there.
//!
//! After each kill the judge looks at both sides: which access tokens the server has seen, and which generation of each
//! grant is in the file. A token of a later generation than that was used ahead of its commit.

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use matrix::model::Model;
use rusqlite::{Connection, OpenFlags};
use specwright_refresh::GrantStatus;
use specwright_testkit::SeededRandom;
use specwright_testkit::sandbox::{Ledger, TokenEvent};
use stora_2025_09::runtime::Random as _;

use crate::command::{Command, Member};
use crate::order::Task;
use crate::setting::{Setting, Trouble, operator, wait};
use crate::table::{Line, Row};

/// The row of what is used ahead of its commit.
pub fn rows() -> Vec<Row> {
    let name = format!("use of a pair before its commit, {} rotations with kills", ALL.rotations);
    let row = |worker| async move {
        let found = ALL.run(worker).await?;
        Ok(Line {
            expected: "0 used ahead, 0 lost".to_owned(),
            found: format!("{found}; seed {}", ALL.seed),
            met: found.is_proof(),
        })
    };
    vec![Row::new(name, row)]
}

/// Ten thousand rotations. Each pair is called with at once, because that is what most renewals are made for.
const ALL: Rotations = Rotations {
    workers: 2,
    grants: 60,
    rotations: 10_000,
    kills: 0,
    life: Duration::from_secs(1),
    within: Duration::from_millis(400),
    seed: 47,
};

/// How many calls there are with one grant, by each worker, in the life of a token.
const CALLS: u32 = 4;

/// After so many kills without a rotation in between there will be none.
const IDLE: u32 = 100;

/// Workers that renew the same grants until they are killed, and are started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotations {
    /// How many at the same time.
    pub workers: u32,
    /// How many grants they share.
    pub grants: u32,
    /// Unless something is found before, it goes on until so many pairs were replaced
    pub rotations: u64,
    /// and a worker was killed so often.
    pub kills: u64,
    /// How long a token lives. It is replaced after half of that.
    pub life: Duration,
    /// The longest time between two kills, which is drawn.
    pub within: Duration,
    /// From what it is drawn, and who is killed.
    pub seed: u64,
}

/// What was found after the kills.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Pairs that took the place of another one, by the file.
    pub rotations: u64,
    /// Processes that were killed.
    pub kills: u64,
    /// Uses of tokens that the server has seen.
    pub used: u64,
    /// Pairs of which a worker that was killed had noted that they are written.
    pub noted: u64,
    /// Grants of which the server had seen a token that was not in the file, after a kill.
    pub ahead: u64,
    /// Grants of which a worker had been told that a pair is written that was not in the file, likewise.
    pub forgotten: u64,
    /// What SQLite found wrong with the file.
    pub damage: Vec<String>,
    /// Grants that are not connected at the end. With this server nothing that happens here costs a grant.
    pub lost: Vec<GrantStatus>,
}

impl Found {
    /// Whether nothing is there that must not be.
    pub fn is_clean(&self) -> bool {
        let Self { ahead, forgotten, damage, lost, .. } = self;
        (*ahead, *forgotten) == (0, 0) && damage.is_empty() && lost.is_empty()
    }

    /// Whether that says something: there were uses and notes to compare with the file.
    pub fn is_proof(&self) -> bool {
        self.is_clean() && self.used > 0 && self.noted > 0
    }
}

impl fmt::Display for Found {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rotations, kills, used, noted, ahead, forgotten, damage, lost } = self;
        write!(to, "{ahead} used ahead in {used} uses")?;
        write!(to, ", {forgotten} not there of {noted} acknowledged, damage {damage:?}")?;
        write!(to, ", {} lost; {rotations} rotations, {kills} kills", lost.len())
    }
}

impl Rotations {
    /// Lets them renew, and kills them. The server is one at which a pair that was used ahead of its commit is a grant
    /// that is lost: with the first use the old pair dies.
    pub async fn run(self, worker: PathBuf) -> Result<Found, Trouble> {
        let setting = Setting::new(worker, Model::M2, self.grants).await?;
        setting.sandbox.set_token_lifetime(self.life);
        for number in 0..self.grants {
            setting.connect(number).await?;
        }
        let random = SeededRandom::new(self.seed);
        let mut found = Found::default();
        let mut idle = 0;
        let mut workers = Vec::new();
        for _ in 0..self.workers {
            workers.push(self.start(&setting, workers.len() as u64).await?);
        }
        loop {
            wait(Duration::from_micros(random.up_to(u64::try_from(self.within.as_micros())?)))
                .await;
            let which = random.up_to(u64::from(self.workers).saturating_sub(1));
            let Running { member, notes } = workers.swap_remove(usize::try_from(which)?);
            member.kill().await?;
            found.kills += 1;
            let before = found.rotations;
            self.look(&setting, &notes, &mut found).await?;
            idle = if found.rotations > before { 0 } else { idle + 1 };
            if idle == IDLE {
                return Err(format!("nothing is renewed any more: {found}").into());
            }
            if !found.is_clean() || (found.rotations >= self.rotations && found.kills >= self.kills)
            {
                break;
            }
            workers.push(self.start(&setting, u64::from(self.workers) + found.kills).await?);
        }
        for number in 0..self.grants {
            let status = setting.status(number).await?;
            let connected = matches!(status, GrantStatus::Connected { .. });
            found.lost.extend(Some(status).filter(|_| !connected));
        }
        Ok(found)
    }

    async fn start(self, setting: &Setting, number: u64) -> Result<Running, Trouble> {
        let notes = setting.path(&format!("acknowledged-{number}"));
        let mut order = setting.order(Task::Obey, None);
        order.acknowledged = Some(notes.clone());
        let mut member = Member::start(setting, &order)?;
        let every = self.life / CALLS;
        member.tell(&Command::KeepCalling { grants: 0..self.grants, every }).await?;
        Ok(Running { member, notes })
    }

    /// Compares what the server saw, and what the killed worker was told, with what is in the file. The file is read last:
    /// what was used or acknowledged before that has to be there.
    async fn look(self, setting: &Setting, notes: &Path, found: &mut Found) -> Result<(), Trouble> {
        let ledger = setting.sandbox.ledger();
        let uses = ledger.tokens.iter().filter(|entry| entry.event == TokenEvent::Used);
        let (used, notes) = (used(&ledger), acknowledged(notes)?);
        found.used = u64::try_from(uses.count())?;
        found.noted += notes.number;
        found.rotations = 0;
        for number in 0..self.grants {
            let written = generation(&setting.row(number).await?.text)?;
            // Connecting is the first generation.
            found.rotations += written.saturating_sub(1);
            let is_there = |seen: Option<&u64>| seen.is_none_or(|seen| *seen <= written);
            let operator = operator(number);
            found.ahead += u64::from(!is_there(used.get(&operator)));
            found.forgotten += u64::from(!is_there(notes.latest.get(&operator)));
        }
        found.damage.extend(damage(setting)?);
        Ok(())
    }
}

/// A worker, and the file in which it notes what was acknowledged.
struct Running {
    member: Member,
    notes: PathBuf,
}

/// The latest generation of each operator's tokens that was used. The server counts generations from the consent on, as
/// the record does.
pub(crate) fn used(ledger: &Ledger) -> BTreeMap<String, u64> {
    let mut minted = BTreeMap::new();
    let mut used = BTreeMap::new();
    for entry in &ledger.tokens {
        match &entry.event {
            TokenEvent::Minted { operator: Some(operator), generation, .. } => {
                minted.insert(entry.token, (operator, *generation));
            }
            TokenEvent::Used => {
                if let Some((operator, generation)) = minted.get(&entry.token) {
                    raise(&mut used, operator, *generation);
                }
            }
            _ => {}
        }
    }
    used
}

/// What a worker was told is written.
#[derive(Default)]
struct Notes {
    /// How many pairs.
    number: u64,
    /// The latest generation of each operator's.
    latest: BTreeMap<String, u64>,
}

fn acknowledged(file: &Path) -> Result<Notes, Trouble> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        // It was killed before it opened its store.
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error.into()),
    };
    let mut notes = Notes::default();
    for line in text.lines() {
        let (operator, generation) = line.split_once(' ').ok_or("a note without a generation")?;
        raise(&mut notes.latest, operator, generation.parse()?);
        notes.number += 1;
    }
    Ok(notes)
}

fn raise(latest: &mut BTreeMap<String, u64>, operator: &str, generation: u64) {
    let latest = latest.entry(operator.to_owned()).or_default();
    *latest = generation.max(*latest);
}

/// The generation of a record, which is in clear.
pub(crate) fn generation(record: &str) -> Result<u64, Trouble> {
    let record: serde_json::Value = serde_json::from_str(record)?;
    let generation = record.get("generation").and_then(serde_json::Value::as_u64);
    Ok(generation.ok_or("a record without a generation")?)
}

/// What SQLite finds wrong with the file.
fn damage(setting: &Setting) -> Result<Vec<String>, Trouble> {
    let file = Connection::open_with_flags(setting.database(), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut check = file.prepare("PRAGMA integrity_check")?;
    let lines = check.query_map([], |row| row.get(0))?;
    let lines: Vec<String> = lines.collect::<Result<_, _>>()?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}
