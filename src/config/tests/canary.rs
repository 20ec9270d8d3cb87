//! A password that was put into a URL, in whatever wrong form and place, is shown nowhere and does not pass.

use super::support::{Folder, HEAD, SETTINGS, TAIL, problems_of};

const CANARY: &str = "hunter2";

/// Ways to write a password into a URL of PostgreSQL. Most are none that can be read.
const SHAPES: &[&str] = &[
    "postgres://u:hunter2@h/d",
    " postgres://u:hunter2@h/d",
    "postgres:/u:hunter2@h/d",
    "postgres:u:hunter2@h/d",
    "postgres//u:hunter2@h/d",
    "postgres:\\\\\\\\u:hunter2@h/d",
    "postgres;//u:hunter2@h/d",
    "postgres:// u:hunter2@h/d",
    "postgres ://u:hunter2@h/d",
    "//u:hunter2@h/d",
    "u:hunter2@h/d",
    "u:hunter2",
    "hunter2",
    "://u:hunter2@h",
    "postgres://u:hunter2@",
    "postgres://u:hunter2@h:port/d",
    "postgres://u:hunter2@h:99999/d",
    "postgres://u:hunter2@[::1/d",
    "postgres://u:hunter2#x@h/d",
    "postgres://u:1?hunter2@h/d",
    "postgres://u:1/hunter2@h/d",
    "postgres://u:1#hunter2@h/d",
    "postgres://u/hunter2@h/d",
    "postgres://u%3Ahunter2@h/d",
    "postgres://u:hunter2%@h/d",
    "postgres://u:hunter2 @h/d",
    "postgres://u:hunter2\\n@h/d",
    "postgres://u:hunter2\\t@h/d",
    "postgres://h/d?password=hunter2",
    "postgres://h/d?user=u&PassWord=hunter2",
    "postgres://h/d?pass%77ord=hunter2",
    "postgres://h/d?sslpassword=hunter2",
    "postgres://h/d?x=1;password=hunter2",
    "postgres://h/d;password=hunter2",
    "postgres://h/d#password=hunter2",
    "postgres://h/d password=hunter2",
    "host=h user=u password=hunter2",
    "jdbc:postgresql://h/d?user=u&password=hunter2",
    "postgres:///d?host=/run/postgresql&password=hunter2",
    "mysql://u:hunter2@h/d",
    "hunter2@h",
];

fn quiet(folder: &Folder, what: &str) -> String {
    let shown = folder.problems();
    assert!(!shown.contains(CANARY), "{what}\n{shown}");
    shown
}

#[test]
fn no_url_of_a_server_passes_with_a_password_or_shows_it() {
    for shape in SHAPES {
        for (server, good) in
            [("postgres", "postgres://petitiond@127.0.0.1:5432/petitiond"), ("amqp", "amqp://127.0.0.1:5672/%2f")]
        {
            let bad = shape.replace("postgres", server);
            let text = SETTINGS.replace(good, &bad);
            let shown = quiet(&Folder::new().with("petitiond.toml", &text), &bad);
            assert!(shown.contains("error"), "{bad} passes");
            // beside another fault of the same line, and under a key that is misspelt too
            quiet(&Folder::new().with("petitiond.toml", text.replace("url =", "ulr =")), &bad);
            quiet(
                &Folder::new().with("petitiond.toml", text.replace("url = ", "url = [ 1, ").replace("\"\n", "\" ]\n")),
                &bad,
            );
            quiet(&Folder::new().with("petitiond.toml", text.replace("url =", "url")), &bad);
            quiet(&Folder::new().with("petitiond.toml", format!("{text}url = {good:?}")), &bad);
        }
    }
}

#[test]
fn no_url_of_a_source_shows_a_secret() {
    for shape in SHAPES.iter().filter(|shape| **shape != CANARY) {
        for scheme in ["https", "ftp"] {
            let url = shape.replace("postgres", scheme);
            let auth =
                format!("auth.oauth2 = {{ token_url = \"{url}\", client_id = \"c\", client_secret_file = \"x\" }}");
            for http in [format!("url = \"{url}\""), format!("url = \"https://h/\"\n{auth}")] {
                let source = format!("{HEAD}[http]\n{http}\n{TAIL}");
                for source in
                    [source.clone(), source.replace("[format.json]", "[format.json"), source.replace("url =", "uurl =")]
                {
                    let shown = problems_of(&source);
                    assert!(!shown.contains(CANARY), "{url}\n{shown}");
                    assert!(shown.contains("error"), "{url} passes");
                }
            }
        }
    }
    for named in [
        "https://hunter2@h/",
        "https://h/?api_key=hunter2",
        "https://h/?access_token=hunter2",
        "https://h/;key=hunter2",
    ] {
        let shown = problems_of(&format!("{HEAD}[http]\nurl = {named:?} \ntimeout = 1\n{TAIL}"));
        assert!(!shown.contains(CANARY), "{shown}");
    }
}

#[test]
fn what_stands_in_a_comment_or_in_the_place_of_a_key_is_not_shown_either() {
    for line in [
        "url = 1 # was postgres://u:hunter2@h/d",
        "url = 1 # postgres://h/d?password=hunter2",
        "\"postgres://u:hunter2@h/d\" = 1",
        "\"postgres:/u:hunter2@h/d\" = 1",
    ] {
        let text = SETTINGS.replace("url = \"postgres://petitiond@127.0.0.1:5432/petitiond\"", line);
        quiet(&Folder::new().with("petitiond.toml", text), line);
    }
}

#[test]
fn variables_and_files_are_not_shown() {
    for shape in SHAPES.iter().filter(|shape| shape.contains(':') && shape.contains('@')) {
        let text = SETTINGS.replace("url = \"amqp://127.0.0.1:5672/%2f\"", &format!("url_file = \"{shape}\""));
        assert!(quiet(&Folder::new().with("petitiond.toml", text), shape).contains("names a file"), "{shape}");
    }
    for shape in SHAPES {
        let shape = shape.replace("\\n", "\n").replace("\\t", "\t");
        quiet(&Folder::new().with_variable("PETITIOND__DATABASE__URL", &shape), &shape);
        let settings = SETTINGS.replace("url = \"postgres://petitiond@127.0.0.1:5432/petitiond\"", "url_file = \"u\"");
        quiet(&Folder::new().with("petitiond.toml", settings).with("u", &shape), &shape);
    }
}

#[test]
fn what_holds_no_secret_is_shown() {
    for url in ["mqtt://127.0.0.1:5672/%2f", "mqtt://petitiond@h/%2f?heartbeat=10"] {
        let shown = Folder::new().with("petitiond.toml", SETTINGS.replace("amqp://127.0.0.1:5672/%2f", url)).problems();
        assert!(shown.contains(url), "{shown}");
    }
}
