//! The scratch workspace that holds the crates under comparison.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use crate::emit;
use crate::model::Type;
use crate::shape::Shape;

/// Where this package lies: the runtime crates, the runner's source and the lock file are taken from there.
const HOME: &str = env!("CARGO_MANIFEST_DIR");

pub struct Scratch {
    pub root: PathBuf,
    /// Whether generated functions are marked `#[inline]`.
    inline: bool,
}

impl Scratch {
    /// Writes the workspace: a types crate for each shape, and a program for each codec.
    pub fn write(root: PathBuf, inline: bool, types: &[Type], roots: &[usize]) -> io::Result<Self> {
        let scratch = Self { root, inline };
        let mut members = Vec::new();
        for shape in Shape::ALL {
            scratch.write_types(shape, types, roots)?;
            members.push(format!("{:?}", shape.package()));
        }
        for shape in Shape::CODECS {
            scratch.write_runner(shape, types, roots)?;
            members.push(format!("{:?}", shape.runner()));
        }
        let workspace =
            format!("[workspace]\nresolver = \"3\"\nmembers = [{}]\n", members.join(", "));
        scratch.write_file("Cargo.toml", &workspace)?;
        // The same versions of serde as in this package, whatever the registry offers today.
        fs::copy(Path::new(HOME).join("Cargo.lock"), scratch.root.join("Cargo.lock"))?;
        Ok(scratch)
    }

    /// The lines of a types crate, without blank ones.
    pub fn lines(&self, shape: Shape) -> io::Result<usize> {
        let mut lines = 0;
        for file in fs::read_dir(self.root.join(shape.package()).join("src"))? {
            let text = fs::read_to_string(file?.path())?;
            lines += text.lines().filter(|line| !line.trim().is_empty()).count();
        }
        Ok(lines)
    }

    /// Makes cargo compile a types crate again, and nothing else.
    pub fn touch(&self, shape: Shape) -> io::Result<()> {
        let lib = self.root.join(shape.package()).join("src/lib.rs");
        let text = fs::read(&lib)?;
        fs::write(lib, text)
    }

    fn write_types(&self, shape: Shape, types: &[Type], roots: &[usize]) -> io::Result<()> {
        let package = shape.package();
        let dependencies = shape.dependencies().replace("RUNTIME", &format!("{HOME}/runtime"));
        self.write_file(&format!("{package}/Cargo.toml"), &manifest(package, &dependencies))?;
        for (name, text) in emit::files(shape, types, roots, self.inline) {
            self.write_file(&format!("{package}/src/{name}"), &text)?;
        }
        format_crate(&self.root.join(package).join("src/lib.rs"))
    }

    fn write_runner(&self, shape: Shape, types: &[Type], roots: &[usize]) -> io::Result<()> {
        let (package, runner) = (shape.package(), shape.runner());
        let dependencies = format!("{package} = {{ path = \"../{package}\" }}\n");
        self.write_file(&format!("{runner}/Cargo.toml"), &manifest(&runner, &dependencies))?;
        self.write_file(&format!("{runner}/src/main.rs"), include_str!("../runner/main.rs"))?;
        self.write_file(
            &format!("{runner}/src/table.rs"),
            &emit::runner::table(shape, types, roots),
        )?;
        Ok(())
    }

    fn write_file(&self, name: &str, text: &str) -> io::Result<PathBuf> {
        let file = self.root.join(name);
        fs::create_dir_all(file.parent().expect("a file has a folder"))?;
        fs::write(&file, text)?;
        Ok(file)
    }
}

fn manifest(name: &str, dependencies: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}"
    )
}

/// Lines are counted, so all shapes must be broken by the same rules. rustfmt finds the modules by itself.
fn format_crate(file: &Path) -> io::Result<()> {
    let status = Command::new("rustfmt").args(["--edition", "2024"]).arg(file).status()?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("rustfmt refused {}", file.display())))
    }
}
