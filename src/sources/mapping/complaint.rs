//! What is wrong with an expression, as a sentence with a place.

use jaq_core::compile::Undefined;
use jaq_core::load::lex::{Expect as LexExpect, Token};
use jaq_core::load::parse::Expect as ParseExpect;

use super::audit::Refusal;
use super::library;

/// Why an expression does not compile, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CompileError {
    /// A sentence for the person who wrote the expression.
    pub message: String,
    /// Byte offset into the expression.
    pub offset: usize,
    /// Bytes that are at fault; 0 at the end of the expression.
    pub len: usize,
}

/// A fault at `part`, a slice of `source`.
fn at(source: &str, part: &str, message: String) -> CompileError {
    let offset = part.as_ptr().addr().wrapping_sub(source.as_ptr().addr());
    // a slice of something else (a name that we made): the whole expression is at fault
    let (offset, len) = if offset + part.len() <= source.len() { (offset, part.len()) } else { (0, source.len()) };
    CompileError { message, offset, len }
}

/// The first character of the rest of the expression.
fn first(rest: &str) -> &str {
    rest.chars().next().and_then(|c| rest.get(..c.len_utf8())).unwrap_or(rest)
}

pub(super) fn whole(source: &str, message: String) -> CompileError {
    CompileError { message, offset: 0, len: source.len() }
}

pub(super) fn of_lexer(source: &str, (expected, rest): (LexExpect<&str>, &str)) -> CompileError {
    let found = first(rest);
    match expected {
        LexExpect::Delim(open) => at(source, open, format!("this {open} is never closed")),
        LexExpect::Digit => at(source, found, "a digit is missing here".into()),
        LexExpect::Ident => at(source, found, "a name is missing here, after $ or @".into()),
        LexExpect::Escape => {
            let known = r#"\" \\ \/ \b \f \n \r \t \u0041 \(…)"#;
            at(source, found, format!("no such escape in a text; there are {known}"))
        }
        LexExpect::Unicode => at(source, found, r"\u needs the four hexadecimal digits of a character".into()),
        _ => at(source, found, unexpected(found)),
    }
}

fn unexpected(found: &str) -> String {
    match found.chars().next() {
        Some('\'' | '“' | '”' | '‘' | '’') => r#"a text is written in straight double quotes: "…""#.into(),
        Some(c) if c.is_alphabetic() => {
            format!(r#"a field name with letters beyond a-z is written in quotes: ."…{c}…""#)
        }
        Some(c) if ")]}".contains(c) => format!("this {c} closes nothing"),
        Some(c) => format!("{c} means nothing here"),
        None => "the expression ends too early".into(),
    }
}

pub(super) fn of_parser(source: &str, (expected, found): (ParseExpect<&str>, Option<&Token<&str>>)) -> CompileError {
    let end = source.get(source.len()..).unwrap_or_default();
    let Some(token) = found else {
        return if source.trim().is_empty() {
            whole(source, "the expression is empty; the record itself is .".into())
        } else {
            at(source, end, format!("the expression ends too early: {} is missing", wanted(&expected)))
        };
    };
    let text = token.as_str();
    let message = match expected {
        ParseExpect::Nothing => format!("{} is too much here; two filters are joined by | or ,", quoted(text)),
        other => format!("{} stands where {} is expected", quoted(text), wanted(&other)),
    };
    at(source, text, message)
}

fn wanted(expected: &ParseExpect<&str>) -> String {
    match expected {
        ParseExpect::Just(word) => quoted(word),
        ParseExpect::Var => "a variable such as $x".into(),
        ParseExpect::Pattern => "$x, [$x] or {$x}".into(),
        ParseExpect::ElseOrEnd => "\"else\" or \"end\"".into(),
        ParseExpect::CommaOrRBrack => ", or ]".into(),
        ParseExpect::CommaOrRBrace => ", or }".into(),
        ParseExpect::SemicolonOrRParen => "; or )".into(),
        ParseExpect::Term => "a filter such as .field".into(),
        ParseExpect::Key => "a field name".into(),
        ParseExpect::Ident => "a name".into(),
        ParseExpect::Arg => "the name of an argument".into(),
        ParseExpect::Str => "a text in quotes".into(),
        _ => "something else".into(),
    }
}

/// A piece of the expression, cut short.
fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(24).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("{short:?}")
}

pub(super) fn of_audit(source: &str, refusal: &Refusal<'_>) -> CompileError {
    match refusal {
        Refusal::Impure { name, reaches } => {
            let message =
                format!("{name} is not for a mapping: it reaches {reaches}, and a mapping knows its record only");
            at(source, name, message)
        }
        Refusal::Recursive { name } => {
            let message =
                format!("{name} calls itself, so that nothing says it ends; .., map, reduce or recurse do the same");
            at(source, name, message)
        }
        Refusal::TooDeep => whole(source, "the expression is nested too deeply; split it with def".into()),
    }
}

pub(super) fn of_compiler(source: &str, (name, undefined): (&str, Undefined)) -> CompileError {
    let message = match undefined {
        Undefined::Filter(arity) => {
            let known: Vec<&str> = library::names().collect();
            if known.contains(&name) || matches!(name, "reduce" | "foreach") {
                format!("there is no {name} with {arity} argument(s); arguments are separated by ;")
            } else {
                format!("there is no filter {name}{}", hint(name, &known))
            }
        }
        Undefined::Var => format!("nothing is bound to {name}; a variable is made by … as {name} | …"),
        Undefined::Label => format!("there is no label {name}"),
        _ => format!("there is no module {name}; a mapping has none"),
    };
    at(source, name, message)
}

/// "; did you mean …?", where one known name is near enough; a bare word is most often a field without its dot.
fn hint(name: &str, known: &[&str]) -> String {
    match super::nearest(name, known.iter().copied()) {
        Some(near) => format!("; did you mean {near}, or the field .{name}?"),
        None => format!("; the field is .{name}, the text is \"{name}\""),
    }
}
