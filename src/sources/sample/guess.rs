//! Which field of the source is which of the interchange record: by its name and by what its values are.

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDate;

use super::column::Column;
use super::names::{KNOWN, Known, Role};
use super::value::{Kind, code_of, is_of, may_be_of_a_person};
use super::vocabulary::{self, Fit};

/// From this share on, values are what a field holds.
const FITTING: f64 = 0.6;
/// From this share on, values alone say what a field is.
const TELLING: f64 = 0.9;
/// Different values of a column that holds codes.
pub(super) const CODES: usize = 40;

/// Why a field was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Name,
    LikeName,
    Values,
}

/// One field of the source for one field of the interchange record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Guess {
    /// Which of [`KNOWN`].
    pub known: usize,
    /// Which column.
    pub column: usize,
    pub by: By,
    /// Values that are what the field holds, of all; 0 where there are none. Of `record_id`: that are different.
    pub share: f64,
    /// The name fits and the values do not.
    pub is_doubtful: bool,
    score: f64,
}

impl Guess {
    pub fn field(&self) -> Option<&'static Known> {
        KNOWN.get(self.known)
    }
}

/// The best guess of each field; each column is used once, and a second identity number goes with the first.
pub(super) fn mapping(columns: &[Column], today: NaiveDate) -> Vec<Guess> {
    let mut all: Vec<Guess> = Vec::new();
    for (index, column) in columns.iter().enumerate() {
        let fits = vocabulary::fits(&column.path, column.role);
        let named = fits.iter().map(|fit| by_name(*fit, index, column, today));
        let named: Vec<Guess> = named.filter(|guess| is_likely(guess, column, today)).collect();
        if named.iter().all(|guess| guess.is_doubtful) {
            all.extend(by_values(index, column, today));
        }
        all.extend(named);
    }
    all.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.known.cmp(&b.known)).then(a.column.cmp(&b.column)));
    let list = people(&all, columns);
    let (mut fields, mut used) = (HashSet::new(), HashSet::new());
    let mut chosen: Vec<Guess> = Vec::new();
    for guess in all {
        let (Some(known), Some(column)) = (guess.field(), columns.get(guess.column)) else { continue };
        // of two places where people stand one is taken: the list, if there is one
        let is_elsewhere = match known.role {
            Role::Petitioner => column.list != list,
            role if role.is_list() => {
                chosen_list(&chosen, columns, role).is_some_and(|list| Some(list) != column.list.as_ref())
            }
            _ => column.list.is_some(),
        };
        let is_second = known.kind == Kind::IdNumber && !guess.is_doubtful && guess.by == By::Name;
        let is_free = !used.contains(&guess.column) && (!fields.contains(&guess.known) || is_second);
        if !is_elsewhere && is_free && !is_beside_better(known, &fields) {
            fields.insert(guess.known);
            used.insert(guess.column);
            chosen.push(guess);
        }
    }
    chosen.sort_by_key(|guess| guess.known);
    chosen
}

/// Where the petitioners stand: in the list or the objects that have the most names; `None`: in the record.
fn people(all: &[Guess], columns: &[Column]) -> Option<Vec<String>> {
    let is_name =
        |known: &Known| known.role == Role::Petitioner && matches!(known.field, "name" | "id_number" | "organization");
    let named = all.iter().filter(|guess| !guess.is_doubtful && guess.field().is_some_and(is_name));
    let places = named
        .filter_map(|guess| columns.get(guess.column))
        .map(|column| (column.values.len(), column.list.is_some(), &column.list));
    places.max().and_then(|(_, _, list)| list.clone())
}

fn chosen_list<'c>(chosen: &[Guess], columns: &'c [Column], role: Role) -> Option<&'c Vec<String>> {
    let guess = chosen.iter().find(|guess| guess.field().is_some_and(|known| known.role == role))?;
    columns.get(guess.column)?.list.as_ref()
}

/// A whole address and its parts are not both taken; nor are a birth date and a year.
fn is_beside_better(known: &Known, fields: &HashSet<usize>) -> bool {
    let has = |wanted: &dyn Fn(&str) -> bool| {
        fields.iter().filter_map(|index| KNOWN.get(*index)).any(|other| other.role == known.role && wanted(other.field))
    };
    match known.field {
        "address" => has(&|field| field.starts_with("address.")),
        field if field.starts_with("address.") => has(&|field| field == "address"),
        _ => false,
    }
}

fn by_name(fit: Fit, index: usize, column: &Column, today: NaiveDate) -> Guess {
    let kind = KNOWN.get(fit.known).map_or(Kind::Text, |known| known.kind);
    let share = share(kind, column, today);
    let is_empty = column.values.is_empty();
    let is_doubtful = !is_empty && share < if kind == Kind::Id { TELLING } else { FITTING };
    let values = match (is_empty, is_doubtful) {
        (true, _) => 0.0,
        (false, true) => -0.6,
        (false, false) if kind.is_coded() => 0.3 + 0.2 * shares(kind, &column.values, today),
        (false, false) => 0.5 * share,
    };
    let by = if fit.is_like { By::LikeName } else { By::Name };
    Guess { known: fit.known, column: index, by, share, is_doubtful, score: fit.score + values }
}

/// "Loại" may be of the record or of the petition: its values tell, unless the name does.
fn is_likely(guess: &Guess, column: &Column, today: NaiveDate) -> bool {
    let is_kind = guess.field().is_some_and(|known| known.kind == Kind::Record);
    !is_kind || (!guess.is_doubtful && (guess.score >= 1.2 || shares(Kind::Record, &column.values, today) >= FITTING))
}

/// What values tell by themselves: numbers of people, addresses, and codes in words.
fn by_values(index: usize, column: &Column, today: NaiveDate) -> Option<Guess> {
    let role = column.role.unwrap_or(Role::Record);
    let telling = |(at, known): (usize, &'static Known)| {
        let is_person =
            matches!(known.field, "id_number" | "phone" | "email" | "address") && known.role == Role::Petitioner;
        let is_code = matches!(known.field, "type" | "stage" | "outcome" | "channel") && known.role == Role::Record;
        let is_here = if is_person {
            matches!(role, Role::Record | Role::Petitioner)
        } else {
            is_code && role == Role::Record && column.list.is_none()
        };
        if !is_here || column.values.len() < 3 {
            return None;
        }
        let share = shares(known.kind, &column.values, today);
        let written = column.values.iter().filter(|value| is_written(known.kind, value)).count();
        let is_told = share >= TELLING && written as f64 >= TELLING * column.values.len() as f64;
        is_told.then_some(Guess {
            known: at,
            column: index,
            by: By::Values,
            share,
            is_doubtful: false,
            score: 0.4 * share,
        })
    };
    KNOWN.iter().enumerate().filter_map(telling).max_by(|a, b| a.score.total_cmp(&b.score).then(b.known.cmp(&a.known)))
}

/// Whether a value is written as only such values are.
fn is_written(kind: Kind, value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    match kind {
        Kind::IdNumber => digits == 12 && value.len() <= 16,
        Kind::Phone => (9..=11).contains(&digits) && value.starts_with(['0', '+']) && value.len() <= 16,
        Kind::Address => value.len() >= 12 && value.contains(' '),
        Kind::Email => true,
        _ => value.chars().filter(|c| c.is_alphabetic()).count() >= 4,
    }
}

/// The share of values that are what a field holds.
fn share(kind: Kind, column: &Column, today: NaiveDate) -> f64 {
    let values = &column.values;
    if values.is_empty() {
        return 0.0;
    }
    match kind {
        Kind::Id => {
            let different = values.iter().collect::<HashSet<_>>().len();
            different as f64 / column.of.max(values.len()) as f64
        }
        // the table says later what each means; here it counts that they are few and short
        kind if kind.is_coded() => {
            if is_coded(values, kind) {
                1.0
            } else {
                0.0
            }
        }
        // a birth date may be a year alone
        Kind::Birth => shares(Kind::Birth, values, today).max(shares(Kind::Year, values, today)),
        kind => shares(kind, values, today),
    }
}

fn shares(kind: Kind, values: &[String], today: NaiveDate) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    values.iter().filter(|value| is_of(kind, value, today)).count() as f64 / values.len() as f64
}

/// The different values that may be named in a file: those that are read as codes, and those that tell of nobody.
pub(super) fn open(values: &[String], kind: Kind) -> BTreeSet<&str> {
    // a category may have words after its code
    let is_code = |value: &str| kind != Kind::Category && code_of(kind, value).is_some();
    let is_open = |value: &&str| is_code(value) || !may_be_of_a_person(value);
    values.iter().map(String::as_str).filter(is_open).collect()
}

/// Whether values are codes: few, short, coming again, or read by themselves, and hardly one that may be of a person.
pub(super) fn is_coded(values: &[String], kind: Kind) -> bool {
    let different = values.iter().collect::<BTreeSet<_>>().len();
    let open = open(values, kind);
    if different > CODES || open.len() * 2 <= different {
        return false;
    }
    let read = open.iter().filter(|value| code_of(kind, value).is_some()).count();
    let is_short = open.iter().all(|value| value.len() <= 12 && !value.contains(' '));
    read * 2 >= different || different * 2 <= values.len() || (is_short && different <= 12)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sources::sample::column;

    fn guessed(records: &[serde_json::Value]) -> Vec<String> {
        let columns = column::of(records).columns;
        let shown = |guess: &Guess| {
            let known = guess.field().unwrap();
            let role = if known.role == Role::Record { String::new() } else { format!("{}.", known.role.field()) };
            let doubt = if guess.is_doubtful { "?" } else { "" };
            format!("{role}{}{doubt}={}", known.field, columns[guess.column].name())
        };
        mapping(&columns, "2026-11-24".parse().unwrap()).iter().map(shown).collect()
    }

    #[test]
    fn names_and_values_together() {
        let record = |number: usize| {
            json!({
                "STT": number, "MaDon": format!("D{number}"), "Ma": "x", "NgayNhan": "05/03/2024", "NgayTao": "06/03/2024",
                "LoaiDon": "KN", "c7": format!("00116200345{}", number % 10), "SDT": "không", "DienThoai": "0912345678",
            })
        };
        let records: Vec<_> = (0..10).map(record).collect();
        assert_eq!(
            guessed(&records),
            [
                "record_id=MaDon",
                "type=LoaiDon",
                "received_on=NgayNhan",
                "petitioners.id_number=c7",
                "petitioners.phone=DienThoai"
            ]
        );
    }

    #[test]
    fn a_name_that_fits_and_values_that_do_not() {
        let records: Vec<_> = (0..10)
            .map(|n| json!({"MaDon": n / 5, "NgayNhan": "sau này", "KetQua": format!("dài dòng số {n}")}))
            .collect();
        assert_eq!(guessed(&records), ["record_id?=MaDon", "received_on?=NgayNhan", "outcome?=KetQua"]);
    }

    #[test]
    fn people_stand_in_one_place() {
        let records = [json!({
            "nguoiDungDon": {"ten": "Nguyễn Văn An"}, "NguoiNop": [{"HoTen": "Trần Thị Bình", "So": "001162003453"}],
            "HoTen": "Lê Văn Cường",
        })];
        assert_eq!(guessed(&records), ["petitioners.name=NguoiNop[].HoTen", "petitioners.id_number=NguoiNop[].So"]);
        let records = [json!({"nguoiDungDon": {"ten": "Nguyễn Văn An", "cccd": "001162003453", "cmnd": null}})];
        assert_eq!(
            guessed(&records),
            [
                "petitioners.name=nguoiDungDon.ten",
                "petitioners.id_number=nguoiDungDon.cccd",
                "petitioners.id_number=nguoiDungDon.cmnd"
            ]
        );
    }
}
