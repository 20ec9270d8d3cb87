//! Sentences as petitions have them, at random, with places from the whole country.

use crate::reference::commune;

/// Words and phrases of petitions, names and places among them.
const PHRASES: &[&str] = &[
    "khiếu nại",
    "tố cáo",
    "kiến nghị",
    "phản ánh",
    "quyết định",
    "thu hồi đất",
    "bồi thường",
    "hỗ trợ",
    "tái định cư",
    "giấy chứng nhận",
    "quyền sử dụng đất",
    "ủy ban nhân dân",
    "huyện",
    "xã",
    "phường",
    "quận",
    "thành phố",
    "tỉnh",
    "ông Nguyễn Văn Hùng",
    "bà Trần Thị Mỹ Lệ",
    "anh Lê Hoàng Phúc",
    "chị Phạm Thu Trang",
    "gia đình tôi",
    "hộ dân",
    "không đồng ý với",
    "đề nghị",
    "xem xét",
    "giải quyết",
    "theo quy định",
    "của pháp luật",
    "từ năm",
    "đến nay",
    "chưa được",
    "trả lời",
    "việc",
    "cấp",
    "đổi",
    "xây dựng trái phép",
    "lấn chiếm",
    "lối đi chung",
    "tranh chấp",
    "ranh giới",
    "thửa đất",
    "tờ bản đồ",
    "diện tích",
    "mét vuông",
    "nguồn gốc",
    "ông bà để lại",
    "canh tác",
    "ổn định",
    "bị cưỡng chế",
    "không thông báo",
    "cán bộ",
    "chủ tịch",
    "trưởng thôn",
    "có dấu hiệu",
    "tham nhũng",
    "nhũng nhiễu",
    "gây khó khăn",
    "cho người dân",
    "trong khi",
    "hồ sơ",
    "đầy đủ",
    "nộp",
    "bộ phận một cửa",
    "hẹn",
    "nhiều lần",
    "kết luận thanh tra",
    "chính phủ",
    "tòa án",
    "bản án",
    "thi hành án",
    "kỷ luật",
    "buộc thôi việc",
    "tiền lương",
    "bảo hiểm xã hội",
    "người có công",
    "liệt sĩ",
    "thương binh",
    "môi trường",
    "ô nhiễm",
    "nhà máy",
    "khói bụi",
    "tiếng ồn",
    "nước thải",
    "sông",
    "ảnh hưởng",
    "sức khỏe",
    "trường học",
    "học phí",
    "bệnh viện",
    "giá đất",
    "bảng giá",
    "nhà nước",
    "đơn giá",
    "mức",
    "thấp",
    "thiệt thòi",
    "công bằng",
    "minh bạch",
    "trân trọng cảm ơn",
    "kính mong",
    "quý cơ quan",
    "sớm",
    "ghi nhận",
    "xử lý",
    "nghiêm",
    "đúng người",
    "đúng tội",
    "yêu cầu",
    "hủy bỏ",
    "khôi phục",
    "quyền lợi",
    "hợp pháp",
    "chính đáng",
    "thôn Đông",
    "tổ dân phố",
    "khu phố",
    "đường Lê Lợi",
    "Bắc Ninh",
    "Thừa Thiên Huế",
    "Quảng Ngãi",
    "Đắk Lắk",
    "Cần Thơ",
    "Hà Nội",
    "Sài Gòn",
    "vụ việc",
    "kéo dài",
    "bức xúc",
    "và",
    "nhưng",
    "vì",
    "nên",
    "đã",
    "sẽ",
    "được",
    "là",
    "ở",
    "tại",
    "với",
    "những",
    "các",
    "này",
    "đó",
    "rất",
    "cũng",
];

/// A small generator of numbers, the same on every machine (xorshift64*).
#[derive(Debug, Clone)]
pub struct Chance(pub u64);

impl Chance {
    /// A number under `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % bound
    }
}

/// A sentence of at least `words` words.
pub fn sentence(chance: &mut Chance, words: usize) -> String {
    let mut text = String::new();
    while text.split(' ').filter(|word| !word.is_empty()).count() < words {
        if !text.is_empty() {
            text.push_str(if chance.below(9) == 0 { ", " } else { " " });
        }
        text.push_str(&phrase(chance));
    }
    text
}

fn phrase(chance: &mut Chance) -> String {
    match chance.below(14) {
        0 => format!("số {}/QĐ-UBND", chance.below(5000) + 1),
        1 => {
            let (day, month, year) = (chance.below(28) + 1, chance.below(12) + 1, chance.below(26));
            format!("ngày {day}/{month}/20{year:02}")
        }
        2 => {
            let old = commune::old();
            let old = old.get(chance.below(old.len())).filter(|old| !old.name.is_empty());
            old.map_or_else(|| "huyện đảo".to_owned(), |old| format!("{} {}", old.kind, old.name))
        }
        3 => {
            let districts = commune::districts();
            let district = districts.get(chance.below(districts.len()));
            district.map_or_else(String::new, |district| format!("{} {}", district.kind, district.name))
        }
        _ => PHRASES.get(chance.below(PHRASES.len())).copied().unwrap_or_default().to_owned(),
    }
}
