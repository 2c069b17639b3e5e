//! A crate with features, compiled with each of them alone.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use specwright_cli::pipeline::{self, Input};
use specwright_ir::lock::Lock;
use specwright_rust::{File, Runtime, Settings};
use specwright_source::{Budget, DiskFiles, Loader, Severity, Sink};

/// The folder of this package.
const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn each_feature_alone_compiles_without_a_warning() {
    let client = Folder::written("features");
    let features = client.features();
    assert_eq!(
        features,
        [
            "all-group",
            "default-group",
            "line-items",
            "reqwest-group",
            "stream-group",
            "type",
            "webhooks",
            "webhooks-group"
        ]
    );
    let failed: Vec<String> = std::iter::once("")
        .chain(features.iter().map(String::as_str))
        .filter_map(|feature| client.problem(&["--features", feature]))
        .collect();
    assert_eq!(failed, [] as [String; 0]);
    assert_eq!(client.problem(&["--features", "all,stream"]), None);
}

#[test]
fn what_no_feature_asks_for_is_left_out() {
    let client = Folder::written("left-out");
    fs::write(
        client.root.join("src/bin.rs"),
        "use features_client::model::{Fault, Kept, Part, PartFilter, PartOrder, Shared, Tag};\nfn main() {}",
    )
    .unwrap();
    let manifest = client.root.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let text = text
        .replace("[dependencies]", "[[bin]]\nname = \"b\"\npath = \"src/bin.rs\"\n[dependencies]");
    fs::write(&manifest, text).unwrap();
    let missing = |features: &str| client.problem(&["--features", features]).unwrap_or_default();
    let absent = |problem: &str, name: &str| problem.contains(&format!("no `{name}` in `model`"));
    // Shared by two features, or held by what no operation needs: always there.
    let none = missing("");
    for (name, is_absent) in [
        ("Fault", true),
        ("Kept", false),
        ("Part", false),
        ("PartFilter", false),
        ("PartOrder", true),
        ("Shared", false),
        ("Tag", false),
    ] {
        assert_eq!(absent(&none, name), is_absent, "{name}: {none}");
    }
    assert!(!absent(&missing("line-items"), "Fault"));
}

/// A generated crate on the disk.
struct Folder {
    root: PathBuf,
}

impl Folder {
    fn written(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(root.join("src"));
        for file in generated() {
            let path = root.join(file.path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file.text).unwrap();
        }
        fs::copy(Path::new(FOLDER).join("../../Cargo.lock"), root.join("Cargo.lock")).unwrap();
        Self { root }
    }

    /// The features of groups and events.
    fn features(&self) -> Vec<String> {
        let manifest = fs::read_to_string(self.root.join("Cargo.toml")).unwrap();
        let all = manifest.lines().find_map(|line| line.strip_prefix("all = ")).unwrap();
        let names = all.trim_matches(['[', ']']).split(", ");
        names.map(|name| name.trim_matches('"').to_owned()).collect()
    }

    /// What the compiler finds wrong; warnings are wrong.
    fn problem(&self, arguments: &[&str]) -> Option<String> {
        let output = Command::new(env!("CARGO"))
            .args(["check", "--quiet", "--offline", "--no-default-features", "--manifest-path"])
            .arg(self.root.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("target"))
            .args(arguments)
            .env("RUSTFLAGS", "-D warnings")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (!output.status.success()).then(|| format!("{arguments:?}: {said}"))
    }
}

/// The client of `features.yaml`, which is sound, with a feature for each group.
fn generated() -> Vec<File> {
    let folder = Path::new(FOLDER);
    let mut loader = Loader::new(DiskFiles, folder, Budget::DEFAULT).unwrap();
    let mut sink = Sink::default();
    let input = Input { document: &folder.join("features.yaml"), overlays: &[] };
    let reading = pipeline::read(&mut loader, input, &mut sink).unwrap();
    let api = pipeline::understand(&reading.document, &Lock::default(), &mut sink);
    let settings = Settings {
        package: "features-client".to_owned(),
        library: "features_client".to_owned(),
        title: "Features".to_owned(),
        runtime: Runtime::Path(folder.join("../../runtime/client").to_str().unwrap().to_owned()),
        command: "cargo test -p obstacles".to_owned(),
        repository: None,
        feature_threshold: 0,
    };
    let client = pipeline::write(&api, &settings, Lock::default(), &mut sink);
    let problems: Vec<_> =
        sink.diagnostics().iter().filter(|found| found.severity > Severity::Note).collect();
    assert!(problems.is_empty(), "{problems:?}");
    client.files
}
