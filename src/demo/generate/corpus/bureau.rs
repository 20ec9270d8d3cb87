//! The sources of the corpus: the systems of 34 provinces and of nine central bodies, each with the habits of its
//! clerks.

use std::sync::LazyLock;

use chrono::{Datelike as _, NaiveDate};

use super::super::chance::Dice;
use crate::domain::{SourceId, Tier};
use crate::normalize::text;
use crate::reference::{agency, province};

/// One system that supplies records.
#[derive(Debug)]
pub struct Bureau {
    /// As in `sources.d/<id>.toml`.
    pub source_id: SourceId,
    pub tier: Tier,
    /// Identity code of the agency that owns it.
    pub code: &'static str,
    pub name: String,
    /// Today's code of the province it governs.
    pub province: Option<&'static str>,
    /// Its own switchboard, which clerks enter where a citizen left no number.
    pub switchboard: String,
    pub habit: Habit,
}

/// How its clerks type; shares in a hundred.
#[derive(Debug, Clone, Copy)]
pub struct Habit {
    /// Names in capitals.
    pub capitals: u32,
    /// No diacritics at all: systems of before Unicode.
    pub bare: u32,
    /// Whether an address is one line of text.
    pub is_line: bool,
    /// Whether dates are written `dd/mm/yyyy`.
    pub has_slashes: bool,
    pub gives_number: u32,
    pub gives_phone: u32,
    /// Summaries in the clerk's own words, not the petitioner's.
    pub retells: u32,
    style: u32,
}

/// Central bodies: source id, code, name.
const CENTRAL: &[(&str, &str, &str)] = &[
    ("ttcp", "G20", "Ban Tiếp công dân trung ương"),
    ("bxd", "G17", "Bộ Xây dựng"),
    ("byt", "G18", "Bộ Y tế"),
    ("bgddt", "G03", "Bộ Giáo dục và Đào tạo"),
    ("btp", "G15", "Bộ Tư pháp"),
    ("bnv", "G09", "Bộ Nội vụ"),
    ("bca", "G01", "Bộ Công an"),
    ("nganh-bhxh", "G12.34", "Bảo hiểm xã hội Việt Nam"),
    ("nganh-thue", "G12.18", "Cục Thuế"),
];

static BUREAUS: LazyLock<Vec<Bureau>> = LazyLock::new(|| {
    let central = CENTRAL.iter().map(|(id, code, name)| ((*id).to_owned(), *code, (*name).to_owned(), None));
    let local = province::all().iter().filter(|row| row.valid_to.is_none()).filter_map(|row| {
        let owner = agency::of_province(row.code)?;
        Some((format!("tinh-{}", text::flat_key(row.name)), owner.code, owner.name.to_owned(), Some(row.code)))
    });
    let all = central.chain(local).enumerate();
    all.filter_map(|(number, (source_id, code, name, province))| {
        let source_id = SourceId::parse(&source_id).ok()?;
        let mut dice = Dice::new(0xB0EA).fork(number as u64);
        let switchboard = format!("024{:08}", 38_000_000 + number as u32 * 1_357);
        let tier = match province {
            Some(_) => Tier::Local,
            None if code.contains('.') => Tier::Branch,
            None => Tier::Ministry,
        };
        Some(Bureau { source_id, tier, code, name, province, switchboard, habit: Habit::throw(&mut dice) })
    })
    .collect()
});

impl Habit {
    fn throw(dice: &mut Dice) -> Self {
        Self {
            capitals: *dice.weighted(&[(1, 70), (15, 15), (90, 15)]),
            bare: *dice.weighted(&[(1, 90), (30, 6), (85, 4)]),
            is_line: dice.chance(45),
            has_slashes: dice.chance(50),
            gives_number: dice.between(55, 88),
            gives_phone: dice.between(40, 80),
            retells: *dice.weighted(&[(15, 40), (35, 40), (80, 20)]),
            style: dice.below(4),
        }
    }
}

/// Every source, the central ones first.
pub fn bureaus() -> &'static [Bureau] {
    &BUREAUS
}

/// The system of the province of today's code, as a number in [`bureaus`].
pub fn of_province(code: &str) -> usize {
    BUREAUS.iter().position(|bureau| bureau.province == Some(code)).unwrap_or(0)
}

/// The central body with this source id, as a number in [`bureaus`].
pub fn of_id(source_id: &str) -> usize {
    BUREAUS.iter().position(|bureau| bureau.source_id.as_str() == source_id).unwrap_or(0)
}

impl Bureau {
    /// Its own number of its record number `seq` (from 1), entered on `day`.
    pub fn record_id(&self, seq: u32, day: NaiveDate) -> String {
        match self.habit.style {
            0 => format!("{}-{}-{seq:06}", self.code, day.year()),
            1 => format!("{seq}/{}", day.year()),
            2 => format!("{:08x}-{:04x}", seq.wrapping_mul(2_654_435_761), seq & 0xffff),
            _ => format!("{}", 1_000_000 + seq),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_source_has_a_good_name_and_gives_each_number_once() {
        let ids: BTreeSet<&str> = bureaus().iter().map(|bureau| bureau.source_id.as_str()).collect();
        assert_eq!((ids.len(), bureaus().len()), (43, 43));
        for bureau in bureaus() {
            assert!(agency::first_level(bureau.code).is_some(), "{}", bureau.code);
            let day = super::super::super::FIRST_DAY;
            let numbers: BTreeSet<String> = (1..5_000).map(|seq| bureau.record_id(seq, day)).collect();
            assert_eq!(numbers.len(), 4_999);
        }
        assert_eq!(bureaus()[of_province("01")].source_id.as_str(), "tinh-hanoi");
    }
}
