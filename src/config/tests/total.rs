//! Whatever the files say, there is an answer and no panic.

use proptest::prelude::*;

use super::support::{Folder, HEAD, SETTINGS, TAIL};

/// Pieces of configurations, put together at random: nearer to the mark than random characters.
fn pieces() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        prop::sample::select(vec![
            "[http]",
            "[map]",
            "[codes.type]",
            "[limits]",
            "[[http]]",
            "[format.json]",
            "[database]",
            "[broker.tls]",
            "id = \"bxd\"",
            "url = \"https://ủ:p@a.vn\"",
            "auth.basic = { password = \"x\" }",
            "auth = []",
            "pagination.page = { param = 1 }",
            "incremental = 1979-05-27",
            "records = \"\\u1ea1 | [\"",
            "summary = '''\n.a |'''",
            "\"a[9999]\" = 1",
            "\"database.url\" = 1",
            "windows = [[], {}, 1.5, nan]",
            "x = \"\"\"\\\n   \"\"\"",
            "map.extra.a.b = \".\"",
            "codes = { type = { a = { b = \"c\" } } }",
            "\u{301}",
            "timeout = \"99999999999999999999d\"",
            "response_bytes = 9223372036854775807",
            "json_depth = -0",
        ])
        .prop_map(str::to_owned),
        "[a-z_]{1,8} = .{0,20}",
        any::<String>(),
    ];
    prop::collection::vec(line, 0..12).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text_is_answered(settings in pieces(), source in pieces(), whole in any::<bool>()) {
        let (settings, source) = if whole {
            (format!("{SETTINGS}{settings}"), format!("{HEAD}{TAIL}{source}"))
        } else {
            (settings, source)
        };
        let folder = Folder::new().with("petitiond.toml", settings).with("sources.d/bxd.toml", source);
        let first = folder.problems();
        prop_assert_eq!(&first, &folder.problems());
        prop_assert!(folder.load().is_ok() || first.contains("error"));
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let folder = Folder::new().with("petitiond.toml", &bytes).with("sources.d/bxd.toml", &bytes);
        prop_assert!(folder.load().is_err());
    }

    #[test]
    fn any_environment_is_answered(name in "(PETITIOND__)?[A-Z_\\[\\]0-9.-]{0,30}", value in any::<String>()) {
        let folder = Folder::new().with_variable(&name, &value);
        prop_assert_eq!(folder.problems(), folder.problems());
    }
}

#[test]
fn deep_nesting_is_answered() {
    for text in [
        format!("a = {}", "[".repeat(100_000)),
        format!("{} = 1", vec!["a"; 50_000].join(".")),
        format!("a = {}1{}", "{b = ".repeat(10_000), "}".repeat(10_000)),
        format!("[{}]", vec!["map"; 50_000].join(".")),
    ] {
        let folder = Folder::new().with("petitiond.toml", &text).with("sources.d/bxd.toml", &text);
        assert!(folder.load().is_err());
    }
}
