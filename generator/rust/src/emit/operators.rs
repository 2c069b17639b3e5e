//! The part of the guide for applications that many operators connect.

use specwright_ir::{OAuthFlows, TokenKey};

use super::Cx;
use super::example::Example;
use super::operation::Op;
use super::page::{Code, Page};
use crate::prose;

/// How operators connect an application, for an API that has a page where they agree. `first` is the call of the example.
pub(super) fn section(cx: Cx<'_>, page: &mut Page, flows: &OAuthFlows, first: Option<Op<'_>>) {
    let Some(authorization) = &flows.authorization else { return };
    page.section("Operators connect your application");
    page.code(&example(cx, first));
    page.text(&format!(
        "`store` is where grants are kept: the crate `specwright-store-sqlite` has a {} that the \
         processes of one host share, and {} ends with its process. `keys` seal the tokens in it and \
         are kept elsewhere; {} reads them. `cookie` names the session of the operator's browser, and \
         `query` is what that browser brings to your redirect URI.",
        page.item("GrantStore", "runtime::GrantStore"),
        page.item("MemoryStore", "runtime::MemoryStore"),
        page.item("KeyRing::parse", "runtime::KeyRing::parse"),
    ));
    page.text(
        "A program without a server, such as a command line, has no redirect URI and no cookie. With \
         the feature `loopback`, it binds a `runtime::LoopbackRedirect`, authorizes with its \
         `redirect_uri()` and `Session::None`, and waits for its `callback`.",
    );
    let ending = match &flows.revocation {
        Some(_) => "ends a grant and revokes its tokens",
        None => "ends a grant; the API documents no way to revoke its tokens",
    };
    page.text(&format!(
        "Tokens are renewed before they end, once for all processes. Let {} run in one of them: it \
         renews what nobody calls with, and goes on with what a process that ended has begun. {} says \
         which operators have to connect again, also after a restart. {} {ending}.",
        page.item("Grants::attend", "runtime::Grants::attend"),
        page.item("Grants::changes", "runtime::Grants::changes"),
        page.item("Grants::disconnect", "runtime::Grants::disconnect"),
    ));
    page.text(&format!(
        "An operator who connects again may be signed in as somebody else: with {} no other account \
         takes a grant over. A call whose grant lacks a scope fails with {} before anything is sent; \
         ask for the scopes that it had and the missing ones. {} waits for what is under way when your \
         program ends.",
        page.item("GrantsBuilder::identify", "runtime::GrantsBuilder::identify"),
        page.item("GrantProblem::MissingScopes", "runtime::GrantProblem::MissingScopes"),
        page.item("Grants::shutdown", "runtime::Grants::shutdown"),
    ));
    page.text(&server(flows, authorization));
}

fn example(cx: Cx<'_>, first: Option<Op<'_>>) -> Code {
    let library = &cx.settings.library;
    let scopes = first.map(Op::scopes).unwrap_or_default().join(" ");
    let scope = if scopes.is_empty() { String::new() } else { format!(".scope({scopes:?})") };
    let mut lines = vec![
        "let grants = Client::builder(\"Example/Importer\")".to_owned(),
        "    .grants(ClientRegistration::confidential(\"client id\", \"client secret\"))"
            .to_owned(),
        "    .store(store)".to_owned(),
        "    .keys(keys)".to_owned(),
        "    .build()?;".to_owned(),
        String::new(),
        "// An operator wants to connect: send the browser to `url`.".to_owned(),
        format!("let operator = GrantKey::new(\"operator 42\", {:?});", cx.settings.title),
        format!("let request = grants.authorization(\"https://app.example/callback\")?{scope};"),
        "let session = Session::Browser(cookie);".to_owned(),
        "let url = grants.grants().authorize(&operator, &request, session).await?;".to_owned(),
        String::new(),
        "// The browser comes back.".to_owned(),
        "let callback = Callback::from_query(query)?;".to_owned(),
        "let operator = grants.grants().receive(callback, session).await?;".to_owned(),
        String::new(),
        "// From now on, in every process that shares the store.".to_owned(),
        "let client = grants.client(operator);".to_owned(),
    ];
    if let Some(op) = first {
        let call = Example::of(op).call;
        lines.push(format!("if let Err(error) = {call}.await {{"));
        lines.extend(
            [
                "    match GrantProblem::of(&error) {",
                "        Some(GrantProblem::ReconnectRequired { .. }) => println!(\"connect again\"),",
                "        _ => return Err(error.into()),",
                "    }",
                "}",
            ]
            .map(str::to_owned),
        );
    }
    Code {
        uses: vec![
            "std::error::Error".to_owned(),
            format!("{library}::Client"),
            format!(
                "{library}::runtime::{{\n    Callback, ClientRegistration, GrantKey, GrantProblem, \
                 GrantStore, KeyRing, Session,\n}}"
            ),
        ],
        parameters: ["store: impl GrantStore", "keys: KeyRing", "cookie: &str", "query: &str"]
            .map(str::to_owned)
            .to_vec(),
        error: "Box<dyn Error>".to_owned(),
        lines,
    }
}

/// What the document says of the authorization server.
fn server(flows: &OAuthFlows, authorization: &str) -> String {
    let audience = match &flows.audience {
        Some(audience) => format!(", to tokens for the audience {}", prose::code(audience)),
        None => String::new(),
    };
    let mut text = vec![format!("Operators agree at {}{audience}.", prose::code(authorization))];
    if let Some(scope) = &flows.offline_scope {
        text.push(format!(
            "The scope {}, without which there is no refresh token, is asked for by itself.",
            prose::code(scope)
        ));
    }
    if let Some(seconds) = flows.refresh_token_life {
        text.push(format!(
            "A refresh token that nobody uses ends after {}, so it is used halfway through.",
            life(seconds)
        ));
    }
    match flows.token_key {
        TokenKey::None => {}
        TokenKey::IdempotencyKey => text.push(
            "Requests for an operator's tokens carry an `Idempotency-Key`; a server that keeps answers by it \
             gives a lost one again."
                .to_owned(),
        ),
    }
    text.join(" ")
}

fn life(seconds: u32) -> String {
    const DAY: u32 = 86_400;
    match seconds {
        DAY => "a day".to_owned(),
        _ if seconds.is_multiple_of(DAY) => format!("{} days", seconds / DAY),
        _ => format!("{seconds} s"),
    }
}
