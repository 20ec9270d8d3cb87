//! What of a petitioner is compared.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::{Gender, NormalizedRecord, Petitioner};
use crate::linkage::{field, hash};
use crate::normalize::{name, text};

use super::body;

/// What of one petitioner is compared, ready to be compared: in lower case, numbers without blanks. Empty is what is not
/// known.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Features {
    pub(super) family: String,
    pub(super) middle: String,
    pub(super) given: String,
    /// Family, middle and given name without marks.
    pub(super) flat: [String; 3],
    /// The name of a body; then nothing stands in the parts of the name.
    pub(super) organization: String,
    pub(super) sex: Option<Gender>,
    /// `YYYYMMDD`, or `YYYY` where no more is known.
    pub(super) born: String,
    /// Số định danh cá nhân, twelve digits.
    pub(super) personal_number: String,
    /// Chứng minh nhân dân, nine digits: it says nothing for or against a number of another kind.
    pub(super) card: String,
    /// Of any other kind.
    pub(super) document: String,
    /// The personal number agrees with the sex and the birth year beside it.
    pub(super) is_number_valid: bool,
    /// Mobile ones: a landline is an office's or a house's.
    pub(super) phones: Vec<String>,
    pub(super) email: String,
    pub(super) province: String,
    /// With its province (`33:13159`); several, with blanks between, where the address is of a commune that was split.
    pub(super) communes: String,
    /// Who signed with them and which decision they complain of, as hashes with blanks between.
    pub(super) company: String,
    /// The numbers of house and lane, or of the hamlet.
    pub(super) house: String,
    /// The words of the street or hamlet, without marks.
    pub(super) street: String,
}

/// What is known, never what it is.
impl fmt::Debug for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = [
            ("family", !self.family.is_empty()),
            ("middle", !self.middle.is_empty()),
            ("given", !self.given.is_empty()),
            ("organization", !self.organization.is_empty()),
            ("sex", self.sex.is_some()),
            ("born", !self.born.is_empty()),
            ("personal_number", !self.personal_number.is_empty()),
            ("card", !self.card.is_empty()),
            ("document", !self.document.is_empty()),
            ("phone", !self.phones.is_empty()),
            ("email", !self.email.is_empty()),
            ("province", !self.province.is_empty()),
            ("commune", !self.communes.is_empty()),
            ("company", !self.company.is_empty()),
            ("house", !self.house.is_empty()),
            ("street", !self.street.is_empty()),
        ];
        f.write_str("Features of ")?;
        f.debug_list().entries(known.iter().filter(|(_, is_known)| *is_known).map(|(name, _)| name)).finish()
    }
}

/// Telephones of one person: of two people each is compared with each.
const MOST_PHONES: usize = 8;
/// Into so many an old commune was split at most, give or take; an address that may mean more says nothing.
const MOST_COMMUNES: usize = 5;

/// Petitioners of one record of whom persons are made. A list of more is not a list of people who file together, and what
/// it costs everybody waits for.
pub const MOST_OF_RECORD: usize = 1_000;

/// The features of the petitioners of a record, by position; none where nothing tells who it is, nor after
/// [`MOST_OF_RECORD`]. They know more than those of a petitioner alone: who else signed, and against what.
pub fn of_record(record: &NormalizedRecord) -> Vec<Option<Features>> {
    let mut all: Vec<Option<Features>> = record.petitioners.iter().take(MOST_OF_RECORD).map(features).collect();
    let decision = record.against.decision_no.as_deref().map(text::flat_key).filter(|number| number.len() > FEW);
    let decision = decision.map(|number| hash::text(&number));
    let whole = |features: &Features| (!features.flat.iter().any(String::is_empty)).then(|| features.flat.concat());
    let name = |one: &Option<Features>| one.as_ref().and_then(whole).map(|name| hash::text(&name));
    let names: Vec<Option<u64>> = all.iter().map(name).collect();
    // the least of all, and how many have each: whoever is alone with a name is not their own company
    let mut company: BTreeMap<u64, usize> = BTreeMap::new();
    names.iter().flatten().for_each(|name| *company.entry(*name).or_default() += 1);
    if let Some(decision) = decision {
        *company.entry(decision).or_default() += 2;
    }
    let least: Vec<(u64, usize)> = company.into_iter().take(COMPANY + 1).collect();
    for (features, own) in all.iter_mut().zip(&names) {
        let is_other = |(hash, people): &&(u64, usize)| *people > 1 || Some(*hash) != *own;
        let words = least.iter().filter(is_other).take(COMPANY).map(|(hash, _)| format!("{:x}", hash >> 32));
        if let Some(features) = features {
            features.company = words.collect::<Vec<_>>().join(" ");
        }
    }
    all
}

/// How many of a long list are kept: the least, as two lists that differ by a few have most of them in common.
const COMPANY: usize = 8;

/// Letters and digits of a decision's number under which it may be anybody's.
const FEW: usize = 4;

/// The features of a petitioner; none where nothing tells who it is.
pub fn features(petitioner: &Petitioner) -> Option<Features> {
    let mut features = Features { sex: petitioner.gender.filter(|sex| *sex != Gender::Other), ..Features::default() };
    match (&petitioner.name, &petitioner.organization) {
        (Some(name), _) => features.take_name(name),
        (None, Some(organization)) => features.organization = body::name(organization)?,
        (None, None) => {}
    }
    features.born = born(petitioner);
    features.take_number(petitioner.id_number.as_deref().unwrap_or_default());
    let phones = petitioner.phones.iter().filter(|phone| field::is_own_phone(phone));
    features.phones = phones.map(|phone| phone.trim_start_matches('+').to_owned()).collect();
    features.phones.sort_unstable();
    features.phones.dedup();
    features.phones.truncate(MOST_PHONES);
    features.email = petitioner.email.as_deref().map(str::to_lowercase).unwrap_or_default();
    let place = &petitioner.place;
    features.province = place.province_code.clone().unwrap_or_default();
    let mut communes: Vec<&str> =
        place.commune_code.iter().chain(&place.commune_candidates).map(String::as_str).collect();
    communes.sort_unstable();
    communes.dedup();
    communes.truncate(MOST_COMMUNES);
    let coded: Vec<String> = communes.iter().map(|code| format!("{}:{code}", features.province)).collect();
    features.communes = coded.join(" ");
    if let Some(street) = &place.street {
        (features.house, features.street) = field::address(street);
    }
    features.tells().then_some(features)
}

impl Features {
    fn tells(&self) -> bool {
        let named = [&self.given, &self.organization, &self.personal_number, &self.card, &self.document, &self.email];
        named.into_iter().any(|value| !value.is_empty()) || !self.phones.is_empty()
    }

    fn take_name(&mut self, name: &str) {
        let clean = text::clean_line(name);
        let parts = name::parts(&clean);
        let lower = |part: Option<&str>| part.map(str::to_lowercase).unwrap_or_default();
        (self.family, self.middle) = (lower(parts.family), lower(parts.middle));
        self.given = parts.given.to_lowercase();
        self.flat = [&self.family, &self.middle, &self.given].map(|part| text::flat_words(part));
    }

    fn take_number(&mut self, number: &str) {
        [self.personal_number, self.card, self.document] = field::id_number(number).map(str::to_owned);
        let Some((year, sex)) = encoded(&self.personal_number) else { return };
        let year = year.to_string();
        self.is_number_valid = self.sex.is_none_or(|said| said == sex) && (self.born.is_empty() || self.year() == year);
        // what nobody wrote beside it, the number tells
        self.sex = self.sex.or(Some(sex));
        if self.born.is_empty() {
            self.born = year;
        }
    }

    /// `YYYYMMDD`, or `YYYY` where no more is known; empty where nothing is.
    pub fn born(&self) -> &str {
        &self.born
    }

    pub const fn sex(&self) -> Option<Gender> {
        self.sex
    }

    /// The communes that the address may mean, each with its province (`33:13159`), with blanks between.
    pub fn communes(&self) -> &str {
        &self.communes
    }

    /// What stands beside the person in the record, as hashes with blanks between.
    pub fn company(&self) -> &str {
        &self.company
    }

    /// The birth year, as far as it is known.
    pub(super) fn year(&self) -> &str {
        self.born.get(..4).unwrap_or_default()
    }

    pub(super) const fn is_body(&self) -> bool {
        !self.organization.is_empty()
    }
}

/// Birth year and sex as a personal number has them (Decree 137/2015/NĐ-CP, article 13).
fn encoded(number: &str) -> Option<(i32, Gender)> {
    let digits: Vec<i32> = number.bytes().map(|byte| i32::from(byte) - i32::from(b'0')).collect();
    let [_, _, _, century, tens, ones, ..] = digits.as_slice() else { return None };
    let year = 1900 + century / 2 * 100 + tens * 10 + ones;
    Some((year, if century % 2 == 0 { Gender::Male } else { Gender::Female }))
}

/// `YYYYMMDD`, or the year alone.
fn born(petitioner: &Petitioner) -> String {
    match (petitioner.birth_date, petitioner.birth_year) {
        (Some(date), _) => field::birth(&date.format("%Y%m%d").to_string()).to_owned(),
        (None, Some(year)) => format!("{year:04}"),
        (None, None) => String::new(),
    }
}
