//! A folder with a document, and the command run in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A document without a fault.
pub(crate) const GOOD: &str = r##"
openapi: 3.1.0
info: { title: Shop, version: "1" }
servers: [{ url: https://shop.example }]
paths:
  /items:
    get:
      operationId: listItems
      tags: [Items]
      security: []
      responses:
        "200":
          description: Items.
          content:
            application/json:
              schema: { type: array, items: { $ref: "#/components/schemas/Item" } }
components:
  schemas:
    Item: { type: object, properties: { name: { type: string } } }
"##;

pub(crate) struct Fixture {
    folder: TempDir,
}

/// How a command ended and what it said.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Fixture {
    /// A folder with one file `work/openapi.yaml`.
    pub(crate) fn new(document: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("work")).unwrap();
        let fixture = Self { folder };
        fixture.write("openapi.yaml", document);
        fixture
    }

    /// A path below `work`.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join("work").join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Runs `specwright` in `work`.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_specwright"));
        command.args(arguments).current_dir(self.path(""));
        let Output { status, stdout, stderr } = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ended { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    /// Runs `generate openapi.yaml --out out`.
    pub(crate) fn generate(&self) -> Ended {
        self.run(&["generate", "openapi.yaml", "--out", "out"])
    }

    /// Every file with its text, by its path below the folder that holds `work`.
    pub(crate) fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        collect(self.folder.path(), self.folder.path(), &mut files);
        files
    }

    /// The files below `work/out`.
    pub(crate) fn generated(&self) -> BTreeMap<String, String> {
        let mut files = self.files();
        files.retain(|path, _| path.starts_with("work/out/"));
        files
    }

    /// The files that are not below `work/out`.
    pub(crate) fn others(&self) -> BTreeMap<String, String> {
        let mut files = self.files();
        files.retain(|path, _| !path.starts_with("work/out/"));
        files
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}
