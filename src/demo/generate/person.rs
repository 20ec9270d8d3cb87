//! People who do not exist: names by their real frequency, id numbers valid in form.

use chrono::NaiveDate;

use super::chance::Dice;
use super::place::{Place, street};
use crate::domain::{Gender, IdKind};

/// One human being; what a record says of them may differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    pub gender: Gender,
    pub birth_date: NaiveDate,
    /// Twelve digits: `0` and the province of registration (63 codes), century and sex, year, six digits
    /// (Decree 137/2015/ND-CP, article 13; the codes of the 63 provinces stay for ever).
    pub id_number: String,
    /// Nine digits, as old files have it.
    pub old_id_number: Option<String>,
    /// Ten digits in today's numbering.
    pub phone: Option<String>,
    pub email: Option<String>,
    pub place: &'static Place,
    pub street: String,
}

/// Share of each surname in a thousand (Lê Trung Hoa, Họ và tên người Việt Nam, 2005, rounded).
const SURNAMES: &[(&str, u32)] = &[
    ("Nguyễn", 384),
    ("Trần", 121),
    ("Lê", 95),
    ("Phạm", 70),
    ("Hoàng", 35),
    ("Huỳnh", 16),
    ("Phan", 45),
    ("Vũ", 25),
    ("Võ", 14),
    ("Đặng", 21),
    ("Bùi", 20),
    ("Đỗ", 14),
    ("Hồ", 13),
    ("Ngô", 13),
    ("Dương", 10),
    ("Lý", 5),
    ("Đinh", 12),
    ("Trịnh", 9),
    ("Mai", 8),
    ("Lương", 8),
    ("Đoàn", 8),
    ("Cao", 7),
    ("Tạ", 6),
    ("Hà", 6),
    ("Lò", 5),
    ("Giàng", 3),
    ("Vàng", 3),
    ("Nông", 4),
    ("H’", 2),
];
const MALE_MIDDLE: &[&str] =
    &["Đức", "Hữu", "Minh", "Quang", "Đình", "Xuân", "Ngọc", "Công", "Trọng", "Thanh", "Quốc", "Bá", "Thế"];
const FEMALE_MIDDLE: &[&str] =
    &["Thị Thu", "Thị Ngọc", "Thị Kim", "Thị Thanh", "Ngọc", "Thanh", "Kim", "Bích", "Minh", "Thùy"];
const MALE_GIVEN: &[&str] = &[
    "Hùng", "Dũng", "Tuấn", "Thắng", "Sơn", "Long", "Minh", "Hải", "Quang", "Thành", "Nam", "Hiếu", "Đức", "Bình",
    "Cường", "Phúc", "Khánh", "Tâm", "Vinh", "Lợi", "Toàn", "Chính", "Hòa", "Bảo", "Trung", "Tiến", "Kiên", "Lâm",
];
const FEMALE_GIVEN: &[&str] = &[
    "Hoa", "Lan", "Hương", "Hằng", "Mai", "Hạnh", "Nga", "Thảo", "Linh", "Trang", "Yến", "Hà", "Thủy", "Dung", "Oanh",
    "Phương", "Loan", "Vân", "Nhung", "Hiền", "Liên", "Tuyết", "Xuân", "Hòa", "Thúy", "Cúc", "Quyên", "Tâm",
];
/// The codes of the 63 provinces, as id numbers keep them (Hà Nội 01 to Cà Mau 96).
pub const PROVINCES_63: &[&str] = &[
    "01", "02", "04", "06", "08", "10", "11", "12", "14", "15", "17", "19", "20", "22", "24", "25", "26", "27", "30",
    "31", "33", "34", "35", "36", "37", "38", "40", "42", "44", "45", "46", "48", "49", "51", "52", "54", "56", "58",
    "60", "62", "64", "66", "67", "68", "70", "72", "74", "75", "77", "79", "80", "82", "83", "84", "86", "87", "89",
    "91", "92", "93", "94", "95", "96",
];
const MOBILE: &[&str] = &[
    "032", "033", "034", "035", "036", "037", "038", "039", "056", "058", "070", "076", "077", "078", "079", "081",
    "082", "083", "084", "085", "088", "090", "091", "093", "094", "096", "097", "098",
];

impl Person {
    /// One person, usually living in `home` (today's code of a province).
    pub fn throw(dice: &mut Dice, home: Option<&str>) -> Self {
        let gender = if dice.chance(52) { Gender::Male } else { Gender::Female };
        let place = Place::throw(dice, home);
        let birth_date = birth_date(dice);
        let year = birth_year(birth_date);
        // four of five live where their birth was registered
        let registered = if dice.chance(80) { place.old_province_code } else { *dice.pick(PROVINCES_63) };
        let name = name(dice, gender, year);
        let id_number = id_number(dice, registered, gender, year);
        let old_id_number =
            (year < 1995 && dice.chance(30)).then(|| format!("{:09}", dice.between(10_000_000, 399_999_999)));
        let phone = dice.chance(82).then(|| format!("{}{:07}", dice.pick(MOBILE), dice.below(10_000_000)));
        let email = dice.chance(12).then(|| format!("congdan{:05}@example.vn", dice.below(100_000)));
        Self { name, gender, birth_date, id_number, old_id_number, phone, email, place, street: street(dice) }
    }

    /// The number an old file has of this person, and its kind.
    pub fn number(&self, dice: &mut Dice) -> (String, IdKind) {
        match &self.old_id_number {
            Some(old) if dice.chance(35) => (old.clone(), IdKind::Cmnd),
            _ => (self.id_number.clone(), IdKind::Cccd),
        }
    }

    pub fn birth_year(&self) -> i32 {
        birth_year(self.birth_date)
    }
}

fn birth_year(date: NaiveDate) -> i32 {
    chrono::Datelike::year(&date)
}

fn birth_date(dice: &mut Dice) -> NaiveDate {
    let year = if dice.chance(25) { dice.between(1935, 1959) } else { dice.between(1960, 2003) };
    let first = NaiveDate::from_ymd_opt(year as i32, 1, 1).unwrap_or_default();
    first + chrono::Days::new(u64::from(dice.below(365)))
}

/// Older people bear Văn and Thị more often.
fn name(dice: &mut Dice, gender: Gender, year: i32) -> String {
    let surname = *dice.weighted(SURNAMES);
    let habit = if year < 1975 { 55 } else { 28 };
    let (usual, others, given) = match gender {
        Gender::Female => ("Thị", FEMALE_MIDDLE, dice.pick(FEMALE_GIVEN)),
        Gender::Male | Gender::Other => ("Văn", MALE_MIDDLE, dice.pick(MALE_GIVEN)),
    };
    if surname == "H’" {
        return format!("H’{given} Niê");
    }
    let middle = if dice.chance(habit) { usual } else { *dice.pick(others) };
    format!("{surname} {middle} {given}")
}

fn id_number(dice: &mut Dice, province: &str, gender: Gender, year: i32) -> String {
    let century = u32::from(year >= 2000) * 2 + u32::from(gender == Gender::Female);
    format!("0{province}{century}{:02}{:06}", year.rem_euclid(100), dice.below(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_plausible() {
        let mut dice = Dice::new(11);
        let people: Vec<Person> = (0..5_000).map(|_| Person::throw(&mut dice, Some("01"))).collect();
        let nguyen = people.iter().filter(|person| person.name.starts_with("Nguyễn ")).count();
        assert!((1_700..2_150).contains(&nguyen), "{nguyen}");
        let at_home = people.iter().filter(|person| person.place.province_code == "01").count();
        assert!(at_home > 3_900, "{at_home}");
    }

    #[test]
    fn id_numbers_are_valid_in_form_and_agree_with_the_person() {
        let mut dice = Dice::new(12);
        assert_eq!(PROVINCES_63.len(), 63);
        for _ in 0..2_000 {
            let person = Person::throw(&mut dice, None);
            let digits: Vec<u32> = person.id_number.chars().map(|c| c.to_digit(10).unwrap()).collect();
            assert_eq!(digits.len(), 12);
            let century = 1900 + 100 * (digits[3] / 2);
            assert_eq!(person.birth_year() as u32, century + digits[4] * 10 + digits[5]);
            assert_eq!(digits[3] % 2 == 1, person.gender == Gender::Female);
            assert!(person.id_number.starts_with('0') && PROVINCES_63.contains(&&person.id_number[1..3]));
        }
    }
}
