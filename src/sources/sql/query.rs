//! The administrator's query: where its placeholders are, and what they become.
//!
//! A `$1` in a string, in a quoted name or in a comment is no placeholder, in neither of the two languages.

use std::ops::Range;

use super::Dialect;

/// A query, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    text: String,
    /// Where a placeholder stands, and its number.
    places: Vec<(Range<usize>, usize)>,
    ordered: bool,
}

impl Query {
    /// Takes a query apart.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str, dialect: Dialect) -> Result<Self, String> {
        let text = text.trim().trim_end_matches(|c: char| c == ';' || c.is_whitespace()).to_owned();
        let mut places = Vec::new();
        let mut code = String::new();
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            if let Some(length) = skipped(rest, dialect)? {
                code.push(' ');
                at += length;
            } else if let Some((number, length)) = placeholder(rest, code.chars().next_back()) {
                places.push((at..at + length, number));
                code.push('$');
                at += length;
            } else {
                let Some(next) = rest.chars().next() else { break };
                match next {
                    ';' => return Err("it is more than one statement: keep one SELECT".to_owned()),
                    '?' if dialect == Dialect::MySql => {
                        return Err("it has a `?`: name the values `$1`, `$2` … in the order of `cursor`".to_owned());
                    }
                    _ => code.push(next),
                }
                at += next.len_utf8();
            }
        }
        let words: Vec<String> = code
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|w| !w.is_empty())
            .map(str::to_lowercase)
            .collect();
        if !matches!(words.first().map(String::as_str), Some("select" | "with" | "table" | "values")) {
            return Err("it is no SELECT".to_owned());
        }
        let ordered = words.windows(2).any(|pair| matches!(pair, [a, b] if a == "order" && b == "by"));
        Ok(Self { text, places, ordered })
    }

    /// Whether `ORDER BY` is in it.
    pub const fn is_ordered(&self) -> bool {
        self.ordered
    }

    /// The numbers of its placeholders, each once, in order.
    pub fn numbers(&self) -> Vec<usize> {
        let mut numbers: Vec<usize> = self.places.iter().map(|(_, number)| *number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The query with every placeholder replaced, and the numbers in the order in which they stand.
    pub fn replaced(&self, replacement: impl Fn(usize) -> String) -> (String, Vec<usize>) {
        let mut sql = String::with_capacity(self.text.len() + 64);
        let mut from = 0;
        for (range, number) in &self.places {
            sql.push_str(self.text.get(from..range.start).unwrap_or_default());
            sql.push_str(&replacement(*number));
            from = range.end;
        }
        sql.push_str(self.text.get(from..).unwrap_or_default());
        (sql, self.places.iter().map(|(_, number)| *number).collect())
    }
}

/// `$12`, unless it is the end of a name.
fn placeholder(rest: &str, before: Option<char>) -> Option<(usize, usize)> {
    let digits = rest.strip_prefix('$')?;
    if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let length = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let number = digits.get(..length)?.parse().ok()?;
    Some((number, length + 1))
}

/// The length of what begins here and is no code: a string, a quoted name, a comment.
fn skipped(rest: &str, dialect: Dialect) -> Result<Option<usize>, String> {
    let mysql = dialect == Dialect::MySql;
    let first = rest.chars().next().unwrap_or_default();
    let open = |what: &str| format!("{what} in it does not end");
    if rest.starts_with("--") || (mysql && first == '#') {
        return Ok(Some(rest.find('\n').unwrap_or(rest.len())));
    }
    if rest.starts_with("/*") {
        if mysql && (rest.starts_with("/*!") || rest.starts_with("/*M!")) {
            return Err("it has a `/*!` comment, which the server executes: write it without".to_owned());
        }
        return block(rest, !mysql).map(Some).ok_or_else(|| open("a comment"));
    }
    match first {
        '\'' | '"' => quoted(rest, first, mysql).map(Some).ok_or_else(|| open("a text in quotes")),
        '`' if mysql => quoted(rest, '`', false).map(Some).ok_or_else(|| open("a name in backticks")),
        'e' | 'E' if !mysql && rest.get(1..).is_some_and(|rest| rest.starts_with('\'')) => {
            let inner = rest.get(1..).unwrap_or_default();
            quoted(inner, '\'', true).map(|length| Some(length + 1)).ok_or_else(|| open("a text in quotes"))
        }
        '$' if !mysql => match tag(rest) {
            Some(tag) => {
                let body = rest.get(tag.len()..).unwrap_or_default();
                let end = body.find(tag).ok_or_else(|| open("a text in dollars"))?;
                Ok(Some(end + 2 * tag.len()))
            }
            None => Ok(None),
        },
        _ => Ok(None),
    }
}

/// `$$` or `$name$`, which begins a text of PostgreSQL.
fn tag(rest: &str) -> Option<&str> {
    let inner = rest.strip_prefix('$')?;
    let end = inner.find('$')?;
    let name = inner.get(..end)?;
    let plain =
        name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.starts_with(|c: char| c.is_ascii_digit());
    if plain { rest.get(..end + 2) } else { None }
}

/// The length of a text in quotes; a doubled quote does not end it, nor, where `escapes`, one after a backslash.
fn quoted(rest: &str, quote: char, escapes: bool) -> Option<usize> {
    let mut signs = rest.char_indices().skip(1).peekable();
    while let Some((at, sign)) = signs.next() {
        if escapes && sign == '\\' {
            signs.next();
        } else if sign == quote {
            if signs.peek().is_some_and(|(_, next)| *next == quote) {
                signs.next();
            } else {
                return Some(at + sign.len_utf8());
            }
        }
    }
    None
}

/// The length of a block comment; PostgreSQL's may hold others.
fn block(rest: &str, nests: bool) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    loop {
        let here = rest.get(at..)?;
        if here.starts_with("/*") && (nests || depth == 0) {
            depth += 1;
            at += 2;
        } else if here.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += here.chars().next()?.len_utf8();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str, dialect: Dialect) -> Vec<usize> {
        Query::parse(text, dialect).unwrap().replaced(|_| "?".to_owned()).1
    }

    #[test]
    fn placeholders_are_found_outside_of_texts_and_comments() {
        let both = [Dialect::Postgres, Dialect::MySql];
        for dialect in both {
            let query = "SELECT * FROM v WHERE (a, b) > ($1, $2) OR a = $1 ORDER BY a, b LIMIT $3";
            assert_eq!(places(query, dialect), [1, 2, 1, 3]);
            assert_eq!(places("SELECT '$1', \"$2\", 'it''s $3' -- $4\n, /* $5 */ $6", dialect), [6]);
            assert_eq!(places("WITH x AS (SELECT 1) SELECT x$1 FROM x LIMIT $12", dialect), [12]);
        }
        assert_eq!(places("SELECT 'a\\' = $1, 'b' = $2", Dialect::Postgres), [1, 2]);
        assert_eq!(places("SELECT E'a\\'$1' = $2", Dialect::Postgres), [2]);
        assert_eq!(places("SELECT $$ $1 $$, $t$ $2 $t$, /* /* $3 */ $4 */ $5", Dialect::Postgres), [5]);
        assert_eq!(places("SELECT 'a\\' $1', `$2`, $3 # $4", Dialect::MySql), [3]);
    }

    #[test]
    fn placeholders_are_replaced_and_all_else_is_left() {
        let query =
            Query::parse(" SELECT '$1', đơn FROM \"đơn\" WHERE a > $1 LIMIT $2 ; \n", Dialect::Postgres).unwrap();
        let (sql, order) = query.replaced(|number| format!("CAST(${number}::text AS x)"));
        assert_eq!(sql, "SELECT '$1', đơn FROM \"đơn\" WHERE a > CAST($1::text AS x) LIMIT CAST($2::text AS x)");
        assert_eq!(order, [1, 2]);
        assert!(!query.is_ordered());
        assert!(Query::parse("select 1 Order\n by a", Dialect::MySql).unwrap().is_ordered());
        assert!(!Query::parse("select 'order by'", Dialect::MySql).unwrap().is_ordered());
    }

    #[test]
    fn what_is_no_single_select_is_refused() {
        for (query, part) in [
            ("SELECT 1; DROP TABLE x", "more than one statement"),
            ("DELETE FROM x", "no SELECT"),
            ("", "no SELECT"),
            ("SELECT 'a", "does not end"),
            ("SELECT /* a", "does not end"),
            ("SELECT ?", "`?`"),
            ("SELECT /*! 1 */", "executes"),
            ("SELECT `a", "does not end"),
        ] {
            let error = Query::parse(query, Dialect::MySql).unwrap_err();
            assert!(error.contains(part), "{query}: {error}");
        }
        assert!(Query::parse("SELECT ';', data ? 'key'", Dialect::Postgres).is_ok());
        assert!(Query::parse("SELECT $$ a", Dialect::Postgres).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_fail_or_lose_a_sign(text in "(\\$12?|[a-z'\"$1;/*`#\\\\ \\n\\-đ]){0,20}") {
            for dialect in [Dialect::Postgres, Dialect::MySql] {
                if let Ok(query) = Query::parse(&format!("SELECT {text}"), dialect) {
                    let (sql, _) = query.replaced(|number| format!("${number}"));
                    proptest::prop_assert_eq!(sql, query.text());
                }
            }
        }
    }
}
