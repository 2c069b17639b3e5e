//! Random operations on a store, each answer compared with what a map would answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use specwright_core::random::Random as _;
use specwright_core::transport::BoxError;
use specwright_refresh::{
    Change, GrantKey, GrantStore, Loaded, NewRow, Row, StoreTime, Swap, Version,
};

use super::steps::now;
use super::{Outcome, Subject};
use crate::SeededRandom;

/// Operations of one sequence.
const LENGTH: u32 = 12;

/// Grants and one-time texts: few, so that operations meet.
const NAMES: u64 = 5;

/// The variable that says how many sequences are run, instead of the share that fits into every run of the tests.
const VARIABLE: &str = "SPECWRIGHT_MODEL_SEQUENCES";

/// How many sequences to run: what the variable `SPECWRIGHT_MODEL_SEQUENCES` says, or `share`.
pub fn sequences(share: u32) -> u32 {
    std::env::var(VARIABLE).ok().and_then(|number| number.parse().ok()).unwrap_or(share)
}

/// Runs sequences of random operations on two handles of an empty store. The first answer that is not the model's is the
/// error, with the seed and the operations that lead there.
///
/// Sequences follow each other on the same rows, and the same seed gives the same operations.
pub async fn diverges(subject: &dyn Subject, seed: u64, sequences: u32) -> Outcome {
    let handles = [subject.handle().await?, subject.handle().await?];
    let random = SeededRandom::new(seed);
    let mut model = Model::starting(now(&*handles[0]).await?);
    for sequence in 0..sequences {
        let mut done = Vec::new();
        for _ in 0..LENGTH {
            let operation = model.draw(&random);
            done.push(format!("{operation:?}"));
            let handle = handles.get(usize::from(random.up_to(1) == 1)).map(Arc::clone);
            let handle = handle.ok_or("there are two handles")?;
            if let Err(difference) = step(subject, &*handle, &mut model, operation).await {
                let path = done.join("\n  ");
                return Err(
                    format!("seed {seed}, sequence {sequence}: {difference}\n  {path}").into()
                );
            }
        }
    }
    Ok(())
}

/// Carries one operation out on both sides.
async fn step(
    subject: &dyn Subject,
    store: &dyn GrantStore,
    model: &mut Model,
    operation: Operation,
) -> Outcome {
    match operation {
        Operation::Advance { hours } => {
            subject.advance(HOUR * hours);
            model.hour += u64::from(hours);
            Ok(())
        }
        Operation::Load { key } => model.check_row(&key, &store.load(&key).await?),
        Operation::Swap { key, expected, text, due } => {
            let row = NewRow { text: text.clone(), due: due.map(|hour| model.moment(hour)) };
            let answer = store.swap(&key, expected, row).await?;
            model.check_swap(key, expected, text, due, &answer)
        }
        Operation::Due { most } => model.check_due(most, &store.due(most).await?),
        Operation::Changes { after, most } => {
            model.check_changes(after, most, &store.changes(after, most).await?)
        }
        Operation::Put { id, text, hour } => {
            let until = model.moment(hour);
            let put = store.put_once(&id, text.clone(), until).await?;
            model.check_put(id, text, hour, put)
        }
        Operation::Take { id } => {
            let taken = store.take_once(&id).await?;
            model.check_take(&id, taken.as_deref())
        }
    }
}

const HOUR: Duration = Duration::from_secs(3_600);

#[derive(Debug)]
enum Operation {
    Advance { hours: u32 },
    Load { key: GrantKey },
    Swap { key: GrantKey, expected: Option<Version>, text: String, due: Option<u64> },
    Due { most: usize },
    Changes { after: Option<Version>, most: usize },
    Put { id: String, text: String, hour: u64 },
    Take { id: String },
}

/// What the store should hold.
///
/// Its time is counted in hours, and moments lie in the middle of one. So a store whose clock goes on by itself while the
/// test runs is still known to be before or after each of them.
struct Model {
    start: StoreTime,
    hour: u64,
    rows: BTreeMap<GrantKey, (Row, Option<u64>)>,
    given: Vec<Version>,
    once: BTreeMap<String, (String, u64)>,
    written: u64,
}

impl Model {
    fn starting(start: StoreTime) -> Self {
        let (rows, given, once) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
        Self { start, hour: 0, rows, given, once, written: 0 }
    }

    /// The middle of an hour.
    fn moment(&self, hour: u64) -> StoreTime {
        let hours = u32::try_from(hour).unwrap_or(u32::MAX);
        self.start.after(HOUR * hours).after(HOUR / 2)
    }

    /// Whether the middle of that hour has come.
    fn has_come(&self, hour: u64) -> bool {
        hour < self.hour
    }

    fn draw(&mut self, random: &SeededRandom) -> Operation {
        let most = usize::try_from(random.up_to(NAMES + 1)).unwrap_or_default();
        match random.up_to(15) {
            0 => Operation::Advance { hours: 1 + u32::try_from(random.up_to(2)).unwrap_or(0) },
            1 | 2 => Operation::Load { key: draw_key(random) },
            3..=8 => {
                let key = draw_key(random);
                let expected = self.draw_expected(&key, random);
                let due = (random.up_to(2) > 0).then(|| self.draw_hour(random));
                Operation::Swap { key, expected, text: self.draw_text(random), due }
            }
            9 | 10 => Operation::Due { most },
            11 | 12 => Operation::Changes { after: self.draw_version(random), most },
            13 | 14 => {
                let hour = self.draw_hour(random);
                Operation::Put { id: draw_name(random), text: self.draw_text(random), hour }
            }
            _ => Operation::Take { id: draw_name(random) },
        }
    }

    /// Most often the version that is there, else one of the past, of another row, or none.
    fn draw_expected(&self, key: &GrantKey, random: &SeededRandom) -> Option<Version> {
        match random.up_to(3) {
            0 => self.draw_version(random),
            _ => self.rows.get(key).map(|(row, _)| row.version),
        }
    }

    fn draw_version(&self, random: &SeededRandom) -> Option<Version> {
        let back = usize::try_from(random.up_to(8)).unwrap_or_default();
        self.given.len().checked_sub(back).and_then(|place| self.given.get(place)).copied()
    }

    /// From three hours ago to three hours ahead.
    fn draw_hour(&self, random: &SeededRandom) -> u64 {
        (self.hour + random.up_to(6)).saturating_sub(3)
    }

    fn draw_text(&mut self, random: &SeededRandom) -> String {
        self.written += 1;
        let length = usize::try_from(random.up_to(40)).unwrap_or_default();
        format!("{}{}", self.written, "\u{e9}'\0".repeat(length))
    }

    fn check_row(&self, key: &GrantKey, loaded: &Loaded) -> Outcome {
        equal("the row", &loaded.row.as_ref(), &self.rows.get(key).map(|(row, _)| row))
    }

    fn check_swap(
        &mut self,
        key: GrantKey,
        expected: Option<Version>,
        text: String,
        due: Option<u64>,
        answer: &Swap,
    ) -> Outcome {
        let there = self.rows.get(&key).map(|(row, _)| row.version);
        match answer {
            Swap::Conflict(loaded) if there != expected => self.check_row(&key, loaded),
            Swap::Done(version) if there == expected => {
                if self.given.last() >= Some(version) {
                    return Err(
                        format!("{version:?} was given after {:?}", self.given.last()).into()
                    );
                }
                self.given.push(*version);
                self.rows.insert(key, (Row { version: *version, text }, due));
                Ok(())
            }
            other => Err(format!("{there:?} is there, the swap was {other:?}").into()),
        }
    }

    /// Rows of equal moments may come in any order, so moments are compared, and that each row is there once.
    fn check_due(&self, most: usize, keys: &[GrantKey]) -> Outcome {
        let moments = self.rows.values().filter_map(|(_, due)| *due);
        let mut come: Vec<u64> = moments.filter(|hour| self.has_come(*hour)).collect();
        come.sort_unstable();
        come.truncate(most);
        let given = keys.iter().map(|key| self.rows.get(key).and_then(|(_, due)| *due));
        equal("the moments", &given.collect(), &come.into_iter().map(Some).collect::<Vec<_>>())?;
        equal("rows", &keys.iter().collect::<BTreeSet<_>>().len(), &keys.len())
    }

    fn check_changes(&self, after: Option<Version>, most: usize, changes: &[Change]) -> Outcome {
        let rows =
            self.rows.iter().map(|(key, (row, _))| Change { key: key.clone(), row: row.clone() });
        let mut expected: Vec<_> = rows.filter(|change| Some(change.row.version) > after).collect();
        expected.sort_by_key(|change| change.row.version);
        expected.truncate(most);
        equal("the changes", &changes, &&*expected)
    }

    fn check_put(&mut self, id: String, text: String, hour: u64, put: bool) -> Outcome {
        let free = self.once.get(&id).is_none_or(|(_, until)| self.has_come(*until));
        if free {
            self.once.insert(id, (text, hour));
        }
        equal("a put", &put, &free)
    }

    fn check_take(&mut self, id: &str, taken: Option<&str>) -> Outcome {
        let there = self.once.remove(id).filter(|(_, until)| !self.has_come(*until));
        equal("the text", &taken, &there.as_ref().map(|(text, _)| text.as_str()))
    }
}

fn draw_name(random: &SeededRandom) -> String {
    random.up_to(NAMES - 1).to_string()
}

fn draw_key(random: &SeededRandom) -> GrantKey {
    GrantKey::new(draw_name(random), "grant")
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, store: &T, model: &T) -> Outcome {
    let difference =
        || BoxError::from(format!("{what} of the store: {store:?}, of the model: {model:?}"));
    if store == model { Ok(()) } else { Err(difference()) }
}
