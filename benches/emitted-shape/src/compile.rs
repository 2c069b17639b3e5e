//! What rustc needs for one crate.

use std::path::Path;
use std::process::Command;
use std::{fmt, fs, io};

use crate::scratch::Scratch;
use crate::shape::Shape;

#[derive(Clone, Copy)]
pub enum Mode {
    Check,
    Release,
}

/// One run of rustc.
#[derive(Clone, Copy)]
pub struct Cost {
    pub wall: f64,
    /// User and system time. Other programs on the machine disturb it less than the wall time.
    pub cpu: f64,
    pub peak_mb: f64,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} s CPU, {:.2} s wall, {:.0} MB", self.cpu, self.wall, self.peak_mb)
    }
}

/// GNU time prints one line of this form after rustc's own messages.
const MARK: &str = "rustc-cost";

/// Compiles what the types crates and programs depend on, and the programs.
pub fn prepare(scratch: &Scratch) -> io::Result<()> {
    for mode in [Mode::Check, Mode::Release] {
        cargo(scratch, mode, &["--workspace"])?;
    }
    Ok(())
}

/// Compiles one types crate again and reports what that rustc alone has used.
pub fn measure(scratch: &Scratch, shape: Shape, mode: Mode) -> io::Result<Cost> {
    scratch.touch(shape)?;
    let messages = cargo(scratch, mode, &["--package", shape.package()])?;
    let line = messages.lines().filter_map(|line| line.strip_prefix(MARK)).next_back();
    let numbers = line
        .unwrap_or_default()
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<Vec<f64>, _>>();
    match numbers.as_deref() {
        Ok(&[wall, user, system, peak_kb]) => {
            Ok(Cost { wall, cpu: user + system, peak_mb: peak_kb / 1024.0 })
        }
        _ => Err(io::Error::other(format!("no figures from GNU time:\n{messages}"))),
    }
}

/// The size of the release library in kilobytes.
pub fn library_kb(scratch: &Scratch, shape: Shape) -> io::Result<f64> {
    let file = format!("release/lib{}.rlib", shape.package().replace('-', "_"));
    Ok(fs::metadata(target(scratch).join(file))?.len() as f64 / 1024.0)
}

/// The program of a shape.
pub fn program(scratch: &Scratch, shape: Shape) -> std::path::PathBuf {
    target(scratch).join("release").join(shape.runner())
}

fn target(scratch: &Scratch) -> std::path::PathBuf {
    scratch.root.join("target")
}

fn cargo(scratch: &Scratch, mode: Mode, what: &[&str]) -> io::Result<String> {
    let verb: &[&str] = match mode {
        Mode::Check => &["check"],
        Mode::Release => &["build", "--release"],
    };
    let output = Command::new("cargo")
        .args(verb)
        .args(what)
        .current_dir(&scratch.root)
        .env("CARGO_TARGET_DIR", target(scratch))
        // A second check of unchanged text would otherwise cost next to nothing.
        .env("CARGO_INCREMENTAL", "0")
        .env("RUSTC_WORKSPACE_WRAPPER", gnu_time()?)
        .env("TIME", format!("{MARK} %e %U %S %M"))
        .output()?;
    let messages = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(messages) } else { Err(io::Error::other(messages)) }
}

fn gnu_time() -> io::Result<&'static Path> {
    let path = Path::new("/usr/bin/time");
    if path.exists() {
        Ok(path)
    } else {
        Err(io::Error::other("GNU time is needed at /usr/bin/time"))
    }
}
