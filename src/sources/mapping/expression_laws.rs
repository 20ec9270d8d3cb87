//! Laws of expressions on random ones: native steps give what jaq gives, no text breaks the compiler.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::Value;

use super::Expression;
use super::expression_tests::both;

/// Small JSON over few names, so that paths often fit.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e9..1e9_f64).prop_map(Value::from),
        "[ a-zđ\"]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[abc]", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Expressions of the native subset.
fn any_native() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(".".to_owned()),
        Just("empty".to_owned()),
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        Just("\"x\"".to_owned()),
        Just("\"\"".to_owned()),
        Just("3".to_owned()),
        Just("-2.5".to_owned()),
        Just("not".to_owned()),
        Just("tostring".to_owned()),
        Just("trim".to_owned()),
        Just("ascii_upcase".to_owned()),
        prop::collection::vec(
            prop_oneof![
                Just(".a"),
                Just(".b"),
                Just(".c"),
                Just("[0]"),
                Just("[-1]"),
                Just("[]"),
                Just(".a?"),
                Just("[]?"),
                Just("[1]?"),
                Just("[\"b\"]")
            ],
            1..4
        )
        .prop_map(|parts| {
            let path = parts.concat();
            if path.starts_with('.') { path } else { format!(".{path}") }
        }),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            two.clone().prop_map(|(l, r)| format!("({l}, {r})")),
            two.clone().prop_map(|(l, r)| format!("({l} | {r})")),
            two.clone().prop_map(|(l, r)| format!("({l} // {r})")),
            two.clone().prop_map(|(l, r)| format!("({l} and {r})")),
            two.clone().prop_map(|(l, r)| format!("({l} or {r})")),
            two.clone().prop_map(|(l, r)| format!("({l} + {r})")),
            two.clone().prop_map(|(l, r)| format!("{{a: {l}, b: {r}}}")),
            two.prop_map(|(l, r)| format!("\"\\({l})-\\({r})\"")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(i, t, e)| format!("if {i} then {t} else {e} end")),
            inner.clone().prop_map(|f| format!("[{f}]")),
            inner.clone().prop_map(|f| format!("({f})?")),
            inner.clone().prop_map(|f| format!("map({f})")),
            inner.clone().prop_map(|f| format!("select({f})")),
            inner.clone().prop_map(|f| format!("({f} == \"x\")")),
            inner.prop_map(|f| format!("({f} != null)")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn native_steps_give_what_jaq_gives(source in any_native(), input in any_json(), first: bool) {
        let (native, jaq) = both(&source, &input, first);
        prop_assert_eq!(native, jaq, "{}", source);
    }

    #[test]
    fn no_text_breaks_the_compiler(source in "[-.a\\[\\]{}()|,:;\"\\\\$@ 0-9đ+*/?=<>#\n]{0,40}") {
        if let Err(error) = Expression::compile(&source) {
            prop_assert!(error.offset + error.len <= source.len());
            prop_assert!(source.is_char_boundary(error.offset) && source.is_char_boundary(error.offset + error.len));
        }
    }

    #[test]
    fn json_survives_jaq(input in any_json()) {
        prop_assert_eq!(Expression::compile("def id: .; id").unwrap().run(&input, Duration::from_millis(250)), Ok(vec![input]));
    }
}
