//! Links between the pages of the repository: each leads somewhere, and one leads to each page of `docs/`.

use std::collections::{BTreeMap, BTreeSet};

/// What is wrong with the links of these Markdown pages. `files` is what they may lead to.
pub(super) fn broken(files: &BTreeSet<String>, pages: &BTreeMap<String, String>) -> Vec<String> {
    let mut broken = Vec::new();
    let mut reached = BTreeSet::new();
    for (path, text) in pages {
        for (line, target) in links(text) {
            let (page, heading) = target.split_once('#').unwrap_or((target, ""));
            let page = if page.is_empty() { path.clone() } else { beside(path, page) };
            if !is_there(files, &page) {
                broken.push(format!("{path}:{line}: nothing is at `{target}`"));
                continue;
            }
            let has_heading = |text: &String| headings(text).any(|it| it == heading);
            if !heading.is_empty() && !pages.get(&page).is_some_and(has_heading) {
                broken.push(format!("{path}:{line}: `{page}` has no heading `{heading}`"));
            }
            if page != *path {
                reached.insert(page);
            }
        }
    }
    // A page of a diagnostic is shown by `specwright explain`.
    let is_read =
        |path: &&String| path.starts_with("docs/") && !path.starts_with("docs/diagnostics/");
    let alone = pages.keys().filter(is_read).filter(|path| !reached.contains(*path));
    broken.extend(alone.map(|path| format!("{path}: no other page leads here")));
    broken
}

/// The links to places in the repository, each with the number of its line. What stands in code is none.
fn links(text: &str) -> impl Iterator<Item = (usize, &str)> {
    prose(text).flat_map(|(number, line)| {
        let texts = line.split('`').step_by(2);
        let targets = texts.flat_map(|text| text.split("](").skip(1));
        let targets = targets.filter_map(|rest| rest.split(')').next());
        targets.filter(|target| !target.contains(':')).map(move |target| (number, target))
    })
}

/// The lines that are not in a block of code.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;

        !in_code && !is_fence
    })
}

/// The headings as GitHub names them in links.
fn headings(text: &str) -> impl Iterator<Item = String> {
    let titles = prose(text).filter(|(_, line)| line.starts_with('#'));
    titles.map(|(_, line)| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|it| it.is_alphanumeric() || " -_".contains(*it));
        kept.map(|it| if it == ' ' { '-' } else { it }).collect()
    })
}

/// A path as seen from the file at `path`, as seen from the root.
fn beside(path: &str, target: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Whether there is such a file, or a folder with files.
fn is_there(files: &BTreeSet<String>, path: &str) -> bool {
    let folder = format!("{path}/");
    let first_inside = files.range(folder.clone()..).next();
    files.contains(path) || first_inside.is_some_and(|file| file.starts_with(&folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(texts: &[(&str, &str)], expected: &[&str]) {
        let pages: BTreeMap<String, String> =
            texts.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let mut files: BTreeSet<String> = pages.keys().cloned().collect();
        files.insert("runtime/core/src/lib.rs".to_owned());
        assert_eq!(broken(&files, &pages), expected);
    }

    #[test]
    fn a_link_to_a_file_that_is_not_there_is_found() {
        check(
            &[("README.md", "see\n[core](runtime/core), [`old`](runtime/old/src/lib.rs)")],
            &["README.md:2: nothing is at `runtime/old/src/lib.rs`"],
        );
    }

    #[test]
    fn a_link_leads_from_the_folder_of_its_page() {
        let index = ("docs/adr/README.md", "[one](0001-one.md), [core](../../runtime/core/src)");
        check(&[index, ("docs/adr/0001-one.md", "[index](README.md)")], &[]);
    }

    #[test]
    fn a_link_to_a_heading_that_is_not_there_is_found() {
        let page = "# A `b`: c, d\n[here](#a-b-c-d) [there](#e)";
        check(&[("README.md", page)], &["README.md:2: `README.md` has no heading `e`"]);
    }

    #[test]
    fn a_page_to_which_no_other_leads_is_found() {
        check(
            &[("README.md", "[b](docs/b.md)"), ("docs/a.md", "[a](a.md)"), ("docs/b.md", "")],
            &["docs/a.md: no other page leads here"],
        );
    }

    #[test]
    fn what_stands_in_code_or_leads_out_of_the_repository_is_no_link() {
        let page = "`[a](b)` [c](https://example.com/d)\n```text\n[e](f)\n```";
        check(&[("README.md", page)], &[]);
    }
}
