//! From a source's own fields to interchange fields: jq expressions and code tables, compiled once.

/// One compiled jq expression.
#[derive(Debug, Clone)]
pub struct Expression {
    source: String,
}

/// How the bodies of one source become records.
#[derive(Debug)]
pub struct Decoder {}
