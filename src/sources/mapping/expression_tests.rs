//! Tables of expressions: native steps against jaq, bombs, messages.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::bounds::Bounds;
use super::expression::Input;
use super::{Expression, MapError};

const TIME: Duration = Duration::from_millis(250);

/// Expressions of the native subset, a line each.
const PLAIN: &str = r#".
.MaDon
.khuyet
.a.b
.a["b c"]
.a."b c".d[1]
.a["b c"].d[-1]
.a["b c"].d[9]
.a["b c"].d[]
.NguoiNop[].HoTen
.NguoiNop[0].HoTen
."danh sách"
.["danh sách"][]
.MaDon.x
.MaDon.x?
.MaDon[]
.MaDon[]?
(.MaDon.x)?
try .MaDon.x
.so[0]
.rong[]
.rong[0]
.rong.x.y
.a[0]
.NguoiNop.x
.a[]
.long
.am
.thuc
"petition"
1
-1
1.50
1e3
12345678901234567890
123456789012345678901234567890
true
false
null
empty
.MaDon, .so
.MaDon, .MaDon.x
[.MaDon, .so]
[]
{}
[.MaDon[]?]
[.NguoiNop[] | {name: .HoTen, id_number: .SoGiayTo}]
{MaDon, so}
{"a b": .so}
{a: .NguoiNop[].HoTen, b: (1, 2)}
{a: .MaDon.x, b: empty}
{a: empty, b: .MaDon.x}
{a: .MaDon.x, b: 1}
({a: (1, .MaDon.x), b: 2})?
{a: 1, a: 2}
.khuyet // .so
.khong // .rong
.rong // empty
(.khong, .so, .rong, .co) // 9
.MaDon.x // 1
.MaDon.x? // 1
1 // .MaDon.x
.so | not
.MaDon == "D1"
"D1" == .MaDon
.rong == null
.MaDon != "D1"
.co == true
if .MaDon == "D1" then "x" else "y" end
if .rong then 1 end
if .khong then 1 elif .co then 2 else 3 end
if (.co, .khong) then 1 else 2 end
.co and .so
.rong or .khong
.khong and .MaDon.x
.khong or .MaDon.x
(.co, .khong) and (.so, .rong)
map(.x)
.NguoiNop | map(.HoTen)
[.NguoiNop[] | select(.SoGiayTo)]
[.NguoiNop[] | select(.HoTen == "B") | .SoGiayTo]
.ten | trim
.ten | ltrim
.ten | rtrim
.so | trim
.MaDon | ascii_downcase
.MaDon | ascii_upcase
.so | tostring
.rong | tostring
.co | tostring
.MaDon | tostring
.long | tostring
"\(.MaDon)-\(.so)"
"\(.rong)"
"\(.thuc) \(.a)"
"\(.NguoiNop[].HoTen)\("x", "y")"
"\(.MaDon.x)\(empty)"
.MaDon + "/" + .ten
.rong + .so
.so + .thuc
.MaDon + .so
(.MaDon, .rong) + (.MaDon, .rong)
.MaDon.x + empty
[1, 2] + [3]
[{b: 1, a: 2}] | .[0][]
{b: 1, a: 2} | .b
{b: 1} | .[]
"é\t\u00e9\""
.a | .["b c"] | .d | .[0]
[.NguoiNop[]] | .[1]
[1, 2, 3] | .[-2]
(1, 2) | (., .)
{"x": {"y": [.so]}}
(.MaDon.x)? , .so
[.MaDon, (.so | .x)]?
.["MaDon"]?"#;

/// Expressions beyond it, with all their outputs.
const BY_JAQ: &str = r#".a | sort | .[0] => [1]
[.a[] | . * 2] => [[6, 2, 4]]
.s | split("/") | reverse | join("-") => ["2024-03-05"]
.s | sub("(?<d>\\d+)/(?<m>\\d+)/(?<y>\\d+)"; "\(.y)-\(.m)-\(.d)") => ["2024-03-05"]
.n | to_entries | map(select(.value)) | from_entries => [{"x": "1"}]
reduce .a[] as $x (0; . + $x) => [6]
[foreach .a[] as $x (0; . + $x)] => [[3, 4, 6]]
[limit(2; repeat(1))] => [[1, 1]]
[.[] | numbers, strings] | length => [2]
[range(3)] => [[0, 1, 2]]
[.. | numbers] => [[3, 1, 2]]
.json | fromjson | .k[0] => [1]
.n.x | tonumber => [1]
def twice: . * 2; [.a[] | twice] => [[6, 2, 4]]
.a as [$x, $y] | $x - $y => [2]
.a |= map(. + 1) | .a => [[4, 2, 3]]
.a[0] *= 5 | .a[0] => [15]
"ab" * 2 => ["abab"]
[.a[] | if . > 1 then . else empty end] | length => [2]
.s | strptime("%d/%m/%Y") | mktime => [1709596800]
1e1000 => [null]
[.a | first, last] => [[3, 2]]
.a | contains([1]), any(. == 2), index(1) => [true, true, 1]
[.s | test("^\\d"), ascii_downcase, length] => [[true, "05/03/2024", 10]]
label $out | .a[] | if . == 1 then ., break $out else . end => [3, 1]
{a: [1, [2]]} | [.a | flatten | add] => [[3]]
[splits(", ")?] => [[]]
try error("x") catch . => ["x"]
[path(..)] | length => [10]
@base64 "\(.s)" => ["MDUvMDMvMjAyNA=="]
first(range(10; 0; -3)) => [10]
[.a[] as $x | .a[] as $y | $x * $y] | add => [36]
[.a[1:][], .a[:1][]] => [[1, 2, 3]]
until(type == "number"; 5) => [5]
[1, [2, 3]] | getpath([1, 0]) => [2]"#;

/// Expressions that end at their bounds only.
const ENDLESS: &str = r#"repeat(.)
[repeat(1)]
last(repeat(1))
[range(1e12)]
last(range(1e12))
reduce range(1e12) as $x (0; $x)
range(0; 1; 0)
[range(0; 1; 0)]
until(false; .)
[while(true; .)]
[recurse(.)]
last(recurse([.]))
until(false; [.])
[.a[] | try repeat(.) catch 1]
repeat(.)? // 1
first(range(1e12) | select(false))
isempty(range(1e12) | select(false))
any(range(1e12); false)
[limit(1e12; repeat(1))]
skip(1e12; repeat(1))
"x" * 1e9 | length
"x" * 1000000000
1000000000 * "x"
.big *= 100000 | .big | length
reduce range(60) as $i ("x"; . + .)
reduce range(60) as $i ([0]; . + .) | length
reduce range(60) as $i ({a: [0]}; .a += .a) | 1
reduce range(60) as $i ([0]; [., .]) | 1
reduce range(1e6) as $i (0; [.]) | 1
reduce range(60) as $i ("\""; tojson) | 1
reduce range(60) as $i (2; . * .) | 1
last(foreach range(1e6) as $i (0; {a: .})) | 1
[.many[] as $a | .many[] as $b | .many[] as $c | 1] | length
[{a: .many[], b: .many[], c: .many[]}] | length
[(0, 1), (2, 3)] | [combinations(50)] | length
[.many, .many, .many] | [combinations] | length
[range(100000)] | map(. as $x | [range(100000)]) | length
"\([range(1e9)])"
def f: repeat(.); f
.. |= repeat(.)
path(repeat(.))
[paths(repeat(1))]"#;

fn expression(source: &str) -> Expression {
    Expression::compile(source).unwrap_or_else(|error| panic!("{source}: {error:?}"))
}

fn run(source: &str, input: &Value) -> Result<Vec<Value>, MapError> {
    expression(source).run(input, TIME)
}

/// The same expression by native steps and by jaq; the kind of error only, since jaq's words differ.
pub(super) fn both(source: &str, input: &Value, first: bool) -> (Result<Vec<Value>, ()>, Result<Vec<Value>, ()>) {
    let expression = expression(source);
    assert!(expression.is_native(), "{source} is not native");
    let bounds = Bounds::record(Duration::from_mins(1));
    let native = expression.outputs(&Input::new(input), bounds, first);
    let by_jaq = expression.outputs_by_jaq(&Input::new(input), bounds, first);
    (native.map_err(|_| ()), by_jaq.map_err(|_| ()))
}

#[test]
fn plain_expressions_are_native_and_agree_with_jaq() {
    let record = json!({
        "MaDon": "D1", "so": 7, "thuc": 1.5, "rong": null, "co": true, "khong": false, "ten": "  Nguyễn Thị Huệ ",
        "long": 12_345_678_901_234_567_890_u64, "am": -3,
        "NguoiNop": [{"HoTen": "A", "SoGiayTo": "1"}, {"HoTen": "B", "SoGiayTo": null}],
        "a": {"b c": {"d": [10, 20, 30]}}, "danh sách": ["x", "y"],
    });
    for source in PLAIN.lines() {
        for first in [false, true] {
            let (native, jaq) = both(source, &record, first);
            assert_eq!(native, jaq, "{source} (first: {first})");
        }
    }
}

#[test]
fn everything_else_runs_in_jaq() {
    let record = json!({"a": [3, 1, 2], "s": "05/03/2024", "n": {"x": "1", "y": null}, "json": "{\"k\": [1]}"});
    for line in BY_JAQ.lines() {
        let (source, expected) = line.rsplit_once(" => ").unwrap();
        let expected: Value = serde_json::from_str(expected).unwrap();
        assert_eq!(run(source, &record).map(Value::Array), Ok(expected), "{source}");
    }
}

#[test]
fn first_is_the_first_output_and_null_is_none() {
    let first = |source: &str| expression(source).first(&json!({"a": null, "b": 1}), TIME);
    assert_eq!(first(".b, .a"), Ok(Some(json!(1))));
    assert_eq!(first(".a, .b"), Ok(None));
    assert_eq!(first("empty"), Ok(None));
    assert_eq!(first(".b, (.b | .c)"), Ok(Some(json!(1))));
    assert_eq!(first("first(range(1e12)) + .b"), Ok(Some(json!(1))));
    assert!(first(".b.c").is_err());
}

#[test]
fn an_endless_or_greedy_expression_is_stopped() {
    let mut wrong = Vec::new();
    let record = json!({"a": [1, 2, 3], "big": "x".repeat(100_000), "many": vec![0; 2000]});
    for source in ENDLESS.lines() {
        let expression = expression(source);
        let begun = Instant::now();
        let result = expression.run(&record, TIME).map(|outputs| outputs.len());
        let spent = begun.elapsed();
        // far over TIME: what counts is that it ends, also on a machine that has other things to do
        if !matches!(result, Err(MapError::TimedOut | MapError::TooMuch)) || spent > Duration::from_secs(50) {
            wrong.push((source, result, spent));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn hostile_data_is_stopped_too() {
    let deep = "[".repeat(100_000);
    let run = |source: &str, input: Value| expression(source).run(&input, TIME);
    assert_eq!(run("fromjson", json!(deep)), Err(MapError::TooMuch));
    assert_eq!(run("try fromjson catch 1", json!(deep)), Err(MapError::TooMuch));
    let a = "a".repeat(1 << 20);
    assert_eq!(run(". as {$x, $y} | $x | indices($y)", json!({"x": a, "y": a})), Err(MapError::TooMuch));
    assert_eq!(
        run(". as {$x, $y} | $x | test($y)", json!({"x": a, "y": "(a*)*b".repeat(1000)})),
        Err(MapError::TooMuch)
    );
}

#[test]
fn errors_of_jq_are_told_without_the_data() {
    let secret = json!({"name": "Nguyễn Văn Bí Mật", "list": [1]});
    for source in [
        ".name | .[0]",
        ".name | tonumber",
        ".name - 1",
        "error(.name)",
        ".name | error",
        ".name | keys",
        ".name | fromjson",
        ".list[\"x\"]",
        ".name | strptime(\"%d\")",
        ".name | test(\"(\")",
        ".name | range(1; .name)",
        "{(.list): 1}",
        ".name | .x",
        ".name[]",
    ] {
        let error = run(source, &secret).expect_err(source);
        assert!(matches!(error, MapError::Unfit(_)), "{source}: {error:?}");
        let text = error.to_string();
        assert!(!text.contains("Mật") && !text.contains("Nguy"), "{source}: {text}");
    }
}

#[test]
fn what_is_not_pure_or_not_bounded_does_not_compile() {
    for (source, offset, len, word) in [
        ("env", 0, 3, "environment"),
        (".a | $ENV.HOME", 5, 4, "environment"),
        ("now", 0, 3, "clock"),
        ("[.a, input]", 5, 5, "other records"),
        ("inputs", 0, 6, "other records"),
        (".a | debug", 5, 5, "log"),
        ("stderr", 0, 6, "log"),
        ("halt", 0, 4, "daemon"),
        ("halt_error(1)", 0, 10, "daemon"),
        ("$__loc__", 0, 8, "place"),
        ("localtime", 0, 9, "zone"),
        ("strflocaltime(\"%d\")", 0, 13, "zone"),
        ("def f: f; f", 7, 1, "calls itself"),
        ("def f: def g: f; g; f", 14, 1, "calls itself"),
        ("def f($x): f($x + 1); f(1)", 11, 1, "calls itself"),
        ("input_filename", 0, 14, "file"),
    ] {
        let error = Expression::compile(source).expect_err(source);
        assert_eq!((error.offset, error.len), (offset, len), "{source}: {}", error.message);
        assert!(error.message.contains(word), "{source}: {}", error.message);
    }
}

#[test]
fn a_wrong_expression_is_answered_with_a_sentence_and_a_place() {
    let check = |source: &str, offset: usize, len: usize, message: &str| {
        let error = Expression::compile(source).expect_err(source);
        assert_eq!((error.offset, error.len, error.message.as_str()), (offset, len, message), "{source}");
    };
    check("", 0, 0, "the expression is empty; the record itself is .");
    check("  ", 0, 2, "the expression is empty; the record itself is .");
    check(".a |", 4, 0, "the expression ends too early: a filter such as .field is missing");
    check(".a[", 2, 1, "this [ is never closed");
    check("{name: .HoTen", 0, 1, "this { is never closed");
    check(".a]", 2, 1, "this ] closes nothing");
    check("\"abc", 0, 1, "this \" is never closed");
    check("'petition'", 0, 1, "a text is written in straight double quotes: \"…\"");
    check(".Tên", 2, 2, "a field name with letters beyond a-z is written in quotes: .\"…ê…\"");
    check(".a .b c", 6, 1, "\"c\" is too much here; two filters are joined by | or ,");
    check("petition", 0, 8, "there is no filter petition; the field is .petition, the text is \"petition\"");
    check(".a | to_entrie", 5, 9, "there is no filter to_entrie; did you mean to_entries, or the field .to_entrie?");
    check(".a | split", 5, 5, "there is no split with 0 argument(s); arguments are separated by ;");
    check("join(\",\", 1; 2)", 0, 4, "there is no join with 2 argument(s); arguments are separated by ;");
    check(".a as $x | $y", 11, 2, "nothing is bound to $y; a variable is made by … as $y | …");
    check("break $x", 6, 2, "there is no label $x");
    check("m::f", 0, 1, "there is no module m; a mapping has none");
    check("\"\\x\"", 2, 1, r#"no such escape in a text; there are \" \\ \/ \b \f \n \r \t \u0041 \(…)"#);
    check("if . then 1", 11, 0, "the expression ends too early: \"else\" or \"end\" is missing");
}

#[test]
fn a_monstrous_expression_is_refused_and_not_fatal() {
    for source in [
        "(".repeat(8_000),
        "[".repeat(2000) + &"]".repeat(2000),
        "-".repeat(8_000) + "1",
        "try ".repeat(2000) + "1",
        ".a".repeat(20_000),
        ".|".repeat(4000) + ".",
        "if ".repeat(2700),
    ] {
        assert!(Expression::compile(&source).is_err(), "{}", source.get(..8).unwrap());
    }
    assert!(Expression::compile(&(".a".to_owned() + &" | .a".repeat(50))).is_ok());
}

#[test]
fn expressions_are_shared_between_threads_and_show_their_text() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    let expression = expression(".a | sort");
    shared(&expression);
    assert_eq!(format!("{expression:?}"), r#"Expression(".a | sort")"#);
    let threads: Vec<_> = (0..4)
        .map(|i| {
            let expression = expression.clone();
            std::thread::spawn(move || expression.run(&json!({"a": [i, 0]}), TIME))
        })
        .collect();
    for (i, thread) in threads.into_iter().enumerate() {
        let mut expected = [i, 0];
        expected.sort_unstable();
        assert_eq!(thread.join().unwrap(), Ok(vec![json!(expected)]));
    }
}
