//! All resources of the account, collection by collection, in the order in which they were made.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The members of a resource.
pub(crate) type Fields = Map<String, Value>;

/// A resource. Its references are ids only, and its id need not be among its fields.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub(crate) id: String,
    pub(crate) fields: Fields,
}

/// The resources.
#[derive(Debug, Default)]
pub(crate) struct Store {
    collections: BTreeMap<String, Collection>,
}

#[derive(Debug, Default)]
struct Collection {
    resources: Vec<Resource>,
    /// Deleted ones: others may still refer to them.
    deleted: Vec<Resource>,
}

impl Store {
    pub(crate) fn all(&self, collection: &str) -> &[Resource] {
        self.collections.get(collection).map_or(&[], |it| it.resources.as_slice())
    }

    pub(crate) fn get(&self, collection: &str, id: &str) -> Option<&Resource> {
        self.all(collection).iter().find(|resource| resource.id == id)
    }

    /// A resource that was deleted.
    pub(crate) fn deleted(&self, collection: &str, id: &str) -> Option<&Resource> {
        let collection = self.collections.get(collection)?;
        collection.deleted.iter().find(|resource| resource.id == id)
    }

    /// The first of these collections that has the resource, and the resource.
    pub(crate) fn find<'s>(
        &'s self,
        collections: &'s [String],
        id: &str,
    ) -> Option<(&'s str, &'s Resource)> {
        collections.iter().find_map(|name| Some((name.as_str(), self.get(name, id)?)))
    }

    /// Adds a resource, or puts it in the place of the one with its id.
    pub(crate) fn put(&mut self, collection: &str, resource: Resource) {
        let resources = &mut self.collections.entry(collection.to_owned()).or_default().resources;
        match resources.iter_mut().find(|known| known.id == resource.id) {
            Some(known) => *known = resource,
            None => resources.push(resource),
        }
    }

    /// Deletes a resource; says whether there was one.
    pub(crate) fn delete(&mut self, collection: &str, id: &str) -> bool {
        let Some(collection) = self.collections.get_mut(collection) else { return false };
        let Some(at) = collection.resources.iter().position(|resource| resource.id == id) else {
            return false;
        };
        collection.deleted.push(collection.resources.remove(at));
        true
    }
}
