//! Secrets that stand where others read them, and files of secrets that cannot be used.

use expect_test::expect;

use super::support::{Folder, HEAD, TAIL, check, problems_of_http};

#[test]
fn literal_secrets_are_refused_and_not_shown() {
    let http = "auth.basic = { username = \"ttcp\", password = \"hunter2\", pasword_file = \"x\" }\nheaders = { Authorization = \"Bearer hunter2\", Accept = \"application/json\", \"bad name\" = \"x\" }\n";
    let shown = problems_of_http(http);
    assert!(!shown.contains("hunter2"), "{shown}");
    check(
        &shown,
        &expect![[r#"
            sources.d/bxd.toml:8:35: error: a secret must not stand in this file: `password` in [http.auth.basic]
             8 | auth.basic = { username = "ttcp", password = *********, pasword_file = "x" }
               |                                   ^^^^^^^^
            help: put it into a file of mode 600 and write `password_file = "/path/to/it"`, or `password_file = "credential:NAME"`

            sources.d/bxd.toml:8:57: error: unknown key `pasword_file` in [http.auth.basic]
             8 | auth.basic = { username = "ttcp", password = *********, pasword_file = "x" }
               |                                                         ^^^^^^^^^^^^
            help: did you mean `password_file`?

            sources.d/bxd.toml:9:13: error: a secret must not stand in this file: the header `Authorization`
             9 | headers = { Authorization = ****************, Accept = "application/json", "bad name" = "x" }
               |             ^^^^^^^^^^^^^
            help: use `http.auth` with a `*_file`

            sources.d/bxd.toml:9:76: error: "bad name" is no name of a header
             9 | headers = { Authorization = ****************, Accept = "application/json", "bad name" = "x" }
               |                                                                            ^^^^^^^^^^

            4 errors
        "#]],
    );
    let shown = problems_of_http("auth.bearer = { token = \"\"\"\nhunter2\"\"\" }\n");
    assert!(!shown.contains("hunter2"), "{shown}");
    check(
        &shown,
        &expect![[r#"
            sources.d/bxd.toml:8:17: error: a secret must not stand in this file: `token` in [http.auth.bearer]
             8 | auth.bearer = { token = ***
               |                 ^^^^^
            help: put it into a file of mode 600 and write `token_file = "/path/to/it"`, or `token_file = "credential:NAME"`

            1 error
        "#]],
    );
}

#[test]
fn secret_files_that_cannot_be_used() {
    let http = |auth: &str| format!("{HEAD}[http]\nurl = \"https://a.vn\"\n{auth}\n{TAIL}");
    let folder = Folder::new()
        .with("open.secret", "hunter2\n")
        .with_mode("open.secret", 0o644)
        .with("empty.secret", "\n")
        .with("sources.d/bxd.toml", http("auth.basic = { username = \"u\", password_file = \"open.secret\" }"));
    let shown = folder.problems();
    assert!(!shown.contains("hunter2"), "{shown}");
    check(
        &shown,
        &expect![[r#"
        sources.d/bxd.toml:8:48: error: `http.auth.basic.password_file`: open.secret holds a secret and others may read it
         8 | auth.basic = { username = "u", password_file = "open.secret" }
           |                                                ^^^^^^^^^^^^^
        help: run: chmod 600 open.secret

        1 error
    "#]],
    );
    let folder = folder.with(
        "sources.d/bxd.toml",
        http("auth.bearer = { token_file = \"empty.secret\" }\ntls = { cert_file = \"empty.secret\" }"),
    );
    check(
        &folder.problems(),
        &expect![[r#"
        sources.d/bxd.toml:8:30: error: `http.auth.bearer.token_file`: empty.secret is empty
         8 | auth.bearer = { token_file = "empty.secret" }
           |                              ^^^^^^^^^^^^^^
        help: put the secret into that file, alone on its only line, and let nobody else read it (mode 600)

        sources.d/bxd.toml:9:7: error: [http.tls] has no `key_file`
         9 | tls = { cert_file = "empty.secret" }
           |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        help: a client certificate has both: the certificate and its key

        sources.d/bxd.toml:9:21: error: `http.tls.cert_file`: empty.secret holds no certificate in PEM
         9 | tls = { cert_file = "empty.secret" }
           |                     ^^^^^^^^^^^^^^
        help: it begins with -----BEGIN CERTIFICATE-----

        3 errors
    "#]],
    );
    let folder = folder
        .with("sources.d/bxd.toml", http("auth.api_key = { header = \"X-Api-Key\", key_file = \"missing.secret\" }"));
    check(
        &folder.problems(),
        &expect![[r#"
            sources.d/bxd.toml:8:51: error: `http.auth.api_key.key_file`: missing.secret cannot be read: there is no such file
             8 | auth.api_key = { header = "X-Api-Key", key_file = "missing.secret" }
               |                                                   ^^^^^^^^^^^^^^^^
            help: put the secret into that file, alone on its only line, and let nobody else read it (mode 600)

            1 error
        "#]],
    );
    let credential = http("auth.bearer = { token_file = \"credential:bxd-secret\" }");
    let folder = folder.with("sources.d/bxd.toml", credential);
    check(
        &folder.problems(),
        &expect![[r#"
        sources.d/bxd.toml:8:30: error: `http.auth.bearer.token_file`: there is no credential bxd-secret: $CREDENTIALS_DIRECTORY is not set
         8 | auth.bearer = { token_file = "credential:bxd-secret" }
           |                              ^^^^^^^^^^^^^^^^^^^^^^^
        help: run as the systemd service with LoadCredential=bxd-secret:/path/to/it, or name a file of mode 600

        1 error
    "#]],
    );
    let folder = folder.with("credentials/other", "x");
    check(
        &folder.problems(),
        &expect![[r#"
            sources.d/bxd.toml:8:30: error: `http.auth.bearer.token_file`: credentials/bxd-secret cannot be read: there is no such file
             8 | auth.bearer = { token_file = "credential:bxd-secret" }
               |                              ^^^^^^^^^^^^^^^^^^^^^^^
            help: add LoadCredential=bxd-secret:/path/to/it to the service

            1 error
        "#]],
    );
    let folder = folder.with("credentials/bxd-secret", "x").with_mode("credentials/bxd-secret", 0o440);
    check(&folder.problems(), &expect![[""]]);
}
