//! Wrong `petitiond.toml` and variables.

use expect_test::{Expect, expect};

use super::support::{Folder, SETTINGS};

fn check(folder: &Folder, expected: &Expect) {
    expected.assert_eq(&folder.problems());
}

#[test]
fn a_folder_without_a_configuration() {
    check(
        &Folder::new().without("petitiond.toml"),
        &expect![[r#"
            petitiond.toml: error: the file cannot be read: there is no such file
            help: name the folder of the configuration with --config

            1 error
        "#]],
    );
}

#[test]
fn what_is_no_configuration_file() {
    let folder = Folder::new()
        .with("sources.d/big.toml", vec![b'#'; (1 << 20) + 1])
        .with("sources.d/folder.toml/a", "")
        .with_link("sources.d/link.toml", "nowhere");
    check(
        &folder,
        &expect![[r#"
            sources.d/big.toml: error: the file has 1048577 bytes; a configuration file has 1048576 at most
            help: see whether another file was put here by mistake

            sources.d/folder.toml: error: this is no file
            help: remove it, or put a file of this name there

            sources.d/link.toml: error: the file cannot be read: there is no such file
            help: the link leads nowhere: remove it, or put the file there that it names

            3 errors
        "#]],
    );
}

#[test]
fn everything_missing() {
    check(
        &Folder::new().with("petitiond.toml", "[broker]\n"),
        &expect![[r#"
            petitiond.toml:1:1: error: [broker] has no `url`
             1 | [broker]
               | ^^^^^^^^
            help: for example "amqp://127.0.0.1:5672/%2f", here, in `url_file`, or in PETITIOND__BROKER__URL

            petitiond.toml:1:1: error: there is no [database]
             1 | [broker]
               | ^
            help: write [database] with `url`, or set PETITIOND__DATABASE__URL

            petitiond.toml:1:1: error: there is no [identity]
             1 | [broker]
               | ^
            help: write [identity] with `key_file`, or set PETITIOND__IDENTITY__KEY_FILE

            3 errors
        "#]],
    );
}

#[test]
fn wrong_sections_and_ranges() {
    let settings = format!(
        "[databse]\n[ingest]\nbatch_records = 0\nbatch_wait = \"2h\"\nwriters = 1.5\n[web]\nlisten = \"localhost\"\nport = 80\n{SETTINGS}max_connections = 5\n"
    );
    check(
        &Folder::new().with("petitiond.toml", settings),
        &expect![[r#"
        petitiond.toml:1:2: error: unknown key `databse`
         1 | [databse]
           |  ^^^^^^^
        help: did you mean `database`?

        petitiond.toml:3:17: error: `ingest.batch_records` must be a whole number from 1 to 10000
         3 | batch_records = 0
           |                 ^

        petitiond.toml:4:14: error: `ingest.batch_wait` must be from 1ms to 1m
         4 | batch_wait = "2h"
           |              ^^^^

        petitiond.toml:5:11: error: `ingest.writers` must be a whole number, not a number with a fraction
         5 | writers = 1.5
           |           ^^^

        petitiond.toml:7:10: error: `web.listen`: not an address with a port, as in "127.0.0.1:8420" or "[::1]:8420"
         7 | listen = "localhost"
           |          ^^^^^^^^^^^

        petitiond.toml:8:1: error: unknown key `port` in [web]
         8 | port = 80
           | ^^^^
        help: known here: listen

        petitiond.toml:16:1: error: unknown key `max_connections` in [identity]
         16 | max_connections = 5
            | ^^^^^^^^^^^^^^^
        help: known here: key_file

        7 errors
    "#]],
    );
}

#[test]
fn urls_of_the_servers() {
    let settings =
        SETTINGS.replace("postgres://petitiond@", "postgres://petitiond:hunter2@").replace("amqp://", "mqtt://");
    let folder = Folder::new().with("petitiond.toml", settings);
    assert!(!folder.problems().contains("hunter2"));
    check(
        &folder,
        &expect![[r#"
            petitiond.toml:3:7: error: a secret must not stand in this file: `database.url` has a password in it
             3 | url = *******************************************************
               |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            help: put the whole url into a file of mode 600 and name it with `url_file`, or set PETITIOND__DATABASE__URL

            petitiond.toml:5:7: error: `broker.url` is no amqp url: it begins with something else than amqp:// or amqps://
             5 | url = "mqtt://127.0.0.1:5672/%2f"
               |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^
            help: for example "amqp://127.0.0.1:5672/%2f"

            2 errors
        "#]],
    );
    let database = "url = \"postgres://petitiond@127.0.0.1:5432/petitiond\"";
    let beside = Folder::new()
        .with("petitiond.toml", SETTINGS.replace(database, "url_file = \"database.url\""))
        .with("database.url", "postgres://u:hunter2@h/d")
        .with_variable("PETITIOND__DATABASE__URL", "postgres://u:hunter2@elsewhere/d");
    check(
        &beside,
        &expect![[r#"
        PETITIOND__DATABASE__URL: error: `database.url` beside `database.url_file`
        help: neither wins: unset the variable, or take `url_file` out of the file

        1 error
    "#]],
    );
    let settings = SETTINGS.replace("[broker]\n", "[broker]\nurl_file = \"broker.url\"\nprefix = \"Đơn\"\n");
    check(
        &Folder::new().with("petitiond.toml", settings).with("broker.url", "amqp://u:hunter2@h"),
        &expect![[r#"
            petitiond.toml:6:10: error: `broker.prefix`: must be 1 to 40 of a-z, 0-9, `-` and `_`
             6 | prefix = "Đơn"
               |          ^^^^^

            petitiond.toml:7:1: error: `broker.url` beside `broker.url_file`
             7 | url = "amqp://127.0.0.1:5672/%2f"
               | ^^^
            help: keep exactly one of `url`, `url_file`

            2 errors
        "#]],
    );
    let settings = SETTINGS
        .replace("url = \"amqp://127.0.0.1:5672/%2f\"", "url_file = \"broker.url\"\ntls = { ca_file = \"none.pem\" }");
    check(
        &Folder::new().with("petitiond.toml", settings).with("broker.url", "amqp://u:hunter2@h:port"),
        &expect![[r#"
            petitiond.toml:5:12: error: `broker.url` is no amqp url: invalid port number
             5 | url_file = "broker.url"
               |            ^^^^^^^^^^^^
            help: for example "amqp://127.0.0.1:5672/%2f"

            petitiond.toml:6:19: error: `broker.tls.ca_file`: none.pem cannot be read: there is no such file
             6 | tls = { ca_file = "none.pem" }
               |                   ^^^^^^^^^^

            2 errors
        "#]],
    );
}

#[test]
fn keys_that_cannot_be_used() {
    check(
        &Folder::new().without("identity.key"),
        &expect![[r#"
            petitiond.toml:7:12: error: `identity.key_file`: identity.key cannot be read: there is no such file
             7 | key_file = "identity.key"
               |            ^^^^^^^^^^^^^^
            help: make a key with `petitiond key generate FILE` and name its file here

            1 error
        "#]],
    );
    check(
        &Folder::new().with_mode("identity.key", 0o640),
        &expect![[r#"
        petitiond.toml:7:12: error: `identity.key_file`: identity.key holds a secret and others may read it
         7 | key_file = "identity.key"
           |            ^^^^^^^^^^^^^^
        help: run: chmod 600 identity.key

        1 error
    "#]],
    );
    check(
        &Folder::new().with("identity.key", "seal 1 short\n"),
        &expect![[r#"
        petitiond.toml:7:12: error: `identity.key_file`: key file identity.key, line 1: a key is 32 bytes in base64
         7 | key_file = "identity.key"
           |            ^^^^^^^^^^^^^^

        1 error
    "#]],
    );
}

#[test]
fn a_problem_of_the_environment_names_the_variable() {
    let folder = Folder::new()
        .with_variable("PETITIOND__DATABSE__URL", "postgres://u:hunter2@h/d")
        .with_variable("PETITIOND__DATABASE__URL", "u:hunter2@h/d")
        .with_variable("PETITIOND__DATABASE__MAX_CONNECTIONS", "many")
        .with_variable("PETITIOND__WEB__LISTEN", "8420")
        .with_variable("PETITIOND__BROKER__PREFX", "p")
        .with_variable("PETITIOND__BROKER", "p")
        .with_variable("PETITIOND__A[99999999999]__B", "p")
        .with_variable("PETITIOND_LOG", "debug");
    assert!(!folder.problems().contains("hunter2"));
    check(
        &folder,
        &expect![[r#"
            PETITIOND__A[99999999999]__B: error: this variable names no setting
            help: the form is PETITIOND__DATABASE__URL

            PETITIOND__BROKER: error: this variable names no setting
            help: the form is PETITIOND__DATABASE__URL

            PETITIOND__BROKER__PREFX: error: unknown key `prefx` in [broker]
            help: did you mean `prefix`?

            PETITIOND__DATABASE__MAX_CONNECTIONS: error: `database.max_connections` must be a whole number from 2 to 1000

            PETITIOND__DATABASE__URL: error: `database.url` is no postgres url: it begins with something else than postgres:// or postgresql://
            help: for example "postgres://petitiond@127.0.0.1:5432/petitiond"

            PETITIOND__DATABSE__URL: error: unknown key `databse`
            help: did you mean `database`?

            PETITIOND__WEB__LISTEN: error: `web.listen`: not an address with a port, as in "127.0.0.1:8420" or "[::1]:8420"

            7 errors
        "#]],
    );
}

/// The client would pass over each of them, and leave the line open, or the options out.
#[test]
fn parameters_of_urls_that_nobody_would_look_at() {
    let of_postgres = "postgres://petitiond@127.0.0.1:5432/petitiond";
    let of_amqp = "amqp://127.0.0.1:5672/%2f";
    let good = SETTINGS
        .replace(of_postgres, &format!("{of_postgres}?sslmode=require&options[geqo]=off"))
        .replace(of_amqp, &format!("{of_amqp}?heartbeat=5"));
    assert_eq!(Folder::new().with("petitiond.toml", good).problems(), "");
    let wrong = SETTINGS
        .replace(of_postgres, &format!("{of_postgres}?sslmod=require&applicationname=x&sslmode=prefer"))
        .replace(of_amqp, &format!("{of_amqp}?heartbeats=5"));
    check(
        &Folder::new().with("petitiond.toml", wrong),
        &expect![[r#"
        petitiond.toml:3:7: error: `database.url` has a parameter `applicationname`, which nobody would look at
         3 | url = "postgres://petitiond@127.0.0.1:5432/petitiond?sslmod=require&applicationname=x&sslmode=prefer"
           |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        help: did you mean `application_name`?

        petitiond.toml:3:7: error: `database.url` has a parameter `sslmod`, which nobody would look at
         3 | url = "postgres://petitiond@127.0.0.1:5432/petitiond?sslmod=require&applicationname=x&sslmode=prefer"
           |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        help: did you mean `sslmode`?

        petitiond.toml:5:7: error: `broker.url` has a parameter `heartbeats`, which nobody would look at
         5 | url = "amqp://127.0.0.1:5672/%2f?heartbeats=5"
           |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        help: did you mean `heartbeat`?

        3 errors
    "#]],
    );
    // a name may be half of a password
    let in_file = Folder::new()
        .with("petitiond.toml", SETTINGS.replace(&format!("url = \"{of_postgres}\""), "url_file = \"database.url\""))
        .with("database.url", "postgres://u@h/d?x=y&hunter2");
    check(
        &in_file,
        &expect![[r#"
        petitiond.toml:3:12: error: parameter 1 of `database.url` has a name that nobody would look at
         3 | url_file = "database.url"
           |            ^^^^^^^^^^^^^^
        help: there are sslmode, ssl-mode, sslrootcert, ssl-root-cert, ssl-ca, sslcert, ssl-cert, sslkey, ssl-key, statement-cache-capacity, host, hostaddr, port, dbname, user, password, application_name, options

        petitiond.toml:3:12: error: parameter 2 of `database.url` has a name that nobody would look at
         3 | url_file = "database.url"
           |            ^^^^^^^^^^^^^^
        help: there are sslmode, ssl-mode, sslrootcert, ssl-root-cert, ssl-ca, sslcert, ssl-cert, sslkey, ssl-key, statement-cache-capacity, host, hostaddr, port, dbname, user, password, application_name, options

        2 errors
    "#]],
    );
}
