//! Between serde_json's values and jaq's.

use jaq_core::ValT;
use jaq_json::{Map as ValMap, Num, Val};
use serde_json::{Map, Number, Value};

/// Levels of a result: what serde_json itself reads back.
const DEPTH: usize = 120;

/// A record as jaq sees it.
pub(super) fn to_val(value: &Value) -> Val {
    match value {
        Value::Null => Val::Null,
        Value::Bool(b) => Val::Bool(*b),
        Value::Number(number) => Val::Num(num(number)),
        Value::String(text) => Val::utf8_str(text.clone()),
        Value::Array(items) => items.iter().map(to_val).collect(),
        Value::Object(fields) => {
            Val::obj(fields.iter().map(|(k, v)| (Val::utf8_str(k.clone()), to_val(v))).collect::<ValMap>())
        }
    }
}

fn num(number: &Number) -> Num {
    if let Some(integer) = number.as_i64() {
        Num::from_integral(integer)
    } else if let Some(integer) = number.as_u64() {
        Num::from_integral(integer)
    } else {
        Num::Float(number.as_f64().unwrap_or(f64::NAN))
    }
}

/// A number as it is written in an expression.
pub(super) fn literal(text: &str, negative: bool) -> Option<Value> {
    let number = match text.parse::<isize>() {
        Ok(integer) => Val::from(integer),
        Err(_) => Val::from_num(text).ok()?,
    };
    let number = if negative { (-number).ok()? } else { number };
    to_value(&number)
}

/// A result of jaq as JSON; `None` where it cannot be: a key that is no text, too many levels. What is no number
/// (`nan`, `infinite`) is null, bytes that are no UTF-8 are replaced.
pub(super) fn to_value(val: &Val) -> Option<Value> {
    down(val, DEPTH)
}

fn down(val: &Val, depth: usize) -> Option<Value> {
    Some(match val {
        Val::Null => Value::Null,
        Val::Bool(b) => Value::Bool(*b),
        Val::Num(num) => number(num),
        Val::TStr(text) | Val::BStr(text) => Value::String(String::from_utf8_lossy(text).into_owned()),
        Val::Arr(items) => {
            let depth = depth.checked_sub(1)?;
            Value::Array(items.iter().map(|item| down(item, depth)).collect::<Option<_>>()?)
        }
        Val::Obj(fields) => {
            let depth = depth.checked_sub(1)?;
            let field = |(key, item): (&Val, &Val)| match key {
                Val::TStr(key) => Some((String::from_utf8_lossy(key).into_owned(), down(item, depth)?)),
                _ => None,
            };
            Value::Object(fields.iter().map(field).collect::<Option<Map<_, _>>>()?)
        }
    })
}

fn number(num: &Num) -> Value {
    let float = |f: f64| Number::from_f64(f).map_or(Value::Null, Value::Number);
    match num {
        Num::Int(integer) => Value::from(*integer as i64),
        Num::BigInt(integer) => {
            let text = integer.to_string();
            text.parse::<u64>().map_or_else(|_| text.parse().map_or(Value::Null, float), Value::from)
        }
        Num::Float(f) => float(*f),
        Num::Dec(text) => text.parse().map_or(Value::Null, float),
    }
}
