//! Addresses: from a line of text to the units of today.
//!
//! Owns: taking an address apart from its end (province, district, commune, street), with or without diacritics,
//! abbreviated, with levels missing; the way from old units through the crosswalk to today's.
//! Must not know: which of several candidates is meant. A split commune, a name that stands twice gives all of them.
//! To add a way to resolve: a function and a line in [`RULES`]. To add a name or an abbreviation: `gazetteer.rs`.

mod gazetteer;
mod parse;
mod resolve;
mod territory;
mod token;

use chrono::NaiveDate;
use serde::Serialize;

use super::reading::{Note, Reading, Rule};
use super::text;
use crate::domain::Flag;
use crate::reference::{commune, province};
use parse::Parsed;
pub(super) use territory::{ProvinceCode, territory};

/// An address in today's units.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Address {
    pub province: Option<String>,
    /// One where it is certain, several where the old one was split or the text is ambiguous, none where unresolved.
    pub communes: Vec<String>,
    pub street: Option<String>,
}

/// One way to find the communes of a parsed address; nothing where it does not apply.
pub type Strategy = fn(&Parsed<'_>, Option<NaiveDate>) -> Option<resolve::Found>;

/// The ways, in order; the first that finds anything decides.
pub static RULES: &[Rule<Strategy>] = &[
    Rule { name: "old_with_district", apply: resolve::old_with_district },
    Rule { name: "new_with_district", apply: resolve::new_with_district },
    Rule { name: "without_district", apply: resolve::without_district },
    Rule { name: "unknown_district", apply: resolve::unknown_district },
    Rule { name: "without_province", apply: resolve::without_province },
];

/// Reads an address. `on` is the day of the record: before 2025-07-01 names mean the old units; after it today's
/// first; unknown, both, and what they have in common is certain.
pub fn read(raw: &str, on: Option<NaiveDate>) -> Reading<Address> {
    let mut notes = Vec::new();
    let clean = text::clean_noting(raw, |note| notes.push(note));
    if clean.is_empty() {
        return Reading { value: None, notes };
    }
    let clean = parse::from_the_end(clean);
    let tokens = token::Tokens::of(&clean);
    let parses = parse::parses(&tokens);
    for parsed in &parses {
        for rule in RULES {
            let Some(found) = (rule.apply)(parsed, on) else { continue };
            return resolved(parsed, rule.name, found, notes);
        }
    }
    notes.push(Note::doubt(Flag::AddressUnresolved, "commune_unknown"));
    let first = parses.iter().find(|parsed| parsed.province_code().is_some());
    let province = first.and_then(Parsed::province_code).map(str::to_owned);
    let rest = first.map_or(tokens.text, |parsed| tokens.before(parsed.rest_end()));
    let street = Some(rest).filter(|rest| !rest.is_empty()).map(str::to_owned);
    let understood = province.is_some();
    Reading { value: understood.then_some(Address { province, communes: Vec::new(), street }), notes }
}

fn resolved(parsed: &Parsed<'_>, rule: &'static str, found: resolve::Found, mut notes: Vec<Note>) -> Reading<Address> {
    let mut codes = found.codes;
    codes.sort_unstable();
    codes.dedup();
    let mut provinces: Vec<&str> = codes.iter().filter_map(|code| commune::get(code)).map(|row| row.province).collect();
    provinces.dedup();
    let province = match provinces.as_slice() {
        [one] => Some((*one).to_owned()),
        _ => parsed.province_code().map(str::to_owned),
    };
    notes.push(Note::tidied(rule));
    notes.extend(found.notes);
    if codes.len() > 1 {
        notes.push(Note::doubt(Flag::AddressAmbiguous, if found.split { "split_commune" } else { "several_communes" }));
    }
    let street = Some(parsed.tokens.before(found.from)).filter(|street| !street.is_empty()).map(str::to_owned);
    let communes = codes.into_iter().map(str::to_owned).collect();
    Reading { value: Some(Address { province, communes, street }), notes }
}

/// Codes in place of names: a province's (2 digits) or a commune's (5 digits), as they were on a day.
pub fn by_code(code: &str, on: NaiveDate) -> Option<Address> {
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    match code.len() {
        2 if digits => {
            let province = province::current_code(code, on)?.to_owned();
            Some(Address { province: Some(province), ..Address::default() })
        }
        5 if digits => {
            let old = commune::old_by_code(code).filter(|_| on < province::MERGER).map(|old| old.successors.clone());
            let codes = old.or_else(|| commune::get(code).map(|row| vec![row.code]))?;
            let province = codes.first().and_then(|code| commune::get(code)).map(|row| row.province.to_owned());
            Some(Address { province, communes: codes.into_iter().map(str::to_owned).collect(), street: None })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
