//! Reference tables: agencies, administrative units, categories, deadline rules.

use sqlx::PgPool;

use super::Error;

/// Brings the reference tables to the data of this binary.
///
/// # Errors
/// [`Error`] of the database.
pub async fn load(_pool: &PgPool) -> Result<(), Error> {
    Ok(())
}
