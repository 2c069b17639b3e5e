//! What can be asked for.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, Parser, Subcommand};
use specwright_rust::Runtime;

use crate::config::is_package;
use crate::exit;
use crate::render::Format;

/// Turns OpenAPI documents into Rust client crates.
#[derive(Debug, Parser)]
#[command(name = "specwright", version, after_help = exit::HELP)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Write a client crate
    #[command(after_help = "\
Example:
  specwright generate openapi.yaml --out shop-client --overlay mend.overlay.yaml

Damage in the document is reported, and the client is written all the same. DIR/api.lock holds the
names that were given; keep it beside the crate, so that they stay. Files without an `@generated`
line are never replaced.")]
    Generate(Generate),

    /// Find out whether a client crate is what `generate` would write; writes nothing
    #[command(after_help = "\
Example:
  specwright check openapi.yaml --out shop-client

Ends with 5 if a file differs, is missing, or is not generated any more.")]
    Check(Generate),

    /// Report what is wrong in a document
    #[command(after_help = "\
Example:
  specwright lint openapi.yaml --format json

With `--format json` each line is an object: code, title, severity (error, warning, note), message,
place (file, line, column, end_line, end_column, text; null if there is none), pointer (JSON Pointer
or null), related (a list of places), notes (a list of texts), help (text or null). Lines and columns
start at 1, and columns count characters.

Ends with 1 if there are errors.")]
    Lint {
        #[command(flatten)]
        document: Document,
        /// How diagnostics are written
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },

    /// Print the page of a diagnostic code
    #[command(after_help = "Example:\n  specwright explain OA0205")]
    Explain {
        /// The code, for instance OA0205
        code: String,
    },

    /// Print the OAuth scopes that a program needs for the operations that it calls
    #[command(after_help = "\
Example:
  specwright scopes specs/stora/2025-09 examples/quickstart

Reads the .rs files below PROGRAM, without what only tests compile. Lists each scope with the
operations and places that need it; the last line holds the scopes alone, as an authorization request
wants them. Where an operation can be allowed in several ways, the fewest scopes in all are taken.

Ends with 1 if a call could not be told apart; stderr says where, and whether it was counted.")]
    Scopes {
        /// Folder of specs, with an api.yaml
        specs: PathBuf,
        /// Folder of the program; it must hold all crates that call the API
        program: PathBuf,
    },

    /// Print what something is, where it comes from, and why it is called what it is
    #[command(after_help = "\
Example:
  specwright why specs/stora/2025-09 contacts::list

ITEM is a path of Rust as programs write it (Contact, Contact::type, contacts::list,
contacts::ListContacts, client.contacts()), an operation ('GET /2025-09/contacts'), an operationId, an
event, or a JSON Pointer into the document. Each guess is shown with its reason and how to decide
otherwise.

Ends with 2 if there is nothing of that name.")]
    Why {
        /// Folder of specs, with an api.yaml
        specs: PathBuf,
        /// What is asked about
        item: String,
    },

    /// Print what a document means, one fact a line
    #[command(after_help = "Example:\n  specwright ir openapi.yaml > before.txt")]
    Ir {
        #[command(flatten)]
        document: Document,
    },

    /// Print a document after its overlays, as JSON
    #[command(
        after_help = "Example:\n  specwright effective openapi.yaml --overlay mend.overlay.yaml"
    )]
    Effective {
        #[command(flatten)]
        document: Document,
    },
}

#[derive(Debug, Args)]
pub(super) struct Generate {
    #[command(flatten)]
    pub(super) document: Document,
    /// Folder of the crate; made if it is missing
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
    /// Where the crate finds specwright-client: path:DIR of a checkout, git:URL#REV or a version
    #[arg(long, default_value = env!("CARGO_PKG_VERSION"))]
    pub(super) runtime: RuntimeArgument,
    /// Name of the package [default: made of the document's title]
    #[arg(long, value_parser = package)]
    pub(super) package: Option<String>,
    /// How diagnostics are written: text to stderr, the others to stdout
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
    /// Compare with what the crate openapiv3 understands of a 3.0 document
    #[arg(long)]
    pub(super) cross_check: bool,
    /// List of known differences, in YAML; implies --cross-check
    #[arg(long, value_name = "FILE")]
    pub(super) cross_check_allow: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Document {
    /// The OpenAPI document, in YAML or JSON
    pub(super) file: PathBuf,
    /// OpenAPI Overlay that patches the document; may be given several times, in order
    #[arg(long, value_name = "FILE")]
    pub(super) overlay: Vec<PathBuf>,
    /// Folder that references may not leave [default: the folder of the document]
    #[arg(long, value_name = "DIR")]
    pub(super) ref_root: Option<PathBuf>,
}

/// `--runtime`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RuntimeArgument(Runtime);

impl From<RuntimeArgument> for Runtime {
    fn from(argument: RuntimeArgument) -> Self {
        argument.0
    }
}

impl FromStr for RuntimeArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(folder) = text.strip_prefix("path:") {
            return client_crate(Path::new(folder)).map(|path| Self(Runtime::Path(path)));
        }
        if let Some(place) = text.strip_prefix("git:") {
            return match place.split_once('#') {
                Some((url, rev)) if !url.is_empty() && !rev.is_empty() => {
                    Ok(Self(Runtime::Git { url: url.to_owned(), rev: rev.to_owned() }))
                }
                _ => Err("a Git repository is given as git:URL#REV".to_owned()),
            };
        }
        let is_version = text.starts_with(|first: char| first.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'));
        if is_version {
            Ok(Self(Runtime::Version(text.to_owned())))
        } else {
            Err("give path:DIR, git:URL#REV or a version".to_owned())
        }
    }
}

/// The absolute path of the crate `specwright-client`: the crate written elsewhere would take a
/// relative one for another folder. A checkout of the repository and its `runtime` will do as well.
fn client_crate(folder: &Path) -> Result<String, String> {
    let folder = std::path::absolute(folder)
        .map_err(|error| format!("`{}` is no folder: {error}", folder.display()))?;
    let places = [folder.clone(), folder.join("client"), folder.join("runtime/client")];
    let is_client = |place: &&PathBuf| {
        let manifest = std::fs::read_to_string(place.join("Cargo.toml"));
        manifest.is_ok_and(|text| text.lines().any(|line| line == "name = \"specwright-client\""))
    };
    match places.iter().find(is_client) {
        Some(place) => Ok(place.to_string_lossy().into_owned()),
        None => Err(format!("the crate specwright-client is not in {}", folder.display())),
    }
}

fn package(name: &str) -> Result<String, String> {
    if is_package(name) {
        Ok(name.to_owned())
    } else {
        Err("start with a letter and use letters, digits, `-` and `_`".to_owned())
    }
}

/// `Pet Store (v2)` gives `pet-store-v2-client`. The ending keeps the name away from words of Rust
/// and from crates that the API's own people may publish.
pub(super) fn package_of(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut name = String::new();
    for word in words {
        // What Cargo and file systems put up with, with room for the ending.
        if name.len() + word.len() > 50 {
            break;
        }
        name.push_str(&word.to_ascii_lowercase());
        name.push('-');
    }
    let first =
        if name.starts_with(|first: char| first.is_ascii_alphabetic()) { "" } else { "api-" };
    format!("{first}{name}client")
}

/// The command line that writes what this one has checked.
pub(super) fn as_generate(arguments: impl Iterator<Item = String>) -> String {
    let mut checked = false;
    let words = arguments.skip(1).map(|word| {
        if !checked && word == "check" {
            checked = true;
            return "generate".to_owned();
        }
        let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:=#@+,".contains(c));
        if plain && !word.is_empty() { word } else { format!("'{}'", word.replace('\'', "'\\''")) }
    });
    std::iter::once("specwright".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_has_an_example() {
        for command in Arguments::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let example = format!("Example:\n  specwright {} ", command.get_name());
            assert!(help.contains(&example), "{}", command.get_name());
        }
    }

    #[test]
    fn a_runtime_is_a_folder_a_repository_or_a_version() {
        let parsed = |text: &str| text.parse::<RuntimeArgument>().map(|RuntimeArgument(it)| it);
        let git = Runtime::Git { url: "https://example.com/a".to_owned(), rev: "v1".to_owned() };
        assert_eq!(parsed("git:https://example.com/a#v1"), Ok(git));
        assert_eq!(parsed("0.1.0"), Ok(Runtime::Version("0.1.0".to_owned())));
        for folder in ["path:../..", "path:../../runtime", "path:../../runtime/client"] {
            let Ok(Runtime::Path(path)) = parsed(folder) else { panic!("{folder}") };
            assert!(path.ends_with("runtime/client") && path.starts_with('/'), "{path}");
        }
        for wrong in ["", "git:https://example.com/a", "path:/does/not/exist", "\"\nx", "latest"] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_title_gives_a_package_name_whatever_it_holds() {
        assert_eq!(package_of("Pet Store (v2)"), "pet-store-v2-client");
        assert_eq!(package_of("../../etc"), "etc-client");
        assert_eq!(package_of("3scale"), "api-3scale-client");
        assert_eq!(package_of("日本"), "api-client");
        assert!(is_package(&package_of(&"long ".repeat(100))));
        assert!(package_of(&"long ".repeat(100)).len() <= 64);
    }

    #[test]
    fn the_command_to_run_is_the_one_that_was_given() {
        let given = ["/bin/specwright", "check", "a b.yaml", "--out", "check"].map(String::from);
        let command = as_generate(given.into_iter());
        assert_eq!(command, "specwright generate 'a b.yaml' --out check");
    }
}
