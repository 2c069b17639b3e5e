//! `api.yaml`: what the generator does with a folder of `specs/`.

use std::path::{Component, Path};

use serde::Deserialize;
use specwright_rust::Settings;
use specwright_source::{Diagnostic, FileId, Pointer, Sink, SourceMap, Span, Tree, codes};
use specwright_source::{Files, Loader};

/// The configuration of one API version. Every key is known; an unknown one is an error.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Name of the package: ASCII letters, digits, `-` and `_`.
    pub package: String,
    /// Name of the library target: a Rust identifier.
    pub library: String,
    /// How documentation calls the API.
    pub title: String,
    /// The document, relative to the folder of the configuration and below it.
    pub document: String,
    /// Overlays in the order in which they apply; relative like the document.
    #[serde(default)]
    pub overlays: Vec<String>,
    /// Folder of the generated crate, relative to the root of the repository and below it.
    pub output: String,
    /// Where the effective document goes as JSON, relative like `output`.
    #[serde(default)]
    pub effective: Option<String>,
    /// When the crate has a feature for each group.
    #[serde(default)]
    pub features: FeaturesConfig,
}

/// `features`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeaturesConfig {
    /// A crate of more operations than this has a feature for each group.
    pub threshold: usize,
}

impl Default for FeaturesConfig {
    fn default() -> Self {
        Self { threshold: Settings::FEATURE_THRESHOLD }
    }
}

impl Config {
    /// Reads a configuration. `None` if it cannot be used, which has been reported.
    pub fn load<F: Files>(loader: &mut Loader<F>, path: &Path, sink: &mut Sink) -> Option<Self> {
        let file = loader.open(path, sink)?;
        // The tree is for the places; serde decides what is a configuration.
        let tree = loader.tree(file)?;
        let config = parse(loader.sources(), file, sink)?;
        let problems = config.problems(tree);
        let usable = problems.is_empty();
        for problem in problems {
            sink.report(problem);
        }
        usable.then_some(config)
    }

    fn problems(&self, tree: &Tree) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        let mut check = |pointer: Pointer, good: bool, message: String, help: &str| {
            if !good {
                let place = tree.find(&pointer).unwrap_or(tree.root());
                let problem = Diagnostic::new(&codes::CONFIG_MALFORMED, message);
                problems.push(problem.label(place.span(), "").at(pointer).help(help));
            }
        };
        let at = |key: &str| Pointer::root().join(key);
        check(
            at("package"),
            is_package(&self.package),
            format!("`{}` is no package name", self.package),
            "start with a letter and use letters, digits, `-` and `_`, as Cargo demands",
        );
        check(
            at("library"),
            is_package(&self.library) && !self.library.contains('-'),
            format!("`{}` is no library name", self.library),
            "start with a letter and use letters, digits and `_`: programs write it in `use`",
        );
        let documents = std::iter::once((at("document"), &self.document));
        let overlays = self.overlays.iter().enumerate();
        let overlays = overlays.map(|(index, path)| (at("overlays").join(index.to_string()), path));
        let outputs = std::iter::once((at("output"), &self.output));
        let outputs = outputs.chain(self.effective.iter().map(|path| (at("effective"), path)));
        for (pointer, path) in documents.chain(overlays) {
            let message = format!("path `{path}` leads out of the folder of the configuration");
            check(pointer, stays_below(path), message, "give a relative path without `..`");
        }
        for (pointer, path) in outputs {
            let message = format!("path `{path}` leads out of the repository");
            check(pointer, stays_below(path), message, "give a relative path without `..`");
        }
        problems
    }
}

fn parse(sources: &SourceMap, file: FileId, sink: &mut Sink) -> Option<Config> {
    let text = sources.file(file).text();
    match serde_yaml::from_str(text) {
        Ok(config) => Some(config),
        Err(error) => {
            let start = error.location().map_or(0, |location| location.index()).min(text.len());
            let rest = text.get(start..).unwrap_or("");
            let marked = rest.split(['\n', '\r']).next().unwrap_or("").trim_end();
            sink.report(
                Diagnostic::new(&codes::CONFIG_MALFORMED, message(&error))
                    .label(Span::new(file, start, start + marked.len()), "")
                    .help("`specwright explain OA0902` lists the keys"),
            );
            None
        }
    }
}

/// The reader's words without the place, which the label shows.
fn message(error: &serde_yaml::Error) -> String {
    let message = error.to_string();
    match message.rfind(" at line ") {
        Some(place) => message.get(..place).unwrap_or(&message).to_owned(),
        None => message,
    }
}

pub(crate) fn is_package(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

fn stays_below(path: &str) -> bool {
    let mut components = Path::new(path).components().peekable();
    components.peek().is_some()
        && components.all(|component| matches!(component, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use specwright_source::budget::Budget;
    use specwright_source::loader::MemoryFiles;

    use crate::render::{Color, Format, render};

    const GOOD: &str = "package: shop-v1\nlibrary: shop_v1\ntitle: Shop\ndocument: openapi.yaml\n\
                        output: generated/shop-v1\n";

    fn load(text: &str) -> Result<Config, String> {
        let files = MemoryFiles::default().with("specs/shop/v1/api.yaml", text);
        let mut loader = Loader::new(files, Path::new("specs"), Budget::DEFAULT).unwrap();
        let mut sink = Sink::default();
        let config = Config::load(&mut loader, Path::new("specs/shop/v1/api.yaml"), &mut sink);
        config.ok_or_else(|| render(loader.sources(), &sink, Format::Text, Color::Plain))
    }

    #[test]
    fn overlays_and_the_effective_document_may_be_left_out() {
        let config = load(GOOD).unwrap();
        assert_eq!(config.overlays, [] as [&str; 0]);
        assert_eq!(config.effective, None);
    }

    #[test]
    fn features_begin_where_the_configuration_says() {
        assert_eq!(load(GOOD).unwrap().features.threshold, Settings::FEATURE_THRESHOLD);
        let text = format!("{GOOD}features: {{ threshold: 10 }}\n");
        assert_eq!(load(&text).unwrap().features.threshold, 10);
    }

    #[test]
    fn an_unknown_key_is_an_error_at_its_place() {
        let problem = load(&format!("{GOOD}colour: green\n")).unwrap_err();
        insta::assert_snapshot!(problem, @"
        error[OA0902]: unknown field `colour`, expected one of `package`, `library`, `title`, `document`, `overlays`, `output`, `effective`, `features`
         --> specs/shop/v1/api.yaml:6:1
          |
        6 | colour: green
          | ^^^^^^^^^^^^^
          |
          = help: `specwright explain OA0902` lists the keys
        ");
    }

    #[test]
    fn a_missing_key_is_named() {
        let problem = load("package: a\n").unwrap_err();
        assert!(problem.contains("missing field `library`"), "{problem}");
    }

    #[test]
    fn a_path_that_leaves_its_folder_is_refused_at_its_place() {
        let text = GOOD.replace("generated/shop-v1", "../elsewhere");
        insta::assert_snapshot!(load(&text).unwrap_err(), @"
        error[OA0902]: path `../elsewhere` leads out of the repository
         --> specs/shop/v1/api.yaml:5:9
          |
        5 | output: ../elsewhere
          |         ^^^^^^^^^^^^
          |
          = pointer: /output
          = help: give a relative path without `..`
        ");
        for path in ["/etc/passwd", "a/../../b", "", "."] {
            let text = GOOD.replace("openapi.yaml", &format!("'{path}'"));
            assert!(load(&text).unwrap_err().contains("leads out"), "{path}");
        }
    }

    #[test]
    fn names_that_cargo_refuses_are_refused() {
        for (good, bad) in [("shop-v1", "../x"), ("shop_v1", "shop-lib"), ("shop_v1", "1st")] {
            assert!(load(&GOOD.replacen(good, bad, 1)).is_err(), "{bad}");
        }
    }

    #[test]
    fn broken_yaml_is_located() {
        let problem = load("package: [\n").unwrap_err();
        assert!(problem.contains("specs/shop/v1/api.yaml:"), "{problem}");
    }
}
