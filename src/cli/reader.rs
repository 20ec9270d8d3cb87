//! `petitiond reader …`: accounts of downstream systems, each bound to an agency or to none.

use anyhow::{anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone as _, Utc};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::Outcome;
use super::context::{Context, block_on, database};
use super::output::say;
use super::table::{self, time};
use crate::clock::{Clock, HANOI};
use crate::reference::agency;
use crate::secret::{ExposeSecret as _, Secret};
use crate::store::reader::{self, New, Reader};
use crate::store::{self, PgConnection};

/// Accounts of downstream systems.
#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make an account, or give one that was made here other rights and another password, which is shown once.
    Grant {
        /// Its login: a small letter, then small letters, digits and _, 3 to 63 in all.
        #[arg(value_parser = login)]
        name: String,
        /// Bind it to an agency: it reads what that one, or one beneath it, holds or has to act on, nothing against it
        /// and nothing sealed. Without it the account reads the whole country.
        #[arg(long, value_name = "CODE", value_parser = known_agency)]
        agency: Option<String>,
        /// What it may read.
        #[arg(long, value_enum, default_value_t = Role::Reader)]
        role: Role,
        /// The last day (YYYY-MM-DD, in Vietnam) or the moment until which it may.
        #[arg(long, value_parser = until)]
        expires: Option<DateTime<Utc>>,
    },
    /// Take its rights away, in open sessions too.
    Revoke { name: String },
    /// List all that were ever made, with their use.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// What an account may read.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Role {
    /// All but identities.
    Reader,
    /// Identities too, of nobody who is sealed.
    Identity,
    /// How sources fare, and what is in quarantine.
    Ops,
}

impl Role {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Identity => "identity",
            Self::Ops => "ops",
        }
    }
}

/// Reads the name of a login: one that needs no quotes in any tool.
fn login(text: &str) -> Result<String, String> {
    let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
    let is_plain = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if begins && is_plain && (3..=63).contains(&text.len()) && !text.starts_with("pg_") {
        Ok(text.to_owned())
    } else {
        Err("a small letter, then small letters, digits and _, 3 to 63 in all, not beginning with pg_".to_owned())
    }
}

/// Reads the code of an agency that there is, or of one beneath it.
fn known_agency(text: &str) -> Result<String, String> {
    let is_code = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.') && !text.ends_with('.');
    let first = text.split('.').next().unwrap_or_default();
    if is_code && agency::first_level(first).is_some() {
        // as petitions name their readers
        Ok(agency::plain(text))
    } else {
        Err("an identity code such as H26, or H26.12 beneath it; national_v1.agency lists the first level".to_owned())
    }
}

/// Reads a day, which is the last one, or a moment.
fn until(text: &str) -> Result<DateTime<Utc>, String> {
    let end_of = |day: NaiveDate| {
        let next = day.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN);
        Some(HANOI.from_local_datetime(&next).single()?.with_timezone(&Utc))
    };
    let day = text.parse::<NaiveDate>().ok().and_then(end_of);
    let moment = || DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc));
    day.or_else(moment)
        .ok_or_else(|| "a day such as 2027-12-31, or a moment such as 2027-12-31T12:00:00+07:00".to_owned())
}

/// Runs one action.
pub fn run(options: Options, context: &Context) -> Outcome {
    let settings = context.settings()?;
    block_on(async {
        let pool = database(&settings).await?;
        let mut conn = pool.acquire().await.map_err(store::Error::from)?;
        let now = Clock::System.now();
        let done = match options.action {
            Action::Grant { name, agency, role, expires } => {
                let new = Wanted { name: &name, agency: agency.as_deref(), role, expires_at: expires };
                grant(&mut conn, now, &new).await
            }
            Action::Revoke { name } => revoke(&mut conn, now, &name).await,
            Action::List { json } => list(&mut conn, now, json).await,
        };
        Ok(done?)
    })
}

struct Wanted<'w> {
    name: &'w str,
    agency: Option<&'w str>,
    role: Role,
    expires_at: Option<DateTime<Utc>>,
}

async fn grant(conn: &mut PgConnection, now: DateTime<Utc>, wanted: &Wanted<'_>) -> anyhow::Result<()> {
    let Wanted { name, agency, role, expires_at } = *wanted;
    if expires_at.is_some_and(|at| at <= now) {
        bail!("--expires lies in the past; nothing was changed");
    }
    let mut transaction = store::begin(conn).await?;
    if let (true, false) = reader::known(&mut transaction, name).await? {
        bail!("the database server has a role {name} that petitiond did not make; take another name");
    }
    let (password, salt) = (password()?, random::<16>()?);
    let new = New { name, agency, role: role.as_str(), password: &password, salt, expires_at };
    reader::grant(&mut transaction, now, &new).await.map_err(|error| {
        let may_not = matches!(&error, store::Error::Database(error) if error.sqlstate() == Some("42501"));
        let error = anyhow!(error);
        if may_not {
            error.context("the account of database.url may make no logins; it needs CREATEROLE")
        } else {
            error
        }
    })?;
    transaction.commit().await.map_err(store::Error::from)?;
    let what = match (role, agency) {
        (Role::Ops, None) => "how all sources fare".to_owned(),
        (Role::Ops, Some(agency)) => format!("how the sources of {agency} and beneath it fare"),
        (_, None) => "the whole country".to_owned(),
        (_, Some(agency)) => {
            format!("what {agency} and those beneath it hold or have to act on, nothing against them, nothing sealed")
        }
    };
    let end = expires_at.map_or_else(String::new, |at| format!(", until {}", time(Some(at))));
    say!("{name} reads {what}{end}.")?;
    say!("Its password is shown this once, and only a hash of it is kept:")?;
    say!("{}", password.expose_secret())
}

async fn revoke(conn: &mut PgConnection, now: DateTime<Utc>, name: &str) -> anyhow::Result<()> {
    let mut transaction = store::begin(conn).await?;
    let was_there = reader::revoke(&mut transaction, now, name).await?;
    transaction.commit().await.map_err(store::Error::from)?;
    if !was_there {
        bail!("no reader {name} has rights; `petitiond reader list` shows them");
    }
    say!("{name} reads nothing any more.")
}

async fn list(conn: &mut PgConnection, now: DateTime<Utc>, as_json: bool) -> anyhow::Result<()> {
    let readers = reader::list(conn).await?;
    if as_json {
        let each = readers.iter().map(|reader| {
            json!({
                "name": reader.name, "agency": reader.agency, "role": reader.role, "state": state(reader, now),
                "granted_at": reader.granted_at, "expires_at": reader.expires_at, "revoked_at": reader.revoked_at,
                "used_at": reader.used_at, "connections": reader.connections,
            })
        });
        return table::json(&each.collect::<Vec<_>>());
    }
    let heading = ["reader", "agency", "role", "state", "granted", "expires", "connections", "last seen"];
    let rows = readers.iter().map(|reader| {
        let agency = reader.agency.clone().unwrap_or_else(|| "whole country".to_owned());
        let (granted, expires) = (time(Some(reader.granted_at)), time(reader.expires_at));
        let (state, used) = (state(reader, now).to_owned(), time(reader.used_at));
        let connections = reader.connections.to_string();
        vec![reader.name.clone(), agency, reader.role.clone(), state, granted, expires, connections, used]
    });
    table::table(&heading, rows)
}

fn state(reader: &Reader, now: DateTime<Utc>) -> &'static str {
    if reader.revoked_at.is_some() {
        "revoked"
    } else if reader.expires_at.is_some_and(|at| at <= now) {
        "expired"
    } else {
        "active"
    }
}

/// Letters and digits, as strong as a key of 192 bits or more.
fn password() -> anyhow::Result<Secret> {
    let text = STANDARD.encode(random::<27>()?);
    Ok(Secret::from(text.replace(['+', '/'], "x")))
}

fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("the system gives no random numbers: {error}"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed() {
        for name in ["dashboard", "h26_reader", "a12"] {
            assert_eq!(login(name).as_deref(), Ok(name));
        }
        for name in ["", "ab", "Dashboard", "9a1", "_abc", "a-b-c", "đơn_thư", "pg_all", "a b c", "x\"; DROP"] {
            assert!(login(name).is_err(), "{name}");
        }
        for code in ["H26", "H26.12", "G01", "H26.12.3"] {
            assert_eq!(known_agency(code).as_deref(), Ok(code));
        }
        assert_eq!(known_agency("H26.07").as_deref(), Ok("H26.7"));
        for code in ["", "Z99", "H26.", "H 26", "Hà Nội", "H26'"] {
            assert!(known_agency(code).is_err(), "{code}");
        }
        let moment = |text: &str| until(text).map(|at| at.to_rfc3339());
        assert_eq!(moment("2027-12-31").as_deref(), Ok("2027-12-31T17:00:00+00:00"));
        assert_eq!(moment("2027-12-31T12:00:00+07:00").as_deref(), Ok("2027-12-31T05:00:00+00:00"));
        assert!(until("31/12/2027").is_err() && until("2027-02-30").is_err());
    }

    #[test]
    fn passwords_are_plain_and_never_the_same() {
        let (one, other) = (password().unwrap(), password().unwrap());
        assert!(one.expose_secret().len() == 36 && one.expose_secret().chars().all(|c| c.is_ascii_alphanumeric()));
        assert_ne!(one.expose_secret(), other.expose_secret());
    }
}
