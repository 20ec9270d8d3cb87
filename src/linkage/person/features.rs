//! What of a petitioner is compared.

use std::fmt;

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::domain::{Gender, IdKind, Petitioner};
use crate::normalize::{name, text};

/// What of one petitioner is compared, ready to be compared: in lower case, numbers without blanks. Empty is what is not
/// known.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Features {
    #[serde(rename = "f", skip_serializing_if = "String::is_empty")]
    pub(super) family: String,
    #[serde(rename = "m", skip_serializing_if = "String::is_empty")]
    pub(super) middle: String,
    #[serde(rename = "g", skip_serializing_if = "String::is_empty")]
    pub(super) given: String,
    /// The name of a body; then nothing stands in the parts of the name.
    #[serde(rename = "o", skip_serializing_if = "String::is_empty")]
    pub(super) organization: String,
    #[serde(rename = "s", skip_serializing_if = "Option::is_none")]
    pub(super) sex: Option<Gender>,
    /// `YYYYMMDD`, or `YYYY` where no more is known.
    #[serde(rename = "b", skip_serializing_if = "String::is_empty")]
    pub(super) born: String,
    /// Số định danh cá nhân, twelve digits.
    #[serde(rename = "i", skip_serializing_if = "String::is_empty")]
    pub(super) personal_number: String,
    /// Chứng minh nhân dân, nine digits: it says nothing for or against a number of another kind.
    #[serde(rename = "c", skip_serializing_if = "String::is_empty")]
    pub(super) card: String,
    /// Of any other kind.
    #[serde(rename = "d", skip_serializing_if = "String::is_empty")]
    pub(super) document: String,
    /// The personal number agrees with the sex and the birth year beside it.
    #[serde(rename = "v", skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_number_valid: bool,
    /// Mobile ones: a landline is an office's or a house's.
    #[serde(rename = "p", skip_serializing_if = "Vec::is_empty")]
    pub(super) phones: Vec<String>,
    #[serde(rename = "e", skip_serializing_if = "String::is_empty")]
    pub(super) email: String,
    #[serde(rename = "r", skip_serializing_if = "String::is_empty")]
    pub(super) province: String,
    /// Several where the address is of a commune that was split.
    #[serde(rename = "k", skip_serializing_if = "Vec::is_empty")]
    pub(super) communes: Vec<String>,
    /// The numbers of house and lane, or of the hamlet.
    #[serde(rename = "h", skip_serializing_if = "String::is_empty")]
    pub(super) house: String,
    /// The words of the street or hamlet, without marks.
    #[serde(rename = "t", skip_serializing_if = "String::is_empty")]
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
            ("house", !self.house.is_empty()),
            ("street", !self.street.is_empty()),
        ];
        f.write_str("Features of ")?;
        f.debug_list().entries(known.iter().filter(|(_, is_known)| *is_known).map(|(name, _)| name)).finish()
    }
}

/// The features of a petitioner; none where nothing tells who it is.
pub fn features(petitioner: &Petitioner) -> Option<Features> {
    let mut features = Features { sex: petitioner.gender.filter(|sex| *sex != Gender::Other), ..Features::default() };
    match (&petitioner.name, &petitioner.organization) {
        (Some(name), _) => features.take_name(name),
        (None, Some(organization)) => features.organization = body(organization)?,
        (None, None) => {}
    }
    features.born = born(petitioner);
    if let Some(number) = &petitioner.id_number {
        features.take_number(number, petitioner);
    }
    features.phones = petitioner.phones.iter().filter(|phone| is_own_phone(phone)).cloned().collect();
    features.phones.sort_unstable();
    features.phones.dedup();
    features.email = petitioner.email.as_deref().map(str::to_lowercase).unwrap_or_default();
    let place = &petitioner.place;
    features.province = place.province_code.clone().unwrap_or_default();
    features.communes = place.commune_code.iter().chain(&place.commune_candidates).cloned().collect();
    features.communes.sort_unstable();
    features.communes.dedup();
    if let Some(street) = &place.street {
        (features.house, features.street) = address(street);
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
    }

    fn take_number(&mut self, number: &str, petitioner: &Petitioner) {
        if is_placeholder(number) {
            return;
        }
        let is_digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let field = match (petitioner.id_kind, number.len()) {
            (Some(IdKind::Cccd) | None, 12) if is_digits => &mut self.personal_number,
            (Some(IdKind::Cmnd) | None, 9) if is_digits => &mut self.card,
            _ => &mut self.document,
        };
        number.clone_into(field);
        self.is_number_valid = encoded(&self.personal_number).is_some_and(|(year, sex)| {
            self.sex.is_none_or(|said| said == sex)
                && self.born.get(..4).and_then(|said| said.parse().ok()).is_none_or(|said: i32| said == year)
        });
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

/// Numbers that are typed to get past a required field and are well-formed all the same.
fn is_placeholder(number: &str) -> bool {
    let digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).collect();
    let run = |step: u8| {
        let is_step = |two: &&[u8]| matches!(two, [a, b] if (a - b'0' + step) % 10 == b - b'0');
        digits.windows(2).filter(is_step).count()
    };
    digits.len() >= 6 && [0, 1, 9].into_iter().any(|step| run(step) + 3 >= digits.len())
}

/// A Vietnamese mobile number, or one of another country, that is somebody's.
fn is_own_phone(phone: &str) -> bool {
    let is_landline = phone.starts_with("+842");
    !is_landline && !is_placeholder(phone.strip_prefix("+84").unwrap_or(phone))
}

/// `YYYYMMDD`, or the year alone. The first of January is what registrars wrote who did not know the day.
fn born(petitioner: &Petitioner) -> String {
    let known = |date: &NaiveDate| date.ordinal() > 1;
    match (petitioner.birth_date.filter(known), petitioner.birth_date.map(|date| date.year()).or(petitioner.birth_year))
    {
        (Some(date), _) => date.format("%Y%m%d").to_string(),
        (None, Some(year)) => format!("{year:04}"),
        (None, None) => String::new(),
    }
}

/// Groups without names, which are nobody: the same words may mean other people.
const CROWDS: &[&str] = &[
    "cac ho",
    "ho dan",
    "tap the",
    "nhom",
    "mot so",
    "nhan dan",
    "cu tri",
    "ba con",
    "cong dan",
    "nguoi dan",
    "to dan",
];

/// The name of a body without marks; none where it is a crowd.
fn body(organization: &str) -> Option<String> {
    let flat = text::flat_words(organization);
    let is_crowd = flat.starts_with(|c: char| c.is_ascii_digit()) || CROWDS.iter().any(|words| flat.starts_with(words));
    (!is_crowd && !flat.is_empty()).then_some(flat)
}

/// Words that stand around the name of a street and say nothing.
const AROUND: &[&str] = &["so", "nha", "duong", "d", "pho", "ngo", "ngach", "hem", "kiet", "lo"];

/// Numbers and words of the part of an address under the commune.
fn address(street: &str) -> (String, String) {
    let flat = text::flat_words(street);
    let flat = flat.replace("to dan pho", "tdp").replace("khu pho", "kp");
    let (mut house, mut words) = (Vec::new(), Vec::new());
    for word in flat.split(' ').filter(|word| !AROUND.contains(word)) {
        if word.bytes().any(|byte| byte.is_ascii_digit()) { &mut house } else { &mut words }.push(word);
    }
    (house.join("/"), words.join(" "))
}
