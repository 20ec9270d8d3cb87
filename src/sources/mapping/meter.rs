//! Rewrites a jq program so that it pays for every step, and refuses what cannot be bounded.
//!
//! - The body of every definition, every output of `.[]`, `..` and `,` passes `!step`.
//! - Every turn of `reduce`, `foreach`, `while`, `until`, `repeat` and `recurse` passes `!turn`, which also weighs
//!   the value that the loop carries on.
//! - `*` becomes `!multiply`, which refuses `"x" * 1e9`.
//! - A definition of the user's own that calls itself is refused: jq's own loops cover every mapping, and only
//!   recursion can build, through its arguments, what `!turn` does not see.
//!
//! Names with `!` cannot be written in jq, so no expression reaches past these.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::ops::Math;
use jaq_core::path::{Part, Path};

pub(super) const STEP: &str = "!step";
pub(super) const TURN: &str = "!turn";
pub(super) const MULTIPLY: &str = "!multiply";

/// Whose program is rewritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    /// An expression of the configuration.
    User,
    /// jq's standard library. It relies on tail calls, which a step after `,` would break; its loops over
    /// growing values are called `rec`.
    Library,
}

type Tm<'s> = Term<&'s str>;

/// `l | r`
pub(super) fn pipe<'s>(l: Tm<'s>, r: Tm<'s>) -> Tm<'s> {
    Term::BinOp(Box::new(l), BinaryOp::Pipe(None), Box::new(r))
}

pub(super) fn call<'s>(name: &'s str, args: Vec<Tm<'s>>) -> Tm<'s> {
    Term::Call(name, args)
}

fn stepped(term: Tm<'_>) -> Tm<'_> {
    pipe(term, call(STEP, Vec::new()))
}

pub(super) fn definition(def: Def<&str>, author: Author) -> Def<&str> {
    let toll = if author == Author::Library && def.name == "rec" { TURN } else { STEP };
    Def { name: def.name, args: def.args, body: pipe(call(toll, Vec::new()), meter(def.body, author)) }
}

/// The same program, paying for every step.
pub(super) fn meter<'s>(term: Tm<'s>, author: Author) -> Tm<'s> {
    let one = |t: Box<Tm<'s>>| Box::new(meter(*t, author));
    match term {
        Term::Id | Term::Num(_) | Term::Var(_) | Term::Break(_) => term,
        Term::Recurse => stepped(Term::Recurse),
        Term::Str(format, parts) => Term::Str(format, parts.into_iter().map(|p| text_part(p, author)).collect()),
        Term::Arr(inner) => Term::Arr(inner.map(|t| Box::new(meter(*t, author)))),
        Term::Obj(entries) => {
            Term::Obj(entries.into_iter().map(|(k, v)| (meter(k, author), v.map(|v| meter(v, author)))).collect())
        }
        Term::Neg(inner) => Term::Neg(one(inner)),
        Term::BinOp(l, op, r) => binary(meter(*l, author), op, meter(*r, author), author),
        Term::Label(name, inner) => Term::Label(name, one(inner)),
        Term::Fold(name, xs, pattern, args) => fold(name, meter(*xs, author), pattern, args, author),
        Term::TryCatch(inner, catch) => Term::TryCatch(one(inner), catch.map(|t| Box::new(meter(*t, author)))),
        Term::IfThenElse(branches, otherwise) => Term::IfThenElse(
            branches.into_iter().map(|(i, t)| (meter(i, author), meter(t, author))).collect(),
            otherwise.map(|t| Box::new(meter(*t, author))),
        ),
        Term::Def(defs, inner) => Term::Def(defs.into_iter().map(|def| definition(def, author)).collect(), one(inner)),
        Term::Call(name, args) => Term::Call(name, args.into_iter().map(|t| meter(t, author)).collect()),
        Term::Path(head, path) => self::path(meter(*head, author), path, author),
    }
}

fn text_part<'s>(part: StrPart<&'s str, Tm<'s>>, author: Author) -> StrPart<&'s str, Tm<'s>> {
    match part {
        StrPart::Term(term) => StrPart::Term(meter(term, author)),
        other => other,
    }
}

fn binary<'s>(l: Tm<'s>, op: BinaryOp<&'s str>, r: Tm<'s>, author: Author) -> Tm<'s> {
    let user = author == Author::User;
    match op {
        BinaryOp::Math(Math::Mul) if user => call(MULTIPLY, vec![l, r]),
        // `l *= r` is `r as $x | l |= . * $x`
        BinaryOp::UpdateMath(Math::Mul) if user => {
            let product = call(MULTIPLY, vec![Term::Id, Term::Var("$!factor")]);
            let update = Term::BinOp(Box::new(l), BinaryOp::Update, Box::new(product));
            Term::BinOp(Box::new(r), BinaryOp::Pipe(Some(Pattern::Var("$!factor"))), Box::new(update))
        }
        BinaryOp::Comma if user => stepped(Term::BinOp(Box::new(l), BinaryOp::Comma, Box::new(r))),
        BinaryOp::Pipe(Some(pattern)) => {
            Term::BinOp(Box::new(l), BinaryOp::Pipe(Some(self::pattern(pattern, author))), Box::new(r))
        }
        op => Term::BinOp(Box::new(l), op, Box::new(r)),
    }
}

fn pattern(pattern: Pattern<&str>, author: Author) -> Pattern<&str> {
    match pattern {
        Pattern::Var(name) => Pattern::Var(name),
        Pattern::Arr(items) => Pattern::Arr(items.into_iter().map(|p| self::pattern(p, author)).collect()),
        Pattern::Obj(entries) => {
            Pattern::Obj(entries.into_iter().map(|(k, p)| (meter(k, author), self::pattern(p, author))).collect())
        }
    }
}

fn fold<'s>(name: &'s str, xs: Tm<'s>, pattern: Pattern<&'s str>, args: Vec<Tm<'s>>, author: Author) -> Tm<'s> {
    let toll = if author == Author::User { TURN } else { STEP };
    let args = args.into_iter().enumerate().map(|(i, arg)| {
        let arg = meter(arg, author);
        // 0 is where the loop starts, 1 is what each turn makes of it, 2 what `foreach` shows of it
        if i == 1 { pipe(arg, call(toll, Vec::new())) } else { arg }
    });
    Term::Fold(name, Box::new(xs), self::pattern(pattern, author), args.collect())
}

fn path<'s>(head: Tm<'s>, path: Path<Tm<'s>>, author: Author) -> Tm<'s> {
    let iterates = path.0.iter().any(|(part, _)| matches!(part, Part::Range(None, None)));
    let parts = path.0.into_iter().map(|(part, optional)| {
        let part = match part {
            Part::Index(index) => Part::Index(meter(index, author)),
            Part::Range(from, to) => Part::Range(from.map(|t| meter(t, author)), to.map(|t| meter(t, author))),
        };
        (part, optional)
    });
    let path = Term::Path(Box::new(head), Path(parts.collect()));
    if iterates { stepped(path) } else { path }
}
