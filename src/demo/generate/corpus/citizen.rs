//! One human being, and the house in which one lives.

use chrono::{Datelike as _, Days, NaiveDate};

use super::super::chance::Dice;
use super::super::person::PROVINCES_63;
use super::super::place::STREETS;
use super::super::story::FIRST_DAY;
use super::name::Name;
use crate::domain::Gender;
use crate::reference::commune::{self, Commune, OldCommune};
use crate::reference::province::{self, MERGER};

/// A house: where it stood before the merger of July 2025, and since.
#[derive(Debug, Clone)]
pub struct Home {
    pub old: &'static OldCommune,
    pub new: &'static Commune,
    pub street: String,
}

/// What is true of somebody; what a record says may differ.
#[derive(Debug, Clone)]
pub struct Citizen {
    /// The number of the person in the truth.
    pub person: u32,
    pub name: Name,
    pub gender: Gender,
    pub birth: NaiveDate,
    /// Số định danh: `0` and the province of registration, century and sex, year, six digits.
    pub id_number: String,
    /// The card of nine digits that old files have.
    pub card: Option<String>,
    pub phone: Option<String>,
    /// The number of before, and the last day on which it was in use.
    pub former_phone: Option<(NaiveDate, String)>,
    pub email: Option<String>,
    pub home: Home,
    /// Where somebody lives since that day.
    pub moved: Option<(NaiveDate, Home)>,
}

impl Citizen {
    pub fn is_woman(&self) -> bool {
        self.gender == Gender::Female
    }

    pub fn year(&self) -> i32 {
        self.birth.year()
    }

    pub fn home_on(&self, day: NaiveDate) -> &Home {
        self.moved.as_ref().filter(|(since, _)| day >= *since).map_or(&self.home, |(_, home)| home)
    }

    pub fn phone_on(&self, day: NaiveDate) -> Option<&str> {
        let former = self.former_phone.as_ref().filter(|(until, _)| day <= *until).map(|(_, phone)| phone);
        former.or(self.phone.as_ref()).map(String::as_str)
    }

    /// `ông` or `bà`.
    pub fn pronoun(&self) -> &'static str {
        if self.is_woman() { "bà" } else { "ông" }
    }
}

impl Home {
    /// A house in this old commune; of one that was split, in one of its successors.
    pub fn throw(dice: &mut Dice, old: &'static OldCommune) -> Option<Self> {
        let new = commune::get(dice.word(&old.successors))?;
        Some(Self { old, new, street: street(dice) })
    }

    /// The old province's code, as id numbers and cards keep it.
    pub fn old_province(&self) -> &'static str {
        self.old.district.province
    }

    /// The levels as they were called on the day, the smallest first.
    pub fn levels(&self, is_old: bool) -> Vec<String> {
        let named =
            |kind: &str, name: &str| format!("{}{} {name}", initial(kind), kind.get(initial_len(kind)..).unwrap_or(""));
        if is_old {
            let before = MERGER.pred_opt().unwrap_or(MERGER);
            let province = province::get(self.old_province(), before);
            let district = self.old.district;
            let mut levels = vec![named(self.old.kind, self.old.name), named(district.kind, district.name)];
            levels.extend(province.map(|row| named(row.kind, row.name)));
            levels
        } else {
            let province = province::get(self.new.province, MERGER);
            let mut levels = vec![named(self.new.kind, self.new.name)];
            levels.extend(province.map(|row| named(row.kind, row.name)));
            levels
        }
    }
}

/// The first letter in capitals; numbered wards have a kind too, so that it is never empty.
fn initial(kind: &str) -> String {
    kind.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default()
}

fn initial_len(kind: &str) -> usize {
    kind.chars().next().map_or(0, char::len_utf8)
}

const HAMLETS: &[&str] = &["thôn", "xóm", "ấp", "tổ dân phố", "khu phố", "bản", "khóm"];
const HAMLET_NAMES: &[&str] =
    &["Đông", "Trung", "Đoài", "Thượng", "Hạ", "Tân Lập", "Bình Hòa", "Mỹ Lợi", "Phú Thọ", "An Thạnh", "Đồng Tâm"];

fn street(dice: &mut Dice) -> String {
    if dice.chance(45) {
        let lane = if dice.chance(30) { format!("/{}", dice.between(1, 60)) } else { String::new() };
        return format!("số {}{lane} đường {}", dice.between(1, 420), dice.pick(STREETS));
    }
    let hamlet = dice.word(HAMLETS);
    if dice.chance(55) {
        format!("{hamlet} {}", dice.between(1, 14))
    } else {
        format!("{hamlet} {}", dice.pick(HAMLET_NAMES))
    }
}

const MOBILE: &[(&str, u32)] = &[
    ("097", 60),
    ("098", 60),
    ("096", 40),
    ("032", 15),
    ("033", 25),
    ("034", 20),
    ("035", 25),
    ("036", 22),
    ("037", 25),
    ("038", 25),
    ("039", 22),
    ("086", 15),
    ("091", 45),
    ("094", 45),
    ("088", 12),
    ("081", 10),
    ("082", 10),
    ("083", 12),
    ("084", 10),
    ("085", 8),
    ("090", 40),
    ("093", 35),
    ("070", 8),
    ("076", 8),
    ("077", 8),
    ("078", 6),
    ("079", 10),
    ("056", 4),
    ("058", 4),
    ("092", 8),
];

/// A mobile number of ten digits.
pub fn mobile(dice: &mut Dice) -> String {
    format!("{}{:07}", dice.weighted(MOBILE), dice.below(10_000_000))
}

/// A day of birth; of one in ten the registrar wrote the first of January, not knowing the day.
pub fn birth(dice: &mut Dice, from: u32, to: u32) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(dice.between(from, to) as i32, 1, 1).unwrap_or(FIRST_DAY);
    if dice.chance(if first.year() < 1965 { 20 } else { 4 }) {
        return first;
    }
    first + Days::new(u64::from(dice.below(365)))
}

/// A valid personal number, no other person's; four of five are registered where they live.
pub fn id_number(dice: &mut Dice, person: u32, home: &Home, gender: Gender, year: i32) -> String {
    let registered = if dice.chance(82) { home.old_province() } else { *dice.pick(PROVINCES_63) };
    let century = u32::from(year >= 2000) * 2 + u32::from(gender == Gender::Female);
    // 618,033 and a million have no divisor in common: the serials of a million persons differ
    let serial = u64::from(person) * 618_033 % 1_000_000;
    format!("0{registered}{century}{:02}{serial:06}", year.rem_euclid(100))
}

/// The nine digits of the old card, for those who had one before cards of twelve digits came.
pub fn card(dice: &mut Dice, home: &Home, year: i32) -> Option<String> {
    // the first two digits are the police office of the province
    let office: u32 = home.old_province().parse().unwrap_or(1);
    (year < 2000 && dice.chance(70)).then(|| format!("{:02}{:07}", office, dice.below(10_000_000)))
}
