//! Schemas that hold themselves without a step into a member or an element.
//!
//! Such a schema has no meaning (JSON Schema Core §9.4.1: "a schema MUST NOT be run into an
//! infinite loop"). The reference that closes the circle is taken away, so that what comes later
//! may follow `$ref` and walk into alternatives without looking out for circles.

use specwright_source::{Diagnostic, Sink, codes};

use crate::document::{Schema, SchemaId, SchemaObject};

/// Takes away the references by which schemas lead back to themselves, and reports each.
///
/// Two kinds of circle are looked for apart: by `$ref` and `allOf`, and by `$ref`, `anyOf` and
/// `oneOf`. A base whose `oneOf` lists children that name the base in `allOf` is a circle too, but
/// one whose meaning is plain, and it stays. Cost: two visits for each schema.
pub(super) fn cut(schemas: &mut [Schema], sink: &mut Sink) {
    for way in [Way::Intersection, Way::Alternative] {
        for (from, to) in closing_edges(schemas, way) {
            report(schemas, from, to, sink);
            if let Some(Schema::Object(object)) = schemas.get_mut(from.0) {
                remove(object, to, way);
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Way {
    /// `$ref` and `allOf`.
    Intersection,
    /// `$ref`, `anyOf` and `oneOf`.
    Alternative,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

/// Depth-first search without recursion: a chain of references may be as long as the document.
fn closing_edges(schemas: &[Schema], way: Way) -> Vec<(SchemaId, SchemaId)> {
    let mut states = vec![State::New; schemas.len()];
    let mut found = Vec::new();
    for start in 0..schemas.len() {
        let mut path: Vec<(SchemaId, Vec<SchemaId>)> = Vec::new();
        enter(SchemaId(start), schemas, way, &mut states, &mut path);
        while let Some((from, rest)) = path.last_mut() {
            let from = *from;
            match rest.pop() {
                Some(to) if states.get(to.0) == Some(&State::Open) => found.push((from, to)),
                Some(to) => enter(to, schemas, way, &mut states, &mut path),
                None => {
                    if let Some(state) = states.get_mut(from.0) {
                        *state = State::Done;
                    }
                    path.pop();
                }
            }
        }
    }
    found
}

fn enter(
    id: SchemaId,
    schemas: &[Schema],
    way: Way,
    states: &mut [State],
    path: &mut Vec<(SchemaId, Vec<SchemaId>)>,
) {
    let Some(state) = states.get_mut(id.0).filter(|state| **state == State::New) else { return };
    *state = State::Open;
    let object = schemas.get(id.0).and_then(Schema::as_object);
    let mut next = object.map(|object| targets(object, way)).unwrap_or_default();
    next.reverse();
    path.push((id, next));
}

fn targets(object: &SchemaObject, way: Way) -> Vec<SchemaId> {
    let reference = object.reference.into_iter().chain(object.dynamic_reference);
    match way {
        Way::Intersection => reference.chain(object.all_of.iter().copied()).collect(),
        Way::Alternative => {
            let alternatives = object.any_of.iter().chain(&object.one_of).copied();
            reference.chain(alternatives).collect()
        }
    }
}

fn remove(object: &mut SchemaObject, to: SchemaId, way: Way) {
    for reference in [&mut object.reference, &mut object.dynamic_reference] {
        if *reference == Some(to) {
            *reference = None;
        }
    }
    match way {
        Way::Intersection => object.all_of.retain(|id| *id != to),
        Way::Alternative => {
            object.any_of.retain(|id| *id != to);
            object.one_of.retain(|id| *id != to);
        }
    }
}

fn report(schemas: &[Schema], from: SchemaId, to: SchemaId, sink: &mut Sink) {
    let (Some(from), Some(to)) = (schemas.get(from.0), schemas.get(to.0)) else { return };
    let target = &to.at().pointer;
    sink.report(
        Diagnostic::new(
            &codes::REFERENCE_CYCLE,
            format!("this schema leads back to itself by way of `#{target}`"),
        )
        .label(from.at().span, "")
        .label(to.at().span, "the circle starts here")
        .at(from.at().pointer.clone())
        .note("the step that closes the circle is read as if it were not there"),
    );
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[track_caller]
    fn assert_cycles(schemas: &str, expected: usize) {
        let fixture = Fixture::read(&format!(
            "openapi: 3.1.1\ninfo: {{ title: T, version: '1' }}\ncomponents:\n  schemas: {schemas}\n"
        ));
        let cycles = fixture.found().iter().filter(|found| found.starts_with("OA0103")).count();
        assert_eq!(cycles, expected, "{schemas}");
        assert_eq!(fixture.diagnostics.len(), expected, "{schemas}");
    }

    #[test]
    fn a_circle_of_references_is_cut() {
        let a = "{ $ref: '#/components/schemas/B' }";
        let b = "{ $ref: '#/components/schemas/A' }";
        assert_cycles(&format!("{{ A: {a}, B: {b} }}"), 1);
    }

    #[test]
    fn a_schema_that_is_its_own_alternative_is_cut() {
        for keyword in ["allOf", "anyOf", "oneOf"] {
            let a = format!("{{ {keyword}: [{{ $ref: '#/components/schemas/A' }}] }}");
            assert_cycles(&format!("{{ A: {a} }}"), 1);
        }
    }

    #[test]
    fn a_circle_through_a_member_or_an_element_is_no_circle() {
        let a = "{ properties: { a: { $ref: '#/components/schemas/A' } } }";
        let b = "{ items: { $ref: '#/components/schemas/B' } }";
        assert_cycles(&format!("{{ A: {a}, B: {b} }}"), 0);
    }

    #[test]
    fn a_base_that_lists_its_children_stays_whole() {
        let base = "{ oneOf: [{ $ref: '#/components/schemas/Child' }] }";
        let child = "{ allOf: [{ $ref: '#/components/schemas/Base' }] }";
        assert_cycles(&format!("{{ Base: {base}, Child: {child} }}"), 0);
    }

    #[test]
    fn a_long_chain_of_references_needs_no_stack() {
        let link =
            |at: usize| format!("    S{at}: {{ $ref: '#/components/schemas/S{}' }}\n", at + 1);
        let chain: Vec<String> = (0..20_000).map(link).collect();
        let chain = chain.concat();
        let fixture = Fixture::read(&format!(
            "openapi: 3.1.1\ninfo: {{ title: T, version: '1' }}\ncomponents:\n  schemas:\n{chain}    S20000: true\n"
        ));
        assert_eq!(fixture.document.schemas.len(), 20_001);
    }
}
