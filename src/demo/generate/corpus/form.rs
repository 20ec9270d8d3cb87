//! A petitioner as a clerk fills the fields of the form: what is known, how it is typed, what stands there instead.

use chrono::{Datelike as _, NaiveDate};
use serde_json::{Value, json};

use super::super::MERGER;
use super::super::chance::Dice;
use super::bureau::Bureau;
use super::citizen::{Citizen, Home};
use super::paper::Organization;
use super::{clerk, typing};

/// What is typed where no number is known.
const NO_NUMBER: &[&str] =
    &["0000000000", "không rõ", "000000000", "000000000000", "123456789", "không có", "111111111", "chưa cung cấp"];
const NO_PHONE: &[&str] = &["0000000000", "không có", "0123456789", "0999999999", "không rõ"];

/// Where in a record somebody stands.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// In a long list, of which little more than the names and the addresses is typed.
    pub is_in_list: bool,
    pub is_first: bool,
    /// When the record was entered.
    pub day: NaiveDate,
}

/// The petitioner in a record.
pub fn petitioner(dice: &mut Dice, bureau: &Bureau, citizen: &Citizen, entry: Entry) -> Value {
    let Entry { is_in_list, is_first, day } = entry;
    let habit = &bureau.habit;
    let share = |percent: u32| if is_in_list { percent / 3 } else { percent };
    let number = if dice.chance(share(habit.gives_number)) {
        Some(number(dice, citizen, day))
    } else {
        dice.chance(share(9)).then(|| dice.word(NO_NUMBER).to_owned())
    };
    let kind = number.as_ref().filter(|_| dice.chance(55)).and_then(|number| match number.len() {
        12 => Some("cccd"),
        8 | 9 => Some("cmnd"),
        _ => None,
    });
    let phone = if dice.chance(share(habit.gives_phone)) {
        citizen.phone_on(day).map(|phone| phone_typed(dice, phone, day))
    } else if dice.chance(share(6)) {
        Some(if dice.chance(45) { bureau.switchboard.clone() } else { dice.word(NO_PHONE).to_owned() })
    } else {
        None
    };
    let (birth_date, birth_year) = born(dice, bureau, citizen, share(100));
    let email = citizen.email.as_ref().filter(|_| dice.chance(share(60)));
    let gender = dice.chance(share(78)).then(|| {
        let is_woman = citizen.is_woman() != dice.rarely(4);
        if is_woman { "female" } else { "male" }
    });
    json!({
        "name": name(dice, bureau, citizen),
        "id_number": number, "id_kind": kind,
        "birth_date": birth_date, "birth_year": birth_year, "gender": gender,
        "phone": phone, "email": email,
        "address": address(dice, bureau, citizen.home_on(day), day),
        "representative": is_first && dice.chance(80),
    })
}

/// Two people in one cell, whose number and telephone are the first one's.
pub fn couple(dice: &mut Dice, bureau: &Bureau, one: &Citizen, other: &Citizen, day: NaiveDate) -> Value {
    let mut petitioner = petitioner(dice, bureau, one, Entry { is_in_list: false, is_first: true, day });
    let both = format!("{} {} và {} {}", one.pronoun(), one.name.full(), other.pronoun(), other.name.full());
    let name = match dice.below(100) {
        0..50 => both,
        50..75 if one.is_woman() != other.is_woman() => format!("Vợ chồng {both}"),
        _ => format!("{}, {}", one.name.full(), other.name.full()),
    };
    if let Some(fields) = petitioner.as_object_mut() {
        fields.insert("name".to_owned(), json!(name));
    }
    petitioner
}

/// The clerk had one paper before him and typed its number for the next one too.
pub fn take_number_of_first(petitioners: &mut [Value]) {
    let [first, second, ..] = petitioners else { return };
    if let (Some(number), Some(fields)) =
        (first.get("id_number").filter(|number| number.is_string()), second.as_object_mut())
    {
        fields.insert("id_number".to_owned(), number.clone());
        fields.remove("id_kind");
    }
}

/// A name that stands for `count` people, of whom no other is named.
pub fn speaks_for(dice: &mut Dice, petitioner: &mut Value, count: usize) {
    let Some(name) = petitioner.get_mut("name") else { return };
    let typed = name.as_str().unwrap_or_default();
    *name = match dice.below(3) {
        0 => json!(format!("{typed} và {} hộ dân", count - 1)),
        1 => json!(format!("{typed} (đại diện cho {count} hộ dân)")),
        _ => return,
    };
}

/// A body that petitions in its own name.
pub fn organization(dice: &mut Dice, bureau: &Bureau, organization: &Organization, day: NaiveDate) -> Value {
    let mut name = organization.name.clone();
    if dice.chance(25) {
        name = name.replace("Công ty", "Cty").replace("cổ phần", "CP");
    }
    if dice.chance(bureau.habit.bare) {
        name = typing::bare(&name);
    }
    if dice.chance(bureau.habit.capitals) {
        name = name.to_uppercase();
    }
    let code = dice.chance(58).then_some(&organization.tax_code);
    json!({
        "organization": name,
        "id_number": code, "id_kind": code.map(|_| "other"),
        "phone": dice.chance(bureau.habit.gives_phone).then(|| phone_typed(dice, &organization.phone, day)),
        "address": address(dice, bureau, &organization.home, day),
    })
}

/// The number shown: the card of nine digits mostly in old years, the number of twelve since.
fn number(dice: &mut Dice, citizen: &Citizen, day: NaiveDate) -> String {
    let old = match day.year() {
        ..2025 => 38,
        2025 => 16,
        _ => 8,
    };
    let shown = citizen.card.as_ref().filter(|_| dice.chance(old)).unwrap_or(&citizen.id_number);
    match dice.below(1000) {
        0..9 => typing::number(dice, shown),
        9..38 => typing::spoiled(dice, shown),
        38..70 => typing::spaced(dice, shown),
        70..74 => shown.get(..shown.len() - 1).unwrap_or(shown).to_owned(),
        _ => shown.clone(),
    }
}

fn phone_typed(dice: &mut Dice, phone: &str, day: NaiveDate) -> String {
    let rest = phone.get(1..).unwrap_or(phone);
    match dice.below(1000) {
        0..10 => typing::number(dice, phone),
        10..30 => rest.to_owned(),
        30..60 => format!("+84{rest}"),
        60..100 => format!(
            "{} {} {}",
            phone.get(..4).unwrap_or(""),
            phone.get(4..7).unwrap_or(""),
            phone.get(7..).unwrap_or("")
        ),
        100..140 => format!(
            "{}.{}.{}",
            phone.get(..4).unwrap_or(""),
            phone.get(4..7).unwrap_or(""),
            phone.get(7..).unwrap_or("")
        ),
        140..160 if day.year() < 2026 => before_2018(phone),
        _ => phone.to_owned(),
    }
}

/// The number of eleven digits that an old file still has.
fn before_2018(phone: &str) -> String {
    let prefixes = crate::reference::phone::mobile();
    let old = prefixes.iter().find(|row| phone.starts_with(row.new));
    old.map_or_else(|| phone.to_owned(), |row| format!("{}{}", row.old, phone.get(row.new.len()..).unwrap_or("")))
}

/// Birth date or year, as far as the form was filled.
fn born(dice: &mut Dice, bureau: &Bureau, citizen: &Citizen, percent: u32) -> (Option<String>, Option<i32>) {
    if !dice.chance(percent) {
        return (None, None);
    }
    let mut day = citizen.birth;
    match dice.below(1000) {
        // day and month swapped, where that is a date
        0..8 => day = NaiveDate::from_ymd_opt(day.year(), day.day(), day.month()).unwrap_or(day),
        // by the lunar calendar somebody is a year older
        8..16 => day = NaiveDate::from_ymd_opt(day.year() - 1, day.month(), day.day()).unwrap_or(day),
        // nobody asked for more than the year
        16..60 => day = NaiveDate::from_ymd_opt(day.year(), 1, 1).unwrap_or(day),
        _ => {}
    }
    let year_only = if day.year() < 1965 { 55 } else { 30 };
    match dice.below(100) {
        0..22 => (None, None),
        share if share < 22 + year_only => (None, Some(day.year())),
        _ => (Some(clerk::date(dice, bureau, day)), None),
    }
}

/// The name as typed.
pub fn name(dice: &mut Dice, bureau: &Bureau, citizen: &Citizen) -> String {
    let parts = &citizen.name;
    let mut middle = parts.middle.to_owned();
    match dice.below(1000) {
        // the middle name goes, Văn and Thị before others
        0..60 if matches!(parts.middle, "Thị" | "Văn") => middle.clear(),
        0..18 => middle.clear(),
        60..90 if parts.middle.starts_with("Thị ") => parts.middle.trim_start_matches("Thị ").clone_into(&mut middle),
        90..102 if !middle.is_empty() => middle = format!("{}.", middle.chars().next().unwrap_or('V')),
        _ => {}
    }
    let given =
        if dice.rarely(12) { typing::slip(dice, parts.given).trim().to_owned() } else { parts.given.to_owned() };
    let middle = if dice.rarely(8) { typing::slip(dice, &middle).trim().to_owned() } else { middle };
    let mut name = parts.written(&middle, &given);
    if dice.chance(9) {
        name = typing::respelled(&name);
    }
    if dice.chance(bureau.habit.bare) || dice.chance(2) {
        name = typing::bare(&name);
    }
    if dice.chance(bureau.habit.capitals) || dice.chance(3) {
        name = name.to_uppercase();
    }
    if let Some((first, rest)) = name.split_once(' ').filter(|_| dice.rarely(15)) {
        // only the first word with a capital
        name = format!("{first} {}", rest.to_lowercase());
    }
    if dice.rarely(5) {
        let alias = dice.word(&["Ba", "Tư", "Năm", "Út", "Lùn", "Hai Lúa"]);
        name = format!("{name} (tức {alias})");
    }
    if dice.chance(7) {
        name = format!("{} {name}", if citizen.is_woman() { "Bà" } else { "Ông" });
    }
    name
}

/// The address: as it was called before the merger, as it is called since, or half and half.
fn address(dice: &mut Dice, bureau: &Bureau, home: &Home, day: NaiveDate) -> Value {
    if dice.chance(5) {
        return Value::Null;
    }
    let is_old = day < MERGER || dice.chance(if day.year() == 2025 { 30 } else { 15 });
    let mut levels = home.levels(is_old);
    let street = dice.chance(84).then(|| street(dice, &home.street));
    let bare = dice.chance(bureau.habit.bare);
    let typed = |text: String| if bare { typing::bare(&text) } else { text };
    if bureau.habit.is_line {
        if levels.len() > 1 && dice.chance(8) {
            levels.pop();
        }
        let line: Vec<String> = street.into_iter().chain(levels).collect();
        let line = line.join(", ");
        let line = if dice.chance(40) { shortened(dice, &line) } else { line };
        return json!(typed(line));
    }
    let province = levels.pop().map(typed);
    let mut levels = levels.into_iter().map(typed);
    let (commune, district) = (levels.next(), levels.next());
    json!({"street": street.map(typed), "commune": commune, "district": district, "province": province})
}

fn street(dice: &mut Dice, street: &str) -> String {
    match dice.below(100) {
        0..20 => street.replace("đường ", ""),
        20..32 => street.trim_start_matches("số ").to_owned(),
        32..40 => street.replace("tổ dân phố", "TDP").replace("khu phố", "KP").replace("đường", "Đ."),
        40..44 => typing::slip(dice, street).trim().to_owned(),
        _ => street.to_owned(),
    }
}

/// The words for the levels, shortened.
fn shortened(dice: &mut Dice, line: &str) -> String {
    const SHORT: &[(&str, &str)] = &[
        ("Phường ", "P. "),
        ("Xã ", "X. "),
        ("Thị trấn ", "TT. "),
        ("Thị xã ", "TX. "),
        ("Quận ", "Q. "),
        ("Huyện ", "H. "),
        ("Thành phố ", "TP. "),
        ("Tỉnh ", ""),
    ];
    SHORT
        .iter()
        .fold(line.to_owned(), |line, (long, short)| if dice.chance(75) { line.replace(long, short) } else { line })
}
