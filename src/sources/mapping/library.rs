//! jq's standard library, metered, without what a mapping may not use.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use jaq_core::load::parse::{Def, Term};
use jaq_core::native::{Filter, Fun};
use jaq_core::{Bind, Exn, Native, ValR};
use jaq_json::Val;

use super::audit::{REFUSED, calls_of};
use super::bounds::Stopped;
use super::meter::{self, Author, MULTIPLY, STEP, TURN};
use super::program::{Context, Metered};

/// Bytes of a text times bytes of a pattern that are matched at most: some tenths of a second.
const MATCH_WORK: usize = 16 << 20;

/// Levels of JSON inside a text that `fromjson` reads.
const FROMJSON_DEPTH: usize = 128;

/// Natives of jaq that are reached only through a definition of [`guards`], with their numbers of arguments.
const GUARDED: &[(&str, usize, &str)] = &[
    ("range", 3, "!range"),
    ("fromjson", 0, "!fromjson"),
    ("indices", 1, "!indices"),
    ("contains", 1, "!contains"),
    ("matches", 2, "!matches"),
    ("split_matches", 2, "!split_matches"),
    ("split_", 2, "!split_"),
];

/// Parts of natives and definitions that are left out beside [`REFUSED`].
const LEFT_OUT: &[&str] = &["debug_empty", "stderr_empty"];

type Cv<'a> = jaq_core::Cv<'a, Metered>;
type Vals<'a> = jaq_core::ValXs<'a, Val>;

/// The definitions that `calls` need, directly or not, in the order of the library.
pub(super) fn definitions(calls: &[&str]) -> Vec<Def<&'static str>> {
    let library = library();
    let mut needed: BTreeSet<&str> = calls.iter().copied().collect();
    let mut waiting: Vec<&str> = calls.to_vec();
    while let Some(name) = waiting.pop() {
        for (def, calls) in library.iter().filter(|(def, _)| def.name == name) {
            debug_assert_eq!(def.name, name);
            waiting.extend(calls.iter().copied().filter(|call| needed.insert(call)));
        }
    }
    library.iter().filter(|(def, _)| needed.contains(def.name)).map(|(def, _)| def.clone()).collect()
}

/// Every filter that a mapping may call, without its arguments.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let written = |name: &&str| !name.starts_with('!') && !name.ends_with('_') && !name.ends_with("_empty");
    let natives = natives().map(|(name, _, _)| name);
    library().iter().map(|(def, _)| def.name).chain(natives).filter(written)
}

/// The metered library, each definition with the filters it calls.
fn library() -> &'static [(Def<&'static str>, Vec<&'static str>)] {
    static LIBRARY: OnceLock<Vec<(Def<&'static str>, Vec<&'static str>)>> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let metered = defs.filter(|def| allowed(def.name)).map(|def| meter::definition(def, Author::Library));
        guards().into_iter().chain(metered).map(|def| (def.clone(), calls_of(&def))).collect()
    })
}

fn allowed(name: &str) -> bool {
    !REFUSED.iter().any(|(refused, _)| *refused == name) && !LEFT_OUT.contains(&name)
}

/// The definitions through which the natives of [`GUARDED`] are reached.
fn guards() -> Vec<Def<&'static str>> {
    let def = |name, args: &[&'static str], body| Def { name, args: args.to_vec(), body };
    let call = |name, args: &[&'static str]| meter::call(name, args.iter().map(|arg| Term::Var(*arg)).collect());
    let weighed = |name, native, args: &[&'static str]| {
        let weigh = call("!weigh", args.get(..1).unwrap_or_default());
        def(name, args, meter::pipe(weigh, call(native, args)))
    };
    let range = &["$from", "$to", "$by"];
    vec![
        def("range", range, meter::pipe(call("!range", range), call(STEP, &[]))),
        def("fromjson", &[], meter::pipe(call("!shallow", &[]), meter::pipe(call("!fromjson", &[]), call(STEP, &[])))),
        weighed("indices", "!indices", &["$x"]),
        weighed("contains", "!contains", &["$x"]),
        weighed("matches", "!matches", &["$re", "$flags"]),
        weighed("split_matches", "!split_matches", &["$re", "$flags"]),
        weighed("split_", "!split_", &["$re", "$flags"]),
    ]
}

/// The native filters, ours among them.
pub(super) fn natives() -> impl Iterator<Item = Fun<Metered>> {
    let core = jaq_core::funs::<Metered>();
    let std = jaq_std::base_funs::<Metered>().chain(jaq_std::extra_funs::<Metered>());
    let theirs = core.chain(std).chain(jaq_json::funs::<Metered>());
    theirs.filter(|(name, _, _)| allowed(name)).map(rename).chain(ours())
}

fn rename((name, args, native): Filter<Native<Metered>>) -> Filter<Native<Metered>> {
    let guarded = GUARDED.iter().find(|(guarded, arity, _)| *guarded == name && *arity == args.len());
    (guarded.map_or(name, |(_, _, hidden)| hidden), args, native)
}

fn ours() -> [Fun<Metered>; 5] {
    let variables = |n: usize| -> Box<[Bind]> { std::iter::repeat_n(Bind::Var(()), n).collect() };
    [
        (STEP, variables(0), passing(step, |cv| through(cv, step_on), |cv, f| after(cv, f, step_on))),
        (TURN, variables(0), passing(turn, |cv| through(cv, turn_on), |cv, f| after(cv, f, turn_on))),
        (MULTIPLY, variables(2), Native::<Metered>::new(multiply)),
        ("!weigh", variables(1), Native::<Metered>::new(weigh)),
        ("!shallow", variables(0), Native::<Metered>::new(shallow)),
    ]
}

/// A filter that is the identity, in every way a filter can be used.
fn passing(
    run: jaq_core::RunPtr<Metered>,
    paths: jaq_core::PathsPtr<Metered>,
    update: jaq_core::UpdatePtr<Metered>,
) -> Native<Metered> {
    Native::<Metered>::new(run).with_paths(paths).with_update(update)
}

type Toll = for<'a, 'v> fn(Context<'a>, &'v Val) -> Result<(), Stopped>;

fn step_on(context: Context<'_>, value: &Val) -> Result<(), Stopped> {
    context.account.step(value)
}

fn turn_on(context: Context<'_>, value: &Val) -> Result<(), Stopped> {
    context.account.turn(value)
}

/// Ends the whole run: unlike an error, a halt is not caught by `try`, `?` or `//`.
fn ended<'a, T: 'a>(_: Stopped) -> jaq_core::ValXs<'a, T, Val> {
    Box::new(std::iter::once(Err(Exn::halt(1))))
}

fn one<'a, T: 'a>(value: T) -> jaq_core::ValXs<'a, T, Val> {
    Box::new(std::iter::once(Ok(value)))
}

fn step(cv: Cv<'_>) -> Vals<'_> {
    step_on(*cv.0.data(), &cv.1).map_or_else(ended, |()| one(cv.1))
}

fn turn(cv: Cv<'_>) -> Vals<'_> {
    turn_on(*cv.0.data(), &cv.1).map_or_else(ended, |()| one(cv.1))
}

fn through<'a, P: 'a>(cv: jaq_core::Cv<'a, Metered, (Val, P)>, toll: Toll) -> jaq_core::ValXs<'a, (Val, P), Val> {
    toll(*cv.0.data(), &cv.1.0).map_or_else(ended, |()| one(cv.1))
}

fn after<'a>(cv: Cv<'a>, f: impl Fn(Val) -> Vals<'a>, toll: Toll) -> Vals<'a> {
    toll(*cv.0.data(), &cv.1).map_or_else(ended, |()| f(cv.1))
}

fn multiply(mut cv: Cv<'_>) -> Vals<'_> {
    let right = cv.0.pop_var();
    let left = cv.0.pop_var();
    match cv.0.data().account.multiply(&left, &right) {
        Ok(()) => answer(left * right),
        Err(stopped) => ended(stopped),
    }
}

/// Refuses a search whose work is the product of two sizes.
fn weigh(mut cv: Cv<'_>) -> Vals<'_> {
    let pattern = cv.0.pop_var();
    cv.0.data().account.product(&cv.1, &pattern, MATCH_WORK).map_or_else(ended, |()| one(cv.1))
}

/// Refuses JSON in a text that is nested deeper than the recursive parser can take.
fn shallow(cv: Cv<'_>) -> Vals<'_> {
    let deep = match &cv.1 {
        Val::TStr(text) | Val::BStr(text) => crate::sources::format::deeper_than(text, FROMJSON_DEPTH),
        _ => false,
    };
    if deep { ended(cv.0.data().account.stop(Stopped::Output)) } else { one(cv.1) }
}

fn answer<'a>(result: ValR<Val>) -> Vals<'a> {
    Box::new(std::iter::once(result.map_err(Exn::from)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::mapping::Expression;

    #[test]
    fn everything_in_the_library_compiles() {
        let natives = natives().map(|(name, args, _)| (name, args.len()));
        let defined = library().iter().map(|(def, _)| (def.name, def.args.len()));
        let written = |(name, _): &(&str, usize)| names().any(|known| known == *name);
        for (name, arity) in natives.chain(defined).filter(written) {
            let args = vec!["."; arity].join("; ");
            let source = if arity == 0 { name.to_owned() } else { format!("{name}({args})") };
            assert_eq!(Expression::compile(&source).map(|_| ()), Ok(()), "{source}");
        }
        let known: Vec<&str> = names().collect();
        for name in
            ["map", "sort_by", "gsub", "fromjson", "range", "strptime", "limit", "contains", "@base64", "todate"]
        {
            assert!(known.contains(&name), "{name}");
        }
        for name in ["env", "now", "halt", "halt_error", "debug", "stderr", "input", "localtime", "!step", "split_"] {
            assert!(!known.contains(&name), "{name}");
        }
    }
}
