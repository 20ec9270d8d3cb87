//! Recognises the plain expressions of most mappings and lowers them to [`Node`]s.
//!
//! What is not recognised here runs in jaq, with the same result: the grammar is jaq's own, this reads its tree.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Term};
use jaq_core::ops::{Cmp, Math};
use jaq_core::path::{Opt, Part, Path};
use serde_json::Value;

use super::convert;
use super::native::{Builtin, Node, Step};

/// The same expression as native steps; `None` where it needs jaq.
pub(super) fn lower(term: &Term<&str>) -> Option<Node> {
    Some(match term {
        Term::Id => Node::Input,
        Term::Num(text) => Node::Literal(convert::literal(text, false)?),
        Term::Neg(inner) => match &**inner {
            Term::Num(text) => Node::Literal(convert::literal(text, true)?),
            _ => return None,
        },
        Term::Str(None, parts) => text(parts)?,
        Term::Arr(None) => Node::Array(Box::new(Node::Empty)),
        Term::Arr(Some(inner)) => Node::Array(boxed(inner)?),
        Term::Obj(entries) => Node::Object(entries.iter().map(entry).collect::<Option<_>>()?),
        Term::BinOp(l, op, r) => binary(l, op, r)?,
        Term::TryCatch(inner, None) => Node::Try(boxed(inner)?),
        Term::IfThenElse(branches, otherwise) => {
            let last = otherwise.as_ref().map_or(Some(Node::Input), |t| lower(t))?;
            branches.iter().rev().try_fold(last, |otherwise, (condition, then)| {
                Some(Node::If(Box::new([lower(condition)?, lower(then)?, otherwise])))
            })?
        }
        Term::Call(name, args) => call(name, args)?,
        Term::Path(head, path) => Node::Path(boxed(head)?, steps(path)?),
        _ => return None,
    })
}

fn boxed(term: &Term<&str>) -> Option<Box<Node>> {
    lower(term).map(Box::new)
}

fn call(name: &str, args: &[Term<&str>]) -> Option<Node> {
    Some(match (name, args) {
        ("null", []) => Node::Literal(Value::Null),
        ("true", []) => Node::Literal(Value::Bool(true)),
        ("false", []) => Node::Literal(Value::Bool(false)),
        ("empty", []) => Node::Empty,
        ("not", []) => Node::Builtin(Builtin::Not),
        ("tostring", []) => Node::Builtin(Builtin::ToString),
        ("trim", []) => Node::Builtin(Builtin::Trim),
        ("ltrim", []) => Node::Builtin(Builtin::TrimStart),
        ("rtrim", []) => Node::Builtin(Builtin::TrimEnd),
        ("ascii_downcase", []) => Node::Builtin(Builtin::Lower),
        ("ascii_upcase", []) => Node::Builtin(Builtin::Upper),
        ("select", [condition]) => Node::If(Box::new([lower(condition)?, Node::Input, Node::Empty])),
        ("map", [each]) => {
            let every = Node::Path(Box::new(Node::Input), vec![Step::Each { optional: false }]);
            Node::Array(Box::new(Node::Pipe(Box::new(every), boxed(each)?)))
        }
        _ => return None,
    })
}

fn binary(l: &Term<&str>, op: &BinaryOp<&str>, r: &Term<&str>) -> Option<Node> {
    Some(match op {
        BinaryOp::Pipe(None) => Node::Pipe(boxed(l)?, boxed(r)?),
        BinaryOp::Comma => Node::Comma(boxed(l)?, boxed(r)?),
        BinaryOp::Alt => Node::Otherwise(boxed(l)?, boxed(r)?),
        BinaryOp::Or => Node::Logic { left: boxed(l)?, stop: true, right: boxed(r)? },
        BinaryOp::And => Node::Logic { left: boxed(l)?, stop: false, right: boxed(r)? },
        BinaryOp::Math(Math::Add) => Node::Add(vec![lower(l)?, lower(r)?]),
        BinaryOp::Cmp(cmp @ (Cmp::Eq | Cmp::Ne)) => {
            let ((of, Node::Literal(to)) | (Node::Literal(to), of)) = (lower(l)?, lower(r)?) else {
                return None;
            };
            // numbers compare by value across their kinds: left to jaq
            let exact = matches!(to, Value::Null | Value::Bool(_) | Value::String(_));
            exact.then(|| Node::Equal { of: Box::new(of), to, negated: matches!(cmp, Cmp::Ne) })?
        }
        _ => return None,
    })
}

fn entry((key, value): &(Term<&str>, Option<Term<&str>>)) -> Option<(String, Node)> {
    let key = constant(key)?;
    let value = match value {
        Some(value) => lower(value)?,
        None => Node::Path(Box::new(Node::Input), vec![Step::Key { key: key.clone(), optional: false }]),
    };
    Some((key, value))
}

/// The text of a literal without interpolation.
fn constant(term: &Term<&str>) -> Option<String> {
    match lower(term)? {
        Node::Literal(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn text(parts: &[StrPart<&str, Term<&str>>]) -> Option<Node> {
    let mut nodes = Vec::new();
    let mut literal = String::new();
    for part in parts {
        match part {
            StrPart::Str(text) => literal.push_str(text),
            StrPart::Char(c) => literal.push(*c),
            StrPart::Term(term) => {
                nodes.push(Node::Literal(Value::String(std::mem::take(&mut literal))));
                nodes.push(Node::Pipe(boxed(term)?, Box::new(Node::Builtin(Builtin::ToString))));
            }
        }
    }
    let rest = Node::Literal(Value::String(literal));
    if nodes.is_empty() {
        return Some(rest);
    }
    nodes.push(rest);
    Some(Node::Add(nodes))
}

fn steps(path: &Path<Term<&str>>) -> Option<Vec<Step>> {
    let step = |(part, opt): &(Part<Term<&str>>, Opt)| {
        let optional = matches!(opt, Opt::Optional);
        match part {
            Part::Range(None, None) => Some(Step::Each { optional }),
            Part::Range(..) => None,
            Part::Index(index) => match lower(index)? {
                Node::Literal(Value::String(key)) => Some(Step::Key { key, optional }),
                Node::Literal(Value::Number(number)) => Some(Step::Index { index: number.as_i64()?, optional }),
                _ => None,
            },
        }
    };
    path.0.iter().map(step).collect()
}
