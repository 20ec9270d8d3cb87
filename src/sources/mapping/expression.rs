//! One jq expression: compiled when the configuration is loaded, pure, bounded in time and output.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jaq_core::load::{Arena, Lexer, Parser};
use serde_json::Value;

use super::audit::Audit;
use super::bounds::Bounds;
use super::native::{Node, Step};
use super::program::Program;
use super::{complaint, convert, lower};
pub use complaint::CompileError;

/// Bytes of one expression.
const SOURCE_BYTES: usize = 8 << 10;

/// Brackets of one expression within one another: what it builds around a record must still be read back.
const BRACKETS: usize = 24;

/// Stack for parsing and compiling, which are recursive over what an administrator wrote: enough for the longest
/// run of `-` or `try`. It is address space; only what is used becomes memory.
const COMPILE_STACK: usize = 256 << 20;

/// One compiled jq expression. Cheap to clone; the same for every thread.
#[derive(Clone)]
pub struct Expression(Arc<Compiled>);

struct Compiled {
    source: String,
    /// The plain expressions of most mappings.
    native: Option<Node>,
    /// Everything else, compiled at once; and what the native steps leave to it, compiled when that happens, which
    /// for most expressions is never.
    program: OnceLock<Result<Program, CompileError>>,
}

/// Why an expression has no result on one value. Never shows the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// The expression does not fit the value: `.a` on a text, `error(…)`, and the like.
    #[error("the expression does not fit the record: {0}")]
    Unfit(String),
    /// The expression ran out of its steps or its time.
    #[error("the expression took too long; simplify it or raise limits.mapping_time")]
    TimedOut,
    /// The expression made more than a record may hold.
    #[error("the expression made too much output; simplify it")]
    TooMuch,
}

/// A value that several expressions run on; jaq's own form of it is made once, when the first needs it.
pub(super) struct Input<'v> {
    value: &'v Value,
    val: std::cell::OnceCell<jaq_json::Val>,
}

impl<'v> Input<'v> {
    pub fn new(value: &'v Value) -> Self {
        Self { value, val: std::cell::OnceCell::new() }
    }
}

impl Expression {
    /// Compiles one expression.
    ///
    /// # Errors
    /// A sentence with the place, when the expression is no jq or uses what a mapping may not: the clock, the
    /// environment, other records, a definition that calls itself.
    pub fn compile(source: &str) -> Result<Self, CompileError> {
        if source.len() > SOURCE_BYTES {
            return Err(complaint::whole(source, format!("the expression is longer than {SOURCE_BYTES} bytes")));
        }
        if brackets(source) > BRACKETS {
            return Err(complaint::whole(source, format!("more than {BRACKETS} brackets within one another")));
        }
        let (native, program) = on_large_stack(source, || compile(source, false))?;
        let program = program.map_or_else(OnceLock::new, |program| OnceLock::from(Ok(program)));
        Ok(Self(Arc::new(Compiled { source: source.to_owned(), native, program })))
    }

    /// The text the expression was compiled from.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// Every output for this input, which may take `time` (counted in steps first, see `bounds.rs`).
    ///
    /// # Errors
    /// When one output is an error, or the bounds are reached.
    pub fn run(&self, input: &Value, time: Duration) -> Result<Vec<Value>, MapError> {
        self.outputs(&Input::new(input), Bounds::record(time), false)
    }

    /// The first output; `None` where there is none or it is null.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn first(&self, input: &Value, time: Duration) -> Result<Option<Value>, MapError> {
        self.first_of(&Input::new(input), time)
    }

    /// [`Self::first`] on a value that other expressions run on too.
    pub(super) fn first_of(&self, input: &Input<'_>, time: Duration) -> Result<Option<Value>, MapError> {
        let outputs = self.outputs(input, Bounds::record(time), true)?;
        Ok(outputs.into_iter().next().filter(|value| !value.is_null()))
    }

    /// [`Self::run`] on a value that other expressions run on too.
    pub(super) fn all_of(&self, input: &Input<'_>, time: Duration) -> Result<Vec<Value>, MapError> {
        self.outputs(input, Bounds::record(time), false)
    }

    pub(super) fn outputs(&self, input: &Input<'_>, bounds: Bounds, first: bool) -> Result<Vec<Value>, MapError> {
        let native = self.0.native.as_ref().and_then(|node| node.run(input.value, first));
        native.unwrap_or_else(|| self.outputs_by_jaq(input, bounds, first))
    }

    /// [`Self::outputs`] without native steps.
    pub(super) fn outputs_by_jaq(
        &self,
        input: &Input<'_>,
        bounds: Bounds,
        first: bool,
    ) -> Result<Vec<Value>, MapError> {
        let program = self.0.program.get_or_init(|| {
            let source = &self.0.source;
            let (_, program) = on_large_stack(source, || compile(source, true))?;
            program.ok_or_else(|| complaint::whole(source, "jq itself failed on this expression".into()))
        });
        let program = program.as_ref().map_err(|error| MapError::Unfit(error.message.clone()))?;
        let val = input.val.get_or_init(|| convert::to_val(input.value));
        program.run(val.clone(), bounds, first)
    }

    /// Whether the expression is plain enough to run without jaq (but for what native steps leave to it).
    pub(super) fn is_native(&self) -> bool {
        self.0.native.is_some()
    }

    /// The steps of a plain path such as `.data.items[]`.
    pub(super) fn as_path(&self) -> Option<&[Step]> {
        self.0.native.as_ref().and_then(Node::as_path)
    }
}

/// How many brackets are open at most, those in texts included.
fn brackets(source: &str) -> usize {
    let open_after = source.bytes().scan(0_usize, |open, byte| {
        match byte {
            b'(' | b'[' | b'{' => *open += 1,
            b')' | b']' | b'}' => *open = open.saturating_sub(1),
            _ => {}
        }
        Some(*open)
    });
    open_after.max().unwrap_or_default()
}

/// Runs a compilation where it can recurse.
fn on_large_stack<T: Send>(
    source: &str,
    compile: impl FnOnce() -> Result<T, CompileError> + Send,
) -> Result<T, CompileError> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(COMPILE_STACK).spawn_scoped(scope, compile);
        let joined = thread.map_err(|error| complaint::whole(source, format!("cannot compile: {error}")))?.join();
        joined.unwrap_or_else(|_| Err(complaint::whole(source, "jq itself failed on this expression".into())))
    })
}

/// The native steps, where the expression is plain, and the program for jaq, where it is not or where `both` are
/// wanted.
fn compile(source: &str, both: bool) -> Result<(Option<Node>, Option<Program>), CompileError> {
    let first = |errors: Vec<CompileError>| {
        let missing = || complaint::whole(source, "jq does not understand this expression".into());
        errors.into_iter().min_by_key(|error| error.offset).unwrap_or_else(missing)
    };
    let tokens = Lexer::new(source)
        .lex()
        .map_err(|errors| first(errors.into_iter().map(|error| complaint::of_lexer(source, error)).collect()))?;
    let term = Parser::new(&tokens)
        .parse(Parser::term)
        .map_err(|errors| first(errors.into_iter().map(|error| complaint::of_parser(source, error)).collect()))?;
    let mut audit = Audit::default();
    audit.term(&term).map_err(|refusal| complaint::of_audit(source, &refusal))?;
    let native = lower::lower(&term);
    if native.is_some() && !both {
        return Ok((native, None));
    }
    let arena = Arena::default();
    let program = Program::compile(term, &audit.calls, &arena)
        .map_err(|errors| first(errors.into_iter().map(|error| complaint::of_compiler(source, error)).collect()))?;
    Ok((native, Some(program)))
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Expression({:?})", self.0.source)
    }
}
