//! The invariants of the crate, checked.
//!
//! I1 and I7 hold by construction and by tests: no type of this crate can hold a reference, and
//! [`dump`](crate::dump()) reads nothing but the [`Api`]. The others are looked at here.

mod operations;
mod types;

use std::fmt;

use crate::api::{Api, Group};
use crate::ty::{Ty, TypeId};
use crate::words::Words;

/// A broken invariant: a bug of whoever built the [`Api`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// `I2` to `I6`.
    pub invariant: &'static str,
    /// The key of the definition or operation, or the list.
    pub place: String,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}: {}", self.invariant, self.place, self.what)
    }
}

/// Every broken invariant, in the order of the API; empty if all hold. Never panics, whatever the
/// API holds. Cost: linear in its size.
pub fn verify(api: &Api) -> Vec<Violation> {
    let mut found = Found { violations: Vec::new(), types: api.types.len() };
    order(api, &mut found);
    types::check(api, &mut found);
    operations::check(api, &mut found);
    found.violations
}

fn order(api: &Api, found: &mut Found) {
    sorted("types", api.types.iter().map(|def| def.key.as_str()), found);
    sorted("operations", api.operations.iter().map(|op| op.key.as_str()), found);
    sorted("groups", api.groups.iter().map(|group| &group.path), found);
    sorted("schemes", api.schemes.iter().map(|scheme| scheme.name.as_str()), found);
    sorted("webhooks", api.webhooks.iter().map(|webhook| webhook.name.as_str()), found);
    for Group { path, .. } in &api.groups {
        if path.is_empty() || path.iter().any(Words::is_empty) {
            found.report("I2", "groups", "a group has a part without a word");
        }
    }
}

/// Sorted and without repetition, so that a key finds one thing.
fn sorted<T: Ord>(place: &str, keys: impl Iterator<Item = T> + Clone, found: &mut Found) {
    if keys.clone().zip(keys.skip(1)).any(|(left, right)| left >= right) {
        found.report("I3", place, "not sorted, or a key is there twice");
    }
}

/// What was found, and what is needed to check a use of a type.
struct Found {
    violations: Vec<Violation>,
    types: usize,
}

impl Found {
    fn report(&mut self, invariant: &'static str, place: &str, what: impl Into<String>) {
        self.violations.push(Violation { invariant, place: place.to_owned(), what: what.into() });
    }

    fn ty(&mut self, place: &str, ty: &Ty) {
        match ty {
            Ty::Def(TypeId(index)) => {
                if *index >= self.types {
                    self.report("I3", place, format!("there is no type {index}"));
                }
            }
            Ty::List(inner) | Ty::Map(inner) => self.ty(place, inner),
            Ty::Nullable(inner) => {
                if matches!(**inner, Ty::Nullable(_) | Ty::Json | Ty::Nothing) {
                    self.report("I6", place, "null is allowed twice");
                }
                self.ty(place, inner);
            }
            Ty::Scalar(_) | Ty::Json | Ty::Nothing => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use specwright_source::{Pointer, SourceMap, Span};

    use super::*;
    use crate::api::{Docs, GroupId, Origin};
    use crate::operation::{
        Case, CaseBody, Codec, Media, Method, Operation, PagesBy, Pagination, Param, ParamStyle,
        PathPart, PathTemplate, Place, Status,
    };
    use crate::security::{Requirement, SchemeId};
    use crate::ty::{
        Access, ChoiceValue, Constraints, Dispatch, Field, JsonKind, Presence, Rest, Scalar, Shape,
        TypeDef, Usage, Variant,
    };

    #[test]
    fn an_api_that_keeps_the_invariants_has_no_violation() {
        assert_eq!(broken(|_| {}), "");
    }

    #[test]
    fn types_out_of_order_are_found() {
        let broken = broken(|api| api.types.swap(0, 1));
        assert!(broken.contains("I3 at types: not sorted"), "{broken}");
    }

    #[test]
    fn a_type_that_does_not_exist_is_found() {
        let broken = broken(|api| first_field(api).ty = Ty::List(Box::new(Ty::Def(TypeId(9)))));
        assert_eq!(broken, "I3 at /a: there is no type 9");
    }

    #[test]
    fn a_group_that_does_not_exist_is_found() {
        let broken = broken(|api| first_operation(api).group = GroupId(7));
        assert_eq!(broken, "I3 at GET /{id}: the group does not exist");
    }

    #[test]
    fn a_scheme_that_does_not_exist_is_found() {
        let asked = Requirement { schemes: vec![(SchemeId(0), Vec::new())] };
        let broken = broken(|api| first_operation(api).security.push(asked));
        assert_eq!(broken, "I3 at GET /{id}: a security scheme does not exist");
    }

    #[test]
    fn a_type_without_a_word_is_found() {
        let broken = broken(|api| api.types[0].hint = Words::default());
        assert_eq!(broken, "I2 at /a: the type has no word");
    }

    #[test]
    fn a_type_that_holds_itself_in_place_is_found() {
        let broken = broken(|api| first_field(api).ty = Ty::Def(TypeId(0)));
        assert_eq!(broken, "I5 at /a: a value of the type holds another one without end");
    }

    #[test]
    fn a_type_that_holds_itself_behind_a_pointer_is_sound() {
        let broken = broken(|api| {
            first_field(api).ty = Ty::Def(TypeId(0));
            first_field(api).indirect = true;
        });
        assert_eq!(broken, "");
    }

    #[test]
    fn null_that_stands_beside_presence_is_found() {
        let broken = broken(|api| {
            first_field(api).ty = Ty::Nullable(Box::new(Ty::Scalar(Scalar::Bool)));
        });
        assert_eq!(broken, "I6 at /a: null of \"x\" is not in its presence");
    }

    #[test]
    fn a_constant_that_is_also_a_field_is_found() {
        let broken = broken(|api| {
            if let Shape::Record { constants, .. } = &mut api.types[0].shape {
                constants.push(("x".to_owned(), crate::Literal::Null));
            }
        });
        assert_eq!(broken, "I6 at /a: the member \"x\" is there twice");
    }

    #[test]
    fn a_choice_with_one_value_twice_is_found() {
        let broken = broken(|api| {
            if let Shape::Choice { values, .. } = &mut api.types[1].shape {
                values.extend(values.clone());
            }
        });
        assert_eq!(broken, "I6 at /b: a choice has no value, or one twice");
    }

    #[test]
    fn a_union_whose_kinds_repeat_is_found() {
        let variant = Variant {
            hint: Words::split("v"),
            ty: Ty::Json,
            tags: Vec::new(),
            docs: Docs::default(),
        };
        let broken = broken(|api| {
            api.types[1].shape = Shape::Union {
                variants: vec![variant.clone(), variant],
                dispatch: Dispatch::Kind(vec![JsonKind::String, JsonKind::String]),
                open: true,
            };
        });
        assert_eq!(broken, "I6 at /b: the dispatch does not tell every variant apart");
    }

    #[test]
    fn a_path_parameter_without_a_place_is_found() {
        let broken = broken(|api| {
            first_operation(api).path.parts.pop();
        });
        assert_eq!(broken, "I6 at GET /{id}: path and path parameters differ");
    }

    #[test]
    fn a_style_of_another_place_is_found() {
        let style = ParamStyle::DeepObject;
        let broken = broken(|api| first_operation(api).params[0].style = style);
        assert_eq!(broken, "I6 at GET /{id}: \"id\" has a style of another place");
    }

    #[test]
    fn a_status_that_is_there_twice_is_found() {
        let broken = broken(|api| {
            let cases = &mut first_operation(api).cases;
            cases.extend(cases.clone());
        });
        assert_eq!(broken, "I6 at GET /{id}: statuses are not in order, or one is there twice");
    }

    #[test]
    fn pages_without_their_parameter_are_found() {
        let broken = broken(|api| {
            first_operation(api).pagination = Some(Pagination {
                by: PagesBy::Cursor,
                param: "page".to_owned(),
                limit: None,
                full: None,
                items: String::new(),
                next: String::new(),
                identity: None,
            });
        });
        assert_eq!(broken, "I6 at GET /{id}: pages need the query parameter \"page\"");
    }

    /// What is found in a small API after a change, one violation a line.
    fn broken(change: impl FnOnce(&mut Api)) -> String {
        let mut api = api();
        change(&mut api);
        verify(&api).iter().map(Violation::to_string).collect::<Vec<_>>().join("\n")
    }

    fn first_operation(api: &mut Api) -> &mut Operation {
        &mut api.operations[0]
    }

    fn first_field(api: &mut Api) -> &mut Field {
        match &mut api.types[0].shape {
            Shape::Record { fields, .. } => &mut fields[0],
            _ => unreachable!(),
        }
    }

    fn api() -> Api {
        let record =
            Shape::Record { fields: vec![field()], constants: Vec::new(), rest: Rest::Ignore };
        let value = ChoiceValue {
            wire: "v".to_owned(),
            also: Vec::new(),
            hint: Words::split("v"),
            docs: Docs::default(),
        };
        let choice = Shape::Choice { values: vec![value], base: Scalar::String, open: true };
        Api {
            types: vec![def("a", record), def("b", choice)],
            operations: vec![operation()],
            groups: vec![Group { path: vec![Words::split("g")], tag: None, docs: Docs::default() }],
            ..Api::default()
        }
    }

    fn def(name: &str, shape: Shape) -> TypeDef {
        TypeDef {
            key: format!("/{name}"),
            hint: Words::split(name),
            shape,
            docs: Docs::default(),
            deprecated: false,
            usage: Usage::default(),
            origin: origin(),
        }
    }

    fn field() -> Field {
        Field {
            wire: "x".to_owned(),
            hint: Words::split("x"),
            ty: Ty::Def(TypeId(1)),
            presence: Presence { required: true, nullable: false },
            default: None,
            access: Access::ReadWrite,
            indirect: false,
            constraints: Constraints::default(),
            format: None,
            docs: Docs::default(),
            deprecated: false,
            origin: origin(),
        }
    }

    fn operation() -> Operation {
        let json = Media {
            range: "application/json".to_owned(),
            codec: Codec::Json,
            ty: Ty::Def(TypeId(0)),
            envelope: None,
        };
        Operation {
            key: "GET /{id}".to_owned(),
            id: "get".to_owned(),
            method: Method::Get,
            path: PathTemplate {
                parts: vec![PathPart::Text("/".to_owned()), PathPart::Param("id".to_owned())],
            },
            group: GroupId(0),
            hint: Words::split("get"),
            full_hint: Words::split("get g"),
            params: vec![Param {
                place: Place::Path,
                wire: "id".to_owned(),
                hint: Words::split("id"),
                ty: Ty::Scalar(Scalar::String),
                required: true,
                style: ParamStyle::Simple { explode: false },
                default: None,
                constraints: Constraints::default(),
                format: None,
                docs: Docs::default(),
                deprecated: false,
                origin: origin(),
            }],
            body: None,
            cases: vec![Case {
                status: Status::Exact(200),
                body: CaseBody::Media(vec![json]),
                docs: Docs::default(),
            }],
            security: Vec::new(),
            pagination: None,
            idempotency: None,
            docs: Docs::default(),
            deprecated: false,
            origin: origin(),
        }
    }

    fn origin() -> Origin {
        let file = SourceMap::default().add("api.yaml", "");
        Origin { pointer: Pointer::root(), span: Span::new(file, 0, 0) }
    }
}
