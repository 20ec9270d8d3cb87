//! How the columns of a file are declared and read: `surname=family,dob=date`.

use super::comparison::{KINDS, Kind};
use super::field;
use super::layout::MOST_COLUMNS;
use crate::normalize::text;

/// What stands in a column of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    Plain(Kind),
    /// A whole name as in Vietnam: family name, middle names, given name.
    Name,
    /// A whole name with the given name first.
    WesternName,
    /// A whole name of which only the middle counts, because its ends stand in columns of their own.
    MiddleOfName,
    /// The number of a Vietnamese identity document, each kind apart.
    IdNumber,
    /// A birth date of which the first of January is the year alone.
    Birth,
    /// A telephone number where it is somebody's own.
    Mobile,
    /// The part of a Vietnamese address under the commune: numbers and words.
    Address,
}

const NAMES: [(&str, Reading); 7] = [
    ("name", Reading::Name),
    ("western-name", Reading::WesternName),
    ("middle-of-name", Reading::MiddleOfName),
    ("id-number", Reading::IdNumber),
    ("birth", Reading::Birth),
    ("mobile", Reading::Mobile),
    ("address", Reading::Address),
];

/// What the columns of an identity number are called after it.
pub const DOCUMENTS: [&str; 3] = ["personal", "card", "document"];

/// One column of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    pub header: String,
    pub reading: Reading,
}

impl Declared {
    /// The word of its reading.
    pub fn word(&self) -> &'static str {
        match self.reading {
            Reading::Plain(kind) => kind.word(),
            other => NAMES.iter().find(|(_, reading)| *reading == other).map_or("", |(word, _)| word),
        }
    }

    /// The columns that are compared.
    pub fn derived(&self) -> Vec<(String, Kind)> {
        let part = |word: &str, kind| (format!("{} {word}", self.header), kind);
        match self.reading {
            Reading::Plain(kind) => vec![(self.header.clone(), kind)],
            Reading::MiddleOfName => vec![part("middle", Kind::Middle)],
            Reading::IdNumber => DOCUMENTS.map(|word| part(word, Kind::Identifier)).to_vec(),
            Reading::Birth => vec![(self.header.clone(), Kind::Date)],
            Reading::Mobile => vec![(self.header.clone(), Kind::Phone)],
            Reading::Address => vec![part("house", Kind::House), part("street", Kind::Street)],
            Reading::Name | Reading::WesternName => {
                vec![part("given", Kind::Given), part("family", Kind::Family), part("middle", Kind::Middle)]
            }
        }
    }

    /// The values of the derived columns, normalized.
    pub fn values(&self, value: &str, values: &mut Vec<String>) {
        let clean = text::clean_line(value).to_lowercase();
        let mut words = clean.split_whitespace();
        match self.reading {
            Reading::Plain(kind) => values.push(normalized(kind, &clean)),
            Reading::MiddleOfName => values.push(middle(&clean)),
            Reading::IdNumber => {
                let number = normalized(Kind::Identifier, &clean).to_uppercase();
                values.extend(field::id_number(&number).map(str::to_owned));
            }
            Reading::Birth => values.push(field::birth(&date(&clean)).to_owned()),
            Reading::Mobile => {
                let phone = if field::is_own_phone(&clean) { normalized(Kind::Phone, &clean) } else { String::new() };
                values.push(phone);
            }
            Reading::Address => values.extend(<[String; 2]>::from(field::address(&clean))),
            Reading::Name | Reading::WesternName => {
                let (first, last) = (words.next().unwrap_or_default(), words.next_back().unwrap_or_default());
                let is_western = self.reading == Reading::WesternName;
                let (given, family) = if is_western || last.is_empty() { (first, last) } else { (last, first) };
                values.extend([given.to_owned(), family.to_owned(), middle(&clean)]);
            }
        }
    }
}

fn middle(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    words.get(1..words.len().saturating_sub(1)).unwrap_or_default().join(" ")
}

fn normalized(kind: Kind, value: &str) -> String {
    match kind {
        Kind::Date => date(value),
        Kind::Identifier | Kind::Phone => value.chars().filter(|c| c.is_alphanumeric()).collect(),
        _ => value.trim().to_owned(),
    }
}

/// `YYYYMMDD`, from that, from `YYYY-MM-DD` or from `DD/MM/YYYY`; digits of anything else.
fn date(value: &str) -> String {
    let parts: Vec<&str> = value.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 => format!("{year}{month:0>2}{day:0>2}"),
        [day, month, year] if year.len() == 4 => format!("{year}{month:0>2}{day:0>2}"),
        _ => parts.concat(),
    }
}

/// Reads a declaration: `header=kind`, several with commas between them.
///
/// # Errors
/// What cannot be understood, and what could stand there.
pub fn declaration(spec: &str) -> Result<Vec<Declared>, String> {
    let mut declared = Vec::new();
    for part in spec.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let Some((header, word)) = part.split_once('=') else {
            return Err(format!("{part:?} is not of the form column=kind"));
        };
        declared.push(Declared { header: header.trim().to_owned(), reading: reading(word.trim())? });
    }
    check(&declared)?;
    Ok(declared)
}

/// The reading of a word.
///
/// # Errors
/// An unknown word, with the words that are known.
pub fn reading(word: &str) -> Result<Reading, String> {
    let named = NAMES.iter().find(|(name, _)| *name == word).map(|(_, reading)| *reading);
    named.or_else(|| Kind::of(word).map(Reading::Plain)).ok_or_else(|| {
        let words: Vec<&str> = KINDS.iter().map(|(word, _)| *word).chain(NAMES.iter().map(|(word, _)| *word)).collect();
        format!("{word:?} is no kind of column: write one of {}", words.join(", "))
    })
}

/// Whether declared columns can be compared.
///
/// # Errors
/// None, too many, or one name for two.
pub fn check(declared: &[Declared]) -> Result<(), String> {
    let derived: Vec<(String, Kind)> = declared.iter().flat_map(Declared::derived).collect();
    if derived.is_empty() {
        return Err("no column is declared".to_owned());
    }
    if derived.len() > MOST_COLUMNS {
        return Err(format!("{} columns are compared, more than {MOST_COLUMNS}", derived.len()));
    }
    for (index, (name, kind)) in derived.iter().enumerate() {
        let earlier = derived.get(..index).unwrap_or_default();
        if earlier.iter().any(|(other, _)| other == name) {
            return Err(format!("the column {name:?} is declared twice"));
        }
        if matches!(kind, Kind::Given | Kind::Family) && earlier.iter().any(|(_, other)| other == kind) {
            return Err(format!("two columns are of kind {}: one name is compared", kind.word()));
        }
    }
    Ok(())
}

/// What a column of this name usually holds.
pub fn guess(header: &str) -> Option<Reading> {
    let key = text::flat_key(header);
    let plain = |kind| Some(Reading::Plain(kind));
    match key.as_str() {
        "givenname" | "firstname" | "forename" | "ten" => plain(Kind::Given),
        "surname" | "lastname" | "familyname" | "ho" => plain(Kind::Family),
        "middlename" | "tendem" => plain(Kind::Middle),
        "hoten" | "hovaten" | "name" => Some(Reading::Name),
        "fullname" => Some(Reading::MiddleOfName),
        "dob" | "dateofbirth" | "birthdate" | "ngaysinh" => plain(Kind::Date),
        "socsecid" | "nationalid" | "idnumber" | "cccd" | "cmnd" | "sogiayto" => plain(Kind::Identifier),
        "phone" | "telephone" | "dienthoai" | "sodienthoai" => plain(Kind::Phone),
        "email" => plain(Kind::Email),
        "gender" | "sex" | "gioitinh" => plain(Kind::Sex),
        "streetnumber" | "house" | "sonha" => plain(Kind::House),
        "address1" | "street" | "duong" => plain(Kind::Street),
        "address2" | "suburb" | "city" | "town" | "birthplace" | "commune" | "xa" | "district" => plain(Kind::Town),
        "postcode" | "postcodefake" | "zip" => plain(Kind::Postcode),
        "state" | "province" | "tinh" => plain(Kind::Region),
        "occupation" | "nghenghiep" => plain(Kind::Word),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_is_read_or_says_what_is_wrong() {
        let declared = declaration("họ tên=name, dob=date").unwrap();
        let mut values = Vec::new();
        declared[0].values("Nguyễn  Văn An", &mut values);
        declared[1].values("2/9/1945", &mut values);
        assert_eq!(values, ["an", "nguyễn", "văn", "19450902"]);
        let declared = declaration("số=id-number,sinh=birth,máy=mobile,nhà=address").unwrap();
        let headers: Vec<String> = declared.iter().flat_map(Declared::derived).map(|(name, _)| name).collect();
        assert_eq!(headers, ["số personal", "số card", "số document", "sinh", "máy", "nhà house", "nhà street"]);
        let mut values = Vec::new();
        for (column, value) in declared.iter().zip(["b1937264", "1965-01-01", "+84912537684", "Số 5 Lê Lợi"]) {
            column.values(value, &mut values);
        }
        assert_eq!(values, ["", "", "B1937264", "1965", "84912537684", "5", "le loi"]);
        for (spec, wanted) in [
            ("dob", "column=kind"),
            ("dob=day", "one of given, family"),
            ("", "no column"),
            ("a=town,a=town", "twice"),
            ("a=given,b=name", "two columns are of kind given"),
        ] {
            let said = declaration(spec).unwrap_err();
            assert!(said.contains(wanted), "{said}");
        }
    }

    #[test]
    fn names_are_taken_apart() {
        for (name, word, wanted) in [
            ("Hoa", "name", ["hoa", "", ""]),
            ("Trần Hoa", "name", ["hoa", "trần", ""]),
            ("Gerald Maurice Burn", "western-name", ["gerald", "burn", "maurice"]),
        ] {
            let mut values = Vec::new();
            Declared { header: "n".to_owned(), reading: reading(word).unwrap() }.values(name, &mut values);
            assert_eq!(values, wanted);
        }
    }

    #[test]
    fn dates_of_several_habits() {
        for (value, wanted) in [
            ("1971-06-24", "19710624"),
            ("19560409", "19560409"),
            ("24/6/1971", "19710624"),
            ("1971", "1971"),
            ("", ""),
        ] {
            assert_eq!(date(value), wanted);
        }
    }
}
