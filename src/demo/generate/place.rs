//! Where people live: communes as they were before the merger of July 2025 and as they are since.

use std::sync::LazyLock;

use chrono::NaiveDate;

use super::chance::Dice;

/// The day from which there are two levels, province and commune, and 34 provinces (Decision 19/2025/QD-TTg).
pub const MERGER: NaiveDate = match NaiveDate::from_ymd_opt(2025, 7, 1) {
    Some(day) => day,
    None => unreachable!(),
};

/// One old commune that became part of exactly one of today's communes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Two digits, of the 63 provinces; `0` and these begin the id numbers registered there.
    pub old_province_code: &'static str,
    pub old_commune: &'static str,
    pub old_district: &'static str,
    pub old_province: &'static str,
    /// Two digits, of the 34 provinces.
    pub province_code: &'static str,
    pub commune: &'static str,
    pub province: &'static str,
}

/// An address as it stands on paper; without a district since the merger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub street: String,
    pub commune: &'static str,
    pub district: Option<&'static str>,
    pub province: &'static str,
}

impl Address {
    /// The address as one line.
    pub fn line(&self) -> String {
        let mut line = format!("{}, {}", self.street, self.commune);
        for level in self.district.iter().chain([&self.province]) {
            line.push_str(", ");
            line.push_str(level);
        }
        line
    }
}

static PLACES: LazyLock<Vec<Place>> =
    LazyLock::new(|| include_str!("places.csv").lines().skip(1).filter_map(parse).collect());

fn parse(line: &'static str) -> Option<Place> {
    let mut cells = line.split(',');
    Some(Place {
        old_province_code: cells.next()?,
        old_commune: cells.next()?,
        old_district: cells.next()?,
        old_province: cells.next()?,
        province_code: cells.next()?,
        commune: cells.next()?,
        province: cells.next()?,
    })
}

impl Place {
    /// All places.
    pub fn all() -> &'static [Self] {
        &PLACES
    }

    /// A place, usually (8 of 10) in `home`, today's code of a province.
    pub fn throw(dice: &mut Dice, home: Option<&str>) -> &'static Self {
        let at_home: Vec<&Self> = Self::all().iter().filter(|place| Some(place.province_code) == home).collect();
        if at_home.is_empty() || dice.chance(20) {
            return dice.pick(Self::all());
        }
        let chosen: &&Self = dice.pick(&at_home);
        chosen
    }

    /// An address here as people wrote it on `day`: some keep the old three levels after the merger.
    pub fn address(&'static self, dice: &mut Dice, street: &str, day: NaiveDate) -> Address {
        let street = street.to_owned();
        if day < MERGER || dice.chance(12) {
            let (commune, district) = (self.old_commune, Some(self.old_district));
            Address { street, commune, district, province: self.old_province }
        } else {
            Address { street, commune: self.commune, district: None, province: self.province }
        }
    }
}

pub(super) const STREETS: &[&str] = &[
    "Trần Phú",
    "Lê Lợi",
    "Nguyễn Huệ",
    "Quang Trung",
    "Hai Bà Trưng",
    "Lý Thường Kiệt",
    "Phan Đình Phùng",
    "Nguyễn Trãi",
    "Hùng Vương",
    "Ngô Quyền",
    "Lê Hồng Phong",
    "Võ Thị Sáu",
    "Hoàng Diệu",
    "Điện Biên Phủ",
    "Nguyễn Văn Cừ",
    "Cách Mạng Tháng Tám",
    "Trường Chinh",
    "Lê Duẩn",
    "Phan Bội Châu",
    "Nguyễn Văn Linh",
];
/// Of these, those that the demo's world has had from the beginning: one more would make it another world.
const OF_THE_WORLD: usize = 16;
const HAMLETS: &[&str] = &[
    "thôn Đông",
    "thôn Trung",
    "xóm Mới",
    "tổ dân phố số 4",
    "khu phố 2",
    "ấp Bình Hòa",
    "thôn Tân Lập",
    "bản Nà Khoang",
];

/// A house in a street or a hamlet.
pub fn street(dice: &mut Dice) -> String {
    if dice.chance(55) {
        let number = dice.between(1, 420);
        let lane = if dice.chance(30) { format!("/{}", dice.between(1, 60)) } else { String::new() };
        format!("số {number}{lane} đường {}", dice.pick(STREETS.get(..OF_THE_WORLD).unwrap_or(STREETS)))
    } else {
        dice.word(HAMLETS).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_place() {
        assert_eq!(Place::all().len(), include_str!("places.csv").lines().count() - 1);
        for place in Place::all() {
            assert_eq!((place.old_province_code.len(), place.province_code.len()), (2, 2));
            assert!(["Xã ", "Phường ", "Đặc khu "].iter().any(|kind| place.commune.starts_with(kind)), "{place:?}");
        }
    }

    #[test]
    fn the_merger_takes_the_district_away() {
        let mut dice = Dice::new(3);
        let place = &Place::all()[0];
        let before = place.address(&mut dice, "số 1", NaiveDate::from_ymd_opt(2025, 6, 30).unwrap());
        assert_eq!(before.line(), "số 1, Phường Nghĩa Tân, Quận Cầu Giấy, Thành phố Hà Nội");
        let two_levels = (0..100)
            .filter(|_| place.address(&mut dice, "số 1", MERGER).line() == "số 1, Phường Nghĩa Đô, Thành phố Hà Nội");
        assert!(two_levels.count() > 70);
    }
}
