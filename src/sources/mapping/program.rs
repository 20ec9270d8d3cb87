//! An expression compiled for jaq, and its run under an [`Account`].

use std::panic::{AssertUnwindSafe, catch_unwind};

use jaq_core::compile::Undefined;
use jaq_core::data::HasLut;
use jaq_core::load::parse::{Def, Term};
use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, DataT, Filter, Lut, Vars};
use jaq_json::Val;
use serde_json::Value;

use super::MapError;
use super::bounds::{Account, Bounds, weight};
use super::meter::{self, Author};
use super::{convert, library};

/// What a run carries: the program and the account it pays from.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    lut: &'a Lut<Metered>,
    pub account: &'a Account,
}

/// The kind of data of our programs, as jaq wants it named.
pub(super) struct Metered;

impl DataT for Metered {
    type V<'a> = Val;
    type Data<'a> = Context<'a>;
}

impl<'a> HasLut<'a, Metered> for Context<'a> {
    fn lut(&self) -> &'a Lut<Metered> {
        self.lut
    }
}

/// One compiled jaq program.
pub(super) struct Program(Filter<Metered>);

/// The name under which the expression is defined for jaq.
const MAIN: &str = "mapping__expression";

impl Program {
    /// Compiles a parsed and audited expression that calls these filters.
    ///
    /// # Errors
    /// The names that are defined nowhere, as slices of the expression, and what each was taken for.
    pub fn compile<'s>(
        term: Term<&'s str>,
        calls: &[&'s str],
        arena: &'s Arena,
    ) -> Result<Self, Vec<(&'s str, Undefined)>> {
        let main = Def { name: MAIN, args: Vec::new(), body: meter::meter(term, Author::User) };
        let library: Vec<Def<&'s str>> = library::definitions(calls);
        let modules = Loader::new(library.into_iter().chain([main]))
            .load(arena, File { code: MAIN, path: () })
            .map_err(|_| vec![("", Undefined::Mod)])?;
        Compiler::default()
            .with_funs(library::natives())
            .compile(modules)
            .map(Self)
            .map_err(|files| files.into_iter().flat_map(|(_, errors)| errors).collect())
    }

    /// All outputs, or only the first.
    pub fn run(&self, input: Val, bounds: Bounds, first: bool) -> Result<Vec<Value>, MapError> {
        let account = Account::open(bounds);
        let run = || self.outputs(input, &account, bounds, first);
        // a panic in jaq is a fault of jaq on this record, and no reason to lose the others
        catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err(MapError::Unfit("jq itself failed".into())))
    }

    fn outputs(&self, input: Val, account: &Account, bounds: Bounds, first: bool) -> Result<Vec<Value>, MapError> {
        let context = Context { lut: &self.0.lut, account };
        let ctx = Ctx::<Metered>::new(context, Vars::new([]));
        let mut left = bounds.output;
        let mut outputs = Vec::new();
        for output in self.0.id.run((ctx, input)) {
            let output = match output {
                Ok(output) => output,
                Err(exception) => return Err(failure(exception, account)),
            };
            account.step(&output)?;
            left = weight(&output, left, usize::MAX).and_then(|w| left.checked_sub(w)).ok_or(MapError::TooMuch)?;
            let value = convert::to_value(&output);
            outputs.push(value.ok_or_else(|| MapError::Unfit("its result cannot be written as JSON".into()))?);
            if first {
                break;
            }
        }
        Ok(outputs)
    }
}

/// Why a run ended early.
fn failure(exception: jaq_core::Exn<'_, Val>, account: &Account) -> MapError {
    match (account.stopped(), exception.get_err()) {
        (Some(stopped), _) => stopped.into(),
        (None, Ok(error)) => MapError::Unfit(withhold(&error.to_string())),
        (None, Err(_)) => MapError::Unfit("it stopped without a result".into()),
    }
}

/// What may be said of an error of jq: its frame, never the values in it, which are a person's data.
fn withhold(message: &str) -> String {
    let starts = ["cannot index", "cannot calculate", "cannot use", "cannot parse", "invalid path expression"];
    let ends = [
        "iterable (array or object)",
        "rangeable (array or string)",
        "as integer",
        "as number",
        "as string",
        "as array",
    ];
    let start = starts.into_iter().find(|start| message.starts_with(start));
    let end = ends.into_iter().find(|end| message.ends_with(end));
    match (start, end) {
        (Some(start), Some(end)) => format!("{start} … {end}"),
        (Some(start), None) => format!("{start} …"),
        (None, _) => "it raised an error".to_owned(),
    }
}
