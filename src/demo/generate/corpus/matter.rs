//! One matter: its facts, and how they are put into words.

use chrono::{Datelike as _, Days, NaiveDate};

use super::super::chance::Dice;
use super::super::record::Document;
use super::super::text::filled;
use super::citizen::Citizen;
use super::name::Name;
use super::subject::{ASIDES, Subject};
use crate::domain::{Gender, PetitionType};

/// What all petitions about one matter (vụ việc) have in common.
#[derive(Debug, Clone)]
pub struct Matter {
    pub subject: &'static Subject,
    /// The decision complained of.
    pub decision: Option<Document>,
    /// Who decided, or whom it is about.
    pub authority: String,
    pub official: String,
    slots: Vec<(&'static str, String)>,
}

/// The words of one paper, before any clerk has typed them.
#[derive(Debug, Clone, Default)]
pub struct Wording {
    pub title: String,
    pub sentences: Vec<String>,
    /// What a clerk would say in a line.
    pub gists: Vec<String>,
}

const COMPANIES: &[&str] = &[
    "Công ty cổ phần Dệt may Hòa Thọ",
    "Công ty TNHH Thành Công",
    "Công ty cổ phần Xây lắp số 9",
    "Công ty TNHH Nhựa Tân Tiến",
    "Xí nghiệp gạch tuynel Đại Đồng",
    "Công ty cổ phần Thức ăn chăn nuôi Phú Gia",
    "Công ty TNHH Giày da Minh Phát",
    "Hợp tác xã nông nghiệp Đồng Tiến",
    "Công ty cổ phần Thủy sản Biển Đông",
    "Trang trại chăn nuôi Hùng Cường",
];
const PROJECTS: &[&str] = &[
    "dự án Khu công nghiệp số {n}",
    "dự án đường vành đai {n}",
    "dự án Khu đô thị mới phía Nam",
    "dự án nâng cấp Quốc lộ {n}",
    "dự án Khu dân cư số {n}",
    "dự án hồ chứa nước",
    "dự án tuyến đường ven biển",
    "dự án Cụm công nghiệp làng nghề",
    "dự án đường dây 500 kV",
    "dự án chợ trung tâm",
];

impl Matter {
    /// A matter around the home of `person`, known by `day`, about which `decision` was taken; `project` is what is being
    /// built there.
    pub fn throw(
        dice: &mut Dice,
        subject: &'static Subject,
        person: &Citizen,
        decision: Option<Document>,
        project: &str,
        day: NaiveDate,
    ) -> Self {
        let official = man(dice);
        let home = person.home_on(day);
        let before = day < super::super::MERGER;
        let levels = home.levels(before);
        let place = levels.join(", ");
        let seat = levels.get(usize::from(before)).or_else(|| levels.first()).cloned().unwrap_or_default();
        let authority = format!("UBND {}", lower(&seat));
        let (number, on) = decision
            .as_ref()
            .map_or_else(|| (String::new(), day - Days::new(40)), |document| (document.number.clone(), document.on));
        let since = dice.between(1978, 2022);
        let slots = vec![
            ("thua", dice.between(1, 890).to_string()),
            ("to", dice.between(1, 75).to_string()),
            ("m2", format!("{},{}", dice.between(45, 2_980), dice.below(10))),
            ("xa", place),
            ("nam", since.min(on.year() as u32).to_string()),
            ("ngay_qd", on.format("%d/%m/%Y").to_string()),
            ("ngay_khac", (on + Days::new(u64::from(dice.below(30)))).format("%d/%m/%Y").to_string()),
            ("ngay_sau", (day + Days::new(u64::from(dice.between(20, 90)))).format("%d/%m/%Y").to_string()),
            ("thang_nam", (on - Days::new(u64::from(dice.below(300)))).format("%m/%Y").to_string()),
            ("so_qd", number),
            ("ban_an", format!("{}/{}/DS-ST", dice.between(1, 240), dice.between(2016, 2024))),
            ("co_quan", authority.clone()),
            ("du_an", project.to_owned()),
            ("cong_ty", dice.word(COMPANIES).to_owned()),
            ("benh_vien", format!("Bệnh viện đa khoa khu vực số {}", dice.between(1, 9))),
            ("truong", school(dice, &levels)),
            ("can_bo", official.clone()),
            ("lang_gieng", man(dice)),
            ("gia", money(dice)),
            ("gia_m2", format!("{}.000", dice.between(15, 990) * 5)),
            ("cay", dice.between(3, 160).to_string()),
            ("con", dice.between(2, 7).to_string()),
            ("lan", dice.between(2, 9).to_string()),
            ("ty_le", dice.between(21, 61).to_string()),
            ("tuoi", (day.year() - person.year()).to_string()),
            ("thang", dice.between(3, 148).to_string()),
        ];
        Self { subject, decision, authority, official, slots }
    }

    /// The same kind of matter of a neighbour: another parcel, another decision, the rest alike.
    #[must_use]
    pub fn beside(&self, dice: &mut Dice, nth: u32, decision: Option<Document>) -> Self {
        let mut beside = self.clone();
        for (slot, value) in &mut beside.slots {
            match *slot {
                "thua" => *value = (value.parse::<u32>().unwrap_or(1) + nth).to_string(),
                "m2" => *value = format!("{},{}", dice.between(45, 2_980), dice.below(10)),
                "cay" => *value = dice.between(3, 160).to_string(),
                "con" => *value = dice.between(2, 7).to_string(),
                "nam" => *value = dice.between(1978, 2022).to_string(),
                "thang" => *value = dice.between(3, 148).to_string(),
                "so_qd" => decision.as_ref().map_or("", |document| &document.number).clone_into(value),
                "ngay_qd" if decision.is_some() => {
                    *value = decision
                        .as_ref()
                        .map(|document| document.on.format("%d/%m/%Y").to_string())
                        .unwrap_or_default();
                }
                _ => {}
            }
        }
        Self { decision, ..beside }
    }

    /// The words of one paper about it.
    pub fn wording(&self, dice: &mut Dice) -> Wording {
        let mut sentences = Vec::new();
        let facts = self.subject.facts;
        let wanted = dice.between(2, facts.len() as u32) as usize;
        let first = usize::from(dice.chance(25));
        for fact in facts.iter().cycle().skip(first).take(wanted) {
            sentences.push(self.said(dice, fact));
        }
        for _ in 0..dice.below(4) {
            let aside = dice.word(ASIDES);
            let at = dice.below(sentences.len() as u32 + 1) as usize;
            sentences.insert(at, self.said(dice, aside));
        }
        for demand in self.subject.demands.iter().take(dice.between(1, 2) as usize) {
            sentences.push(self.said(dice, demand));
        }
        self.worded(dice, sentences)
    }

    /// The words of one whom the village has its letters written by: for each subject the same choices every time.
    pub fn templated(&self, writer: &Dice) -> Wording {
        let label =
            self.subject.title.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        self.wording(&mut writer.fork(label))
    }

    /// The words of a printed form: every fact and every demand in its order, as `form` chose them.
    pub fn form(&self, form: &Dice) -> Wording {
        let mut dice = form.clone();
        let sentences = self.subject.facts.iter().take(4).chain(self.subject.demands);
        let sentences = sentences.map(|sentence| self.said(&mut dice, sentence)).collect();
        self.worded(&mut dice, sentences)
    }

    fn worded(&self, dice: &mut Dice, sentences: Vec<String>) -> Wording {
        let gists = self.subject.gists.iter().map(|gist| self.said(dice, gist)).collect();
        Wording { title: self.said(dice, self.subject.title), sentences, gists }
    }

    /// A sentence with its choices made and its slots filled.
    pub fn said(&self, dice: &mut Dice, sentence: &str) -> String {
        let mut text = String::with_capacity(sentence.len() + 40);
        let mut rest = sentence;
        while let Some((before, after)) = rest.split_once('[') {
            text.push_str(before);
            let (choices, tail) = after.split_once(']').unwrap_or((after, ""));
            let count = choices.split('|').count() as u32;
            text.push_str(choices.split('|').nth(dice.below(count) as usize).unwrap_or(""));
            rest = tail;
        }
        text.push_str(rest);
        filled(&text, &self.slots)
    }
}

/// What is being built in a commune.
pub fn project(dice: &mut Dice) -> String {
    dice.word(PROJECTS).replace("{n}", &dice.between(1, 9).to_string())
}

/// What the paper calls itself.
pub fn heading(petition_type: PetitionType, instance: u32) -> &'static str {
    match (petition_type, instance) {
        (PetitionType::Complaint, 1) => "Đơn khiếu nại",
        (PetitionType::Complaint, _) => "Đơn khiếu nại lần hai",
        (PetitionType::Denunciation, 1) => "Đơn tố cáo",
        (PetitionType::Denunciation, _) => "Đơn tố cáo tiếp",
        (PetitionType::Recommendation, _) => "Đơn kiến nghị",
        (PetitionType::Reflection, _) => "Đơn phản ánh",
        (PetitionType::Mixed, _) => "Đơn đề nghị",
    }
}

/// The name of a man who is no citizen of any village.
fn man(dice: &mut Dice) -> String {
    let family = *dice.weighted(super::name::FAMILIES);
    Name::throw(dice, family, Gender::Male, 1972).full()
}

fn school(dice: &mut Dice, levels: &[String]) -> String {
    let kind = dice.word(&["Trường Tiểu học", "Trường THCS", "Trường Mầm non", "Trường THPT"]);
    let name = levels.first().and_then(|level| level.split_once(' ')).map_or("Nguyễn Du", |(_, name)| name);
    format!("{kind} {}", name.trim_start_matches("trấn "))
}

fn lower(level: &str) -> String {
    let mut letters = level.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// A sum as people write it: `12.500.000`.
fn money(dice: &mut Dice) -> String {
    let thousands = dice.between(8, 98_000) * 5;
    if thousands < 1_000 {
        format!("{thousands}.000")
    } else {
        format!("{}.{:03}.000", thousands / 1_000, thousands % 1_000)
    }
}
