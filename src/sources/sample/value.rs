//! What the values of a field are, by the rules that will read them later.

use chrono::NaiveDate;
use serde_json::Value;

use crate::normalize::{address, agency, category, code, date, document, id_number, name, phone};
use crate::sources::mapping::read_version;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Id,
    Version,
    Record,
    Type,
    Channel,
    Stage,
    Outcome,
    Action,
    Relation,
    Gender,
    IdPaper,
    Mode,
    Leader,
    Category,
    Agency,
    Date,
    Moment,
    Birth,
    Year,
    Integer,
    Count,
    Boolean,
    Text,
    Label,
    Name,
    IdNumber,
    Phone,
    Email,
    Address,
    Place,
    Document,
}

impl Kind {
    /// What its values are called, in the plural.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Id => "different",
            Self::Version => "times or whole numbers",
            Self::Date => "dates",
            Self::Moment => "times",
            Self::Birth => "birth dates",
            Self::Year => "years of birth",
            Self::Integer | Self::Count => "whole numbers",
            Self::Boolean => "yes or no",
            Self::Name => "names",
            Self::IdNumber => "valid identity numbers",
            Self::Phone => "telephone numbers",
            Self::Email => "email addresses",
            Self::Address => "addresses of a known commune or province",
            Self::Place => "names of places",
            Self::Document => "numbers of documents",
            Self::Agency => "agencies that the tables know",
            Self::Text | Self::Label => "texts",
            _ => "codes that are read by themselves",
        }
    }

    /// Whether it holds codes, for which a file may have a table.
    pub const fn is_coded(self) -> bool {
        matches!(
            self,
            Self::Record
                | Self::Type
                | Self::Channel
                | Self::Stage
                | Self::Outcome
                | Self::Action
                | Self::Relation
                | Self::Gender
                | Self::IdPaper
                | Self::Mode
                | Self::Leader
                | Self::Category
        )
    }
}

/// What a code means by the project's own reading; `None` where it is not known.
pub(super) fn code_of(kind: Kind, text: &str) -> Option<&'static str> {
    match kind {
        Kind::Record => code::kind(text).map(crate::domain::Kind::as_str),
        Kind::Type => code::petition_type(text).map(|(code, _)| code.as_str()),
        Kind::Channel => code::channel(text).map(crate::domain::Channel::as_str),
        Kind::Stage => code::stage(text).map(crate::domain::Stage::as_str),
        Kind::Outcome => code::outcome(text).map(crate::domain::Outcome::as_str),
        Kind::Action => code::action(text).map(crate::domain::Action::as_str),
        Kind::Relation => code::relation(text).map(crate::domain::ReferenceRelation::as_str),
        Kind::Gender => code::gender(text).map(crate::domain::Gender::as_str),
        Kind::IdPaper => code::id_kind(text).map(crate::domain::IdKind::as_str),
        Kind::Mode => code::mode(text).map(crate::domain::ReceptionMode::as_str),
        Kind::Leader => code::by_leader(text).map(crate::domain::ByLeader::as_str),
        Kind::Category => category::read(text).value,
        _ => None,
    }
}

/// Whether one value is of a kind. Of codes: whether it is read without a table.
pub(super) fn is_of(kind: Kind, text: &str, today: NaiveDate) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    match kind {
        Kind::Id => true,
        Kind::Label => text.len() <= 200,
        Kind::Version => orders(text),
        Kind::Date | Kind::Birth => date::read(text).value.is_some_and(|dated| dated.precision == date::Precision::Day),
        Kind::Moment => date::read_moment(text).value.is_some(),
        Kind::Year => text.parse::<i32>().is_ok_and(|year| (1900..=2100).contains(&year)),
        Kind::Integer => digits == 1 && text.len() <= 20,
        Kind::Count => (1..=6).contains(&digits) && text.starts_with(|c: char| c.is_ascii_digit()) && text.len() <= 40,
        Kind::Boolean => code::boolean(text).is_some(),
        Kind::Text => text.chars().filter(|c| c.is_alphabetic()).count() > digits,
        Kind::Name => digits == 0 && text.len() <= 120 && is_name(text),
        Kind::IdNumber => digits >= 7 && id_number::read(text, &id_number::Evidence::none(today)).value.is_some(),
        Kind::Phone => (8..=40).contains(&digits) && phone::read(text, None).value.is_some(),
        Kind::Email => text
            .split_once('@')
            .is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !text.contains(' ')),
        Kind::Address => {
            let address = address::read(text, None).value;
            address.is_some_and(|address| address.province.is_some() || !address.communes.is_empty())
        }
        Kind::Place => text.len() <= 120,
        Kind::Document => text.len() <= 60 && document::number_key(text).is_some(),
        Kind::Agency => agency::read(text, None).value.is_some(),
        _ => code_of(kind, text).is_some(),
    }
}

/// A whole number, or a time of which not only the day is known: two edits on one day must not be one.
fn orders(text: &str) -> bool {
    read_version(&Value::String(text.to_owned())).is_some() && (text.parse::<i64>().is_ok() || text.len() > 10)
}

fn is_name(text: &str) -> bool {
    let names = name::read(text).value;
    names.is_some_and(|names| !names.people.is_empty() || names.organization.is_some() || names.anonymous)
}

/// Whether a text that should be a code may tell of a person instead.
pub(super) fn may_be_of_a_person(text: &str) -> bool {
    has_number(text) || text.chars().count() > 60 || names_somebody(text)
}

/// Whether somebody's name is a part of the text, as far as capitals and family names tell.
fn names_somebody(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let capital = |word: &&str| word.starts_with(char::is_uppercase);
    (0..words.len()).any(|at| {
        let (before, rest) = words.split_at(at);
        let is_called = before.last().is_some_and(|word| CALLED.contains(&word.to_lowercase().as_str()));
        let run = rest.iter().take_while(|word| capital(word)).count();
        let is_family = rest.first().is_some_and(|word| is_family_name(word));
        run > 0 && is_called || is_family && (run >= 3 || run == 2 && words.len() == 2)
    })
}

/// What people are called before their name.
const CALLED: &[&str] = &["ông", "bà", "anh", "chị", "cô", "chú", "bác"];

fn is_family_name(word: &str) -> bool {
    const FAMILIES: &[&str] = &[
        "nguyen", "tran", "le", "pham", "hoang", "huynh", "phan", "vu", "vo", "dang", "bui", "do", "ho", "ngo",
        "duong", "ly", "dinh", "trinh", "mai", "ha", "cao", "luong", "luu", "chu", "ta", "trieu", "truong", "quach",
        "doan",
    ];
    FAMILIES.contains(&crate::normalize::text::flat_key(word).as_str())
}

/// Whether there is a number in it that may be somebody's, or an address of theirs.
pub(super) fn has_number(text: &str) -> bool {
    let run = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or_default();
    run >= 6 || text.chars().filter(char::is_ascii_digit).count() >= 8 || text.contains('@')
}

/// Two words and more, each with a capital, the first a family name that is common.
pub(super) fn is_full_name(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let capital = |word: &&str| word.starts_with(char::is_uppercase);
    let is_family = words.first().is_some_and(|word| is_family_name(word));
    (2..=6).contains(&words.len()) && words.iter().all(capital) && is_family
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_values() {
        let today = "2026-11-24".parse().unwrap();
        for (kind, yes, no) in [
            (Kind::Date, "05/03/2024", "tháng ba"),
            (Kind::Version, "2024-03-05T08:00:00+07:00", "05/03/2024"),
            (Kind::Version, "17", "v17"),
            (Kind::Year, "1962", "62"),
            (Kind::Name, "Nguyễn Thị Hoa", "0912345678"),
            (Kind::IdNumber, "001162003453", "12"),
            (Kind::Phone, "0912 345 678", "12"),
            (Kind::Email, "hoa@example.vn", "hoa example.vn"),
            (Kind::Address, "phường Phúc Xá, quận Ba Đình, Hà Nội", "không rõ"),
            (Kind::Document, "123/QĐ-UBND", "không"),
            (Kind::Boolean, "Có", "mật"),
            (Kind::Type, "Khiếu nại", "01"),
            (Kind::Category, "đất đai", "xyz"),
            (Kind::Agency, "H29.12", "không rõ"),
            (Kind::Integer, "lần 2", "2024"),
            (Kind::Count, "25 người", "nhiều"),
        ] {
            assert!(is_of(kind, yes, today), "{kind:?} {yes}");
            assert!(!is_of(kind, no, today), "{kind:?} {no}");
        }
    }

    #[test]
    fn what_may_be_of_a_person() {
        for text in [
            "Nguyễn Văn An",
            "Lê Hoa",
            "Chuyển Trần Thị Bình",
            "đơn của bà Hoa",
            "001162003453",
            "0912 345 678",
            "a@b.vn",
        ] {
            assert!(may_be_of_a_person(text), "{text}");
        }
        for text in ["Khiếu nại", "KN", "01.2.1", "Lý do", "Lưu đơn", "Đã chuyển đơn", "Hạn giải quyết", "CHỜ XỬ LÝ"]
        {
            assert!(!may_be_of_a_person(text), "{text}");
        }
    }
}
