//! What goes wrong in real offices: numbers mistyped, people left out, records withdrawn, dates forgotten.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::chance::Dice;
use super::office::Office;
use super::record::{Blemish, Filer, Record};
use crate::domain::{IdKind, Kind, PetitionType};

/// Damages some records, withdraws some, gives some to a unit under their agency.
///
/// What a link leads to or from keeps its identity: only a record that is alone in its case loses its date or is
/// withdrawn, so that the truth about the others stays beyond dispute.
pub fn spread(dice: &mut Dice, records: &mut [Record]) {
    let mut in_case: BTreeMap<u32, u32> = BTreeMap::new();
    for record in records.iter() {
        *in_case.entry(record.truth.case).or_default() += 1;
    }
    for record in records {
        let alone = in_case.get(&record.truth.case) == Some(&1);
        if alone {
            set_apart(dice, record);
        }
        damage(dice, record);
    }
}

/// What only a record alone in its case may suffer.
fn set_apart(dice: &mut Dice, record: &mut Record) {
    if dice.chance(35) && record.office.province().is_some() {
        record.content.unit = Some(format!("{}.{}", record.office.code(), dice.between(1, 40)));
    }
    // the three agencies whose systems tell of a withdrawal; the others just stop listing the record
    let tells = matches!(record.office, Office::Bxd | Office::HaNoi | Office::DaNang);
    if tells && dice.rarely(20) {
        record.withdraw(record.updated_at + TimeDelta::hours(1));
    } else if record.office != Office::DaNang && dice.rarely(8) {
        // Đà Nẵng sends in parts: without its date such a record would not be refused but wait
        record.blemishes.push(Blemish::ReceivedOnMissing);
    }
}

fn damage(dice: &mut Dice, record: &mut Record) {
    let petition = record.content.kind == Kind::Petition;
    if petition && !record.content.anonymous && dice.rarely(12) {
        record.content.petitioners.clear();
        record.blemishes.push(Blemish::PetitionerMissing);
    }
    if petition && record.office == Office::Bgddt && dice.rarely(15) {
        record.content.petition_type = None;
        record.blemishes.push(Blemish::TypeUnknown);
    }
    let Some(filer) = record.content.petitioners.first_mut() else { return };
    let thrown = match dice.below(1000) {
        0..25 => number_invalid(dice, filer),
        25..35 => birth_year_conflict(filer),
        35..50 => phone_short(filer),
        50..80 => phone_old(dice, filer),
        _ => None,
    };
    record.blemishes.extend(thrown);
}

fn number_invalid(dice: &mut Dice, filer: &mut Filer) -> Option<Blemish> {
    let number = filer.id_number.as_mut().filter(|_| filer.id_kind == IdKind::Cccd)?;
    if dice.chance(50) {
        // eleven digits that do not begin with the zero a spreadsheet loses
        *number = format!("9{}", number.get(2..)?);
    } else {
        *number = format!("003{}", number.get(3..)?);
    }
    Some(Blemish::IdNumberInvalid)
}

fn birth_year_conflict(filer: &mut Filer) -> Option<Blemish> {
    filer.id_number.as_ref().filter(|_| filer.id_kind == IdKind::Cccd)?;
    filer.birth_year += 7;
    filer.birth_date = None;
    Some(Blemish::IdNumberConflict)
}

fn phone_short(filer: &mut Filer) -> Option<Blemish> {
    let phone = filer.phone.as_mut()?;
    phone.truncate(7);
    Some(Blemish::PhoneInvalid)
}

/// Prefixes of eleven-digit numbers of before September 2018, by those that replaced them.
const OLD_PREFIXES: &[(&str, &str)] = &[
    ("032", "0162"),
    ("033", "0163"),
    ("034", "0164"),
    ("035", "0165"),
    ("036", "0166"),
    ("037", "0167"),
    ("038", "0168"),
    ("039", "0169"),
    ("070", "0120"),
    ("079", "0121"),
    ("077", "0122"),
    ("076", "0126"),
    ("078", "0128"),
    ("083", "0123"),
    ("084", "0124"),
    ("085", "0125"),
    ("081", "0127"),
    ("082", "0129"),
    ("056", "0186"),
    ("058", "0188"),
];

fn phone_old(dice: &mut Dice, filer: &mut Filer) -> Option<Blemish> {
    let phone = filer.phone.as_mut()?;
    let known = OLD_PREFIXES.iter().find(|(new, _)| phone.starts_with(new));
    let (_, old) = known.unwrap_or_else(|| dice.pick(OLD_PREFIXES));
    *phone = format!("{old}{}", phone.get(3..)?);
    Some(Blemish::PhoneOldPrefix)
}

impl Record {
    /// Withdrawn at its source at the moment `at`, which is an edit like others.
    pub fn withdraw(&mut self, at: DateTime<Utc>) {
        self.deleted = true;
        self.updated_at = at;
        self.revision += 1;
    }

    /// Whether it can be stored at all: without any date of receipt a record goes to quarantine.
    pub fn is_storable(&self) -> bool {
        !self.blemishes.contains(&Blemish::ReceivedOnMissing)
    }

    /// Whether the petitioner and the text must stay sealed: a denunciation, one content that is, a petitioner who
    /// asks for it, or a type that nobody understands.
    pub fn is_sealed(&self) -> bool {
        let content = &self.content;
        let denounces = |petition_type| petition_type == PetitionType::Denunciation;
        content.confidential
            || content.petition_type.is_none_or(denounces)
            || content.items.iter().any(|item| denounces(item.petition_type))
    }
}
