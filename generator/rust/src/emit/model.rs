//! The files of types.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::quote;
use specwright_ir::{Shape, Ty, TypeId};

use super::{Cx, alias, choice, docs, gate, imports, newtype, record, union};
use crate::names::Name;
use crate::{File, prose};

/// More lines than this are more than a reader finds something in.
const MAX_LINES: usize = 1_500;

/// `model.rs` with all types, sorted by name; with a file for each first word of their names if they
/// are too many for one.
///
/// The paths of types are the same either way, and among files a type that is new moves no other one.
pub(super) fn files(cx: Cx<'_>) -> Vec<File> {
    let mut ids: Vec<TypeId> = (0..cx.api.types.len()).map(TypeId).collect();
    ids.sort_by_key(|id| &cx.names.of_type(*id).name);
    let types: Vec<Type> =
        ids.into_iter().map(|id| Type { id, items: definition(cx, id) }).collect();
    let whole = cx.file("src/model.rs", &whole(cx, &types));
    if whole.text.lines().count() <= MAX_LINES {
        return vec![whole];
    }
    let mut by_file: BTreeMap<&Name, Vec<Type>> = BTreeMap::new();
    for ty in types {
        by_file.entry(&cx.names.of_type(ty.id).file).or_default().push(ty);
    }
    let parts: Vec<Part<'_>> =
        by_file.into_iter().map(|(name, types)| Part { cx, name, types }).collect();
    let files = parts
        .iter()
        .map(|part| cx.file(&format!("src/model/{}.rs", part.name.as_str()), &part.emit()));
    std::iter::once(cx.file("src/model.rs", &root(&parts))).chain(files).collect()
}

/// A type and the items that it becomes.
struct Type {
    id: TypeId,
    items: TokenStream,
}

fn whole(cx: Cx<'_>, types: &[Type]) -> TokenStream {
    let types = types.iter().map(|ty| gate::items(cx.features.of_type(ty.id), &ty.items));
    let items = quote!(#(#types)*);
    let imports = imports::of_runtime(&imports::mentioned(&items));
    quote! {
        #![doc = " The types of the API, sorted by name."]
        #imports
        #items
    }
}

fn root(parts: &[Part<'_>]) -> TokenStream {
    let modules = parts.iter().map(Part::declaration);
    let exports = parts.iter().map(Part::exports);
    quote! {
        #![doc = " The types of the API, in files by the first word of their names."]
        #(#modules)*
        #(#exports)*
    }
}

/// A file of types.
struct Part<'a> {
    cx: Cx<'a>,
    name: &'a Name,
    types: Vec<Type>,
}

impl Part<'_> {
    /// The feature that all of the types need, if it is one.
    fn feature(&self) -> Option<&str> {
        let first = self.cx.features.of_type(self.types.first()?.id);
        let same = self.types.iter().all(|ty| self.cx.features.of_type(ty.id) == first);
        first.filter(|_| same)
    }

    fn declaration(&self) -> TokenStream {
        let (gate, name) = (gate::attribute(self.feature()), self.name);
        quote!(#gate mod #name;)
    }

    /// One `use` for each feature.
    fn exports(&self) -> TokenStream {
        let mut names: BTreeMap<Option<&str>, Vec<&Name>> = BTreeMap::new();
        for ty in &self.types {
            let of_type = self.cx.names.of_type(ty.id);
            let exported = names.entry(self.cx.features.of_type(ty.id)).or_default();
            exported.push(&of_type.name);
            exported.extend(declares(&ty.items, &of_type.args).then_some(&of_type.args));
        }
        let file = self.name;
        let exports = names.into_iter().map(|(feature, names)| {
            let gate = gate::attribute(feature);
            quote!(#gate pub use self::#file::{#(#names),*};)
        });
        quote!(#(#exports)*)
    }

    fn emit(&self) -> TokenStream {
        let mixed = self.feature().is_none();
        let types = self.types.iter().map(|ty| {
            let feature = self.cx.features.of_type(ty.id).filter(|_| mixed);
            gate::items(feature, &ty.items)
        });
        let items = quote!(#(#types)*);
        let mentioned = imports::mentioned(&items);
        let runtime = imports::of_runtime(&mentioned);
        let words = prose::code(self.name.as_str());
        let docs = docs::inner_attributes(&[format!("Types whose names begin with {words}.")]);
        let model = self.cx.imports_of_siblings(&mentioned, self.name, self.feature());
        quote! {
            #docs
            #runtime
            #model
            #items
        }
    }
}

/// True if items declare a struct of this name.
fn declares(items: &TokenStream, name: &Name) -> bool {
    let wanted = name.to_string();
    let file = syn::parse2::<syn::File>(items.clone());
    file.is_ok_and(|file| {
        file.items
            .iter()
            .any(|item| matches!(item, syn::Item::Struct(item) if item.ident == wanted))
    })
}

fn definition(cx: Cx<'_>, id: TypeId) -> TokenStream {
    match &cx.api.types[id.0].shape {
        Shape::Record { .. } => with_uses(cx, id, &record::emit(cx, id)),
        Shape::Choice { .. } => choice::emit(cx, id),
        Shape::Union { .. } => with_uses(cx, id, &union::emit(cx, id)),
        Shape::Newtype(_) => newtype::emit(cx, id),
        Shape::Expandable { id: reference, whole, .. } => {
            alias::emit_expandable(cx, id, reference, whole)
        }
        Shape::MergePatch(value) => alias::emit_merge_patch(cx, id, value),
        Shape::Alias(ty) => alias::emit(cx, id, ty),
    }
}

/// A type with what its places in the API ask of it.
fn with_uses(cx: Cx<'_>, id: TypeId, items: &TokenStream) -> TokenStream {
    let (param, expanded) = (param_of_json(cx, id), alias::emit_expanded(cx, id));
    quote!(#items #expanded #param)
}

/// True if some parameter holds values of the type.
pub(super) fn is_param(cx: Cx<'_>, id: TypeId) -> bool {
    let mut open: Vec<&Ty> = cx
        .api
        .operations
        .iter()
        .flat_map(|operation| &operation.params)
        .map(|param| &param.ty)
        .collect();
    let mut seen: BTreeSet<TypeId> = BTreeSet::new();
    while let Some(ty) = open.pop() {
        match ty {
            Ty::Def(found) if *found == id => return true,
            Ty::Def(found) => {
                if let Shape::Alias(inner) = &cx.api.types[found.0].shape
                    && seen.insert(*found)
                {
                    open.push(inner);
                }
            }
            Ty::List(inner) | Ty::Map(inner) | Ty::Nullable(inner) => open.push(inner),
            Ty::Scalar(_) | Ty::Json | Ty::Nothing => {}
        }
    }
    false
}

/// A parameter that has the shape of its JSON.
fn param_of_json(cx: Cx<'_>, id: TypeId) -> Option<TokenStream> {
    let name = &cx.names.of_type(id).name;
    is_param(cx, id).then(|| {
        quote! {
            impl ToParam for #name {
                fn to_param(&self) -> ParamValue {
                    ParamValue::encoded(self)
                }
            }
        }
    })
}
