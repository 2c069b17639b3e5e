//! What the codecs do at run time: that they agree, and how fast they are.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;

use crate::compile;
use crate::documents::Documents;
use crate::model::Type;
use crate::rng::Rng;
use crate::scratch::Scratch;
use crate::shape::Shape;

const PAGE_BYTES: usize = 50_000;

/// The documents that every shape is run on.
pub struct Trial<'a> {
    scratch: &'a Scratch,
    folder: PathBuf,
    page: PathBuf,
    documents: BTreeMap<String, Json>,
}

/// Microseconds and thousands of instructions for one page.
pub struct Speed {
    pub decode_us: f64,
    pub encode_us: f64,
    /// `None` where valgrind is not installed.
    pub kilo_instructions: Option<(f64, f64)>,
}

impl<'a> Trial<'a> {
    pub fn write(scratch: &'a Scratch, types: &[Type], roots: &[usize]) -> io::Result<Self> {
        let folder = scratch.root.join("documents");
        fs::create_dir_all(&folder)?;
        let mut make = Documents { types, rng: Rng::new(7) };
        let mut documents = BTreeMap::new();
        for &root in roots {
            documents.insert(types[root].name.clone(), make.of(root));
        }
        let last = types.len() - 1;
        let page = make.page(last, PAGE_BYTES);
        documents.insert(types[last].name.clone(), page);
        for (name, document) in &documents {
            fs::write(folder.join(format!("{name}.json")), document.to_string())?;
        }
        let page = folder.join(format!("{}.json", types[last].name));
        Ok(Self { scratch, folder, page, documents })
    }

    pub fn page_bytes(&self) -> io::Result<u64> {
        Ok(fs::metadata(&self.page)?.len())
    }

    pub fn count(&self) -> usize {
        self.documents.len()
    }

    /// Fails unless the shape gives every document back unchanged.
    pub fn agree(&self, shape: Shape) -> io::Result<()> {
        self.run(shape, &["round-trip", text(&self.folder), shape.package()])?;
        for (name, document) in &self.documents {
            let again: Json = serde_json::from_slice(&fs::read(
                self.folder.join(format!("{name}.{}.json", shape.package())),
            )?)?;
            if again != *document {
                return Err(io::Error::other(format!(
                    "{}: {name} came back changed",
                    shape.title()
                )));
            }
        }
        Ok(())
    }

    /// What the shape says about a page whose second item is not an object.
    pub fn refusal(&self, shape: Shape, root: &str) -> io::Result<String> {
        let mut damaged = self.documents[root].clone();
        damaged["items"][1] = Json::from(7);
        let file = self.folder.join("damaged.json");
        fs::write(&file, damaged.to_string())?;
        Ok(self.run(shape, &["refuse", text(&file), root])?.trim().to_owned())
    }

    pub fn speed(&self, shape: Shape) -> io::Result<Speed> {
        let times = self.run(shape, &["time", text(&self.page)])?;
        let mut times = times
            .split_whitespace()
            .map(|nanos| nanos.parse::<f64>().expect("the program prints numbers") / 1e3);
        let mut next = || times.next().expect("the program prints two numbers");
        let (decode_us, encode_us) = (next(), next());
        let decode = self.instructions(shape, "decode");
        let encode = self.instructions(shape, "encode");
        Ok(Speed { decode_us, encode_us, kilo_instructions: decode.zip(encode) })
    }

    /// The difference between 11 rounds and one is ten rounds without the start of the program.
    fn instructions(&self, shape: Shape, verb: &str) -> Option<f64> {
        let count = |rounds: &str| {
            let output = Command::new("valgrind")
                .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
                .arg(compile::program(self.scratch, shape))
                .args([verb, text(&self.page), rounds])
                .output()
                .ok()?;
            let messages = String::from_utf8_lossy(&output.stderr).into_owned();
            let (_, rest) = messages.split_once("Collected : ")?;
            rest.split_whitespace().next()?.parse::<f64>().ok()
        };
        Some((count("11")? - count("1")?) / 10.0 / 1e3)
    }

    fn run(&self, shape: Shape, arguments: &[&str]) -> io::Result<String> {
        let output =
            Command::new(compile::program(self.scratch, shape)).args(arguments).output()?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let messages = String::from_utf8_lossy(&output.stderr);
        Err(io::Error::other(format!("{}: {messages}", shape.title())))
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the scratch folder's name is UTF-8")
}
