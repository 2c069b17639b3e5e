//! Whether a profile fits a document, and what of the document it leaves out.

use std::collections::BTreeMap;

use super::collection::{
    Behavior, BulkRule, ChangeRule, CollectionRules, FilterRule, Keep, Targets,
};
use super::{Others, Play, Profile};
use crate::document::Document;
use crate::error::StartError;
use crate::files::PDF;
use crate::json::escape;
use crate::operation::{Operation, PageRule};
use crate::recipe::Recipe;

impl Profile {
    /// Refuses a profile that names what the document does not have, leaves out an operation of it, or
    /// contradicts itself. The error names the place in the profile.
    pub(crate) fn check(&self, document: &Document) -> Result<(), StartError> {
        self.errors.check(document)?;
        known("/tokens/answer", &self.tokens.answer, &TOKEN_BLANKS)?;
        known("/every_answer", &self.every_answer, &["request_id"])?;
        known("/lists/place", &self.lists.place, &PLACE_BLANKS)?;
        self.check_webhooks(document)?;
        self.check_operations(document)?;
        self.check_parameters(document)?;
        for (name, rules) in &self.collections {
            let at = format!("/collections/{}", escape(name));
            self.check_collection(document, &at, name, rules)?;
        }
        Ok(())
    }

    /// The operations of the document without behavior, and the query parameters that no behavior
    /// reads, as `operation?parameter`.
    pub(crate) fn unplayed(&self, document: &Document) -> Vec<String> {
        let mut found = Vec::new();
        for operation in &document.operations {
            match self.play(&operation.id) {
                None => found.push(operation.id.clone()),
                Some(Play::Resources(_, rules, _)) => {
                    let read = self.query_read_by(operation, rules);
                    let names = operation.query_names();
                    let unread = names.filter(|name| !read.contains(name));
                    found.extend(unread.map(|name| format!("{}?{name}", operation.id)));
                }
                Some(Play::Token | Play::Revocation | Play::Fixed) => {}
            }
        }
        found
    }

    fn query_read_by<'p>(
        &'p self,
        operation: &'p Operation,
        rules: &'p CollectionRules,
    ) -> Vec<&'p str> {
        let mut read = vec![EXPAND];
        match &operation.pages {
            Some(PageRule::Number(pages)) => read.extend([&*pages.page, &pages.limit]),
            Some(PageRule::Cursor(pages)) => read.extend([&*pages.cursor, &pages.limit]),
            None => {}
        }
        if let Some(order) = &self.lists.order {
            read.push(&order.parameter);
            read.extend(order.direction.as_deref());
        }
        read.extend(rules.filters.keys().map(String::as_str));
        read
    }

    /// Each event that is named is in the document and about a collection that is there.
    fn check_webhooks(&self, document: &Document) -> Result<(), StartError> {
        let Some(rules) = &self.webhooks else { return Ok(()) };
        if !self.collections.contains_key(&rules.endpoints) {
            let reason = format!("there is no collection `{}`", rules.endpoints);
            return wrong("/webhooks/endpoints", reason);
        }
        known("/webhooks/body", &rules.body, &["event_id", "uuid", "type", "now", "data"])?;
        for (event_type, rule) in &rules.events {
            let at = format!("/webhooks/events/{}", escape(event_type));
            if !document.events.contains_key(event_type) {
                return wrong(&at, format!("the document has no webhook `{event_type}`"));
            }
            if !self.collections.contains_key(&rule.collection) {
                return wrong(&at, format!("there is no collection `{}`", rule.collection));
            }
            known(&format!("{at}/data"), &rule.data, &["whole", "now", "id", "its PATH"])?;
        }
        Ok(())
    }

    /// Each operation that is named is in the document and is named once; each of the document is named.
    fn check_operations(&self, document: &Document) -> Result<(), StartError> {
        let mut named = BTreeMap::new();
        for (id, at) in self.named_operations() {
            let Some(operation) = document.operation(id) else {
                return wrong(&at, format!("the document has no operation `{id}`"));
            };
            if at.starts_with("/fixed/") && operation.answer_examples().next().is_none() {
                return wrong(&at, format!("the document has no example of an answer of `{id}`"));
            }
            if let Some(other) = named.insert(id, at.clone()) {
                return wrong(&at, format!("the operation `{id}` is named at `#{other}` too"));
            }
        }
        let mut operations = document.operations.iter().map(|operation| &operation.id);
        match operations.find(|id| !named.contains_key(id.as_str())) {
            Some(id) if self.others == Others::Refused => {
                let reason = format!(
                    "nothing is said of the operation `{id}`; name it, or write `others: validated`"
                );
                wrong("/collections", reason)
            }
            _ => Ok(()),
        }
    }

    /// Every operation that the profile names, with the place.
    fn named_operations(&self) -> Vec<(&str, String)> {
        let mut named = vec![(self.tokens.operation.as_str(), "/tokens/operation".to_owned())];
        let revocation = self.tokens.revocation.as_deref();
        named.extend(revocation.map(|id| (id, "/tokens/revocation".to_owned())));
        let fixed = self.fixed.iter().enumerate();
        named.extend(fixed.map(|(number, id)| (id.as_str(), format!("/fixed/{number}"))));
        for (name, rules) in &self.collections {
            let at = format!("/collections/{}/operations", escape(name));
            let operations = rules.operations.keys();
            named.extend(operations.map(|id| (id.as_str(), format!("{at}/{}", escape(id)))));
        }
        named
    }

    /// The parameters that mean the same everywhere are parameters of some operation.
    fn check_parameters(&self, document: &Document) -> Result<(), StartError> {
        let mut places = Vec::new();
        if let Some(order) = &self.lists.order {
            places.push(("/lists/order/parameter", &order.parameter));
            places.extend(order.direction.iter().map(|name| ("/lists/order/direction", name)));
        }
        for (at, name) in places {
            let has = |operation: &Operation| operation.query_names().any(|known| known == name);
            if !document.operations.iter().any(has) {
                return wrong(at, format!("no operation has the query parameter `{name}`"));
            }
        }
        let Some(languages) = &self.languages else { return Ok(()) };
        let name = &languages.parameter;
        let has = |operation: &Operation| operation.header_names().any(|known| known == name);
        if document.operations.iter().any(has) {
            return Ok(());
        }
        wrong("/languages/parameter", format!("no operation has the header parameter `{name}`"))
    }

    fn check_collection(
        &self,
        document: &Document,
        at: &str,
        name: &str,
        rules: &CollectionRules,
    ) -> Result<(), StartError> {
        for (id, behavior) in &rules.operations {
            if let Some(operation) = document.operation(id) {
                let at = format!("{at}/operations/{}", escape(id));
                self.check_behavior(&at, name, rules, operation, behavior)?;
            }
        }
        self.check_targets(at, &rules.references)?;
        for holder in rules.held_by.keys() {
            self.check_collection_is_known(&format!("{at}/held_by"), holder)?;
        }
        for (member, id) in &rules.also {
            if !matches!(rules.operations.get(id), Some(Behavior::Change(_))) {
                let at = format!("{at}/also/{}", escape(member));
                return wrong(&at, format!("`{id}` is no change that a request could do as well"));
            }
        }
        for (parameter, filter) in &rules.filters {
            let at = format!("{at}/filters/{}", escape(parameter));
            self.check_filter(document, &at, name, parameter, filter)?;
        }
        if let Some(media_type) = rules.files.keys().find(|media_type| *media_type != PDF) {
            let at = format!("{at}/files/{}", escape(media_type));
            return wrong(&at, format!("of a resource only `{PDF}` can be made"));
        }
        if let Some(scope) = &rules.scope
            && !document.scopes().contains(scope)
        {
            let at = format!("{at}/scope");
            return wrong(&at, format!("the document has no scope `{scope}`"));
        }
        for (key, recipe) in [("new/holds", &rules.new.holds), ("new/once", &rules.new.once)] {
            known(&format!("{at}/{key}"), recipe, &RESOURCE_BLANKS)?;
        }
        for (member, recipe) in &rules.new.each {
            known(&format!("{at}/new/each/{}", escape(member)), recipe, &[])?;
        }
        known(&format!("{at}/derived"), &rules.derived, &RESOURCE_BLANKS)?;
        known(&format!("{at}/seed"), &rules.seed, &SEED_BLANKS)?;
        match &rules.deleted {
            Some(recipe) => known(&format!("{at}/deleted"), recipe, &["its MEMBER"]),
            None => Ok(()),
        }
    }

    fn check_behavior(
        &self,
        at: &str,
        name: &str,
        rules: &CollectionRules,
        operation: &Operation,
        behavior: &Behavior,
    ) -> Result<(), StartError> {
        let lists = matches!(behavior, Behavior::List | Behavior::Members(_));
        if lists && operation.pages.is_none() && self.lists.items.is_none() {
            return wrong(at, "the list has no `x-specwright-pagination` in the document");
        }
        let of_one = !matches!(behavior, Behavior::List | Behavior::Create | Behavior::Bulk(_));
        let has = |parameter: &String| operation.template.variables().any(|it| it == *parameter);
        if of_one && !rules.parameter.as_ref().is_some_and(has) {
            return wrong(at, format!("the path has no parameter with the id of `{name}`"));
        }
        match behavior {
            Behavior::Members(member) => {
                if rules.apart.contains(member) || sole_target(rules, member).is_some() {
                    return Ok(());
                }
                let reason =
                    format!("`{member}` is neither in `apart` nor refers to one collection");
                wrong(at, reason)
            }
            Behavior::Change(rule) => self.check_change_rule(at, rules, rule),
            Behavior::Bulk(rule) => self.check_bulk_rule(at, rule),
            Behavior::List
            | Behavior::Show
            | Behavior::Create
            | Behavior::Update
            | Behavior::Replace
            | Behavior::Delete => Ok(()),
        }
    }

    fn check_change_rule(
        &self,
        at: &str,
        rules: &CollectionRules,
        rule: &ChangeRule,
    ) -> Result<(), StartError> {
        let at = format!("{at}/change");
        self.check_targets(&at, &rule.references)?;
        known(&format!("{at}/set"), &rule.set, &RESOURCE_BLANKS)?;
        for (member, entry) in &rule.entries {
            let at = format!("{at}/entries/{}/new", escape(member));
            known(&at, &entry.new, &RESOURCE_BLANKS)?;
        }
        for (member, recipe) in &rule.link {
            let at = format!("{at}/link/{}", escape(member));
            if sole_target(rules, member).is_none() {
                return wrong(&at, format!("`{member}` does not refer to one collection"));
            }
            known(&at, recipe, &RESOURCE_BLANKS)?;
        }
        Ok(())
    }

    fn check_bulk_rule(&self, at: &str, rule: &BulkRule) -> Result<(), StartError> {
        let at = format!("{at}/bulk");
        self.check_targets(&at, &rule.references)?;
        for (path, recipe) in &rule.of {
            known(&format!("{at}/of/{}", escape(path)), recipe, &RESOURCE_BLANKS)?;
        }
        known(&format!("{at}/set"), &rule.set, &RESOURCE_BLANKS)?;
        known(&format!("{at}/answer"), &rule.answer, &["ids", "body MEMBER"])
    }

    /// A filter is a query parameter of a list of the collection.
    fn check_filter(
        &self,
        document: &Document,
        at: &str,
        collection: &str,
        parameter: &str,
        filter: &FilterRule,
    ) -> Result<(), StartError> {
        let lists = self.collections.iter().flat_map(|(name, rules)| {
            let lists = rules.operations.iter().filter(move |(_, behavior)| match behavior {
                Behavior::List => name == collection,
                Behavior::Members(member) => sole_target(rules, member) == Some(collection),
                Behavior::Show
                | Behavior::Create
                | Behavior::Update
                | Behavior::Replace
                | Behavior::Delete
                | Behavior::Change(_)
                | Behavior::Bulk(_) => false,
            });
            lists.filter_map(|(id, _)| document.operation(id))
        });
        let mut names = lists.flat_map(Operation::query_names);
        if !names.any(|name| name == parameter) {
            return wrong(at, format!("no list of `{collection}` has such a query parameter"));
        }
        let is_local = matches!(filter.keep, Keep::LocallyAtOrAfter | Keep::LocallyBefore);
        if is_local && filter.zone.is_none() {
            return wrong(at, "local times are compared in a `zone`");
        }
        Ok(())
    }

    fn check_targets(
        &self,
        at: &str,
        references: &BTreeMap<String, Targets>,
    ) -> Result<(), StartError> {
        for (path, targets) in references {
            let at = format!("{at}/references/{}", escape(path));
            for target in targets.as_slice() {
                self.check_collection_is_known(&at, target)?;
            }
        }
        Ok(())
    }

    fn check_collection_is_known(&self, at: &str, name: &str) -> Result<(), StartError> {
        if self.collections.contains_key(name) {
            return Ok(());
        }
        wrong(at, format!("the collection `{name}` is not described"))
    }
}

/// The collection that a member refers to, if it is one and no other.
fn sole_target<'r>(rules: &'r CollectionRules, member: &str) -> Option<&'r str> {
    match rules.references.get(member)?.as_slice() {
        [target] => Some(target),
        _ => None,
    }
}

/// Refuses a recipe with a blank that is none of `blanks`.
fn known(at: &str, recipe: &Recipe, blanks: &[&str]) -> Result<(), StartError> {
    match recipe.stranger(blanks) {
        None => Ok(()),
        Some(blank) => wrong(at, format!("the blank `{blank}` means nothing here")),
    }
}

fn wrong(at: &str, reason: impl Into<String>) -> Result<(), StartError> {
    Err(StartError::profile(at, reason))
}

/// The query parameter that asks for whole resources in place of references.
pub(crate) const EXPAND: &str = "expand";

/// The blanks of a resource; see [`crate::blanks`].
const RESOURCE_BLANKS: [&str; 8] = [
    "now",
    "id",
    "body PATH",
    "its PATH",
    "sum PATH",
    "product PRICE QUANTITY",
    "hex BYTES",
    "base64 BYTES",
];

/// Those of a resource that is there at the start. There is no request that could have a body.
const SEED_BLANKS: [&str; 8] = [
    "now",
    "id",
    "n",
    "its PATH",
    "sum PATH",
    "product PRICE QUANTITY",
    "hex BYTES",
    "base64 BYTES",
];

const PLACE_BLANKS: [&str; 5] = ["count", "limit", "page", "pages", "previous"];

const TOKEN_BLANKS: [&str; 5] =
    ["access_token", "refresh_token", "expires_in", "scope", "created_at"];
