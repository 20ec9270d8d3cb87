//! The rules of the house that no compiler keeps: layers, who may name which crate, how long things get, how a
//! module introduces itself. Needs no server. When a reviewer says a thing twice, it becomes a rule here.
//!
//! A failure lists every violation as `file:line: what`, and under it why the rule exists.
#![cfg(test)]

#[path = "architecture/source.rs"]
mod source;

use std::path::Path;

use source::{Source, files, relative, rust_files};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Modules that everybody may use and that use nobody.
const LEAVES: [&str; 5] = ["clock", "compression", "dial", "secret", "telemetry"];

/// Modules that only compute: the same answer for the same input, on any machine. (`seal` computes too, but reads its
/// key file.)
const PURE: [&str; 7] = ["clock", "compression", "secret", "domain", "reference", "linkage", "normalize"];

/// A crate (or a part of the standard library), the start of the paths under `src/` that may name it, and why.
const FENCES: [(&str, &[&str], &str); 4] = [
    ("sqlx", &["store/", "report/", "sources/sql"], "SQL in one place is SQL that can be reviewed and changed"),
    (
        "lapin",
        &["broker/", "dial/", "sources/amqp"],
        "acknowledging is the broker module's alone, so that nothing is lost",
    ),
    ("reqwest", &["sources/", "demo/"], "only sources (and the simulated agencies) speak HTTP to others"),
    (
        "anyhow",
        &["main.rs", "cli/", "daemon/", "demo/"],
        "elsewhere an error tells its caller what can be done, so it has a type: thiserror, one Error a module",
    ),
];

fn src() -> Vec<Source> {
    rust_files(Path::new(ROOT), "src")
}

fn src_and_tests() -> Vec<Source> {
    let mut all = src();
    all.extend(rust_files(Path::new(ROOT), "tests"));
    all
}

#[track_caller]
fn hold(why: &str, violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n  why: {why}\n", violations.join("\n"));
}

/// The modules by layer, lowest first, as `lib.rs` lists them: a comment or an empty line begins the next layer.
fn layers(lib: &str) -> Vec<Vec<&str>> {
    let mut layers = vec![Vec::new()];
    for line in lib.lines() {
        match (line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';')), layers.last_mut()) {
            (Some(module), Some(layer)) => layer.push(module),
            (None, Some(layer)) if !layer.is_empty() => layers.push(Vec::new()),
            _ => {}
        }
    }
    layers
}

/// One module naming another, and where.
struct Import {
    from: String,
    to: String,
    place: String,
}

fn imports(sources: &[Source]) -> Vec<Import> {
    let of = |source: &Source| {
        let import = |found: source::Found| Import {
            from: source.module().to_owned(),
            to: found.what,
            place: format!("{}:{}", source.path, found.line),
        };
        source.imports().into_iter().map(import).collect::<Vec<_>>()
    };
    sources.iter().flat_map(of).filter(|import| import.from != import.to).collect()
}

/// What is wrong with an import by itself, if anything.
fn wrong_import(layers: &[Vec<&str>], from: &str, to: &str) -> Option<String> {
    let layer = |name: &str| layers.iter().position(|layer| layer.contains(&name));
    if LEAVES.contains(&from) {
        return layer(to).map(|_| format!("{from} is a leaf and uses {to}"));
    }
    if from == "sources" && matches!(to, "broker" | "store") {
        return Some(format!("sources uses {to}; what becomes of a pull is the business of pipeline"));
    }
    (layer(to)? > layer(from)?).then(|| format!("{from} uses {to}, which stands above it"))
}

/// Whether one module uses another, directly or by way of others.
fn reaches(imports: &[Import], from: &str, to: &str) -> bool {
    let mut seen = vec![from];
    let mut next = 0;
    while let Some(module) = seen.get(next).copied() {
        next += 1;
        for import in imports.iter().filter(|import| import.from == module) {
            if import.to == to {
                return true;
            }
            if !seen.contains(&import.to.as_str()) {
                seen.push(&import.to);
            }
        }
    }
    false
}

#[test]
fn a_module_imports_only_from_layers_under_its_own() {
    let sources = src();
    let lib = sources.iter().find(|source| source.path == "src/lib.rs").expect("src/lib.rs");
    let layers = layers(&lib.text);
    let listed: Vec<_> = layers.iter().flatten().copied().chain(["main", "lib"]).collect();
    assert!(listed.len() > 10, "src/lib.rs lists its modules as `pub mod name;`, found only {listed:?}");
    let imports = imports(&sources);
    let mut violations = Vec::new();
    for Import { from, to, place } in &imports {
        if let Some(wrong) = wrong_import(&layers, from, to) {
            violations.push(format!("{place}: {wrong}"));
        } else if from != "lib" && reaches(&imports, to, from) {
            violations.push(format!("{place}: {from} uses {to}, which uses {from}"));
        }
    }
    let unlisted = sources.iter().filter(|source| !listed.contains(&source.module()));
    violations.extend(unlisted.map(|source| format!("{}:1: has no place in the list of src/lib.rs", source.path)));
    hold("a module can be read, tested and replaced without what is built on it (order: src/lib.rs)", &violations);
}

#[test]
fn crates_stay_behind_their_fences() {
    for (name, allowed, why) in FENCES {
        let outside = |source: &&Source| !allowed.iter().any(|start| within(source, start));
        hold(why, &naming(src().iter().filter(outside), name));
    }
    for name in ["tokio", "std::fs", "std::net", "std::process"] {
        let sources = src();
        let pure = sources.iter().filter(|source| PURE.contains(&source.module()));
        hold("rules that only compute can be tested by tables and run anywhere", &naming(pure, name));
    }
}

fn within(source: &Source, start: &str) -> bool {
    let path = source.path.trim_start_matches("src/");
    // `cli/` also means `cli.rs`
    path.starts_with(start) || start.strip_suffix('/').is_some_and(|module| path == format!("{module}.rs"))
}

fn naming<'a>(sources: impl Iterator<Item = &'a Source>, name: &str) -> Vec<String> {
    let lines = |source: &'a Source| {
        source.lines_with(name, false).into_iter().map(move |line| format!("{}:{line}: names {name}", source.path))
    };
    sources.flat_map(lines).collect()
}

#[test]
fn files_stay_short() {
    let mut lengths: Vec<_> = src().iter().map(|source| (source.production_lines(), source.path.clone())).collect();
    lengths.retain(|(lines, _)| *lines > 0);
    lengths.sort();
    let mut violations: Vec<_> = lengths
        .iter()
        .filter(|(lines, _)| *lines > 500)
        .map(|(lines, path)| format!("{path}:1: {lines} lines outside tests, more than 500"))
        .collect();
    let (median, path) = &lengths[lengths.len() / 2];
    if *median >= 160 {
        violations.push(format!("{path}:1: the median file, with {median} lines outside tests, not under 160"));
    }
    hold("a file is one thought; cut it by table, kind or page, not by line count", &violations);
}

#[test]
fn functions_stay_short() {
    let mut violations = Vec::new();
    for source in src() {
        for (function, lines) in source.functions() {
            if lines >= 60 {
                let (path, line, name) = (&source.path, function.line, &function.what);
                violations.push(format!("{path}:{line}: fn {name} has {lines} lines, not under 60"));
            }
        }
    }
    hold("a function fits on a screen and does one thing", &violations);
}

#[test]
fn modules_introduce_themselves() {
    let mods: Vec<_> = src_and_tests().into_iter().filter(|source| source.path.ends_with("/mod.rs")).collect();
    let violations: Vec<_> = mods.iter().flat_map(missing_in_introduction).collect();
    hold("who opens a folder learns what it owns, what it must not know, and how to add one", &violations);
}

fn missing_in_introduction(source: &Source) -> Vec<String> {
    let docs: Vec<_> = source.text.lines().map_while(|line| line.strip_prefix("//!")).collect();
    if docs.len() < 3 {
        return vec![format!("{}:1: opens with {} lines of //! documentation, not 3 or more", source.path, docs.len())];
    }
    let adding = docs.iter().any(|line| line.starts_with(" To "));
    let docs = docs.join("").to_lowercase();
    let asked = [
        (docs.contains("own"), "what it owns"),
        (docs.contains("must not know"), "what it \"must not know\""),
        (adding || docs.contains("to add "), "how \"to add\" one"),
    ];
    let missing = asked.iter().filter(|(said, _)| !said);
    missing.map(|(_, what)| format!("{}:1: the //! documentation does not say {what}", source.path)).collect()
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    let empty = ["util", "utils", "common", "helper", "helpers", "type", "types", "manager", "misc"];
    let mut violations = Vec::new();
    for source in src_and_tests() {
        let parts = source.path.split('/').map(|part| part.trim_end_matches(".rs"));
        for name in parts.filter(|part| empty.contains(part)) {
            violations.push(format!("{}:1: a module named {name}", source.path));
        }
        for line in empty.iter().flat_map(|name| source.lines_with(&format!("mod {name}"), true)) {
            violations.push(format!("{}:{line}: a module named so", source.path));
        }
    }
    hold("a drawer without a label fills up; name what the things in it do", &violations);
}

#[test]
fn nothing_is_silenced_or_left_open() {
    let banned = [
        ("ignore", "an ignored test tests nothing: repair it or remove it"),
        ("allow", "#[expect(lint, reason = \"…\")] says why, and goes when it is no longer needed"),
        ("todo!", "what is not done is not merged"),
        ("unimplemented!", "what is not done is not merged"),
    ];
    for (word, why) in banned {
        let mut violations = Vec::new();
        for source in src_and_tests() {
            let lines: Vec<_> = source.code.lines().collect();
            for line in source.lines_with(word, true) {
                let text = lines[line - 1].trim();
                if word.ends_with('!') || text.starts_with("#[") || text.starts_with("#![") {
                    violations.push(format!("{}:{line}: {text}", source.path));
                }
            }
        }
        hold(why, &violations);
    }
}

/// The columns at which a text names a folder that only one person's machine has.
fn personal_paths(line: &str) -> Vec<usize> {
    let homes = ["home", "root", "work", "Users"].map(|name| format!("/{name}/"));
    let in_path = |c: char| c.is_alphanumeric() || "._-/}*".contains(c);
    let starts = |at: &usize| !line[..*at].chars().next_back().is_some_and(in_path);
    homes.iter().flat_map(|home| line.match_indices(home).map(|(at, _)| at)).filter(starts).collect()
}

#[test]
fn nothing_names_a_folder_of_a_developers_machine() {
    let root = Path::new(ROOT);
    let mut violations = Vec::new();
    for path in files(root) {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !personal_paths(line).is_empty()) {
            violations.push(format!("{}:{}: {}", relative(root, &path), number + 1, line.trim()));
        }
    }
    hold("a checkout works wherever it is put", &violations);
}

// ---------------------------------------------------------------- the rules see what they are meant to see

fn sample(path: &str, text: &str) -> Source {
    Source::new(path, text.to_owned())
}

#[test]
fn comments_and_strings_are_not_code() {
    let text = "/* a /* nested */ { */ x('{', '\\'', \"{\\\"{\", r#\"{\"#); // {\nfn f<'a>(b: &'a str) {}\n";
    let source = sample("src/store/one.rs", text);
    assert_eq!(source.code.matches(['{', '}']).collect::<String>(), "{}");
    assert_eq!(source.functions()[0].0.line, 2);
}

#[test]
fn tests_are_not_production() {
    let text =
        "fn a() {\n}\n#[cfg(test)]\nuse crate::cli;\n\n#[cfg(test)]\nmod tests {\n    fn b() {\n    }\n}\nfn c() {}\n";
    let source = sample("src/store/one.rs", text);
    let names: Vec<_> = source.functions().into_iter().map(|(function, _)| (function.what, function.line)).collect();
    assert_eq!(names, [("a".to_owned(), 1), ("c".to_owned(), 11)]);
    assert_eq!(source.production_lines(), 4);
    assert!(source.imports().is_empty());
    assert_eq!(sample("src/store/tests.rs", text).production_lines(), 0);
}

#[test]
fn an_import_is_seen_however_it_is_written() {
    let text = "use crate::{cli::{Options, run}, config,\n    domain::Kind};\nfn f() { crate::daemon::stop() }\nuse super::super::demo;\n";
    let imports: Vec<_> = sample("src/store/one.rs", text).imports().into_iter().map(|i| (i.what, i.line)).collect();
    let expected = [("cli", 1), ("config", 1), ("domain", 1), ("daemon", 3), ("demo", 4)];
    assert_eq!(imports, expected.map(|(name, line)| (name.to_owned(), line)));
    assert_eq!(sample("src/clock.rs", "use super::cli;").imports()[0].what, "cli");
    assert!(sample("src/store/one.rs", "use super::two;").imports().is_empty());
}

#[test]
fn an_import_against_the_order_is_wrong() {
    let lib = "//! Docs.\n\n// leaves\npub mod clock;\n// L0\npub mod domain;\n// L2\npub mod broker;\npub mod sources;\n\npub mod cli;\n";
    let layers = layers(lib);
    assert_eq!(layers[..4], [vec!["clock"], vec!["domain"], vec!["broker", "sources"], vec!["cli"]]);
    let wrong = |from, to| wrong_import(&layers, from, to).is_some();
    assert!(wrong("domain", "broker"));
    assert!(wrong("clock", "domain"));
    assert!(wrong("sources", "broker"), "although they share a layer");
    assert!(!wrong("broker", "sources"));
    assert!(!wrong("cli", "broker"));
    assert!(!wrong("domain", "clock"));
    assert!(!wrong("broker", "Thing"), "a name that lib.rs re-exports");
}

#[test]
fn a_circle_is_seen_however_long() {
    let sources = [
        sample("src/linkage/key.rs", "use crate::seal::KeyRing;"),
        sample("src/seal/mod.rs", "use crate::normalize;"),
        sample("src/normalize/mod.rs", "fn f() { crate::linkage::score() }"),
    ];
    assert!(reaches(&imports(&sources), "seal", "linkage"));
    assert!(!reaches(&imports(&sources[..2]), "seal", "linkage"));
}

#[test]
fn a_function_is_as_long_as_its_body() {
    let long = format!(
        "impl A {{\n    async fn long(x: fn(u8) -> u8)\n    where\n        T: B,\n    {{\n{}    }}\n}}\n",
        "        x;\n".repeat(60)
    );
    let functions = sample("src/store/one.rs", &long).functions();
    assert_eq!(functions.iter().map(|(f, lines)| (f.what.as_str(), *lines)).collect::<Vec<_>>(), [("long", 65)]);
    assert_eq!(sample("src/store/one.rs", "trait A {\n    fn f(x: [u8; 2]);\n}\n").functions()[0].1, 1);
}

#[test]
fn an_introduction_says_three_things() {
    let whole = "//! Owns ids.\n//! Must not know where records come from.\n//! To add a code: one line.\n";
    assert!(missing_in_introduction(&sample("src/domain/mod.rs", whole)).is_empty());
    assert_eq!(missing_in_introduction(&sample("src/domain/mod.rs", "//! Ids.\n\npub mod id;\n")).len(), 1);
    assert_eq!(missing_in_introduction(&sample("src/domain/mod.rs", "//! Ids.\n//!\n//! More.\n")).len(), 3);
}

#[test]
fn a_personal_path_is_told_from_an_address() {
    let of = |name: &str| format!("/{name}/x");
    assert!(!personal_paths(&format!("cd {}", of("root"))).is_empty());
    assert!(!personal_paths(&of("Users")).is_empty());
    assert!(personal_paths("https://example.vn/x/home/y ./home/y").is_empty());
}
