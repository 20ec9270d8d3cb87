//! What of jq a mapping may use: everything that depends on the record alone and can be bounded.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::path::Part;

/// Filters of jq that a mapping may not use, with the reason.
pub(super) const REFUSED: &[(&str, &str)] = &[
    ("env", "the environment"),
    ("$ENV", "the environment"),
    ("$__prog_args", "the command line"),
    ("$__loc__", "the place in the program"),
    ("now", "the clock"),
    ("localtime", "the time zone of the machine"),
    ("strflocaltime", "the time zone of the machine"),
    ("input", "other records"),
    ("inputs", "other records"),
    ("input_filename", "the file"),
    ("input_line_number", "the file"),
    ("debug", "a log"),
    ("stderr", "a log"),
    ("halt", "the whole daemon"),
    ("halt_error", "the whole daemon"),
    ("modulemeta", "other files"),
    ("get_search_list", "other files"),
];

/// Levels that a program may be nested; what runs it is recursive.
const DEPTH: usize = 200;

/// Why a program is refused, and the part of its text that is at fault.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal<'s> {
    /// Uses what does not depend on the record alone.
    Impure {
        name: &'s str,
        reaches: &'static str,
    },
    /// A definition calls itself.
    Recursive {
        name: &'s str,
    },
    TooDeep,
}

/// Walks one program.
#[derive(Default)]
pub(super) struct Audit<'s> {
    /// Names and numbers of arguments of the definitions that are open around the present term.
    open: Vec<(&'s str, usize)>,
    /// Every filter that is called.
    pub calls: Vec<&'s str>,
    depth: usize,
    /// jq's own library may call itself: `meter.rs` knows where.
    may_recurse: bool,
}

impl<'s> Audit<'s> {
    /// Looks at one term and everything in it.
    pub fn term(&mut self, term: &Term<&'s str>) -> Result<(), Refusal<'s>> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Refusal::TooDeep);
        }
        let result = self.inside(term);
        self.depth -= 1;
        result
    }

    fn inside(&mut self, term: &Term<&'s str>) -> Result<(), Refusal<'s>> {
        match term {
            Term::Id | Term::Recurse | Term::Num(_) | Term::Break(_) => Ok(()),
            Term::Var(name) => Self::pure(name),
            Term::Str(format, parts) => {
                self.calls.extend(format);
                parts.iter().try_for_each(|part| match part {
                    StrPart::Term(term) => self.term(term),
                    StrPart::Str(_) | StrPart::Char(_) => Ok(()),
                })
            }
            Term::Arr(inner) => inner.iter().try_for_each(|t| self.term(t)),
            Term::Obj(entries) => entries.iter().try_for_each(|(key, value)| {
                self.term(key)?;
                value.iter().try_for_each(|t| self.term(t))
            }),
            Term::Neg(inner) | Term::Label(_, inner) => self.term(inner),
            Term::BinOp(l, op, r) => {
                self.term(l)?;
                if let BinaryOp::Pipe(Some(pattern)) = op {
                    self.pattern(pattern)?;
                }
                self.term(r)
            }
            Term::Fold(_, xs, pattern, args) => {
                self.term(xs)?;
                self.pattern(pattern)?;
                args.iter().try_for_each(|t| self.term(t))
            }
            Term::TryCatch(inner, catch) => {
                self.term(inner)?;
                catch.iter().try_for_each(|t| self.term(t))
            }
            Term::IfThenElse(branches, otherwise) => {
                branches.iter().try_for_each(|(i, t)| self.term(i).and_then(|()| self.term(t)))?;
                otherwise.iter().try_for_each(|t| self.term(t))
            }
            Term::Def(defs, inner) => {
                defs.iter().try_for_each(|def| self.definition(def))?;
                self.term(inner)
            }
            Term::Call(name, args) => {
                Self::pure(name)?;
                if !self.may_recurse && self.open.contains(&(name, args.len())) {
                    return Err(Refusal::Recursive { name });
                }
                self.calls.push(name);
                args.iter().try_for_each(|t| self.term(t))
            }
            Term::Path(head, path) => {
                self.term(head)?;
                path.0.iter().try_for_each(|(part, _)| match part {
                    Part::Index(index) => self.term(index),
                    Part::Range(from, to) => from.iter().chain(to).try_for_each(|t| self.term(t)),
                })
            }
        }
    }

    fn definition(&mut self, def: &Def<&'s str>) -> Result<(), Refusal<'s>> {
        self.open.push((def.name, def.args.len()));
        let result = self.term(&def.body);
        self.open.pop();
        result
    }

    fn pattern(&mut self, pattern: &Pattern<&'s str>) -> Result<(), Refusal<'s>> {
        match pattern {
            Pattern::Var(_) => Ok(()),
            Pattern::Arr(items) => items.iter().try_for_each(|p| self.pattern(p)),
            Pattern::Obj(entries) => entries.iter().try_for_each(|(key, value)| {
                self.term(key)?;
                self.pattern(value)
            }),
        }
    }

    fn pure(name: &'s str) -> Result<(), Refusal<'s>> {
        match REFUSED.iter().find(|(refused, _)| *refused == name) {
            Some((_, reaches)) => Err(Refusal::Impure { name, reaches }),
            None => Ok(()),
        }
    }
}

/// Every filter that the body of a definition of jq's library calls.
pub(super) fn calls_of<'s>(def: &Def<&'s str>) -> Vec<&'s str> {
    let mut audit = Audit { may_recurse: true, ..Audit::default() };
    let audited = audit.term(&def.body);
    debug_assert_eq!(audited, Ok(()), "{}", def.name);
    audit.calls
}
