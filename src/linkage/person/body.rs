//! Bodies among petitioners: companies, cooperatives, schools. No model weighs them, because the law does: a name that is
//! another's already is refused in the whole country (Law on Enterprises 59/2020/QH14, articles 37, 38 and 41).

use super::Features;
use crate::normalize::text;
use rapidfuzz::distance::osa;

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

/// What stands at the beginning of a name for the form of the body, and its short forms.
const FORMS: &[(&str, &str)] = &[
    ("cong ty trach nhiem huu han mot thanh vien", "cty tnhh"),
    ("cong ty tnhh mot thanh vien", "cty tnhh"),
    ("cong ty tnhh mtv", "cty tnhh"),
    ("cty tnhh mtv", "cty tnhh"),
    ("cong ty trach nhiem huu han", "cty tnhh"),
    ("cong ty tnhh", "cty tnhh"),
    ("cty tnhh", "cty tnhh"),
    ("cong ty co phan", "cty cp"),
    ("cong ty cp", "cty cp"),
    ("ctcp", "cty cp"),
    ("cty co phan", "cty cp"),
    ("cty cp", "cty cp"),
    ("hop tac xa", "htx"),
    ("htx", "htx"),
    ("doanh nghiep tu nhan", "dntn"),
    ("dntn", "dntn"),
];

/// The name of a body without marks, its form in short; none where it is a crowd.
pub fn name(organization: &str) -> Option<String> {
    let flat = text::flat_words(organization);
    let is_crowd = flat.starts_with(|c: char| c.is_ascii_digit()) || CROWDS.iter().any(|words| flat.starts_with(words));
    if is_crowd || flat.is_empty() {
        return None;
    }
    let form = FORMS.iter().find_map(|(long, short)| Some((*short, flat.strip_prefix(long)?)));
    Some(form.filter(|(_, rest)| rest.starts_with(' ')).map_or(flat.clone(), |(short, rest)| format!("{short}{rest}")))
}

/// How two bodies agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    Same,
    /// A slip of the pen, or another province.
    Near,
    Different,
}

/// Words of a name under which it may be anybody's ("công ty An Phát").
const FEW: usize = 4;

pub fn compare(a: &Features, b: &Features) -> Likeness {
    let is_other = |a: &str, b: &str| !a.is_empty() && !b.is_empty() && a != b;
    if is_other(&a.document, &b.document) {
        return Likeness::Different;
    }
    let edits = osa::distance(a.organization.bytes(), b.organization.bytes());
    let is_short = a.organization.split(' ').count() < FEW;
    match edits {
        0 if !is_other(&a.province, &b.province) && !is_short => Likeness::Same,
        0..=2 => Likeness::Near,
        _ => Likeness::Different,
    }
}
