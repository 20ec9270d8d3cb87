//! Reference tables: agencies, administrative units, categories, deadline rules, causes of bad quality; loaded whole by `migrate`.

use chrono::NaiveDate;
use sqlx::{Connection as _, PgConnection};

use super::{Error, bind};
use crate::domain::Cause;
use crate::reference::{agency, category, commune, deadline, province};

/// The first day of rows whose beginning no table tells: the founding of the state.
const BEGINNING: NaiveDate = match NaiveDate::from_ymd_opt(1945, 9, 2) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// Brings the reference tables to the data of this binary.
///
/// # Errors
/// [`Error`] of the database.
pub async fn load(conn: &mut PgConnection) -> Result<(), Error> {
    let mut transaction = conn.begin().await?;
    agencies(&mut transaction).await?;
    provinces(&mut transaction).await?;
    communes(&mut transaction).await?;
    categories(&mut transaction).await?;
    deadlines(&mut transaction).await?;
    quality_causes(&mut transaction).await?;
    transaction.commit().await?;
    Ok(())
}

async fn agencies(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::query("DELETE FROM petitiond.agency").execute(&mut *conn).await?;
    let query = sqlx::query(
        "INSERT INTO petitiond.agency (code, name, tier, successor_code, valid_from, valid_to)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::date[], $6::date[])",
    );
    let tier = |level: &str| if level == "ministry" { "ministry" } else { "local" };
    bind!(
        query,
        agency::all(),
        |r| r.code,
        |r| r.name,
        |r| tier(r.level),
        |r| r.successor,
        |r| r.valid_from.unwrap_or(BEGINNING),
        |r| r.valid_to,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn provinces(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::query("DELETE FROM petitiond.admin_unit WHERE level = 'province'").execute(&mut *conn).await?;
    let query = sqlx::query(
        "INSERT INTO petitiond.admin_unit (level, code, name, kind, successor_code, valid_from, valid_to)
         SELECT 'province', * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::date[], $6::date[])",
    );
    bind!(
        query,
        province::all(),
        |r| r.code,
        |r| r.name,
        |r| r.kind,
        |r| r.successor,
        |r| r.valid_from.unwrap_or(BEGINNING),
        |r| r.valid_to,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// One commune during one span of days.
struct CommuneRow {
    code: &'static str,
    name: &'static str,
    kind: &'static str,
    province: &'static str,
    successor: Option<&'static str>,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
}

async fn communes(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::query("DELETE FROM petitiond.admin_unit WHERE level = 'commune'").execute(&mut *conn).await?;
    let now = commune::all().iter().map(|c| CommuneRow {
        code: c.code,
        name: c.name,
        kind: c.kind,
        province: c.province,
        successor: None,
        valid_from: c.valid_from.unwrap_or(province::MERGER),
        valid_to: c.valid_to,
    });
    // one that was split has no single successor
    let before = commune::old().iter().filter(|c| !c.code.is_empty()).map(|c| CommuneRow {
        code: c.code,
        name: c.name,
        kind: c.kind,
        province: c.district.province,
        successor: match c.successors.as_slice() {
            [only] => Some(*only),
            _ => None,
        },
        valid_from: BEGINNING,
        valid_to: province::MERGER.pred_opt(),
    });
    let rows: Vec<CommuneRow> = before.chain(now).collect();
    let query = sqlx::query(
        "INSERT INTO petitiond.admin_unit (level, code, name, kind, parent_code, successor_code, valid_from, valid_to)
         SELECT 'commune', * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::date[], $7::date[])",
    );
    bind!(query, rows, |r| r.code, |r| r.name, |r| r.kind, |r| r.province, |r| r.successor, |r| r.valid_from, |r| r
        .valid_to,)
    .execute(conn)
    .await?;
    Ok(())
}

async fn categories(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::query("DELETE FROM petitiond.category").execute(&mut *conn).await?;
    let query = sqlx::query(
        "INSERT INTO petitiond.category (code, name, parent_code, applies_to, valid_from)
         SELECT n.*, $5 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS n",
    );
    bind!(query, category::all(), |r| r.code, |r| r.name, |r| r.parent, |r| r.applies_to)
        .bind(BEGINNING)
        .execute(conn)
        .await?;
    Ok(())
}

async fn deadlines(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::query("DELETE FROM petitiond.deadline_rule").execute(&mut *conn).await?;
    let query = sqlx::query(
        "INSERT INTO petitiond.deadline_rule (id, object, stage, duration, unit, clock_start, basis, valid_from, valid_to)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::date[], $9::date[])",
    );
    bind!(
        query,
        deadline::all(),
        |r| r.id,
        |r| r.object,
        |r| r.stage,
        |r| r.limit,
        |r| r.unit,
        |r| r.clock_start,
        |r| r.basis,
        |r| r.valid_from.unwrap_or(BEGINNING),
        |r| r.valid_to,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn quality_causes(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::query("DELETE FROM petitiond.quality_cause").execute(&mut *conn).await?;
    let query = sqlx::query(
        "INSERT INTO petitiond.quality_cause (code, severity, aspect, name)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])",
    );
    let rows: Vec<Cause> = Cause::all().collect();
    bind!(query, rows, |r| r.as_str(), |r| r.severity().as_str(), |r| r.aspect().as_str(), |r| r.title())
        .execute(conn)
        .await?;
    Ok(())
}
