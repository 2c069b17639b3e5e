//! The callbacks that are forged, and who has to refuse each of them.

use stora_2025_09::runtime::{CallbackError, Session};

use super::scene::{ATTACKER, Asked, NOBODY, USER};

/// A callback that is not what the server sent to the browser that asked.
pub(super) struct Forgery {
    pub(super) name: &'static str,
    /// What the browser comes with.
    pub(super) query: Query,
    pub(super) session: Session<'static>,
    pub(super) refused: Refused,
    /// What happens to the honest authorization before.
    pub(super) before: Before,
}

pub(super) type Query = fn(&Asked) -> String;

/// Who refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The program, for this reason, and nothing is sent to the token endpoint.
    Here(CallbackError),
    /// The server, which is asked once.
    There,
}

/// What happens between the server's answer and the callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    Nothing,
    /// The time to answer is over.
    TooLate,
    /// The time of the code is over.
    CodeEnds,
}

impl Forgery {
    const fn here(name: &'static str, why: CallbackError, query: Query) -> Self {
        Self::of(name, query, Refused::Here(why))
    }

    const fn there(name: &'static str, query: Query) -> Self {
        Self::of(name, query, Refused::There)
    }

    const fn of(name: &'static str, query: Query, refused: Refused) -> Self {
        Self { name, query, session: Session::Browser(USER), refused, before: Before::Nothing }
    }

    const fn by(self, session: Session<'static>) -> Self {
        Self { session, ..self }
    }

    const fn after(self, before: Before) -> Self {
        Self { before, ..self }
    }
}

pub(super) const FORGERIES: &[Forgery] = &[
    Forgery::here("no state", CallbackError::StateMissing, |asked| {
        format!("code={}", asked.own.code)
    }),
    Forgery::here("an empty state", CallbackError::StateMissing, |asked| {
        format!("code={}&state=", asked.own.code)
    }),
    Forgery::here("a state of nobody", CallbackError::StateUnknown, |asked| {
        format!("code={}&state={NOBODY}", asked.own.code)
    }),
    Forgery::here("a state that is cut", CallbackError::StateUnknown, |asked| {
        format!("code={}&state={}", asked.own.code, asked.own.state.split_at(21).0)
    }),
    Forgery::here("the state of another session", CallbackError::SessionMismatch, |asked| {
        asked.foreign.query()
    }),
    Forgery::here("another session", CallbackError::SessionMismatch, Asked::honest)
        .by(Session::Browser(ATTACKER)),
    Forgery::here("an empty session", CallbackError::SessionMismatch, Asked::honest)
        .by(Session::Browser("")),
    Forgery::here("no session", CallbackError::SessionMismatch, Asked::honest).by(Session::None),
    Forgery::here("a state that is over", CallbackError::StateUnknown, Asked::honest)
        .after(Before::TooLate),
    Forgery::here("the state twice", CallbackError::Repeated("state"), |asked| {
        with(asked, &format!("state={}", asked.own.state))
    }),
    Forgery::here("two states", CallbackError::Repeated("state"), |asked| {
        with(asked, &format!("state={}", asked.foreign.state))
    }),
    Forgery::here("two states, one spelled otherwise", CallbackError::Repeated("state"), |asked| {
        with(asked, &format!("%73tate={}", asked.foreign.state))
    }),
    Forgery::here("two states, one empty", CallbackError::Repeated("state"), |asked| {
        with(asked, "state=")
    }),
    Forgery::here("the code twice", CallbackError::Repeated("code"), |asked| {
        with(asked, &format!("code={}", asked.own.code))
    }),
    Forgery::here("two codes", CallbackError::Repeated("code"), |asked| {
        with(asked, &format!("code={}", asked.foreign.code))
    }),
    Forgery::here("two codes, one spelled otherwise", CallbackError::Repeated("code"), |asked| {
        with(asked, &format!("co%64e={}", asked.foreign.code))
    }),
    Forgery::here("another issuer", CallbackError::IssuerMismatch, |asked| {
        with(asked, "iss=https%3A%2F%2Fother.example")
    }),
    Forgery::here("two issuers", CallbackError::Repeated("iss"), |asked| {
        with(asked, "iss=https%3A%2F%2Fissuer.example&iss=https%3A%2F%2Fother.example")
    }),
    Forgery::here("an error beside the code", CallbackError::Malformed, |asked| {
        with(asked, "error=access_denied")
    }),
    Forgery::here("two errors", CallbackError::Repeated("error"), |asked| {
        format!("error=access_denied&error=server_error&state={}", asked.own.state)
    }),
    Forgery::here("an error alone", CallbackError::AccessDenied, |asked| {
        format!("error=access_denied&state={}", asked.own.state)
    }),
    Forgery::here("no code", CallbackError::NoCode, |asked| format!("state={}", asked.own.state)),
    Forgery::here("an empty code", CallbackError::NoCode, |asked| {
        format!("code=&state={}", asked.own.state)
    }),
    Forgery::here("a code with a line break", CallbackError::Malformed, |asked| {
        format!("code={}%0d%0a&state={}", asked.own.code, asked.own.state)
    }),
    Forgery::here("more than a query holds", CallbackError::Malformed, |asked| {
        with(asked, &"x=y&".repeat(2_100))
    }),
    Forgery::there("a code that is invented", |asked| {
        format!("code={NOBODY}&state={}", asked.own.state)
    }),
    Forgery::there("a code of another authorization", |asked| {
        format!("code={}&state={}", asked.other_tab.code, asked.own.state)
    }),
    Forgery::there("a code of another operator", |asked| {
        format!("code={}&state={}", asked.foreign.code, asked.own.state)
    }),
    Forgery::there("a code of another client", |asked| {
        format!("code={}&state={}", asked.other_client, asked.own.state)
    }),
    Forgery::there("a code that is cut", |asked| {
        format!("code={}&state={}", asked.own.code.split_at(20).0, asked.own.state)
    }),
    Forgery::there("a code that is over", Asked::honest).after(Before::CodeEnds),
];

/// The honest callback, after it was received.
pub(super) const REPLAYS: &[Forgery] = &[
    Forgery::here("the same again", CallbackError::StateUnknown, Asked::honest),
    Forgery::here("again from another session", CallbackError::StateUnknown, Asked::honest)
        .by(Session::Browser(ATTACKER)),
    Forgery::here("again from no session", CallbackError::StateUnknown, Asked::honest)
        .by(Session::None),
    Forgery::here("again with another code", CallbackError::StateUnknown, |asked| {
        format!("code={}&state={}", asked.foreign.code, asked.own.state)
    }),
];

/// The honest callback with something behind it.
fn with(asked: &Asked, more: &str) -> String {
    format!("{}&{more}", asked.honest())
}
