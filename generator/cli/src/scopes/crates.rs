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
    /// Packages of libraries that have another name, as far as their manifests lie on this disk.
    libraries: BTreeMap<String, String>,
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
        let (mut own, mut libraries) = (BTreeSet::new(), BTreeMap::new());
        let folder = std::path::absolute(folder)?;
        let lock = folder.ancestors().map(|folder| folder.join("Cargo.lock"));
        let lock = lock.into_iter().find(|path| path.is_file());
        for path in &sources.manifests {
            let manifest = table(path)?;
            own.extend(
                names(&manifest).into_iter().flat_map(|(package, library)| [package, library]),
            );
        }
        // Beside the lock is the manifest of the workspace, which may know where packages are.
        let workspace = lock.as_ref().map(|lock| lock.with_file_name("Cargo.toml"));
        let workspace = workspace.filter(|path| path.is_file());
        for path in sources.manifests.iter().chain(&workspace) {
            let manifest = table(path)?;
            for (name, dependency) in dependencies(&manifest) {
                let text = |key: &str| dependency.get(key).and_then(Value::as_str);
                if text("package") == Some(&config.package) {
                    client.insert(crate_name(name));
                }
                let there = text("path").map(|path_| path.with_file_name(path_).join("Cargo.toml"));
                if let Some((package, library)) = there.and_then(|path| names(&table(&path).ok()?))
                {
                    libraries.insert(library, package);
                }
            }
        }
        let locked = lock.map(|path| table(&path)).transpose()?;
        let locked = locked.map(|lock| Locked::of(&lock, &crate_name(&config.package), &own));
        Ok(Self { client, own, libraries, locked })
    }

    /// True if the name is that of the client's crate.
    pub(super) fn is_client(&self, name: &str) -> bool {
        self.client.contains(name)
    }

    /// True if the name is that of a crate whose files are among those that are read.
    pub(super) fn is_own(&self, name: &str) -> bool {
        self.own.contains(name)
    }

    /// True if a crate could have a value of the client's to give. A name that is no package that
    /// anybody knows is suspected if any other crate is: it may be the library of one.
    pub(super) fn may_hand_on(&self, name: &str) -> bool {
        let Some(locked) = &self.locked else { return true };
        let package = self.libraries.get(name).map_or(name, String::as_str);
        locked.dependents.contains(package)
            || !locked.dependents.is_empty() && !locked.all.contains(package)
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

/// The names of a package and of its library.
fn names(manifest: &Table) -> Option<(String, String)> {
    let name = |table: &str| Some(crate_name(manifest.get(table)?.get("name")?.as_str()?));
    let package = name("package")?;
    let library = name("lib").unwrap_or_else(|| package.clone());
    Some((package, library))
}

/// The dependencies of a package or of a workspace, of every kind and for every target.
fn dependencies(manifest: &Table) -> Vec<(&String, &Value)> {
    let mut found = Vec::new();
    for (key, value) in manifest {
        let Value::Table(table) = value else { continue };
        if key.ends_with("dependencies") {
            found.extend(table);
        } else if matches!(key.as_str(), "workspace" | "target")
            || table.contains_key("dependencies")
        {
            found.extend(dependencies(table));
        }
    }
    found
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
        let client = BTreeSet::from(["shop_v1".to_owned()]);
        let libraries = BTreeMap::from([("data".to_owned(), "serde".to_owned())]);
        Crates { client, own, libraries, locked }
    }

    #[test]
    fn a_crate_that_depends_on_the_client_may_hand_on_what_it_has() {
        let crates = crates(Some(LOCK));
        assert!(crates.may_hand_on("my_shop"));
        assert!(!crates.may_hand_on("serde"));
        assert!(!crates.may_hand_on("data"));
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
    fn dependencies_are_found_wherever_a_manifest_may_have_them() {
        let manifest = "[dependencies]\na = \"1\"\n[dev-dependencies]\nb = \"1\"\n\
                        [target.'cfg(unix)'.dependencies]\nc = \"1\"\n\
                        [workspace.dependencies]\nd = { path = \"d\" }\n[features]\ne = []\n";
        let manifest = manifest.parse().unwrap();
        let mut names: Vec<&str> =
            dependencies(&manifest).into_iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["a", "b", "c", "d"]);
    }

    #[test]
    fn a_library_may_have_another_name_than_its_package() {
        let manifest = "[package]\nname = \"shop-v1\"\n[lib]\nname = \"shop\"\n".parse().unwrap();
        assert_eq!(names(&manifest), Some(("shop_v1".to_owned(), "shop".to_owned())));
    }
}
