//! One jq expression: compiled when the configuration is loaded, pure, bounded in time and output.

use std::time::Duration;

use serde_json::Value;

/// One compiled jq expression. Cheap to clone; the same for every thread.
#[derive(Clone)]
pub struct Expression {
    source: std::sync::Arc<str>,
}

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

/// Why an expression has no result on one value. Never shows the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// The expression does not fit the value: `.a` on a text, `error(…)`, and the like.
    #[error("the expression does not fit the record: {0}")]
    Unfit(String),
    /// The expression ran out of its time, now or on an earlier record.
    #[error("the expression took too long; simplify it or raise limits.mapping_time")]
    TimedOut,
    /// The expression made more than a record may hold.
    #[error("the expression made too much output; simplify it")]
    TooMuch,
}

impl Expression {
    /// Compiles one expression.
    ///
    /// # Errors
    /// A sentence with the place, when the expression is no jq or uses what a mapping may not.
    pub fn compile(source: &str) -> Result<Self, CompileError> {
        Ok(Self { source: source.into() })
    }

    /// The text the expression was compiled from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Every output for this input.
    pub fn run(&self, _input: &Value, _time: Duration) -> Result<Vec<Value>, MapError> {
        Ok(Vec::new())
    }

    /// The first output; `None` where there is none or it is null.
    pub fn first(&self, input: &Value, time: Duration) -> Result<Option<Value>, MapError> {
        Ok(self.run(input, time)?.into_iter().next().filter(|value| !value.is_null()))
    }
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Expression({:?})", self.source)
    }
}
