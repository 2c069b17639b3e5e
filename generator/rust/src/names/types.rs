//! Names of types and of what they hold.

use std::collections::BTreeMap;

use specwright_ir::lock::{Lock, TypeLock};
use specwright_ir::{Api, Field, Shape, Ty, TypeDef, TypeId, Variant, Words};
use specwright_source::{Diagnostic, Pointer, Sink, codes};

use super::ident::{
    Name, bounded, snake, spelled, suffixed, upper_camel, verbatim_type, verbatim_value,
};
use super::scope::{Found, Scope};

/// Suffix of the struct that holds what `new` needs.
const ARGS: &str = "Args";

/// Suffixes that belong to the name of a type.
pub(super) const FAMILY: &[&str] = &[ARGS];

/// The names of one type.
#[derive(Debug)]
pub(crate) struct TypeNames {
    /// The type.
    pub(crate) name: Name,
    /// The struct that holds what `new` needs when that is more than a few arguments.
    pub(crate) args: Name,
    /// Fields, values or variants, in the order of the shape.
    pub(crate) members: Vec<Name>,
    /// The field with members that the document does not name.
    pub(crate) rest: Name,
    /// The file it stands in if types are too many for one: the first word of its name.
    pub(crate) file: Name,
}

/// Names all types: first those of `components`, then those that stand inside something.
pub(super) fn decide(
    api: &Api,
    lock: &mut Lock,
    scope: &mut Scope,
    sink: &mut Sink,
) -> Vec<TypeNames> {
    let mut named: BTreeMap<usize, Name> = BTreeMap::new();
    let new = |component: bool| {
        api.types.iter().enumerate().filter(move |(_, ty)| is_component(ty) == component)
    };
    for (index, ty) in new(true).chain(new(false)) {
        let name = match lock.types.get(&ty.key) {
            Some(decision) => Name::new(decision.name.clone()),
            None => new_type_name(api, ty, &named, scope, sink),
        };
        named.insert(index, name);
    }
    let mut names = Vec::with_capacity(api.types.len());
    for (ty, name) in api.types.iter().zip(named.into_values()) {
        let known = lock.types.get(&ty.key).map(known_members).unwrap_or_default();
        let (members, rest) = member_names(api, ty, &name, &known, sink);
        let args = Name::new(format!("{}{ARGS}", name.as_str()));
        let file = file_name(&name);
        names.push(TypeNames { name, args, members, rest, file });
    }
    update_lock(api, &names, lock);
    names
}

/// The first word of a type's name. No count decides, so that a new type moves no other one.
fn file_name(name: &Name) -> Name {
    let words = Words::split(name.as_str());
    let first = words.iter().next().unwrap_or_default().to_owned();
    let name = snake(&Words::split(&first)).unwrap_or_else(|| "other".to_owned());
    // The name of the folder, and names that a file cannot have everywhere.
    let taken = matches!(name.as_str(), "aux" | "con" | "mod" | "model" | "nul" | "prn");
    Name::new(if taken { suffixed(&name, "_types") } else { name })
}

fn is_component(ty: &TypeDef) -> bool {
    Pointer::parse(&ty.key).is_some_and(|pointer| {
        let tokens: Vec<&str> = pointer.tokens().collect();
        matches!(tokens.as_slice(), ["components", _, _])
    })
}

fn new_type_name(
    api: &Api,
    ty: &TypeDef,
    named: &BTreeMap<usize, Name>,
    scope: &mut Scope,
    sink: &mut Sink,
) -> Name {
    let written = Pointer::parse(&ty.key).and_then(|key| key.last().map(str::to_owned));
    let verbatim = written.filter(|_| is_component(ty)).and_then(|text| verbatim_type(&text));
    let plain = verbatim
        .or_else(|| inside_another(api, ty, named))
        .or_else(|| upper_camel(&ty.hint))
        // A name in a script that identifiers are not made of.
        .unwrap_or_else(|| "Model".to_owned());
    let qualified = suffixed(&plain, "Model");
    let (name, found) = scope.claim_family([Some(plain), Some(qualified)], FAMILY, &ty.key);
    if found == Found::Fingerprint {
        sink.report(
            Diagnostic::new(&codes::NAME_TAKEN, format!("no free name for `{}`", ty.hint))
                .label(ty.origin.span, format!("called `{name}` now"))
                .at(ty.origin.pointer.clone())
                .help(
                    "give the schema a name of its own under `components/schemas` with an overlay",
                ),
        );
    }
    name
}

/// The name of the type that holds an inline type, followed by the words that lead on from there.
fn inside_another(api: &Api, ty: &TypeDef, named: &BTreeMap<usize, Name>) -> Option<String> {
    let holds = |(index, _): &(&usize, &Name)| {
        let holder = &api.types[**index];
        let below = ty.key.strip_prefix(&holder.key).is_some_and(|rest| rest.starts_with('/'));
        below && ty.hint.strip_prefix(&holder.hint).is_some_and(|rest| !rest.is_empty())
    };
    let (index, name) =
        named.iter().filter(holds).max_by_key(|(index, _)| api.types[**index].key.len())?;
    let rest = upper_camel(&ty.hint.strip_prefix(&api.types[*index].hint)?)?;
    Some(bounded(format!("{}{rest}", name.as_str()), "X"))
}

/// Names of members by their name on the wire, those that are gone included.
fn known_members(decision: &TypeLock) -> BTreeMap<String, String> {
    let plain = decision.plain.iter().map(|wire| (wire.clone(), wire.clone()));
    plain.chain(decision.members.clone()).collect()
}

fn member_names(
    api: &Api,
    ty: &TypeDef,
    type_name: &Name,
    known: &BTreeMap<String, String>,
    sink: &mut Sink,
) -> (Vec<Name>, Name) {
    let mut scope = match &ty.shape {
        Shape::Record { .. } => Scope::reserving(&["new", "clone", "default"]),
        Shape::Choice { .. } | Shape::Union { .. } => Scope::reserving(&["Unknown"]),
        Shape::Newtype(_) | Shape::Expandable { .. } | Shape::MergePatch(_) | Shape::Alias(_) => {
            Scope::default()
        }
    };
    for name in known.values() {
        scope.take(name);
    }
    let members = members(api, ty, type_name);
    // Not the order of the document, and those first whose name needs no guess.
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by_key(|index| (!members[*index].verbatim, &members[*index].wire));
    let mut names: BTreeMap<usize, Name> = BTreeMap::new();
    for index in order {
        let member = &members[index];
        let name = match known.get(&member.wire) {
            Some(name) => Name::new(name.clone()),
            None => {
                let (name, found) = scope.claim(member.candidates.clone(), &member.wire);
                if found == Found::Fingerprint {
                    report_member(ty, &member.wire, &name, sink);
                }
                name
            }
        };
        names.insert(index, name);
    }
    let rest = ["additional", "additional_properties"].map(|name| Some(name.to_owned()));
    let rest = scope.claim(rest, &ty.key).0;
    (names.into_values().collect(), rest)
}

/// What a shape holds, as far as naming cares.
struct Member {
    /// Key in the lock.
    wire: String,
    /// Names to try, best first.
    candidates: [Option<String>; 3],
    /// True if the first candidate is the name on the wire.
    verbatim: bool,
}

fn members(api: &Api, ty: &TypeDef, type_name: &Name) -> Vec<Member> {
    match &ty.shape {
        Shape::Record { fields, .. } => fields
            .iter()
            .map(|field| Member {
                wire: field.wire.clone(),
                candidates: field_candidates(field),
                verbatim: verbatim_value(&field.wire).is_some(),
            })
            .collect(),
        Shape::Choice { values, .. } => values
            .iter()
            .map(|value| Member {
                wire: value.wire.clone(),
                candidates: value_candidates(&value.wire, &value.hint, type_name),
                verbatim: false,
            })
            .collect(),
        Shape::Union { variants, .. } => variants
            .iter()
            .enumerate()
            .map(|(index, variant)| {
                let wire = variant.tags.first().cloned();
                let wire = wire.unwrap_or_else(|| variant_key(api, variants, index));
                let candidates = value_candidates(&wire, &variant.hint, type_name);
                Member { wire, candidates, verbatim: false }
            })
            .collect(),
        Shape::Newtype(_) | Shape::Expandable { .. } | Shape::MergePatch(_) | Shape::Alias(_) => {
            Vec::new()
        }
    }
}

fn report_member(ty: &TypeDef, wire: &str, name: &Name, sink: &mut Sink) {
    sink.report(
        Diagnostic::new(&codes::NAME_TAKEN, format!("no free name for `{wire}`"))
            .label(ty.origin.span, format!("called `{name}` now"))
            .at(ty.origin.pointer.clone())
            .help("its name differs from another one by case or symbols alone"),
    );
}

/// What an alternative without a tag is called in the lock: its words; if another one has the same,
/// the key of its type, which no other one has.
fn variant_key(api: &Api, variants: &[Variant], index: usize) -> String {
    let variant = &variants[index];
    let twins = variants.iter().filter(|other| other.hint == variant.hint).count();
    match &variant.ty {
        Ty::Def(TypeId(id)) if twins > 1 => api.types[*id].key.clone(),
        _ if twins > 1 || variant.hint.is_empty() => index.to_string(),
        _ => variant.hint.to_string(),
    }
}

fn field_candidates(field: &Field) -> [Option<String>; 3] {
    let plain = match verbatim_value(&field.wire) {
        Some(name) => Some(name),
        None if is_signed(&field.wire) => snake(&spelled(&field.wire)),
        None => snake(&field.hint),
    };
    let qualified = plain.as_ref().map_or("member".to_owned(), |name| suffixed(name, "_member"));
    [plain, snake(&spelled(&field.wire)), Some(qualified)]
}

fn value_candidates(wire: &str, hint: &Words, type_name: &Name) -> [Option<String>; 3] {
    let spelled = upper_camel(&spelled(wire));
    let plain = match wire.as_bytes() {
        [] => Some("Empty".to_owned()),
        _ if is_signed(wire) && Words::split(wire) == *hint => spelled.clone(),
        _ => upper_camel(hint),
    };
    let qualified =
        plain.as_ref().map_or("Value".to_owned(), |name| format!("{}{name}", type_name.as_str()));
    [plain, spelled.filter(|name| name != "Unknown"), Some(qualified)]
}

/// True for `+1` and `-1`, which nothing but the sign tells apart.
fn is_signed(wire: &str) -> bool {
    matches!(wire.as_bytes(), [b'+' | b'-', b'0'..=b'9', ..])
}

fn update_lock(api: &Api, names: &[TypeNames], lock: &mut Lock) {
    for decision in lock.types.values_mut() {
        decision.gone = true;
    }
    for (ty, names) in api.types.iter().zip(names) {
        let decision = lock.types.entry(ty.key.clone()).or_default();
        decision.gone = false;
        names.name.as_str().clone_into(&mut decision.name);
        for (member, name) in members(api, ty, &names.name).into_iter().zip(&names.members) {
            if member.wire == name.as_str() {
                decision.plain.insert(member.wire);
            } else {
                decision.members.insert(member.wire, name.as_str().to_owned());
            }
        }
        if let Shape::Record { fields, .. } = &ty.shape {
            let indirect = fields.iter().filter(|field| field.indirect);
            decision.indirect = indirect.map(|field| field.wire.clone()).collect();
            decision.indirect.sort();
        }
    }
}
