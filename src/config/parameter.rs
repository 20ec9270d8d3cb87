//! The parameters of a connection url: `?sslmode=verify-full`.
//!
//! The clients pass over what they do not know, and with a misspelt `sslmode` the line would be open without a word.

use super::problem::Place;
use super::section::{Check, nearest};
use crate::sources::http::Url;

const POSTGRES: &[&str] = &[
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];
const MYSQL: &[&str] = &[
    "ssl-mode",
    "sslmode",
    "ssl-ca",
    "sslca",
    "charset",
    "collation",
    "ssl-cert",
    "sslcert",
    "ssl-key",
    "sslkey",
    "statement-cache-capacity",
    "socket",
    "timezone",
    "time-zone",
];
const AMQP: &[&str] = &["frame_max", "channel_max", "heartbeat", "connection_timeout", "auth_mechanism"];

/// Reports what the client of this url would pass over; whether there was nothing. A name that is no slip is not shown:
/// it may be a part of a password that was not percent-encoded.
pub(super) fn check(check: &Check, key: &str, url: &Url, place: &Place) -> bool {
    let known = match url.scheme() {
        "postgres" | "postgresql" => POSTGRES,
        "mysql" | "mariadb" => MYSQL,
        _ => AMQP,
    };
    // a reader of urls ends the password at the first of these: the rest would be shown and looked up as a host
    if url.path().contains('@') || url.query().is_some_and(|query| query.contains('@')) {
        let message = format!("`{key}` has an @ after its host: a special character in a user or a password");
        check.fault(place, message, "percent-encode it there: @ is %40, / is %2F, ? is %3F, # is %23, : is %3A");
        return false;
    }
    let mut is_right = true;
    for (number, (name, _)) in (1..).zip(url.query_pairs()) {
        if known.contains(&&*name) || (known == POSTGRES && is_option(&name)) {
            continue;
        }
        is_right = false;
        if let Some(near) = nearest(&name, known.iter().copied()) {
            let message = format!("`{key}` has a parameter `{name}`, which nobody would look at");
            check.fault(place, message, format!("did you mean `{near}`?"));
        } else {
            let message = format!("parameter {number} of `{key}` has a name that nobody would look at");
            check.fault(place, message, format!("there are {}", known.join(", ")));
        }
    }
    is_right
}

/// `options[search_path]`
fn is_option(name: &str) -> bool {
    name.strip_prefix("options[").is_some_and(|rest| rest.ends_with(']'))
}
