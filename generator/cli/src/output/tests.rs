use std::cell::Cell;
use std::fs;
use std::io;
use std::slice::from_ref;

use super::disk::{Entry, RealDisk};
use super::*;

const LIB: &str = "// @generated\npub mod a;\n";
const MODULE: &str = "// @generated\npub struct A;\n";

#[test]
fn a_set_is_written_and_is_fresh_then() {
    let folder = tempfile::tempdir().unwrap();
    let set = crate_of(folder.path(), &[("src/lib.rs", LIB), ("src/model/a.rs", MODULE)]);
    let changes = sync(&RealDisk, from_ref(&set), Mode::Write).unwrap();
    assert_eq!(changes.len(), 2);
    assert_eq!(fs::read_to_string(folder.path().join("out/src/model/a.rs")).unwrap(), MODULE);
    assert_eq!(sync(&RealDisk, from_ref(&set), Mode::Check).unwrap(), []);
}

#[test]
fn a_check_finds_one_changed_byte_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let set = crate_of(folder.path(), &[("src/lib.rs", LIB)]);
    sync(&RealDisk, from_ref(&set), Mode::Write).unwrap();
    let edited = LIB.replace("mod a", "mod b");
    fs::write(folder.path().join("out/src/lib.rs"), &edited).unwrap();
    let changes = sync(&RealDisk, from_ref(&set), Mode::Check).unwrap();
    assert_eq!(changes.len(), 1);
    let shown = changes[0].difference();
    assert!(shown.ends_with("differs from line 2\n  - pub mod b;\n  + pub mod a;\n"), "{shown}");
    assert_eq!(fs::read_to_string(folder.path().join("out/src/lib.rs")).unwrap(), edited);
}

#[test]
fn a_file_that_is_right_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let set = crate_of(folder.path(), &[("src/lib.rs", LIB), ("src/a.rs", MODULE)]);
    sync(&RealDisk, from_ref(&set), Mode::Write).unwrap();
    fs::write(folder.path().join("out/src/a.rs"), "// @generated\nold\n").unwrap();
    let disk = FailingDisk::never();
    sync(&disk, from_ref(&set), Mode::Write).unwrap();
    // One file staged, one renamed.
    assert_eq!(disk.steps.get(), 2);
}

#[test]
fn a_file_without_the_mark_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("out/src")).unwrap();
    fs::write(folder.path().join("out/src/lib.rs"), "my own work\n").unwrap();
    let set = crate_of(folder.path(), &[("src/a.rs", MODULE), ("src/lib.rs", LIB)]);
    let before = bytes_below(folder.path());
    let reason = refusal(sync(&RealDisk, from_ref(&set), Mode::Write));
    assert_eq!(reason, RefusalReason::NotGenerated);
    assert_eq!(bytes_below(folder.path()), before);
}

#[test]
fn a_path_that_leaves_the_root_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for path in ["../x.rs", "/etc/x.rs", "src/../../x.rs", "src//x.rs", "src\\x.rs", "c:x.rs", ""] {
        let set = crate_of(folder.path(), &[(path, MODULE)]);
        let reason = refusal(sync(&RealDisk, from_ref(&set), Mode::Write));
        assert_eq!(reason, RefusalReason::NotAPlainPath, "{path}");
    }
    assert_eq!(bytes_below(folder.path()), []);
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_refused_wherever_it_stands() {
    let cases = [("out", "elsewhere"), ("out/src", "elsewhere"), ("out/src/lib.rs", "victim.rs")];
    for (link, aim) in cases {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("elsewhere")).unwrap();
        fs::write(folder.path().join("victim.rs"), "// @generated\nvictim\n").unwrap();
        let link = folder.path().join(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(folder.path().join(aim), &link).unwrap();
        let before = bytes_below(folder.path());
        let set = crate_of(folder.path(), &[("src/lib.rs", LIB)]);
        let reason = refusal(sync(&RealDisk, from_ref(&set), Mode::Write));
        assert_eq!(reason, RefusalReason::SymbolicLink);
        assert_eq!(bytes_below(folder.path()), before);
    }
}

#[test]
fn a_folder_in_the_place_of_a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("out/src/lib.rs")).unwrap();
    let set = crate_of(folder.path(), &[("src/lib.rs", LIB)]);
    assert_eq!(refusal(sync(&RealDisk, from_ref(&set), Mode::Write)), RefusalReason::InTheWay);
}

#[test]
fn a_generated_file_without_a_mark_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let set = crate_of(folder.path(), &[("src/lib.rs", "pub mod a;\n")]);
    assert_eq!(refusal(sync(&RealDisk, from_ref(&set), Mode::Write)), RefusalReason::Unmarked);
}

#[test]
fn only_marked_files_are_swept() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    fs::create_dir_all(out.join("src/gone")).unwrap();
    fs::create_dir_all(out.join("src/ext")).unwrap();
    fs::write(out.join("src/gone/old.rs"), MODULE).unwrap();
    fs::write(out.join("src/ext/mine.rs"), "pub fn mine() {}\n").unwrap();
    fs::write(out.join("build.rs"), MODULE).unwrap();
    let set = crate_of(folder.path(), &[("src/lib.rs", LIB)]);
    sync(&RealDisk, from_ref(&set), Mode::Write).unwrap();
    let left: Vec<String> = bytes_below(&out).into_iter().map(|(path, _)| path).collect();
    assert_eq!(left, ["build.rs", "src", "src/ext", "src/ext/mine.rs", "src/lib.rs"]);
}

#[test]
fn a_file_that_shall_go_needs_no_mark() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("old.yaml"), "openapi: 3.1.0\n").unwrap();
    let gone = vec!["old.yaml".to_owned(), "never-there.yaml".to_owned()];
    let set = FileSet { root: folder.path().to_owned(), files: BTreeMap::new(), gone, sweep: None };
    assert_eq!(sync(&RealDisk, from_ref(&set), Mode::Write).unwrap().len(), 1);
    assert_eq!(bytes_below(folder.path()), []);
}

#[test]
fn a_failure_at_any_step_leaves_the_old_tree_byte_identical() {
    let mut failures = 0;
    loop {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        fs::create_dir_all(out.join("src")).unwrap();
        fs::write(out.join("src/lib.rs"), "// @generated\nold\n").unwrap();
        fs::write(out.join("src/orphan.rs"), MODULE).unwrap();
        let before = bytes_below(folder.path());
        let new = [("src/lib.rs", LIB), ("src/model/deep/a.rs", MODULE), ("src/z.rs", MODULE)];
        let set = crate_of(folder.path(), &new);
        let disk = FailingDisk::at(failures);
        match sync(&disk, from_ref(&set), Mode::Write) {
            Ok(_) => break,
            Err(OutputError::Failed { left, .. }) => assert_eq!(left, [] as [PathBuf; 0]),
            Err(refused) => panic!("{refused}"),
        }
        assert_eq!(bytes_below(folder.path()), before, "after {failures} steps");
        failures += 1;
    }
    // Two folders, three staged, three renamed, one deleted.
    assert_eq!(failures, 9);
}

#[test]
fn what_a_killed_run_left_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("out/src")).unwrap();
    fs::write(folder.path().join("out/src/.lib.rs.specwright-new"), "// @gen").unwrap();
    let set = crate_of(folder.path(), &[("src/lib.rs", LIB)]);
    sync(&RealDisk, from_ref(&set), Mode::Write).unwrap();
    let left: Vec<String> = bytes_below(folder.path()).into_iter().map(|(path, _)| path).collect();
    assert_eq!(left, ["out", "out/src", "out/src/lib.rs"]);
}

fn crate_of(folder: &Path, files: &[(&str, &str)]) -> FileSet {
    let files = files.iter().map(|(path, text)| {
        ((*path).to_owned(), NewFile { text: (*text).to_owned(), replace: Replace::Marked })
    });
    FileSet {
        root: folder.join("out"),
        files: files.collect(),
        gone: Vec::new(),
        sweep: Some("src".to_owned()),
    }
}

#[track_caller]
fn refusal(result: Result<Vec<Change>, OutputError>) -> RefusalReason {
    match result {
        Err(OutputError::Refused(refusals)) => refusals[0].reason,
        other => panic!("{other:?}"),
    }
}

/// Every entry below a folder with its bytes; folders have none.
fn bytes_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    fn collect(root: &Path, folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
        for path in RealDisk.list(folder).unwrap() {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            let bytes = fs::read(&path).unwrap_or_default();
            found.push((name, bytes));
            if RealDisk.entry(&path).unwrap() == Entry::Folder {
                collect(root, &path, found);
            }
        }
    }
    let mut found = Vec::new();
    collect(folder, folder, &mut found);
    found
}

/// The real disk until a certain changing step, which fails; the steps after it work again.
struct FailingDisk {
    steps: Cell<usize>,
    fails_at: usize,
}

impl FailingDisk {
    fn at(step: usize) -> Self {
        Self { steps: Cell::new(0), fails_at: step }
    }

    fn never() -> Self {
        Self::at(usize::MAX)
    }

    fn step(&self) -> io::Result<()> {
        let step = self.steps.get();
        self.steps.set(step + 1);
        if step == self.fails_at {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "disk is full"));
        }
        Ok(())
    }
}

impl Disk for FailingDisk {
    fn entry(&self, path: &Path) -> io::Result<Entry> {
        RealDisk.entry(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        RealDisk.read(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        RealDisk.list(folder)
    }

    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.make_folder(folder)
    }

    fn make_file(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.step() {
            // As a full disk does: the first half is there.
            RealDisk.make_file(path, &bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        RealDisk.make_file(path, bytes)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.remove_file(path)
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.remove_folder(folder)
    }
}
