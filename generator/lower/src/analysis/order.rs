//! The canonical order of definitions.

use specwright_ir::{Api, Ty, TypeDef, TypeId};

use super::graph::all_mut;

/// Sorts the definitions by key and drops those without a name that nothing mentions any more.
///
/// Before: every id is valid. After: invariant I3, and every id is valid again. Cost: one sort and
/// one look at each use.
pub(crate) fn arrange(api: &mut Api) {
    let kept = kept(api);
    let mut order: Vec<usize> = (0..api.types.len()).filter(|index| kept[*index]).collect();
    order.sort_by(|one, two| api.types[*one].key.cmp(&api.types[*two].key));
    let mut new_ids = vec![None; api.types.len()];
    for (new, old) in order.iter().enumerate() {
        new_ids[*old] = Some(TypeId(new));
    }
    for ty in all_mut(api) {
        renumber(ty, &new_ids);
    }
    let mut old: Vec<Option<TypeDef>> =
        std::mem::take(&mut api.types).into_iter().map(Some).collect();
    api.types = order.into_iter().filter_map(|index| old[index].take()).collect();
}

/// What the document names, and what that, an operation or a webhook mentions.
fn kept(api: &Api) -> Vec<bool> {
    let named = api.types.iter().enumerate().filter(|(_, def)| is_component(def));
    let mut open: Vec<TypeId> = named.map(|(index, _)| TypeId(index)).collect();
    open.extend(
        api.operations
            .iter()
            .flat_map(|op| op.sent().chain(op.received()))
            .filter_map(Ty::definition),
    );
    open.extend(api.webhooks.iter().filter_map(|webhook| webhook.payload.definition()));
    let mut kept = vec![false; api.types.len()];
    while let Some(id) = open.pop() {
        match kept.get_mut(id.0) {
            Some(kept) if !*kept => *kept = true,
            _ => continue,
        }
        if let Some(def) = api.types.get(id.0) {
            open.extend(def.shape.parts().into_iter().filter_map(Ty::definition));
        }
    }
    kept
}

fn is_component(def: &TypeDef) -> bool {
    let tokens: Vec<&str> = def.origin.pointer.tokens().collect();
    matches!(tokens.as_slice(), ["components", "schemas", _])
}

fn renumber(ty: &mut Ty, new_ids: &[Option<TypeId>]) {
    match ty {
        Ty::Def(id) => *id = new_ids.get(id.0).copied().flatten().unwrap_or(*id),
        Ty::List(inner) | Ty::Map(inner) | Ty::Nullable(inner) => renumber(inner, new_ids),
        Ty::Scalar(_) | Ty::Json | Ty::Nothing => {}
    }
}
