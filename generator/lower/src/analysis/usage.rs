//! Where values of a type travel.

use specwright_ir::{Access, Api, Operation, Shape, Ty, TypeId};

/// Marks each definition that some request or some response can hold.
///
/// Before: every id is valid. After: [`specwright_ir::Usage`] is the least fixed point of "what
/// holds it is sent (or received)"; members that are read only are not sent, members that are write
/// only are not received. Ends because a mark is never taken back. Cost: each edge twice.
pub(crate) fn mark(api: &mut Api) {
    let sent: Vec<TypeId> =
        api.operations.iter().flat_map(Operation::sent).filter_map(Ty::definition).collect();
    let webhooks = api.webhooks.iter().map(|webhook| &webhook.payload);
    let received: Vec<TypeId> = api
        .operations
        .iter()
        .flat_map(Operation::received)
        .chain(webhooks)
        .filter_map(Ty::definition)
        .collect();
    for id in reach(api, sent, Access::ReadOnly) {
        if let Some(def) = api.types.get_mut(id.0) {
            def.usage.request = true;
        }
    }
    for id in reach(api, received, Access::WriteOnly) {
        if let Some(def) = api.types.get_mut(id.0) {
            def.usage.response = true;
        }
    }
}

/// Everything that the roots hold, but not by members of the access that cannot travel.
fn reach(api: &Api, roots: Vec<TypeId>, barred: Access) -> Vec<TypeId> {
    let mut seen = vec![false; api.types.len()];
    let mut reached = Vec::new();
    let mut open = roots;
    while let Some(id) = open.pop() {
        match seen.get_mut(id.0) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        reached.push(id);
        let Some(def) = api.types.get(id.0) else {
            continue;
        };
        open.extend(def.shape.parts().into_iter().filter_map(Ty::definition).filter(|part| {
            match &def.shape {
                Shape::Record { fields, .. } => {
                    let mut holders =
                        fields.iter().filter(|field| field.ty.definition() == Some(*part));
                    let only_barred =
                        fields.iter().any(|field| field.ty.definition() == Some(*part))
                            && holders.all(|field| field.access == barred);
                    !only_barred
                }
                Shape::Choice { .. }
                | Shape::Union { .. }
                | Shape::Newtype(_)
                | Shape::Expandable { .. }
                | Shape::MergePatch(_)
                | Shape::Alias(_) => true,
            }
        }));
    }
    reached
}
