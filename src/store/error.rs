//! What a database error means to the caller.

/// Whose fault an error is: the record's, which is then set aside, or the surroundings', which rejects nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The data cannot be stored as it is: trying again gives the same.
    Data,
    /// The database is away, full, busy or changed under us: wait and try again.
    Surroundings,
}

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the database url cannot be read; it looks like postgres://user@host:5432/name")]
    Url,
    #[error(
        "the database has migration {0}, which this petitiond does not know: it was migrated by a newer version; install that version or restore the older database"
    )]
    Newer(i64),
    #[error("the database is {0} migrations behind: run `petitiond migrate`, then start this again")]
    Behind(usize),
    #[error("migration failed: {0}")]
    Migration(String),
    /// What stands in a row was damaged, or was written with other keys. Which one is for the log only.
    #[error(
        "a stored record to which this one belongs cannot be opened ({0}); the daemon's log names it: restore its row, then retry"
    )]
    Sealed(crate::seal::OpenError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// An error of the server or of the way to it, without the values that were sent: PostgreSQL repeats them in
/// `DETAIL`, and they may be a person's data.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct DatabaseError {
    text: String,
    fault: Fault,
    sqlstate: Option<String>,
}

impl DatabaseError {
    /// The code that the server gave; none where it did not come to that.
    pub fn sqlstate(&self) -> Option<&str> {
        self.sqlstate.as_deref()
    }
}

/// Codes of what may go well with less at once: a statement ran out of time (57014), or the server out of memory (53200).
const TOO_MUCH: [&str; 2] = ["57014", "53200"];

impl Error {
    /// Whose fault it is.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Database(error) => error.fault,
            Self::Sealed(_) => Fault::Data,
            Self::Url | Self::Newer(_) | Self::Behind(_) | Self::Migration(_) => Fault::Surroundings,
        }
    }

    /// Whether less at once may go well.
    pub fn is_too_much(&self) -> bool {
        matches!(self, Self::Database(error) if error.sqlstate().is_some_and(|code| TOO_MUCH.contains(&code)))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let sqlstate = state_of(&error);
        Self::Database(DatabaseError { text: describe(&error), fault: fault_of(&error), sqlstate })
    }
}

/// Classes 21, 22, 23 and 54 of SQLSTATE (cardinality, data exception, integrity constraint, a limit of the program
/// exceeded) are about the data; all others are about the server (PostgreSQL documentation, appendix A).
fn fault_of(error: &sqlx::Error) -> Fault {
    match state_of(error).as_deref().map(|code| code.split_at_checked(2)) {
        Some(Some(("21" | "22" | "23" | "54", _))) => Fault::Data,
        _ => Fault::Surroundings,
    }
}

fn state_of(error: &sqlx::Error) -> Option<String> {
    error.as_database_error().and_then(|e| e.code().map(std::borrow::Cow::into_owned))
}

fn describe(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(database) => {
            let code = database.code().unwrap_or_default();
            match (database.constraint(), database.table()) {
                (Some(constraint), _) => format!("database error {code}, constraint {constraint}"),
                (None, Some(table)) => format!("database error {code}, table {table}"),
                // class 22 messages quote the value itself
                (None, None) if code.starts_with("22") => format!("database error {code}: a value does not fit"),
                (None, None) => format!("database error {code}: {}", database.message()),
            }
        }
        sqlx::Error::PoolTimedOut => {
            "no database connection became free within 10 s; is the database up, is max_connections large enough"
                .to_owned()
        }
        sqlx::Error::Io(io) => format!("the database cannot be reached: {io}"),
        sqlx::Error::ColumnDecode { index, .. } => format!("column {index} has an unexpected form"),
        other => other.to_string(),
    }
}
