//! What the names of crates mean in a program, going by what Cargo knows.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use toml::{Table, Value};

use super::sources::Sources;
use crate::config::Config;

/// The crates that a path of the program may begin with.
#[derive(Debug)]
pub(super) struct Crates {
    /// Names of the client's crate: its own, and those of `NAME = { package = "…" }`.
    client: BTreeSet<String>,
    /// Names of the program's own crates.
    own: BTreeSet<String>,
    /// What `Cargo.lock` knows; `None` if there is none.
    locked: Option<Locked>,
}

/// The packages of a `Cargo.lock`, written as crates are in Rust.
#[derive(Debug, Default)]
struct Locked {
    all: BTreeSet<String>,
    /// Those that have the client among their dependencies, and could hand on what it has.
    dependents: BTreeSet<String>,
}

impl Crates {
    pub(super) fn read(config: &Config, folder: &Path, sources: &Sources) -> io::Result<Self> {
        let mut client = BTreeSet::from([config.library.clone()]);
        let mut own = BTreeSet::new();
        for manifest in &sources.manifests {
            let manifest = table(manifest)?;
            client.extend(renames(&manifest, &config.package));
            let named = |key: &str| Some(crate_name(manifest.get(key)?.get("name")?.as_str()?));
            own.extend(named("package").into_iter().chain(named("lib")));
        }
        let folder = std::path::absolute(folder)?;
        let lock = folder.ancestors().map(|folder| folder.join("Cargo.lock"));
        let lock = lock.into_iter().find(|path| path.is_file());
        let locked = lock.map(|path| table(&path)).transpose()?;
        let locked = locked.map(|lock| Locked::of(&lock, &crate_name(&config.package), &own));
        Ok(Self { client, own, locked })
    }

    /// True if the name is that of the client's crate.
    pub(super) fn is_client(&self, name: &str) -> bool {
        self.client.contains(name)
    }

    /// True if the name is that of a crate whose files are among those that are read.
    pub(super) fn is_own(&self, name: &str) -> bool {
        self.own.contains(name)
    }

    /// True if a crate could have a value of the client's to give. A library may have another name
    /// than its package, so a name that is no package is suspected if anybody is.
    pub(super) fn may_hand_on(&self, name: &str) -> bool {
        let Some(locked) = &self.locked else { return true };
        locked.dependents.contains(name)
            || !locked.dependents.is_empty() && !locked.all.contains(name)
    }
}

impl Locked {
    fn of(lock: &Table, client: &str, own: &BTreeSet<String>) -> Self {
        let mut uses: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for package in lock.get("package").and_then(Value::as_array).into_iter().flatten() {
            let name = package.get("name").and_then(Value::as_str).unwrap_or_default();
            let used = package.get("dependencies").and_then(Value::as_array);
            // `name`, `name version` or `name version (source)`.
            let used = used.into_iter().flatten().filter_map(Value::as_str);
            let used = used.map(|used| crate_name(used.split(' ').next().unwrap_or(used)));
            uses.entry(crate_name(name)).or_default().extend(used);
        }
        let mut dependents = BTreeSet::from([client.to_owned()]);
        loop {
            let reach = |(name, used): &(&String, &Vec<String>)| {
                !dependents.contains(*name) && used.iter().any(|used| dependents.contains(used))
            };
            let more: Vec<String> =
                uses.iter().filter(reach).map(|(name, _)| name.clone()).collect();
            if more.is_empty() {
                break;
            }
            dependents.extend(more);
        }
        dependents.retain(|name| name != client && !own.contains(name));
        Self { all: uses.into_keys().collect(), dependents }
    }
}

/// The names that the dependencies of a package, or of a workspace, give the client.
fn renames(manifest: &Table, package: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (key, value) in manifest {
        let Value::Table(table) = value else { continue };
        if key.ends_with("dependencies") {
            let renamed = |(_, value): &(&String, &Value)| {
                value.get("package").and_then(Value::as_str) == Some(package)
            };
            names.extend(table.iter().filter(renamed).map(|(name, _)| crate_name(name)));
        } else if matches!(key.as_str(), "workspace" | "target")
            || table.contains_key("dependencies")
        {
            names.extend(renames(table, package));
        }
    }
    names
}

fn table(path: &Path) -> io::Result<Table> {
    let text = fs::read_to_string(path)?;
    let wrong = |error: toml::de::Error| {
        io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", path.display()))
    };
    text.parse().map_err(wrong)
}

/// A package's name as Rust writes it.
fn crate_name(package: &str) -> String {
    package.replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
[[package]]
name = "shop-v1"
[[package]]
name = "my-shop"
dependencies = ["serde", "shop-v1 0.1.0"]
[[package]]
name = "app"
dependencies = ["my-shop"]
[[package]]
name = "serde"
"#;

    fn crates(lock: Option<&str>) -> Crates {
        let own = BTreeSet::from(["app".to_owned()]);
        let locked = lock.map(|lock| Locked::of(&lock.parse().unwrap(), "shop_v1", &own));
        Crates { client: BTreeSet::from(["shop_v1".to_owned()]), own, locked }
    }

    #[test]
    fn a_crate_that_depends_on_the_client_may_hand_on_what_it_has() {
        let crates = crates(Some(LOCK));
        assert!(crates.may_hand_on("my_shop"));
        assert!(!crates.may_hand_on("serde"));
    }

    #[test]
    fn a_name_that_is_no_package_is_suspected_only_if_anybody_is() {
        assert!(crates(Some(LOCK)).may_hand_on("other_v1"));
        let alone = LOCK.replace("\"shop-v1 0.1.0\"", "\"serde\"");
        assert!(!crates(Some(&alone)).may_hand_on("other_v1"));
    }

    #[test]
    fn without_a_lock_every_crate_is_suspected() {
        assert!(crates(None).may_hand_on("serde"));
    }

    #[test]
    fn a_renamed_dependency_is_another_name_of_the_client() {
        let manifest = "[target.'cfg(unix)'.dependencies]\nshop = { package = \"shop-v1\" }\n\
                        [workspace.dependencies]\nmy-shop = { package = \"shop-v1\" }\n";
        let mut names = renames(&manifest.parse().unwrap(), "shop-v1");
        names.sort();
        assert_eq!(names, ["my_shop", "shop"]);
    }
}
