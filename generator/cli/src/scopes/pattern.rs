//! Patterns: the variables that they begin.

use syn::visit::{self, Visit as _};
use syn::{Member, Pat};

use super::body::Body;
use super::kind::Kind;
use super::paths::segments;
use super::program::text;
use super::types::kind_of;

impl Body<'_> {
    /// Begins the variables of a pattern that matches a value.
    pub(super) fn bind(&mut self, pattern: &Pat, kind: Kind) {
        match pattern {
            Pat::Ident(pattern) => {
                if let Some((_, inner)) = &pattern.subpat {
                    self.bind(inner, kind.clone());
                }
                self.set(&text(&pattern.ident), kind);
            }
            Pat::Type(pattern) => {
                self.visit_type(&pattern.ty);
                let stated = kind_of(self.program, &self.scope, &pattern.ty);
                self.bind(&pattern.pat, stated.or_initial(kind));
            }
            Pat::Guard(pattern) => {
                self.bind(&pattern.pat, kind);
                self.expression(&pattern.guard);
            }
            Pat::Reference(pattern) => self.bind(&pattern.pat, kind),
            Pat::Paren(pattern) => self.bind(&pattern.pat, kind),
            Pat::Or(pattern) => {
                for case in &pattern.cases {
                    self.bind(case, kind.clone());
                }
            }
            Pat::Tuple(pattern) => self.bind_each(&pattern.elems, &kind),
            Pat::Slice(pattern) => {
                let kind = kind.inner();
                for inner in &pattern.elems {
                    self.bind(inner, kind.clone());
                }
            }
            Pat::TupleStruct(pattern) => {
                let of = self.type_of(&pattern.path);
                for (index, inner) in pattern.elems.iter().enumerate() {
                    let declared = self.program.field(&of, &index.to_string());
                    // `Some`, `Ok` and the like hold what the value holds.
                    let kind = declared.unwrap_or_else(|| kind.clone().inner());
                    self.bind(inner, kind);
                }
            }
            Pat::Struct(pattern) => {
                let of = self.type_of(&pattern.path);
                for field in &pattern.fields {
                    let member = match &field.member {
                        Member::Named(name) => text(name),
                        Member::Unnamed(index) => index.index.to_string(),
                    };
                    let declared = self.program.field(&of, &member);
                    let unknown = if kind == Kind::Other { Kind::Other } else { Kind::Unknown };
                    self.bind(&field.pat, declared.unwrap_or(unknown));
                }
            }
            // These begin no variables; a macro may, of a kind that nobody can tell.
            other => visit::visit_pat(self, other),
        }
    }

    /// The name by which the members of a type or variant are known.
    fn type_of(&self, path: &syn::Path) -> String {
        let name = segments(path).pop().unwrap_or_default();
        match &self.scope.this {
            Some(Kind::Own(this)) if name == "Self" => this.clone(),
            _ => name,
        }
    }

    /// Binds patterns to the members of a tuple. Of a pair that is none (of a map, of `enumerate`) one
    /// member is what is held.
    fn bind_each<'p>(&mut self, patterns: impl IntoIterator<Item = &'p Pat>, kind: &Kind) {
        let kind = kind.clone().inner();
        let mut passed_rest = false;
        for (index, pattern) in patterns.into_iter().enumerate() {
            passed_rest |= matches!(pattern, Pat::Rest(_));
            let member = match &kind {
                Kind::Tuple(_) if passed_rest => Kind::Unknown,
                Kind::Tuple(kinds) => kinds.get(index).cloned().unwrap_or(Kind::Unknown),
                kind => kind.clone(),
            };
            self.bind(pattern, member);
        }
    }
}
