//! Types that hold themselves.

use specwright_ir::lock::Lock;
use specwright_ir::{Api, Scalar, Shape, Ty, TypeDef, TypeId};
use specwright_source::{Diagnostic, Sink, codes};

/// Marks members that must stand behind a pointer so that every type has a finite size.
///
/// Before: I1 to I4. After: also I5. First the members that the lock names are marked, needed or
/// not, because whoever reads the type sees the pointer. Then, as long as there is a cycle of direct
/// holding, the record with the smallest key in it marks its members that lead on along it; a cycle
/// without a record has no finite value, and its smallest definition becomes any JSON value.
///
/// Then the same for other names of lists and maps: a list of lists of lists without end has values,
/// `[]` and `[[]]`, but no definition that its name could be the name of. Its smallest definition
/// holds any JSON value.
///
/// Deterministic: definitions are visited in the order of their keys. Ends because every round
/// removes an edge. Cost: the edges once for each round, and a round for each nested cycle.
pub(crate) fn mark(api: &mut Api, lock: &Lock, sink: &mut Sink) {
    for def in &mut api.types {
        if let Some(decided) = lock.types.get(&def.key) {
            obey(def, &decided.indirect);
        }
    }
    loop {
        let cycles = cycles(&edges(api));
        if cycles.is_empty() {
            break;
        }
        for cycle in cycles {
            break_cycle(api, &cycle, sink);
        }
    }
    for cycle in cycles(&alias_edges(api)) {
        unname(api, &cycle, sink);
    }
}

fn obey(def: &mut TypeDef, indirect: &[String]) {
    match &mut def.shape {
        Shape::Record { fields, .. } => {
            for field in fields {
                field.indirect |=
                    indirect.contains(&field.wire) && field.ty.held_directly().is_some();
            }
        }
        Shape::Choice { .. }
        | Shape::Union { .. }
        | Shape::Newtype(_)
        | Shape::Expandable { .. }
        | Shape::MergePatch(_)
        | Shape::Alias(_) => {}
    }
}

/// Removes the edges of one definition that stay inside the cycle.
fn break_cycle(api: &mut Api, cycle: &[usize], sink: &mut Sink) {
    let inside = |ty: &Ty| ty.held_directly().is_some_and(|TypeId(id)| cycle.contains(&id));
    let record = cycle.iter().find(|index| {
        api.types.get(**index).is_some_and(|def| matches!(def.shape, Shape::Record { .. }))
    });
    let Some(def) = record.or(cycle.first()).and_then(|index| api.types.get_mut(*index)) else {
        return;
    };
    match &mut def.shape {
        Shape::Record { fields, .. } => {
            for field in fields.iter_mut().filter(|field| inside(&field.ty)) {
                field.indirect = true;
            }
            return;
        }
        Shape::Union { variants, .. } => {
            for variant in variants.iter_mut().filter(|variant| inside(&variant.ty)) {
                variant.ty = Ty::Json;
            }
        }
        Shape::Alias(ty) => *ty = Ty::Json,
        Shape::Expandable { id, .. } => *id = Ty::Scalar(Scalar::String),
        Shape::Choice { .. } | Shape::Newtype(_) | Shape::MergePatch(_) => {}
    }
    sink.report(
        Diagnostic::new(&codes::SCHEMA_ENDLESS, "a schema is made of nothing but itself")
            .label(def.origin.span, "leads back here by alternatives alone")
            .at(def.origin.pointer.clone())
            .note("the alternative is read as any JSON value"),
    );
}

/// Ends a cycle of other names at its smallest definition.
fn unname(api: &mut Api, cycle: &[usize], sink: &mut Sink) {
    let Some(def) = cycle.first().and_then(|index| api.types.get_mut(*index)) else {
        return;
    };
    if let Shape::Alias(ty) | Shape::MergePatch(ty) = &mut def.shape {
        end(ty);
    }
    sink.report(
        Diagnostic::new(&codes::SCHEMA_ENDLESS, "a list or map is made of nothing but itself")
            .label(def.origin.span, "its elements lead back here by lists and maps alone")
            .at(def.origin.pointer.clone())
            .note("the elements are read as any JSON values"),
    );
}

/// Makes any JSON value of what stands inside all lists and maps, null included.
fn end(ty: &mut Ty) {
    match ty {
        Ty::List(inner) | Ty::Map(inner) => end(inner),
        Ty::Nullable(inner) if matches!(**inner, Ty::List(_) | Ty::Map(_)) => end(inner),
        Ty::Nullable(_) | Ty::Def(_) | Ty::Scalar(_) | Ty::Json | Ty::Nothing => *ty = Ty::Json,
    }
}

/// The other names that each other name mentions, in lists and maps too, by index. Each mentions at
/// most one, so two cycles have no definition in common. A merge patch is a name for a map; what an
/// expandable names is an object, which is no other name.
fn alias_edges(api: &Api) -> Vec<Vec<usize>> {
    let aliased = |def: &TypeDef| match &def.shape {
        Shape::Alias(ty) | Shape::MergePatch(ty) => ty.definition(),
        Shape::Record { .. }
        | Shape::Choice { .. }
        | Shape::Union { .. }
        | Shape::Newtype(_)
        | Shape::Expandable { .. } => None,
    };
    let is_alias =
        |TypeId(id): &TypeId| api.types.get(*id).is_some_and(|def| aliased(def).is_some());
    let edge = |def| aliased(def).filter(is_alias).map(|id| id.0).into_iter().collect();
    api.types.iter().map(edge).collect()
}

/// The definitions that each one holds directly, by index.
fn edges(api: &Api) -> Vec<Vec<usize>> {
    let held = |ty: &Ty| ty.held_directly().map(|id| id.0).filter(|id| *id < api.types.len());
    api.types
        .iter()
        .map(|def| match &def.shape {
            Shape::Record { fields, .. } => {
                let direct = fields.iter().filter(|field| !field.indirect);
                direct.filter_map(|field| held(&field.ty)).collect()
            }
            Shape::Choice { .. } | Shape::Newtype(_) | Shape::MergePatch(_) => Vec::new(),
            Shape::Union { variants, .. } => {
                variants.iter().filter_map(|variant| held(&variant.ty)).collect()
            }
            // The whole object stands behind a pointer.
            Shape::Expandable { id, .. } => held(id).into_iter().collect(),
            Shape::Alias(ty) => held(ty).into_iter().collect(),
        })
        .collect()
}

/// The strongly connected components that hold a cycle, each sorted: Kosaraju's two walks, both
/// without recursion, so that a long chain cannot exhaust the stack.
fn cycles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut back = vec![Vec::new(); edges.len()];
    for (from, held) in edges.iter().enumerate() {
        for to in held {
            back[*to].push(from);
        }
    }
    let mut order = Vec::new();
    let mut seen = vec![false; edges.len()];
    for start in 0..edges.len() {
        walk(edges, start, &mut seen, &mut order);
    }
    let mut seen = vec![false; edges.len()];
    let mut found = Vec::new();
    for start in order.into_iter().rev() {
        let mut component = Vec::new();
        walk(&back, start, &mut seen, &mut component);
        component.sort_unstable();
        let is_cycle = match component.as_slice() {
            [] => false,
            [one] => edges[*one].contains(one),
            _ => true,
        };
        if is_cycle {
            found.push(component);
        }
    }
    found.sort();
    found
}

/// Adds what can be reached and was not seen, each node behind everything it leads to.
fn walk(edges: &[Vec<usize>], start: usize, seen: &mut [bool], order: &mut Vec<usize>) {
    if std::mem::replace(&mut seen[start], true) {
        return;
    }
    let mut stack = vec![(start, 0)];
    while let Some((node, next)) = stack.pop() {
        match edges[node].get(next) {
            None => order.push(node),
            Some(held) => {
                stack.push((node, next + 1));
                if !std::mem::replace(&mut seen[*held], true) {
                    stack.push((*held, 0));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use specwright_ir::{Docs, Origin, Usage, Words, verify};
    use specwright_source::{Pointer, SourceMap, Span};

    use super::*;

    /// The reader removes such cycles from documents, so only an API made by hand has one.
    #[test]
    fn a_cycle_without_a_record_is_cut_and_reported() {
        let file = SourceMap::default().add("api.yaml", "");
        let alias = |name: &str, of: usize| TypeDef {
            key: format!("/{name}"),
            hint: Words::split(name),
            shape: Shape::Alias(Ty::Def(TypeId(of))),
            docs: Docs::default(),
            deprecated: false,
            usage: Usage::default(),
            origin: Origin { pointer: Pointer::root(), span: Span::new(file, 0, 0) },
        };
        let mut api = Api { types: vec![alias("a", 1), alias("b", 0)], ..Api::default() };
        assert_eq!(verify(&api).len(), 1);
        let mut sink = Sink::default();
        mark(&mut api, &Lock::default(), &mut sink);
        assert_eq!(verify(&api), []);
        assert_eq!(sink.diagnostics().first().map(|one| one.code), Some(&codes::SCHEMA_ENDLESS));
    }
}
