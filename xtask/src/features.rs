//! `cargo xtask features`: each feature of a generated crate compiles alone.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;

use crate::workspace::{Package, STRICT_TARGET, cargo, packages};

/// Checks every generated crate without features and with each one alone, warnings denied. The exit
/// code is 1 if a combination does not compile.
///
/// Not every set of features: what two of them share is there with either, and what one of them needs
/// of another one fails when it stands alone.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let (mut tried, mut refused) = (0, 0);
    for package in packages()?.iter().filter(|package| package.folder.starts_with("generated/")) {
        for feature in combinations(package) {
            let mut command = cargo();
            command.args(["check", "--quiet", "--package", &package.name, "--no-default-features"]);
            command.args(["--target-dir", STRICT_TARGET]).env("RUSTFLAGS", "-D warnings");
            if let Some(feature) = feature {
                command.args(["--features", feature]);
            }
            let compiles = command.status().context("cannot run cargo check")?.success();
            tried += 1;
            refused += usize::from(!compiles);
            let name = feature.unwrap_or("no feature");
            let word = if compiles { "compiles" } else { "does not compile" };
            writeln!(io::stdout(), "{}: {name}: {word}", package.name)?;
        }
    }
    writeln!(io::stdout(), "features: {tried} checked, {refused} refused")?;
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// No feature, then each that is no list of others.
fn combinations(package: &Package) -> impl Iterator<Item = Option<&str>> {
    let features = package.features.iter().map(String::as_str);
    let single = features.filter(|feature| !matches!(*feature, "default" | "all"));
    std::iter::once(None).chain(single.map(Some))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_tried_and_then_each_feature_alone() {
        let features = ["all", "contacts", "default", "stream"].map(str::to_owned).to_vec();
        let package = Package { name: String::new(), folder: String::new(), features };
        let combinations: Vec<_> = combinations(&package).collect();
        assert_eq!(combinations, [None, Some("contacts"), Some("stream")]);
    }
}
