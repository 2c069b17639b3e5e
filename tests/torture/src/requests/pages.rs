//! Lists whose pages lead astray.

use stora_2025_09::runtime::ErrorKind;

use super::library::{Library, Next, Page, Template};
use super::walk::{LIMIT, Walk};
use crate::codes::Vendor;
use crate::setting::Trouble;
use crate::table::{Line, Row, listed};

/// The row.
pub fn rows() -> Vec<Row> {
    let stories = Story::ALL.len();
    let name = format!("hostile pages over HTTP, {stories} stories, by number and by cursor");
    vec![Row::new(name, move |_| async move {
        let walked = walk(&Story::ALL).await?;
        Ok(Line {
            expected: format!(
                "{} lists, each ends within its bound and says why, 0 entries delivered twice",
                stories * Vendor::ALL.len()
            ),
            found: format!(
                "{} lists, {} pages, {} entries, {} twice; wrong: {}",
                walked.lists,
                walked.pages,
                walked.entries,
                walked.doubled,
                listed(&walked.wrong)
            ),
            met: walked.is_met() && walked.lists == stories * Vendor::ALL.len(),
        })
    })]
}

/// How a list is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Story {
    /// The third page names itself as next.
    Itself,
    /// It names the first one, and so on.
    Loop,
    /// It names the second one.
    Backwards,
    /// It names the fifth one.
    Ahead,
    /// It names the largest number there is.
    Largest,
    /// It names none, and has said that there are more.
    Null,
    /// It says nothing of a next one, nor of the list.
    Absent,
    /// Each page names the one after it, and all have the same entries.
    Same,
    /// Each page names the one after it, and none has any entries.
    Empty,
    /// Each page has entries that are new, and says that there is one page more.
    Growing,
}

/// What came of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walked {
    /// Lists that were walked through.
    pub lists: usize,
    /// Pages that were asked for.
    pub pages: u64,
    /// Entries that were delivered.
    pub entries: usize,
    /// Those that had been delivered before.
    pub doubled: usize,
    /// Lists that did not end as they must.
    pub wrong: Vec<String>,
}

impl Story {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Itself,
        Self::Loop,
        Self::Backwards,
        Self::Ahead,
        Self::Largest,
        Self::Null,
        Self::Absent,
        Self::Same,
        Self::Empty,
        Self::Growing,
    ];

    /// The page with this number.
    fn page(self, number: u64) -> Page {
        let entries = match self {
            Self::Same => (0..LIMIT.into()).collect(),
            Self::Empty => Vec::new(),
            _ => {
                let first = number.wrapping_mul(LIMIT.into());
                (first..first.wrapping_add(LIMIT.into())).collect()
            }
        };
        let pages = if self == Self::Growing { number.wrapping_add(1) } else { PAGES };
        Page { entries, next: self.next(number), pages }
    }

    fn next(self, number: u64) -> Next {
        match (self, number) {
            (Self::Itself, THIRD) => Next::Page(THIRD),
            (Self::Loop, THIRD) => Next::Page(1),
            (Self::Backwards, THIRD) => Next::Page(2),
            (Self::Ahead, THIRD) => Next::Page(5),
            (Self::Largest, THIRD) => Next::Page(LARGEST),
            (Self::Null, THIRD) => Next::Null,
            (Self::Absent, THIRD) => Next::Absent,
            (Self::Same | Self::Empty | Self::Growing, _) | (_, ..PAGES) => Next::Page(number + 1),
            (_, PAGES..) => Next::Null,
        }
    }

    /// What a walk must end with, and after how many pages at most. A cursor is a name and no number: it may lead anywhere but
    /// to where the walk has been, and none at all is the end of the list.
    fn expected(self, vendor: Vendor) -> (Option<ErrorKind>, u64) {
        let lost = Some(ErrorKind::Pagination);
        match (self, vendor) {
            (Self::Same | Self::Empty, _) => (lost, MAX_BARREN + 1),
            (Self::Growing, _) => (lost, MAX_PAGES),
            (Self::Null | Self::Absent, Vendor::Understory) => (None, THIRD),
            (Self::Largest, Vendor::Understory) => (None, THIRD + 1),
            (Self::Ahead, Vendor::Understory) => (None, PAGES - 1),
            // The cursor of the first page is another name than none.
            (Self::Loop, Vendor::Understory) => (lost, THIRD + 1),
            (
                Self::Itself
                | Self::Loop
                | Self::Backwards
                | Self::Ahead
                | Self::Largest
                | Self::Null
                | Self::Absent,
                _,
            ) => (lost, THIRD),
        }
    }
}

const THIRD: u64 = 3;

/// Pages that a list has, if nothing is wrong with it.
const PAGES: u64 = 9;

/// The largest number that a page can have.
const LARGEST: u64 = i64::MAX as u64;

/// After so many pages a walk ends whatever they bring, as `Pages` says.
const MAX_PAGES: u64 = 10_000;

/// After so many in a row that brought nothing new it ends too.
const MAX_BARREN: u64 = 100;

/// Walks through a list of each story at either vendor.
pub async fn walk(stories: &[Story]) -> Result<Walked, Trouble> {
    let mut walked = Walked::default();
    for vendor in Vendor::ALL {
        let template = Template::of(vendor).await?;
        for story in stories.iter().copied() {
            let library = Library::start(template.clone(), move |page| story.page(page)).await?;
            let walk = Walk::of(vendor, &library.base_url(), "fake-token").await?;
            let (asked, doubled) = (library.asked(), walk.doubled());
            let (end, most) = story.expected(vendor);
            if walk.end != end || asked > most || doubled > 0 {
                walked.wrong.push(format!(
                    "{vendor:?}, {story:?}: {:?} after {asked} pages, {doubled} entries twice",
                    walk.end
                ));
            }
            walked.lists += 1;
            walked.pages += asked;
            walked.entries += walk.delivered.len();
            walked.doubled += doubled;
        }
    }
    Ok(walked)
}

impl Walked {
    /// Whether some were tried, and nothing is wrong.
    pub fn is_met(&self) -> bool {
        self.lists > 0 && self.entries > 0 && self.doubled == 0 && self.wrong.is_empty()
    }
}
