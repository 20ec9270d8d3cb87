//! Petitions in words: the sentences of a topic, its slots filled with one matter's facts.

use chrono::{Datelike, NaiveDate};

use super::chance::Dice;
use super::office::Office;
use super::person::Person;
use super::record::Document;
use super::topic::Topic;
use crate::domain::{Gender, PetitionType};

/// The facts of one matter (vụ việc): what all petitions about it have in common.
#[derive(Debug, Clone)]
pub struct Matter {
    pub topic: &'static Topic,
    /// The decision complained of, where the topic has one.
    pub decision: Option<Document>,
    /// Who decided.
    pub authority: String,
    /// The code of the authority or of the agency it stands under, where that is one of the simulated.
    pub authority_code: Option<&'static str>,
    pub official: String,
    slots: Vec<(&'static str, String)>,
}

const PROJECTS: &[&str] = &[
    "dự án Khu công nghiệp VSIP mở rộng",
    "dự án đường vành đai 4",
    "dự án Khu đô thị mới phía Nam",
    "dự án cải tạo, nâng cấp Quốc lộ 1",
    "dự án Khu dân cư Đồng Tâm",
    "dự án hồ chứa nước Bản Mồng",
    "dự án tuyến đường ven biển",
    "dự án Tòa nhà Hòa Bình",
    "dự án Cụm công nghiệp làng nghề",
    "dự án Chung cư An Phú",
];
const COMPANIES: &[&str] = &[
    "Công ty cổ phần Dệt may Hòa Thọ",
    "Công ty TNHH Thành Công",
    "Công ty cổ phần Xây lắp số 9",
    "Công ty TNHH Nhựa Tân Tiến",
    "Xí nghiệp gạch tuynel Đại Đồng",
    "Công ty cổ phần Thức ăn chăn nuôi Phú Gia",
];
const HOSPITALS: &[&str] = &[
    "Bệnh viện đa khoa khu vực Phúc Yên",
    "Bệnh viện đa khoa tỉnh",
    "Trung tâm y tế khu vực số 2",
    "Bệnh viện Phụ sản trung ương cơ sở 2",
    "Bệnh viện đa khoa Thiện Nhân",
];
const SCHOOLS: &[&str] = &[
    "Trường THPT Lê Quý Đôn",
    "Trường Tiểu học Nguyễn Du",
    "Trường THCS Hòa Sơn",
    "Trường Cao đẳng Công nghệ",
    "Trường Mầm non Hoa Sen",
];

impl Matter {
    /// A matter around the home of `person`, about which `decision` was taken.
    pub fn throw(
        dice: &mut Dice,
        topic: &'static Topic,
        person: &Person,
        decision: Option<Document>,
        day: NaiveDate,
    ) -> Self {
        let official = Person::throw(dice, None).name;
        let after = day >= super::place::MERGER;
        let where_at = if after {
            format!("{}, {}", person.place.commune, person.place.province)
        } else {
            format!("{}, {}, {}", person.place.old_commune, person.place.old_district, person.place.old_province)
        };
        let decider = topic.decider();
        let governs = Office::ALL.iter().find(|office| office.province() == Some(person.place.province_code));
        // a commune or a district of a province; the ministries and branches decide themselves
        let (authority, authority_code) = match (decider.province(), after) {
            (None, _) => (decider.name().to_owned(), Some(decider.code())),
            (_, true) => (format!("UBND {}", person.place.commune), governs.map(|office| office.code())),
            (_, false) => (format!("UBND {}", person.place.old_district), governs.map(|office| office.code())),
        };
        let (number, on) = decision.as_ref().map_or_else(
            || (String::new(), day - chrono::Days::new(30)),
            |document| (document.number.clone(), document.on),
        );
        let slots = vec![
            ("thua", dice.between(1, 890).to_string()),
            ("to", dice.between(1, 75).to_string()),
            ("m2", format!("{},{}", dice.between(45, 980), dice.below(10))),
            ("xa", where_at),
            ("nam", dice.between(1986, on.year().min(2023) as u32).to_string()),
            ("ngay_qd", on.format("%d/%m/%Y").to_string()),
            ("so_qd", number),
            ("co_quan", authority.clone()),
            ("du_an", dice.word(PROJECTS).to_owned()),
            ("cong_ty", dice.word(COMPANIES).to_owned()),
            ("benh_vien", dice.word(HOSPITALS).to_owned()),
            ("truong", dice.word(SCHOOLS).to_owned()),
            ("can_bo", official.clone()),
            ("gia", thousands(u64::from(dice.between(8, 950)) * 100_000)),
            ("cay", dice.between(3, 60).to_string()),
            ("ty_le", dice.between(21, 61).to_string()),
            ("thang", dice.between(3, 48).to_string()),
            ("gio", dice.between(2, 6).to_string()),
            ("ngay_tre", dice.between(15, 240).to_string()),
        ];
        Self { topic, decision, authority, authority_code, official, slots }
    }

    /// The text of one petition: opening, facts, demands, closing; 300 to 1,500 characters.
    pub fn petition(&self, dice: &mut Dice, petition_type: PetitionType, person: &Person, instance: u32) -> String {
        let mut text = self.opening(dice, petition_type, person, instance);
        let facts = dice.between(2, 4) as usize;
        let first = dice.below(2) as usize;
        for fact in self.topic.facts.iter().cycle().skip(first).take(facts.min(self.topic.facts.len())) {
            self.add(&mut text, fact);
        }
        if instance > 1 {
            self.add(
                &mut text,
                "Tôi không đồng ý với kết quả giải quyết lần đầu vì chưa xem xét đầy đủ chứng cứ đã nộp.",
            );
        }
        for demand in self.topic.demands.iter().take(dice.between(1, 2) as usize) {
            self.add(&mut text, demand);
        }
        if dice.chance(60) {
            self.add(&mut text, dice.word(CLOSINGS));
        }
        clip(text, 1_480)
    }

    /// What is noted of a visitor's request: one fact and one demand.
    pub fn minute(&self, dice: &mut Dice) -> String {
        let mut text = format!("Công dân trình bày về việc {}.", self.topic.title);
        self.add(&mut text, dice.word(self.topic.facts));
        self.add(&mut text, dice.word(self.topic.demands));
        text
    }

    fn opening(&self, dice: &mut Dice, petition_type: PetitionType, person: &Person, instance: u32) -> String {
        let paper = match (petition_type, instance) {
            (PetitionType::Complaint, 1) => "Đơn khiếu nại",
            (PetitionType::Complaint, _) => "Đơn khiếu nại lần hai",
            (PetitionType::Denunciation, 1) => "Đơn tố cáo",
            (PetitionType::Denunciation, _) => "Đơn tố cáo tiếp",
            (PetitionType::Recommendation, _) => "Đơn kiến nghị",
            (PetitionType::Reflection, _) => "Đơn phản ánh",
            (PetitionType::Mixed, _) => "Đơn đề nghị",
        };
        let title = self.topic.title;
        if petition_type == PetitionType::Denunciation || dice.chance(40) {
            return format!("{paper} về việc {title}. Tôi viết đơn này trình bày sự việc như sau:");
        }
        let pronoun = if person.gender == Gender::Female { "bà" } else { "ông" };
        format!("{paper} của {pronoun} {}, sinh năm {}, về việc {title}.", person.name, person.birth_year())
    }

    /// Appends a sentence with its slots filled.
    fn add(&self, text: &mut String, sentence: &str) {
        text.push(' ');
        text.push_str(&filled(sentence, &self.slots));
    }
}

/// A sentence with its slots (`{name}`) filled.
pub(super) fn filled(sentence: &str, slots: &[(&str, String)]) -> String {
    let mut text = String::with_capacity(sentence.len() + 40);
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (slot, tail) = after.split_once('}').unwrap_or((after, ""));
        let value = slots.iter().find(|(name, _)| *name == slot);
        text.push_str(value.map_or("", |(_, value)| value));
        rest = tail;
    }
    text.push_str(rest);
    text
}

const CLOSINGS: &[&str] = &[
    "Tôi xin cam đoan những nội dung trình bày trên là đúng sự thật và chịu trách nhiệm trước pháp luật.",
    "Kèm theo đơn là bản sao các giấy tờ, tài liệu có liên quan.",
    "Rất mong nhận được sự quan tâm, giải quyết của quý cơ quan. Tôi xin chân thành cảm ơn.",
    "Đơn này tôi gửi đồng thời đến các cơ quan có thẩm quyền để được biết và chỉ đạo giải quyết.",
];

/// `125000000` as people write it: `125.000.000`.
fn thousands(amount: u64) -> String {
    let digits = amount.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

/// At most `limit` characters, whole sentences where there are any.
fn clip(text: String, limit: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(limit) else { return text };
    let cut = text.get(..end).unwrap_or(&text);
    let sentence = cut.rfind(". ").map_or(end, |dot| dot + 1);
    cut.get(..sentence).unwrap_or(cut).to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::topic::TOPICS;
    use super::*;

    #[test]
    fn texts_are_long_enough_and_every_slot_is_filled() {
        let mut dice = Dice::new(21);
        let day = NaiveDate::from_ymd_opt(2025, 8, 1).unwrap();
        for (topic, _) in TOPICS {
            for round in 0..60 {
                let person = Person::throw(&mut dice, Some("40"));
                let decision = topic.decided.then(|| Document { number: "12/QĐ-UBND".into(), on: day });
                let matter = Matter::throw(&mut dice, topic, &person, decision, day);
                let (petition_type, _) = topic.types[round % topic.types.len()];
                let text = matter.petition(&mut dice, petition_type, &person, 1 + round as u32 % 2);
                let length = text.chars().count();
                assert!((300..=1_500).contains(&length), "{length}: {text}");
                assert!(!text.contains(['{', '}']) && !text.contains("  "), "{text}");
                assert!(!text.contains("số  ") && !text.contains("số ,"), "{text}");
                assert!(!matter.minute(&mut dice).contains('{'));
            }
        }
    }

    #[test]
    fn money_is_written_with_points() {
        assert_eq!([0, 999, 1_000, 125_000_000].map(thousands), ["0", "999", "1.000", "125.000.000"]);
    }

    #[test]
    fn a_clipped_text_ends_with_a_sentence() {
        assert_eq!(clip("Một. Hai ba bốn".into(), 8), "Một.");
        assert_eq!(clip("Một. Hai".into(), 80), "Một. Hai");
    }
}
