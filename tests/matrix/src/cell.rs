//! The cells of the matrix: what goes wrong, where, at what kind of server; and what may become of the grant.

use std::fmt;
use std::time::Duration;

use specwright_testkit::sandbox::Fault;

use crate::model::Model;
use crate::point::Point;

/// One cell: at this kind of server, this goes wrong when a renewal comes to this point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// What the server does with old tokens.
    pub model: Model,
    /// What goes wrong with the first request for a token, before anything else may.
    pub first: Option<Exchange>,
    /// Where it happens.
    pub point: Point,
    /// What happens.
    pub trouble: Trouble,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The process is gone, with its tasks and its memory.
    Ends,
    /// All tasks of the process are gone. Its memory is there, and goes on with new ones.
    TornDown,
    /// Who waits for the token does so no more.
    CallersDropped,
    /// The store does not answer the next few operations, and does nothing.
    StoreRefuses,
    /// The store does what it is asked to write next, and its answer is lost.
    StoreUnheard,
    /// The next request to the authorization server goes wrong.
    Exchange(Exchange),
}

/// How a request to the authorization server goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// The connection is closed before anything is done.
    Closed,
    /// It breaks off in the middle of the request.
    CutInRequest,
    /// The server never gets to it.
    Unplayed,
    /// The server does it and closes the connection.
    ClosedAfter,
    /// It breaks off after the head of the answer.
    CutAfterHead,
    /// It breaks off in the middle of the answer.
    CutInAnswer,
    /// The answer never comes.
    Unanswered,
    /// The answer comes when a lease would have ended.
    Late,
    /// The answer comes when nobody waits for it any more.
    TooLate,
    /// 500, and nothing is done.
    Status500,
    /// 503, and nothing is done.
    Status503,
    /// 500, and whoever comes with the same key is told so again.
    Stored500,
    /// It is done, and the answer is 503.
    Status503After,
    /// 429 with a wait, and nothing is done.
    TooMany,
    /// It is done, and the answer says that it is plain text.
    WrongType,
    /// 502 with a page of HTML, and nothing is done.
    Html502,
    /// 200 with a page of HTML, and nothing is done.
    Html200,
    /// It is done, and the second half of the JSON is missing.
    HalfJson,
    /// 200 with JSON that is nothing, and nothing is done.
    NoJson,
    /// `invalid_request`, as Hydra answers two who collide.
    InvalidRequest,
    /// `temporarily_unavailable`.
    Unavailable,
}

impl Cell {
    /// All cells at one kind of server.
    pub fn all(model: Model) -> Vec<Self> {
        let cell = |first, point, trouble| Self { model, first, point, trouble };
        let mut cells = Vec::new();
        for point in Point::ALL {
            for trouble in Trouble::ANYWHERE {
                cells.push(cell(None, point, trouble));
            }
        }
        for exchange in Exchange::ALL {
            // The request of this renewal, that of the next one, and that of a revocation.
            for point in [Point::F2, Point::F10, Point::F12] {
                if point != Point::F12 || exchange.says_the_truth_of_a_revocation() {
                    cells.push(cell(None, point, Trouble::Exchange(exchange)));
                }
            }
            // One that goes wrong, and then the end of the process: maybe while the same is sent again.
            for point in Point::ALL.into_iter().filter(|point| *point != Point::F12) {
                cells.push(cell(Some(exchange), point, Trouble::Ends));
            }
        }
        cells
    }

    /// Whether the grant may be lost here. Everywhere else it must live.
    pub fn may_lose(&self) -> bool {
        self.model.is_strict() && self.loses_answer()
    }

    /// Whether the grant must be lost here: the only answer with the next pair is gone, and no client can bring it back.
    pub fn must_lose(&self) -> bool {
        self.may_lose() && self.first.is_none() && self.trouble.ends() && self.point != Point::F12
    }

    /// Whether an answer with a pair may be lost here.
    pub fn loses_answer(&self) -> bool {
        let by_end = self.trouble.ends()
            && matches!(self.point, Point::F5 | Point::F6 | Point::F7 | Point::F8);
        let exchanges = [self.first, self.trouble.exchange()];
        by_end || exchanges.into_iter().flatten().any(Exchange::loses_answer)
    }

    /// How many requests for a pair may be answered with no pair, or with one that is lost.
    pub fn wasted(&self) -> usize {
        let by_end = self.trouble.ends() && self.point.is_within_the_exchange();
        let exchanges = [self.first, self.trouble.exchange()].into_iter().flatten();
        let kept = exchanges.clone().any(Exchange::is_kept) && self.model == Model::R;
        let wasted = exchanges.filter(|exchange| exchange.wastes_a_request()).count();
        let asked_in_vain = match (kept, self.first) {
            (false, _) => 0,
            // The same again at once, three times, before the key is left behind.
            (true, None) => 3,
            // Whoever takes over does not know that there was an answer, and stays with the key for five minutes.
            (true, Some(_)) => ASKED_IN_FIVE_MINUTES,
        };
        wasted + asked_in_vain + usize::from(by_end)
    }
}

/// `M3/F5/ends`, or `M3/closed-after+F7/ends`.
impl fmt::Display for Cell {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{:?}/", self.model)?;
        if let Some(first) = self.first {
            write!(to, "{}+", first.name())?;
        }
        write!(to, "{:?}/{}", self.point, self.trouble.name())
    }
}

impl Trouble {
    /// What may happen at every point.
    const ANYWHERE: [Self; 5] =
        [Self::Ends, Self::TornDown, Self::CallersDropped, Self::StoreRefuses, Self::StoreUnheard];

    /// Whether the tasks of the process end.
    pub(crate) fn ends(self) -> bool {
        match self {
            Self::Ends | Self::TornDown => true,
            Self::CallersDropped | Self::StoreRefuses | Self::StoreUnheard | Self::Exchange(_) => {
                false
            }
        }
    }

    fn exchange(self) -> Option<Exchange> {
        match self {
            Self::Exchange(exchange) => Some(exchange),
            Self::Ends
            | Self::TornDown
            | Self::CallersDropped
            | Self::StoreRefuses
            | Self::StoreUnheard => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Ends => "ends",
            Self::TornDown => "torn-down",
            Self::CallersDropped => "callers-dropped",
            Self::StoreRefuses => "store-refuses",
            Self::StoreUnheard => "store-unheard",
            Self::Exchange(exchange) => exchange.name(),
        }
    }
}

impl Exchange {
    const ALL: [Self; 21] = [
        Self::Closed,
        Self::CutInRequest,
        Self::Unplayed,
        Self::ClosedAfter,
        Self::CutAfterHead,
        Self::CutInAnswer,
        Self::Unanswered,
        Self::Late,
        Self::TooLate,
        Self::Status500,
        Self::Status503,
        Self::Stored500,
        Self::Status503After,
        Self::TooMany,
        Self::WrongType,
        Self::Html502,
        Self::Html200,
        Self::HalfJson,
        Self::NoJson,
        Self::InvalidRequest,
        Self::Unavailable,
    ];

    /// What the server is told to do. A request is waited for for 20 s, and a lease ends after 8 s.
    pub(crate) fn fault(self) -> Fault {
        match self {
            Self::Closed => Fault::CloseBeforeAnswer,
            Self::CutInRequest => Fault::HoldRequest,
            Self::Unplayed => Fault::HoldBeforeEffect,
            Self::ClosedAfter => Fault::CloseAfterEffect,
            Self::CutAfterHead => Fault::CutAfter(0),
            Self::CutInAnswer => Fault::CutAfter(HALF_AN_ANSWER),
            Self::Unanswered => Fault::HoldAfterEffect,
            Self::Late => Fault::Delay(Duration::from_secs(12)),
            Self::TooLate => Fault::Delay(Duration::from_secs(25)),
            Self::Status500 => Fault::Status(500),
            Self::Status503 => Fault::Status(503),
            Self::Stored500 => Fault::StoredStatus(500),
            Self::Status503After => Fault::StatusAfterEffect(503),
            Self::TooMany => {
                Fault::StatusWithHeaders(429, vec![("retry-after".to_owned(), "5".to_owned())])
            }
            Self::WrongType => Fault::ContentType("text/plain".to_owned()),
            Self::Html502 => Fault::Html(502),
            Self::Html200 => Fault::Html(200),
            Self::HalfJson => Fault::TruncatedJson,
            Self::NoJson => Fault::Body("{".into()),
            Self::InvalidRequest => Fault::Code("invalid_request".to_owned()),
            Self::Unavailable => Fault::Code("temporarily_unavailable".to_owned()),
        }
    }

    /// Whether the server does what it was asked for, and its client cannot know.
    fn loses_answer(self) -> bool {
        match self {
            Self::ClosedAfter
            | Self::CutAfterHead
            | Self::CutInAnswer
            | Self::Unanswered
            | Self::TooLate
            | Self::Status503After
            | Self::HalfJson => true,
            Self::Closed
            | Self::CutInRequest
            | Self::Unplayed
            | Self::Late
            | Self::Status500
            | Self::Status503
            | Self::Stored500
            | Self::TooMany
            | Self::WrongType
            | Self::Html502
            | Self::Html200
            | Self::NoJson
            | Self::InvalidRequest
            | Self::Unavailable => false,
        }
    }

    /// Whether another request is needed.
    fn wastes_a_request(self) -> bool {
        !matches!(self, Self::Late | Self::WrongType)
    }

    /// Whether an answer of 200 means what it says. Who asks for a revocation looks at nothing else (RFC 7009 §2.2), so where
    /// something answers 200 that has revoked nothing, no client notices.
    fn says_the_truth_of_a_revocation(self) -> bool {
        !matches!(self, Self::Html200 | Self::NoJson)
    }

    /// Whether a server that keeps answers by key keeps this one.
    fn is_kept(self) -> bool {
        matches!(self, Self::Stored500 | Self::InvalidRequest | Self::Unavailable)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::CutInRequest => "cut-in-request",
            Self::Unplayed => "unplayed",
            Self::ClosedAfter => "closed-after",
            Self::CutAfterHead => "cut-after-head",
            Self::CutInAnswer => "cut-in-answer",
            Self::Unanswered => "unanswered",
            Self::Late => "late",
            Self::TooLate => "too-late",
            Self::Status500 => "500",
            Self::Status503 => "503",
            Self::Stored500 => "stored-500",
            Self::Status503After => "503-after",
            Self::TooMany => "429",
            Self::WrongType => "wrong-type",
            Self::Html502 => "html-502",
            Self::Html200 => "html-200",
            Self::HalfJson => "half-json",
            Self::NoJson => "no-json",
            Self::InvalidRequest => "invalid-request",
            Self::Unavailable => "unavailable",
        }
    }
}

/// Four requests for each lease, and waits that grow from one second to a minute, the luckiest draws of which are short.
const ASKED_IN_FIVE_MINUTES: usize = 120;

/// Bytes of a token answer up to somewhere in its middle.
pub(crate) const HALF_AN_ANSWER: usize = 150;
