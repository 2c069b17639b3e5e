//! A page of Markdown, for readers of rustdoc or of plain files.

/// Who reads a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// Links lead to items, and code is compiled.
    Rustdoc,
    /// Links to items would lead nowhere, and code is to be copied.
    Markdown,
}

/// A page that is being written, one entry a line.
#[derive(Debug)]
pub(super) struct Page {
    reader: Reader,
    lines: Vec<String>,
}

/// Code that compiles as it stands.
#[derive(Debug, Default)]
pub(super) struct Code {
    /// Paths to import; what does not fit into a line has several.
    pub(super) uses: Vec<String>,
    /// Parameters of the function around the lines, which rustdoc does not show.
    pub(super) parameters: Vec<String>,
    /// The error of that function.
    pub(super) error: String,
    /// What is shown.
    pub(super) lines: Vec<String>,
}

impl Page {
    pub(super) fn new(reader: Reader) -> Self {
        Self { reader, lines: Vec::new() }
    }

    pub(super) fn into_lines(self) -> Vec<String> {
        self.lines
    }

    /// An item of the crate or the runtime, with a link where one can be followed.
    pub(super) fn item(&self, shown: &str, path: &str) -> String {
        match self.reader {
            Reader::Rustdoc if shown == path => format!("[`{shown}`]"),
            Reader::Rustdoc => format!("[`{shown}`]({path})"),
            Reader::Markdown => format!("`{shown}`"),
        }
    }

    pub(super) fn section(&mut self, title: &str) {
        let level = match self.reader {
            Reader::Rustdoc => "#",
            Reader::Markdown => "##",
        };
        self.block([format!("{level} {title}")]);
    }

    /// A paragraph, wrapped.
    pub(super) fn text(&mut self, text: &str) {
        let mut lines = vec![String::new()];
        for word in text.split_whitespace() {
            let fits = lines.last().is_some_and(|line| line.len() + word.len() < WIDTH);
            match lines.last_mut() {
                Some(line) if line.is_empty() => line.push_str(word),
                Some(line) if fits => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        self.block(lines);
    }

    /// A table; nothing if it has no row.
    pub(super) fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        if rows.is_empty() {
            return;
        }
        let rule = "---|".repeat(head.len());
        let cells = |row: &Vec<String>| {
            let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
            format!("| {} |", cells.join(" | "))
        };
        let head = [format!("| {} |", head.join(" | ")), format!("|{rule}")];
        self.block(head.into_iter().chain(rows.iter().map(cells)));
    }

    /// Code of another language than Rust.
    pub(super) fn fenced(&mut self, language: &str, lines: &[String]) {
        let fence = [format!("```{language}")];
        self.block(fence.into_iter().chain(lines.iter().cloned()).chain(["```".to_owned()]));
    }

    /// Code that compiles, and of which rustdoc hides what goes around it.
    pub(super) fn code(&mut self, code: &Code) {
        let uses: Vec<String> = code.uses.iter().map(|path| format!("use {path};")).collect();
        let mut lines: Vec<String> =
            uses.iter().flat_map(|one| one.lines()).map(str::to_owned).collect();
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let parameters = code.parameters.join(", ");
        let function = format!("async fn example({parameters}) -> Result<(), {}> {{", code.error);
        match self.reader {
            Reader::Rustdoc => {
                lines.push(format!("# {function}"));
                lines.extend(code.lines.iter().cloned());
                lines.extend(["# Ok(())".to_owned(), "# }".to_owned()]);
                self.fenced("no_run", &lines);
            }
            Reader::Markdown => {
                if function.len() > WIDTH {
                    lines.push("async fn example(".to_owned());
                    lines.extend(code.parameters.iter().map(|one| format!("    {one},")));
                    lines.push(format!(") -> Result<(), {}> {{", code.error));
                } else {
                    lines.push(function);
                }
                let indented = |line: &String| match line.as_str() {
                    "" => String::new(),
                    line => format!("    {line}"),
                };
                lines.extend(code.lines.iter().map(indented));
                lines.extend(["    Ok(())".to_owned(), "}".to_owned()]);
                self.fenced("rust", &lines);
            }
        }
    }

    /// Lines that are Markdown already.
    pub(super) fn block(&mut self, lines: impl IntoIterator<Item = String>) {
        if !self.lines.is_empty() {
            self.lines.push(String::new());
        }
        self.lines.extend(lines);
    }
}

/// Columns of a line, without `//!`.
const WIDTH: usize = 96;
