//! One person's name: honorifics off, abbreviations written out, proper case.

use super::super::letter::letter;
use super::super::text::flat_key;
use super::Person;
use super::word::{CAPACITIES, COUPLE, FAMILY_NAMES, FIRST_WORDS, PLACES, flat_honorific, honorific};
use crate::domain::Gender;

/// Most words of a name.
const MOST_WORDS: usize = 7;

/// A name that needs no rule: two to five words of letters, each a capital and small letters, the first no
/// honorific or other word that may stand before a name.
pub(super) fn plain(text: &str) -> Option<Person> {
    // bodies whose first word is a family name too
    if ["Văn Phòng ", "Nông Trường ", "Đồng Hương "].iter().any(|body| text.starts_with(body)) {
        return None;
    }
    let mut count = 0;
    for (index, word) in text.split(' ').enumerate() {
        let mut chars = word.chars();
        let first = chars.next()?;
        if !first.is_uppercase() || !chars.all(char::is_lowercase) {
            return None;
        }
        if (index == 0 && FIRST_WORDS.contains(&word)) || matches!(word, "Bà" | "Ông" | "Và") {
            return None;
        }
        count += 1;
    }
    (2..=5).contains(&count).then(|| Person { name: text.to_owned(), gender: None })
}

/// Words inside a name in capitals that may mean something else, so that the rules have to look.
const TELLING: &[&str] = &[
    "Và",
    "Cùng",
    "Với",
    "Ông",
    "Bà",
    "Chị",
    "Cụ",
    "Ngài",
    "Tức",
    "Bí",
    "Thường",
    "Tên",
    "Còn",
    "Hay",
    "Đã",
    "Được",
    "Theo",
    "Con",
    "Cháu",
    "Vợ",
    "Chồng",
    "Sinh",
    "Sn",
    "Đại",
    "Ủy",
    "Uỷ",
    "Làm",
    "Là",
    "Đứng",
    "Hộ",
    "Trường",
    "Phòng",
    "Hương",
];

/// The next commonest ways: an honorific before a plain name, or a plain name in capitals. With the one note that
/// the rules would give.
pub(super) fn nearly_plain(text: &str) -> Option<(Person, &'static str)> {
    let (lead, name) = text.split_once(' ')?;
    let gender = match lead {
        "Ông" | "ông" => Some(Gender::Male),
        "Bà" | "bà" | "Chị" | "chị" => Some(Gender::Female),
        _ => None,
    };
    let known = |name: &str| {
        let mut words = name.split(' ');
        words.next().is_some_and(|first| is_family_name(first) && !matches!(first, "Hòa" | "Hoà"))
            && !words.any(|word| TELLING.contains(&word))
    };
    if gender.is_some() {
        let person = plain(name).filter(|_| known(name))?;
        return Some((Person { gender, ..person }, "honorific"));
    }
    let all_capitals = |word: &str| word.chars().nth(1).is_some() && word.chars().all(char::is_uppercase);
    if !text.split(' ').all(all_capitals) {
        return None;
    }
    let mut proper_case = String::with_capacity(text.len());
    for word in text.split(' ') {
        if !proper_case.is_empty() {
            proper_case.push(' ');
        }
        proper(word, &mut proper_case);
    }
    let first = proper_case.split(' ').next().unwrap_or_default().to_lowercase();
    let person = plain(&proper_case).filter(|_| known(&proper_case) && !PLACES.contains(&first.as_str()))?;
    Some((person, "proper_case"))
}

/// What was taken off before a name.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Lead {
    pub(super) gender: Option<Gender>,
    pub(super) honorific: bool,
    pub(super) capacity: bool,
}

/// Takes honorifics and capacities off the front of a name's words.
pub(super) fn without_lead(mut words: &[String]) -> (&[String], Lead) {
    let mut lead = Lead::default();
    loop {
        if words.len() > 1
            && let Some(Honorific(gender)) = leading_honorific(words)
        {
            lead.honorific = true;
            lead.gender = lead.gender.or(gender);
            words = words.get(1..).unwrap_or_default();
            continue;
        }
        let lower: Vec<String> = words.iter().take(6).map(|word| word.to_lowercase()).collect();
        let capacity = CAPACITIES.iter().find(|capacity| {
            words.len() > capacity.len()
                && lower.len() >= capacity.len()
                && lower.iter().zip(**capacity).all(|(a, b)| a == b)
        });
        // a capacity is written small or before an honorific; "Công Dân" may be a name
        let Some(capacity) = capacity else { break };
        let small =
            words.get(1..capacity.len()).unwrap_or_default().iter().all(|word| !starts_upper(word) || is_upper(word));
        let alone_small = capacity.len() > 1
            || words.first().is_some_and(|word| {
                !starts_upper(word)
                    || word == "Hộ"
                    || word.ends_with('.')
                    || matches!(word.as_str(), "LS" | "Đ/c" | "Đ/C")
            });
        if !small || !alone_small {
            break;
        }
        lead.capacity = true;
        words = words.get(capacity.len()..).unwrap_or_default();
    }
    (words, lead)
}

/// How many words of a run are a name's, capacities and honorifics left away.
pub(super) fn name_words(words: &[String]) -> usize {
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let is_couple = lower == COUPLE;
    let is_capacity =
        is_couple || CAPACITIES.iter().any(|capacity| lower.iter().map(String::as_str).eq(capacity.iter().copied()));
    let is_honorific = matches!(lower.as_slice(), [one] if honorific(one).is_some());
    if is_capacity || is_honorific { 0 } else { without_lead(words).0.len() }
}

/// The gender that a leading honorific tells.
struct Honorific(Option<Gender>);

/// Whether the first word is an honorific here.
fn leading_honorific(words: &[String]) -> Option<Honorific> {
    let (first, rest) = words.split_first()?;
    let lower = first.to_lowercase();
    let next = rest.first()?;
    // Ông is a family name too: Ông Thị Hoa
    if lower == "ông" && next.to_lowercase() == "thị" {
        return None;
    }
    if let Some((always, gender)) = honorific(&lower) {
        let certain = always || !starts_upper(first) || (rest.len() >= 2 && is_family_name(next));
        return certain.then_some(Honorific(gender));
    }
    let (_, gender) = flat_honorific(&lower)?;
    // without diacritics "ba" may be a name
    let unmarked = words.iter().all(|word| word.is_ascii());
    (unmarked && rest.len() >= 2 && is_family_name(next)).then_some(Honorific(gender))
}

pub(super) fn is_family_name(word: &str) -> bool {
    FAMILY_NAMES.contains(&flat_key(word).as_str())
}

pub(super) fn starts_upper(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}

pub(super) fn is_upper(word: &str) -> bool {
    word.chars().any(char::is_uppercase) && !word.chars().any(char::is_lowercase)
}

/// The words as one name in proper case; `None` where they are no name. Tells whether "Ng." was written out.
pub(super) fn name_of(words: &[String]) -> Option<(String, bool)> {
    let spelled: Vec<&str> = words
        .iter()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’')))
        .filter(|word| !word.is_empty())
        .collect();
    let fits = !spelled.is_empty() && spelled.len() <= MOST_WORDS;
    let of_letters =
        spelled.iter().all(|word| word.chars().all(|c| letter(c).is_some_and(|_| c.is_alphabetic()) || is_joint(c)));
    if !fits || !of_letters || !spelled.iter().any(|word| word.chars().any(char::is_alphabetic)) {
        return None;
    }
    let abbreviated = spelled.len() > 1 && matches!(spelled.first().copied(), Some("Ng" | "ng" | "NG" | "Nguyen~"));
    let mut name = String::new();
    for (index, word) in spelled.iter().enumerate() {
        if index > 0 {
            name.push(' ');
        }
        // the commonest family name is the only one whose abbreviation is certain
        if index == 0 && abbreviated {
            name.push_str("Nguyễn");
        } else {
            proper(word, &mut name);
        }
    }
    Some((name, abbreviated))
}

const fn is_joint(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '`' | 'ʼ' | '-' | '.')
}

/// One word in proper case: a capital at its start and after an apostrophe or dash (H'Leo, K'Brih). A word of mixed
/// case that begins with a capital stays (McDonald).
fn proper(word: &str, name: &mut String) {
    let mixed = starts_upper(word) && !is_upper(word);
    let mut at_start = true;
    for c in word.chars() {
        let c = if matches!(c, '’' | '‘' | '`' | 'ʼ') { '\'' } else { c };
        if is_joint(c) {
            name.push(c);
            at_start = true;
        } else if at_start {
            name.extend(c.to_uppercase());
            at_start = false;
        } else if mixed {
            name.push(c);
        } else {
            name.extend(c.to_lowercase());
        }
    }
}
