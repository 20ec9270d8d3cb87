//! The records of a page, cut out of its text without building a value for each.

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::native::Step;

/// The texts that a plain path selects, in their order; `None` where the path is not that plain or does not fit
/// (then the expression itself must say what is wrong). Of more than `limit` at least one more than that.
pub(super) fn select<'a>(text: &'a str, steps: &[Step], limit: usize) -> Option<Vec<&'a RawValue>> {
    cut(text, Select { steps, limit }).ok()
}

/// The elements of a list; of more than `limit` at least one more than that.
pub(super) fn elements(text: &str, limit: usize) -> serde_json::Result<Vec<&RawValue>> {
    cut(text, Select { steps: &[Step::Each { optional: false }], limit })
}

fn cut<'a>(text: &'a str, select: Select<'_>) -> serde_json::Result<Vec<&'a RawValue>> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let selected = select.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(selected)
}

/// What is selected under one value. A few bytes of a body can be a record, and each costs a hundred here; so what is
/// beyond the limit is read over.
#[derive(Clone, Copy)]
struct Select<'s> {
    steps: &'s [Step],
    limit: usize,
}

impl<'de> DeserializeSeed<'de> for Select<'_> {
    type Value = Vec<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        use serde::Deserialize;
        match self.steps.first() {
            None => Ok(vec![<&RawValue>::deserialize(deserializer)?]),
            Some(Step::Key { .. }) => deserializer.deserialize_map(self),
            Some(Step::Each { .. }) => deserializer.deserialize_seq(self),
            Some(Step::Index { .. }) => Err(serde::de::Error::custom("an index is left to the expression")),
        }
    }
}

impl<'de> Visitor<'de> for Select<'_> {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("what the path says")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Some((Step::Key { key, .. }, rest)) = self.steps.split_first() else {
            return Err(serde::de::Error::custom("a field where the path goes through a list"));
        };
        let mut selected = None;
        while let Some(is_key) = map.next_key_seed(IsKey(key))? {
            if is_key {
                // of fields with the same name the last one counts
                selected = Some(map.next_value_seed(Select { steps: rest, ..self })?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        selected.ok_or_else(|| serde::de::Error::custom("no such field"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let rest = Select { steps: self.steps.get(1..).unwrap_or_default(), ..self };
        let mut selected = Vec::new();
        while selected.len() <= self.limit {
            let Some(more) = seq.next_element_seed(rest)? else { return Ok(selected) };
            selected.extend(more);
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(selected)
    }
}

/// Whether a field has this name.
struct IsKey<'k>(&'k str);

impl<'de> DeserializeSeed<'de> for IsKey<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for IsKey<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a field name")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::mapping::Expression;

    fn selected(path: &str, text: &str) -> Option<Vec<String>> {
        let expression = Expression::compile(path).unwrap();
        let steps = expression.as_path().expect("a plain path");
        Some(select(text, steps, usize::MAX)?.iter().map(|raw| raw.get().to_owned()).collect())
    }

    #[test]
    fn plain_paths_cut_texts_out() {
        let page = r#"{"data": {"x":1, "items": [ {"a" : 1e999}, "\ud800" ,3]}, "meta":null}"#;
        assert_eq!(selected(".data.items[]", page).unwrap(), [r#"{"a" : 1e999}"#, r#""\ud800""#, "3"]);
        assert_eq!(selected(".data.items", page).unwrap(), [r#"[ {"a" : 1e999}, "\ud800" ,3]"#]);
        assert_eq!(selected(".[]", "[1, [2]]").unwrap(), ["1", "[2]"]);
        assert_eq!(selected(".[].a[]", r#"[{"a":[1,2]},{"a":[]},{"a":[3]}]"#).unwrap(), ["1", "2", "3"]);
        assert_eq!(selected(".", " 7 ").unwrap(), ["7"]);
        assert_eq!(selected(".a", r#"{"a":1,"a":2}"#).unwrap(), ["2"]);
    }

    #[test]
    fn what_does_not_fit_is_left_to_the_expression() {
        for (path, text) in [
            (".a[]", r#"{"b":1}"#),
            (".a[]", r#"{"a":{"b":1}}"#),
            (".a", "[1]"),
            (".[0]", "[1]"),
            (".a", r#"{"a":1} x"#),
            (".a", r#"{"a":1"#),
        ] {
            assert_eq!(selected(path, text), None, "{path} {text}");
        }
    }
}
