//! Just enough reading of Rust for the rules: what is code, what is test, where a function ends. No parser: the house
//! is formatted by rustfmt, and a rule that guesses wrong is seen at once.

use std::path::{Path, PathBuf};

/// One Rust file.
pub struct Source {
    /// Relative to the checkout, with `/`.
    pub path: String,
    /// The text as it stands.
    pub text: String,
    /// The text with comments, strings and characters blanked out; lines and columns stay.
    pub code: String,
    /// The same without what only tests compile.
    pub production: String,
}

/// A place in a file, and what stands there.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// From 1.
    pub line: usize,
    pub what: String,
}

impl Source {
    pub fn new(path: &str, text: String) -> Self {
        let code = blank(&text);
        let production = if is_test_file(path) { only_newlines(&code) } else { without_tests(&code) };
        Self { path: path.to_owned(), text, code, production }
    }

    /// The module of the crate that this file belongs to: `store` for `src/store/petition.rs`; `main` and `lib` for
    /// those.
    pub fn module(&self) -> &str {
        let path = self.path.strip_prefix("src/").unwrap_or(&self.path);
        path.split('/').next().unwrap_or(path).trim_end_matches(".rs")
    }

    /// Lines outside tests, documentation and blank lines included.
    pub fn production_lines(&self) -> usize {
        if is_test_file(&self.path) {
            return 0;
        }
        // A test's lines hold nothing in `production` and something in the file.
        let lines = self.production.lines().zip(self.text.lines());
        lines.filter(|(production, text)| !production.starts_with(TEST_LINE) || text.is_empty()).count()
    }

    /// How many `super::` lead from this file to the root of the crate.
    fn depth(&self) -> usize {
        let path = self.path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        path.split('/').filter(|part| !matches!(*part, "lib" | "main")).count()
    }

    /// The modules of the crate that this file names outside tests.
    pub fn imports(&self) -> Vec<Found> {
        let code = &self.production;
        let mut found = Vec::new();
        let climb = "super::".repeat(self.depth().max(1));
        for root in ["crate::", &climb] {
            for at in words(code, root.trim_end_matches("::")) {
                let before = code.get(..at).unwrap_or_default();
                let Some(rest) = code.get(at + root.len()..) else { continue };
                if !code.get(at..).is_some_and(|here| here.starts_with(root)) || before.ends_with("::") {
                    continue;
                }
                for name in names(rest) {
                    found.push(Found { line: line_of(code, at), what: name });
                }
            }
        }
        found
    }

    /// Functions outside tests, each with its length in lines from `fn` to the closing brace.
    pub fn functions(&self) -> Vec<(Found, usize)> {
        let code = &self.production;
        let body = |at: usize| {
            let after = code.get(at + 2..)?;
            let name = after.strip_prefix(' ').map(identifier).filter(|name| !name.is_empty())?;
            let length = item_length(after)?;
            let lines = after.get(..length)?.matches('\n').count() + 1;
            Some((Found { line: line_of(code, at), what: name.to_owned() }, lines))
        };
        words(code, "fn").filter_map(body).collect()
    }

    /// Where a word stands in code, tests included or not.
    pub fn lines_with(&self, word: &str, with_tests: bool) -> Vec<usize> {
        let code = if with_tests { &self.code } else { &self.production };
        words(code, word).map(|at| line_of(code, at)).collect()
    }
}

/// All Rust files under a folder of the checkout.
pub fn rust_files(root: &Path, folder: &str) -> Vec<Source> {
    let mut sources: Vec<_> = files(&root.join(folder))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            Source::new(&relative(root, &path), text)
        })
        .collect();
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

/// All files under a folder, however deep, without what the tools put there.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let skip = [".git", ".local", "target"].iter().any(|name| entry.file_name() == *name);
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !skip => found.extend(files(&path)),
            Ok(kind) if kind.is_file() && !skip => found.push(path),
            _ => {}
        }
    }
    found
}

pub fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn is_test_file(path: &str) -> bool {
    path.starts_with("tests/") || path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// Marks a line that belongs to a test, in `production`.
const TEST_LINE: char = '\u{1}';

fn only_newlines(code: &str) -> String {
    code.lines().flat_map(|_| [TEST_LINE, '\n']).collect()
}

/// Takes out each item behind `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    let mut rest = code;
    let mut kept = String::new();
    while let Some(at) = ["#[cfg(test)]", "#[cfg(all(test"].iter().filter_map(|attribute| rest.find(attribute)).min() {
        let (before, item) = rest.split_at(at);
        let (item, after) = item.split_at(item_length(item).unwrap_or(item.len()));
        kept.push_str(before);
        kept.push_str(&only_newlines(item));
        // the newline behind the item is in `after`
        kept.truncate(kept.len().saturating_sub(1));
        rest = after;
    }
    kept + rest
}

/// Bytes up to the end of the item that starts here: its closing brace, or a semicolon before any brace.
fn item_length(code: &str) -> Option<usize> {
    let (mut braces, mut others) = (0_usize, 0_usize);
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' => others += 1,
            ')' | ']' => others = others.saturating_sub(1),
            '{' => braces += 1,
            '}' => {
                braces = braces.saturating_sub(1);
                if braces == 0 && others == 0 {
                    return Some(at + 1);
                }
            }
            ';' if braces == 0 && others == 0 => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Byte offsets at which `word` stands as a word of its own.
fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let before = code.get(..*at).and_then(|before| before.chars().next_back());
        let after = code.get(at + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

fn line_of(code: &str, at: usize) -> usize {
    code.get(..at).unwrap_or(code).matches('\n').count() + 1
}

fn identifier(code: &str) -> &str {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

/// The first names behind `crate::`: one, or those at the top of a `{…}` list.
fn names(rest: &str) -> Vec<String> {
    let Some(list) = rest.strip_prefix('{') else { return vec![identifier(rest).to_owned()] };
    let mut depth = 0_usize;
    let mut parts = vec![String::new()];
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => parts.push(String::new()),
            _ if depth == 0 => parts.last_mut().into_iter().for_each(|part| part.push(c)),
            _ => {}
        }
    }
    parts.iter().map(|part| identifier(part.trim_start()).to_owned()).filter(|name| !name.is_empty()).collect()
}

/// Replaces everything in comments, strings and character literals by spaces; newlines stay.
fn blank(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = literal_length(rest, out.chars().next_back());
        if let Some((literal, after)) = length.and_then(|length| Some((rest.get(..length)?, rest.get(length..)?))) {
            out.extend(literal.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = after;
        } else {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

/// The length of the comment, string or character that starts here, if one does.
fn literal_length(rest: &str, before: Option<char>) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment_length(rest));
    }
    if rest.starts_with('"') {
        return Some(quoted_length(rest, '"'));
    }
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if !in_word && (rest.starts_with('r') || rest.starts_with("br")) {
        let hashes = rest.trim_start_matches('b').strip_prefix('r')?;
        let fence: String = hashes.chars().take_while(|c| *c == '#').collect();
        let start = rest.len() - hashes.len() + fence.len() + 1;
        hashes.get(fence.len()..)?.strip_prefix('"')?;
        let end = format!("\"{fence}");
        return Some(rest.get(start..)?.find(&end).map_or(rest.len(), |at| start + at + end.len()));
    }
    // 'a' and '\n' are characters, 'a is a lifetime
    let mut inside = rest.strip_prefix('\'')?.chars();
    match (inside.next()?, inside.next()) {
        ('\\', _) => Some(quoted_length(rest, '\'')),
        (c, Some('\'')) => Some(2 + c.len_utf8()),
        _ => None,
    }
}

fn quoted_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

fn block_comment_length(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        if here.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}
