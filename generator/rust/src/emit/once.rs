//! The part of the guide for operations that happen once, also where processes end in the middle of one.

use specwright_ir::{Method, SchemeKind};

use super::Cx;
use super::example::{Example, qualified};
use super::operation::Op;
use super::page::{Code, Page};
use super::pages;
use crate::prose;

/// How an operation gets a name, for an API that has operations with an effect.
pub(super) fn section(cx: Cx<'_>, page: &mut Page, operations: &[Op<'_>]) {
    if operations.iter().all(|op| reads_only(*op)) {
        return;
    }
    page.section("Operations that happen once");
    page.text(&format!(
        "A program may end between a request and its answer. What must happen once all the same gets a \
         name with {}, and a journal from {} keeps what is known of it.",
        page.item("Call::with_operation", "Call::with_operation"),
        page.item("Builder::journal", "runtime::Builder::journal"),
    ));
    if let Some(code) = pair(operations).and_then(|(made, list)| example(cx, made, list)) {
        page.code(&code);
        explained(page);
    }
    rules(page, operations);
}

fn reads_only(op: Op<'_>) -> bool {
    matches!(op.operation.method, Method::Get | Method::Head | Method::Options | Method::Trace)
}

/// An operation that makes something, and the list in which that is found again.
fn pair<'a>(operations: &[Op<'a>]) -> Option<(Op<'a>, Op<'a>)> {
    let lists = |op: &&Op<'_>| {
        op.operation.method == Method::Get && op.positional().is_empty() && op.is_list()
    };
    let makes = |op: &&Op<'_>, list: &Op<'_>| {
        op.operation.method == Method::Post && op.operation.path == list.operation.path
    };
    operations.iter().filter(lists).find_map(|list| {
        let made = operations.iter().find(|op| makes(op, list))?;
        Some((*made, *list))
    })
}

fn example(cx: Cx<'_>, made: Op<'_>, list: Op<'_>) -> Option<Code> {
    let library = &cx.settings.library;
    let create = Example::of(made);
    let item = qualified(list, &cx.ty(pages::item(list)?));
    let bearer = |kind: &SchemeKind| matches!(kind, SchemeKind::Bearer | SchemeKind::OAuth2(_));
    let has_token = cx.api.schemes.iter().any(|scheme| bearer(&scheme.kind));

    let mut lines = vec![
        "let journal = Journal::new(rows, FingerprintKey::new(secret), Arc::new(OsRandom))?;"
            .to_owned(),
        "let client = Client::builder(\"Example/Importer\")".to_owned(),
    ];
    lines.extend(
        has_token.then(|| "    .credentials(StaticToken::new(\"access token\"))".to_owned()),
    );
    lines.extend(
        [
            "    .account(\"operator 42\")",
            "    .journal(journal)",
            "    .build()?;",
            "",
            &format!("let create = {};", create.call),
            "match create.clone().with_operation(\"order-991/create\").await {",
            "    Ok(_) => println!(\"done\"),",
            "    Err(error) if error.is_already_succeeded() => println!(\"done before\"),",
            "    Err(error) => {",
            "        let unknown = UnknownOutcome::of(&error).and_then(UnknownOutcome::operation);",
            "        let Some(in_doubt) = unknown.cloned() else { return Err(error.into()) };",
            "        // It may have been done, and no key will tell: look for it.",
            "        let look = async || {",
            &format!("            let mut items = {}.items();", Example::of(list).call),
            "            while let Some(item) = items.next().await.transpose()? {",
            "                if is_ours(&item) {",
            "                    return Ok(Some(item));",
            "                }",
            "            }",
            &format!("            Ok::<_, {library}::Error>(None)"),
            "        };",
            "        match in_doubt.reconcile(look).await? {",
            "            Reconciled::Found(_) => println!(\"done before\"),",
            "            Reconciled::Absent(right) => {",
            "                create.with_reissue(right).await?;",
            "            }",
            "        }",
            "    }",
            "}",
        ]
        .map(str::to_owned),
    );
    let token = if has_token { " StaticToken," } else { "" };
    let mut parameters = vec!["rows: Arc<dyn Rows>".to_owned(), "secret: [u8; 32]".to_owned()];
    parameters.extend(create.parameters);
    parameters.push(format!("is_ours: fn(&{item}) -> bool"));
    Some(Code {
        uses: vec![
            "std::error::Error".to_owned(),
            "std::sync::Arc".to_owned(),
            format!("{library}::Client"),
            format!(
                "{library}::runtime::{{\n    FingerprintKey, Journal, OsRandom, Reconciled, Rows,\
                 {token} UnknownOutcome,\n}}"
            ),
        ],
        parameters,
        error: "Box<dyn Error>".to_owned(),
        lines,
    })
}

/// What stands in the example without a word.
fn explained(page: &mut Page) {
    page.text(&format!(
        "`rows` is an `Arc` of `SqliteRows`, which the crate `specwright-store-sqlite` opens in a file that \
         the processes of one host share. It gets the name, the account, the key, what became of the \
         request, and a fingerprint of it, never the body. `secret` makes the fingerprints: 32 bytes that \
         a cryptographic random source drew once, the same in all processes, and kept elsewhere. \
         `is_ours` knows what was created by a reference of yours that was part of the request. A list \
         that lags behind, or that changed while it was read ({}), may have hidden it.",
        page.item("drift", "runtime::Items::drift"),
    ));
}

fn rules(page: &mut Page, operations: &[Op<'_>]) {
    page.text(&format!(
        "Whoever calls again under the name, in this process or another one, makes the same request \
         anew. What has succeeded is not sent again (`is_already_succeeded`), and while somebody else is \
         at it, the call waits (`is_in_progress` if that takes too long). A name belongs to an account: \
         what {} says, or the tenant of a grant.",
        page.item("Builder::account", "runtime::Builder::account"),
    ));
    let key = operations.iter().find_map(|op| op.operation.idempotency.as_ref());
    let (kept, rest) = match key {
        Some(key) => (
            format!(
                "A request that carries {} and gets no answer is sent again under the same key, so the next \
                 call tells how it ended, as long as the API remembers the key.",
                prose::code(&key.header)
            ),
            "Where what it remembers is a failure, or it remembers nothing any more, only a look helps",
        ),
        None => {
            ("A `POST` that gets no answer is not sent again.".to_owned(), "Only a look helps then")
        }
    };
    let reconcile =
        page.item("OperationInDoubt::reconcile", "runtime::OperationInDoubt::reconcile");
    let reissue = page.item("Call::with_reissue", "Call::with_reissue");
    let allow = page
        .item("OperationInDoubt::allow_duplicate", "runtime::OperationInDoubt::allow_duplicate");
    page.text(&format!(
        "{kept} {rest}, by {reconcile}; what it gives where nothing was found goes into {reissue}. For what \
         can be looked for nowhere there is {allow}, after which it may happen twice.",
    ));
}
