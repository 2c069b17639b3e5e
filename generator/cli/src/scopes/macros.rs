//! Macros: what stands in them, read as far as it can be.

use proc_macro2::{Delimiter, Punct, Spacing, TokenStream, TokenTree};
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Block, Expr, Macro, Token};

use super::body::Body;
use super::kind::Kind;
use super::program::text;

impl Body<'_> {
    /// A macro; what it gives is known of a few that everybody uses.
    pub(super) fn macro_call(&mut self, mac: &Macro) -> Kind {
        let name = mac.path.segments.last().map(|last| text(&last.ident)).unwrap_or_default();
        let kinds = self.tokens(mac.tokens.clone());
        match name.as_str() {
            "join" | "try_join" => Kind::tuple(kinds),
            "vec" => kinds.into_iter().reduce(Kind::or).unwrap_or(Kind::Unknown).held(),
            "dbg" | "pin" | "ready" => kinds.into_iter().next().unwrap_or(Kind::Unknown),
            name if PLAIN.contains(&name) => Kind::Other,
            _ => {
                let leading = kinds.into_iter().find(Kind::leads_on);
                leading.map_or(Kind::Unknown, Kind::held)
            }
        }
    }

    /// Looks at the tokens of a macro: as expressions, else as statements, else piece by piece.
    pub(super) fn tokens(&mut self, tokens: TokenStream) -> Vec<Kind> {
        let expressions = Punctuated::<Expr, Token![,]>::parse_terminated;
        if let Ok(expressions) = expressions.parse2(tokens.clone()) {
            return self.within(|it| expressions.iter().map(|each| it.expression(each)).collect());
        }
        if let Ok(statements) = Block::parse_within.parse2(tokens.clone()) {
            return vec![self.within(|it| it.statements(&statements))];
        }
        self.within(|it| {
            for piece in pieces(tokens) {
                it.piece(&piece);
            }
        });
        Vec::new()
    }

    /// Tokens between two separators.
    fn piece(&mut self, piece: &[TokenTree]) {
        let stream: TokenStream = piece.iter().cloned().collect();
        match syn::parse2::<Expr>(stream) {
            Ok(expression) => {
                self.expression(&expression);
            }
            Err(_) => self.chain(piece),
        }
    }

    /// Tokens that are no expression: follows the methods that stand in them, and looks into groups.
    fn chain(&mut self, tokens: &[TokenTree]) {
        let mut value = Kind::Unknown;
        let mut rest = tokens;
        loop {
            rest = match rest {
                [] => break,
                [TokenTree::Punct(dot), TokenTree::Ident(name), after @ ..]
                    if dot.as_char() == '.' =>
                {
                    let name_text = text(name);
                    match after {
                        [TokenTree::Group(arguments), after @ ..]
                            if arguments.delimiter() == Delimiter::Parenthesis =>
                        {
                            let arguments = self.tokens(arguments.stream());
                            value = self.method(value, &name_text, &arguments, name.span());
                            after
                        }
                        // `.await` gives what is awaited, a field anything.
                        after => {
                            if name_text != "await" {
                                value = Kind::Unknown;
                            }
                            after
                        }
                    }
                }
                [TokenTree::Punct(sign), after @ ..] => {
                    if sign.as_char() != '?' {
                        value = Kind::Unknown;
                    }
                    after
                }
                [TokenTree::Ident(_), ..] => {
                    let (path, after) = path_of(rest);
                    let span =
                        path.last().map_or_else(proc_macro2::Span::call_site, |(_, span)| *span);
                    let names: Vec<String> = path.into_iter().map(|(name, _)| name).collect();
                    value = match (
                        names.as_slice(),
                        names.first().and_then(|name| self.variable(name)),
                    ) {
                        ([_], Some(known)) => known.clone(),
                        _ => self.named(&names, span),
                    };
                    after
                }
                [TokenTree::Group(group), after @ ..] => {
                    self.tokens(group.stream());
                    after
                }
                [TokenTree::Literal(_), after @ ..] => {
                    value = Kind::Other;
                    after
                }
            };
        }
    }
}

/// A path at the beginning of some tokens, and the tokens after it.
fn path_of(tokens: &[TokenTree]) -> (Vec<(String, proc_macro2::Span)>, &[TokenTree]) {
    let mut path = Vec::new();
    let mut rest = tokens;
    while let [TokenTree::Ident(name), after @ ..] = rest {
        path.push((text(name), name.span()));
        rest = after;
        match rest {
            [TokenTree::Punct(one), TokenTree::Punct(two), after @ ..]
                if one.as_char() == ':' && two.as_char() == ':' =>
            {
                rest = after;
            }
            _ => break,
        }
    }
    (path, rest)
}

/// Tokens cut at `,`, `;`, `=>` and a lone `:`, none of which stands inside an expression.
fn pieces(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut pieces = vec![Vec::new()];
    let mut joined = None;
    for token in tokens {
        let sign = match &token {
            TokenTree::Punct(sign) => Some(sign),
            _ => None,
        };
        let cuts = match sign.map(|sign| (joined, sign.as_char(), sign.spacing())) {
            Some((_, ',' | ';', _)) => true,
            Some((Some('='), '>', _)) => {
                if let Some(piece) = pieces.last_mut() {
                    piece.pop();
                }
                true
            }
            Some((before, ':', Spacing::Alone)) => before != Some(':'),
            _ => false,
        };
        joined = sign.filter(|sign| sign.spacing() == Spacing::Joint).map(Punct::as_char);
        if cuts {
            pieces.push(Vec::new());
        } else if let Some(piece) = pieces.last_mut() {
            piece.push(token);
        }
    }
    pieces
}

/// Macros of the standard library and of logging crates that give nothing of the API.
const PLAIN: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "cfg",
    "concat",
    "debug",
    "debug_assert",
    "debug_assert_eq",
    "env",
    "eprint",
    "eprintln",
    "error",
    "format",
    "format_args",
    "include_bytes",
    "include_str",
    "info",
    "json",
    "matches",
    "panic",
    "print",
    "println",
    "stringify",
    "todo",
    "trace",
    "unimplemented",
    "unreachable",
    "warn",
    "write",
    "writeln",
];
