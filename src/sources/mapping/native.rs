//! Plain expressions as native steps, about a microsecond a record.
//!
//! The results are those of jaq, in their order and in which input is an error; where a step would have to know
//! more of jq than is written here (how a float prints, how numbers add), it gives up with [`Interrupt::Bail`] and
//! the whole expression runs in jaq.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::MapError;

/// One step or a tree of them.
#[derive(Debug)]
pub(super) enum Node {
    /// `.`
    Input,
    Literal(Value),
    /// `f.a[0][]`
    Path(Box<Self>, Vec<Step>),
    Comma(Box<Self>, Box<Self>),
    Pipe(Box<Self>, Box<Self>),
    /// `[f]`
    Array(Box<Self>),
    /// `{a: f, b: g}`
    Object(Vec<(String, Self)>),
    /// `f // g`
    Otherwise(Box<Self>, Box<Self>),
    /// `f?` behind parentheses, `try f`
    Try(Box<Self>),
    /// Condition, then, else.
    If(Box<[Self; 3]>),
    /// `or` stops at true, `and` at false.
    Logic {
        left: Box<Self>,
        stop: bool,
        right: Box<Self>,
    },
    /// `f == literal`
    Equal {
        of: Box<Self>,
        to: Value,
        negated: bool,
    },
    /// `f + g` on texts, `"…\(f)…"`
    Add(Vec<Self>),
    Builtin(Builtin),
    Empty,
}

/// One part of a path; an optional one (`?`) passes over what it does not fit.
#[derive(Debug)]
pub(super) enum Step {
    Key { key: String, optional: bool },
    Index { index: i64, optional: bool },
    Each { optional: bool },
}

/// Filters of one value to one value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Builtin {
    Not,
    ToString,
    Trim,
    TrimStart,
    TrimEnd,
    Lower,
    Upper,
}

/// Why an evaluation does not go on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Interrupt {
    /// The expression does not fit the value.
    Error(&'static str),
    /// Only jaq knows.
    Bail,
    /// Whoever takes the outputs has enough.
    Enough,
}

type Outcome = Result<(), Interrupt>;
type Emit<'e, 'v> = &'e mut dyn FnMut(Cow<'v, Value>) -> Outcome;

impl Node {
    /// All outputs, or only the first; `None` where jaq must be asked.
    pub fn run(&self, input: &Value, first: bool) -> Option<Result<Vec<Value>, MapError>> {
        let mut outputs = Vec::new();
        let outcome = self.eval(Cow::Borrowed(input), &mut |value| {
            outputs.push(value.into_owned());
            if first { Err(Interrupt::Enough) } else { Ok(()) }
        });
        match outcome {
            Ok(()) | Err(Interrupt::Enough) => Some(Ok(outputs)),
            Err(Interrupt::Error(why)) => Some(Err(MapError::Unfit(why.to_owned()))),
            Err(Interrupt::Bail) => None,
        }
    }

    /// The steps of a plain path from the input, such as `.data.items[]`.
    pub fn as_path(&self) -> Option<&[Step]> {
        match self {
            Self::Input => Some(&[]),
            Self::Path(head, steps) if matches!(**head, Self::Input) => Some(steps),
            _ => None,
        }
    }

    fn eval<'v>(&'v self, input: Cow<'v, Value>, emit: Emit<'_, 'v>) -> Outcome {
        match self {
            Self::Input => emit(input),
            Self::Literal(value) => emit(Cow::Borrowed(value)),
            Self::Empty => Ok(()),
            Self::Path(head, steps) => head.eval(input, &mut |value| walk(steps, value, emit)),
            Self::Pipe(l, r) => l.eval(input, &mut |value| r.eval(value, emit)),
            Self::Comma(l, r) => {
                l.eval(input.clone(), emit)?;
                r.eval(input, emit)
            }
            Self::Array(inner) => {
                let mut items = Vec::new();
                inner.eval(input, &mut |value| {
                    items.push(value.into_owned());
                    Ok(())
                })?;
                emit(Cow::Owned(Value::Array(items)))
            }
            Self::Object(entries) => object(entries, &input, &Map::new(), emit),
            Self::Otherwise(l, r) => {
                let mut any = false;
                l.eval(input.clone(), &mut |value| {
                    if truth(&value) {
                        any = true;
                        emit(value)
                    } else {
                        Ok(())
                    }
                })?;
                if any { Ok(()) } else { r.eval(input, emit) }
            }
            Self::Try(inner) => attempt(inner, input, emit),
            Self::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                condition.eval(input.clone(), &mut |value| {
                    if truth(&value) { then.eval(input.clone(), emit) } else { otherwise.eval(input.clone(), emit) }
                })
            }
            Self::Logic { left, stop, right } => left.eval(input.clone(), &mut |value| {
                if truth(&value) == *stop {
                    emit(Cow::Owned(Value::Bool(*stop)))
                } else {
                    right.eval(input.clone(), &mut |value| emit(Cow::Owned(Value::Bool(truth(&value)))))
                }
            }),
            Self::Equal { of, to, negated } => {
                of.eval(input, &mut |value| emit(Cow::Owned(Value::Bool((*value == *to) != *negated))))
            }
            Self::Add(terms) => sum(terms, &input, &Value::Null, emit),
            Self::Builtin(builtin) => emit(builtin.apply(input)?),
        }
    }
}

/// Neither null nor false.
fn truth(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}

/// `f?`: the outputs before the first error. An error of whoever takes the outputs is not f's.
fn attempt<'v>(inner: &'v Node, input: Cow<'v, Value>, emit: Emit<'_, 'v>) -> Outcome {
    let mut downstream = None;
    let outcome = inner.eval(input, &mut |value| {
        emit(value).map_err(|interrupt| {
            downstream = Some(interrupt);
            Interrupt::Enough
        })
    });
    match (downstream, outcome) {
        (Some(interrupt), _) => Err(interrupt),
        (None, Err(Interrupt::Error(_))) => Ok(()),
        (None, outcome) => outcome,
    }
}

/// Whether an evaluation has any output, an error included.
fn any(mut eval: impl FnMut(&mut dyn FnMut() -> Outcome) -> Outcome) -> Result<bool, Interrupt> {
    let mut found = false;
    let outcome = eval(&mut || {
        found = true;
        Err(Interrupt::Enough)
    });
    match outcome {
        Err(Interrupt::Bail) => Err(Interrupt::Bail),
        Err(Interrupt::Error(_)) => Ok(true),
        Ok(()) | Err(Interrupt::Enough) => Ok(found),
    }
}

/// One factor of a product: where it fails, jq still runs the others, and without an output of theirs there is no
/// error either.
#[expect(clippy::ptr_arg, reason = "a value borrowed from the record is cloned for nothing, and keeps its lifetime")]
fn factor<'v>(
    node: &'v Node,
    input: &Cow<'v, Value>,
    others: impl FnMut(&mut dyn FnMut() -> Outcome) -> Outcome,
    emit: Emit<'_, 'v>,
) -> Outcome {
    let mut downstream = None;
    let outcome = node.eval(input.clone(), &mut |value| {
        emit(value).map_err(|interrupt| {
            downstream = Some(interrupt);
            Interrupt::Enough
        })
    });
    match (downstream, outcome) {
        (Some(interrupt), _) => Err(interrupt),
        (None, Err(Interrupt::Error(why))) => {
            if any(others)? {
                Err(Interrupt::Error(why))
            } else {
                Ok(())
            }
        }
        (None, outcome) => outcome,
    }
}

#[expect(clippy::ptr_arg, reason = "a value borrowed from the record is cloned for nothing, and keeps its lifetime")]
fn object<'v>(
    entries: &'v [(String, Node)],
    input: &Cow<'v, Value>,
    made: &Map<String, Value>,
    emit: Emit<'_, 'v>,
) -> Outcome {
    let Some(((key, node), rest)) = entries.split_first() else {
        return emit(Cow::Owned(Value::Object(made.clone())));
    };
    let others = |found: &mut dyn FnMut() -> Outcome| object(rest, input, &Map::new(), &mut |_| found());
    factor(node, input, others, &mut |value| {
        let mut made = made.clone();
        made.insert(key.clone(), value.into_owned());
        object(rest, input, &made, emit)
    })
}

#[expect(clippy::ptr_arg, reason = "a value borrowed from the record is cloned for nothing, and keeps its lifetime")]
fn sum<'v>(terms: &'v [Node], input: &Cow<'v, Value>, made: &Value, emit: Emit<'_, 'v>) -> Outcome {
    let Some((node, rest)) = terms.split_first() else {
        return emit(Cow::Owned(made.clone()));
    };
    let others = |found: &mut dyn FnMut() -> Outcome| sum(rest, input, &Value::Null, &mut |_| found());
    factor(node, input, others, &mut |value| {
        let made = match (made, &*value) {
            (Value::Null, _) => value.into_owned(),
            (made, Value::Null) => made.clone(),
            (Value::String(made), Value::String(more)) => Value::String(format!("{made}{more}")),
            _ => return Err(Interrupt::Bail),
        };
        sum(rest, input, &made, emit)
    })
}

/// Follows a path from a value.
fn walk<'v>(steps: &'v [Step], value: Cow<'v, Value>, emit: Emit<'_, 'v>) -> Outcome {
    let Some((step, rest)) = steps.split_first() else {
        return emit(value);
    };
    let unfit = |optional: bool, why| if optional { Ok(()) } else { Err(Interrupt::Error(why)) };
    match step {
        Step::Key { key, optional } => match field(value, key) {
            Some(value) => walk(rest, value, emit),
            None => unfit(*optional, "cannot take a field of what is no object"),
        },
        Step::Index { index, optional } => match item(value, *index) {
            Some(value) => walk(rest, value, emit),
            None => unfit(*optional, "cannot take an item of what is no array"),
        },
        Step::Each { optional } => match value {
            Cow::Borrowed(Value::Array(items)) => {
                items.iter().try_for_each(|item| walk(rest, Cow::Borrowed(item), emit))
            }
            Cow::Owned(Value::Array(items)) => {
                items.into_iter().try_for_each(|item| walk(rest, Cow::Owned(item), emit))
            }
            Cow::Borrowed(Value::Object(fields)) => {
                fields.values().try_for_each(|item| walk(rest, Cow::Borrowed(item), emit))
            }
            // an object made here has its fields in another order than jaq's
            Cow::Owned(Value::Object(_)) => Err(Interrupt::Bail),
            _ => unfit(*optional, "cannot go through what is neither array nor object"),
        },
    }
}

fn field<'v>(value: Cow<'v, Value>, key: &str) -> Option<Cow<'v, Value>> {
    match value {
        Cow::Borrowed(Value::Object(fields)) => Some(fields.get(key).map_or(Cow::Owned(Value::Null), Cow::Borrowed)),
        Cow::Owned(Value::Object(mut fields)) => Some(Cow::Owned(fields.remove(key).unwrap_or(Value::Null))),
        Cow::Borrowed(Value::Null) | Cow::Owned(Value::Null) => Some(Cow::Owned(Value::Null)),
        _ => None,
    }
}

fn item(value: Cow<'_, Value>, index: i64) -> Option<Cow<'_, Value>> {
    let place = |len: usize| {
        let back = usize::try_from(index.unsigned_abs()).ok()?;
        if index < 0 { len.checked_sub(back) } else { Some(back).filter(|place| *place < len) }
    };
    let null = Cow::Owned(Value::Null);
    match value {
        Cow::Borrowed(Value::Array(items)) => {
            Some(place(items.len()).and_then(|place| items.get(place)).map_or(null, Cow::Borrowed))
        }
        Cow::Owned(Value::Array(mut items)) => {
            Some(place(items.len()).map_or(null, |place| Cow::Owned(items.swap_remove(place))))
        }
        Cow::Borrowed(Value::Null | Value::Object(_)) | Cow::Owned(Value::Null | Value::Object(_)) => Some(null),
        _ => None,
    }
}

impl Builtin {
    fn apply(self, value: Cow<'_, Value>) -> Result<Cow<'_, Value>, Interrupt> {
        let owned = |text: String| Cow::Owned(Value::String(text));
        match (self, &*value) {
            (Self::Not, value) => Ok(Cow::Owned(Value::Bool(!truth(value)))),
            (Self::ToString, Value::String(_)) => Ok(value),
            (Self::ToString, Value::Null) => Ok(owned("null".to_owned())),
            (Self::ToString, Value::Bool(b)) => Ok(owned(b.to_string())),
            (Self::ToString, Value::Number(n)) if !n.is_f64() => Ok(owned(n.to_string())),
            (Self::ToString, _) => Err(Interrupt::Bail),
            (Self::Trim, Value::String(text)) => Ok(owned(text.trim().to_owned())),
            (Self::TrimStart, Value::String(text)) => Ok(owned(text.trim_start().to_owned())),
            (Self::TrimEnd, Value::String(text)) => Ok(owned(text.trim_end().to_owned())),
            (Self::Lower, Value::String(text)) => Ok(owned(text.to_ascii_lowercase())),
            (Self::Upper, Value::String(text)) => Ok(owned(text.to_ascii_uppercase())),
            _ => Err(Interrupt::Error("cannot use as text what is no text")),
        }
    }
}
