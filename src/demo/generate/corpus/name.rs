//! Names as people bear them: by frequency, by age, by village.

use super::super::chance::Dice;
use crate::domain::Gender;

/// Share of each family name in about eleven thousand (Lê Trung Hoa, Họ và tên người Việt Nam, 2005, rounded; the tail from
/// memory).
pub const FAMILIES: &[(&str, u32)] = &[
    ("Nguyễn", 4_100),
    ("Trần", 1_100),
    ("Lê", 950),
    ("Phạm", 700),
    ("Hoàng", 350),
    ("Huỳnh", 160),
    ("Phan", 450),
    ("Vũ", 250),
    ("Võ", 140),
    ("Đặng", 210),
    ("Bùi", 200),
    ("Đỗ", 140),
    ("Hồ", 130),
    ("Ngô", 130),
    ("Dương", 100),
    ("Lý", 50),
    ("Đinh", 110),
    ("Trịnh", 90),
    ("Mai", 80),
    ("Lương", 80),
    ("Đoàn", 80),
    ("Đào", 80),
    ("Cao", 70),
    ("Tạ", 60),
    ("Hà", 60),
    ("Lưu", 50),
    ("Chu", 50),
    ("Tô", 40),
    ("Thái", 40),
    ("Phùng", 40),
    ("Quách", 30),
    ("Trương", 120),
    ("Kiều", 20),
    ("Lâm", 50),
    ("Từ", 15),
    ("Tôn", 10),
    ("Văn", 15),
    ("Châu", 20),
    ("La", 15),
    ("Mạc", 10),
    ("Nghiêm", 10),
    ("Khuất", 8),
    ("Bạch", 10),
    ("Âu", 5),
    ("Tống", 15),
    ("Doãn", 8),
    ("Phí", 5),
    ("Ninh", 8),
];

/// Families of the North-West and the northern border, the Khmer South and the Central Highlands, beside the others there.
const REGIONAL: &[(&[&str], &[&str])] = &[
    (
        &["02", "04", "06", "08", "10", "11", "12", "14", "15", "17", "20"],
        &["Lò", "Quàng", "Cà", "Giàng", "Vàng", "Sùng", "Thào", "Nông", "Triệu", "Bàn", "Vi", "Hoàng", "Ma", "Lường"],
    ),
    (&["84", "94", "91", "95"], &["Thạch", "Sơn", "Kim", "Danh", "Lâm", "Châu"]),
    (&["62", "64", "66", "67"], &["Niê", "Ksor", "Rmah", "Siu", "Êban", "Kpă", "Rơ"]),
];
/// Of these families the given name stands first, after H’ for women and Y for men.
const GIVEN_FIRST: &[&str] = &["Niê", "Ksor", "Rmah", "Siu", "Êban", "Kpă", "Rơ"];
const HIGHLAND_WOMEN: &[&str] = &["H’Hen", "H’Mai", "H’Bia", "H’Lan", "H’Nga", "H’Djuôn", "H’Wen", "H’Rum"];
const HIGHLAND_MEN: &[&str] = &["Y Blơ", "Y Thô", "Y Ngông", "Y Minh", "Y Bhăm", "Y Khôi", "Y Jut", "Y Wang"];

const MALE_MIDDLES: &[(&str, u32)] = &[
    ("Văn", 300),
    ("Đức", 70),
    ("Hữu", 65),
    ("Minh", 60),
    ("Quang", 55),
    ("Đình", 55),
    ("Xuân", 55),
    ("Ngọc", 55),
    ("Công", 40),
    ("Trọng", 35),
    ("Thanh", 40),
    ("Quốc", 40),
    ("Bá", 25),
    ("Thế", 30),
    ("Viết", 20),
    ("Duy", 25),
    ("Tiến", 25),
    ("Anh", 20),
    ("Hoàng", 25),
    ("Mạnh", 20),
    ("Tuấn", 15),
    ("Khắc", 12),
    ("Phúc", 12),
    ("Sỹ", 8),
    ("Nhật", 8),
];
const FEMALE_MIDDLES: &[(&str, u32)] = &[
    ("Thị", 460),
    ("Thị Thu", 45),
    ("Thị Ngọc", 40),
    ("Thị Kim", 45),
    ("Thị Thanh", 40),
    ("Thị Minh", 25),
    ("Thị Hồng", 35),
    ("Thị Bích", 20),
    ("Thị Mỹ", 18),
    ("Ngọc", 40),
    ("Thanh", 30),
    ("Kim", 30),
    ("Bích", 20),
    ("Minh", 20),
    ("Thùy", 22),
    ("Hồng", 20),
    ("Phương", 20),
    ("Quỳnh", 12),
    ("Mai", 12),
    ("Hoài", 10),
    ("Khánh", 10),
    ("Như", 10),
    ("Diệu", 8),
];
const MALE_GIVENS: &[(&str, u32)] = &[
    ("Hùng", 46),
    ("Dũng", 40),
    ("Tuấn", 38),
    ("Thắng", 34),
    ("Sơn", 32),
    ("Long", 26),
    ("Minh", 30),
    ("Hải", 32),
    ("Quang", 22),
    ("Thành", 30),
    ("Nam", 24),
    ("Hiếu", 16),
    ("Đức", 20),
    ("Bình", 28),
    ("Cường", 30),
    ("Phúc", 16),
    ("Khánh", 13),
    ("Tâm", 15),
    ("Vinh", 16),
    ("Lợi", 11),
    ("Toàn", 14),
    ("Chính", 11),
    ("Hòa", 17),
    ("Bảo", 11),
    ("Trung", 22),
    ("Tiến", 18),
    ("Kiên", 13),
    ("Lâm", 12),
    ("An", 12),
    ("Anh", 14),
    ("Bắc", 5),
    ("Cảnh", 6),
    ("Chiến", 11),
    ("Chung", 8),
    ("Đạt", 12),
    ("Định", 7),
    ("Đông", 8),
    ("Giang", 8),
    ("Hậu", 8),
    ("Hiển", 4),
    ("Hoàng", 12),
    ("Huy", 11),
    ("Hưng", 12),
    ("Khoa", 6),
    ("Lộc", 7),
    ("Lực", 5),
    ("Mạnh", 10),
    ("Nghĩa", 8),
    ("Nhân", 6),
    ("Phong", 10),
    ("Phú", 7),
    ("Phương", 9),
    ("Quân", 10),
    ("Quyết", 5),
    ("Sáu", 6),
    ("Tài", 9),
    ("Tân", 7),
    ("Thái", 8),
    ("Thịnh", 8),
    ("Thuận", 8),
    ("Tình", 5),
    ("Tùng", 10),
    ("Tư", 6),
    ("Việt", 9),
    ("Vượng", 4),
    ("Xuân", 7),
    ("Ba", 5),
    ("Bảy", 4),
    ("Khải", 4),
    ("Ngọc", 6),
];
const FEMALE_GIVENS: &[(&str, u32)] = &[
    ("Hoa", 38),
    ("Lan", 40),
    ("Hương", 38),
    ("Hằng", 30),
    ("Mai", 27),
    ("Hạnh", 26),
    ("Nga", 25),
    ("Thảo", 16),
    ("Linh", 15),
    ("Trang", 17),
    ("Yến", 17),
    ("Hà", 25),
    ("Thủy", 24),
    ("Dung", 20),
    ("Oanh", 15),
    ("Phương", 20),
    ("Loan", 20),
    ("Vân", 21),
    ("Nhung", 17),
    ("Hiền", 24),
    ("Liên", 18),
    ("Tuyết", 17),
    ("Xuân", 15),
    ("Hòa", 16),
    ("Thúy", 16),
    ("Cúc", 14),
    ("Quyên", 10),
    ("Tâm", 16),
    ("Anh", 14),
    ("Bích", 8),
    ("Bình", 10),
    ("Chi", 6),
    ("Chung", 6),
    ("Điệp", 4),
    ("Đào", 10),
    ("Gấm", 4),
    ("Giang", 8),
    ("Hồng", 18),
    ("Huệ", 15),
    ("Khánh", 5),
    ("Lành", 6),
    ("Lệ", 8),
    ("Lý", 8),
    ("Minh", 10),
    ("My", 4),
    ("Ngân", 8),
    ("Ngọc", 14),
    ("Nguyệt", 12),
    ("Nhàn", 7),
    ("Nhi", 4),
    ("Phượng", 10),
    ("Sáu", 7),
    ("Sen", 6),
    ("Tám", 4),
    ("Thanh", 17),
    ("Thắm", 6),
    ("Thơm", 6),
    ("Thu", 17),
    ("Thương", 7),
    ("Tư", 6),
    ("Út", 4),
    ("Hậu", 5),
    ("Ba", 5),
    ("Bảy", 5),
];

/// A name in its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    pub family: &'static str,
    /// Empty where there is none.
    pub middle: &'static str,
    pub given: &'static str,
}

impl Name {
    /// A name for somebody of this family; older people bear Văn and Thị more often.
    pub fn throw(dice: &mut Dice, family: &'static str, gender: Gender, year: i32) -> Self {
        if GIVEN_FIRST.contains(&family) {
            let given = dice.word(if gender == Gender::Female { HIGHLAND_WOMEN } else { HIGHLAND_MEN });
            return Self { family, middle: "", given };
        }
        let (usual, middles, givens) = match gender {
            Gender::Female => ("Thị", FEMALE_MIDDLES, FEMALE_GIVENS),
            Gender::Male | Gender::Other => ("Văn", MALE_MIDDLES, MALE_GIVENS),
        };
        let middle = match dice.below(100) {
            0..25 if year < 1975 => usual,
            25..28 => "",
            _ => *dice.weighted(middles),
        };
        let mut given = *dice.weighted(givens);
        while given == middle {
            given = *dice.weighted(givens);
        }
        Self { family, middle, given }
    }

    /// As it is written.
    pub fn full(&self) -> String {
        self.written(self.middle, self.given)
    }

    /// As it is written with these words for the middle and the given name.
    pub fn written(&self, middle: &str, given: &str) -> String {
        if GIVEN_FIRST.contains(&self.family) {
            return format!("{given} {}", self.family);
        }
        let blank = if middle.is_empty() { "" } else { " " };
        format!("{}{blank}{middle} {given}", self.family)
    }

    /// Whether a great many people of any village bear the same family name.
    pub fn is_common(&self) -> bool {
        matches!(self.family, "Nguyễn" | "Trần" | "Lê" | "Phạm") && !self.middle.is_empty()
    }
}

/// Some families of an old province (63 codes) beside those of the whole country; empty in most.
pub fn regional(province: &str) -> &'static [&'static str] {
    REGIONAL.iter().find(|(provinces, _)| provinces.contains(&province)).map_or(&[], |(_, families)| families)
}
