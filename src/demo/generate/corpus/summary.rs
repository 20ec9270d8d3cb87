//! The summary that a clerk types: the whole paper, its beginning, or a line in the clerk's own words.

use super::super::chance::Dice;
use super::bureau::Bureau;
use super::citizen::Citizen;
use super::matter::heading;
use super::paper::Paper;
use super::{form, typing};
use crate::domain::PetitionType;

const GREETINGS: &[&str] = &[
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc.",
    "Kính gửi: {noi}.",
    "Kính gửi: Ông Chủ tịch {noi}.",
    "Kính gửi: {noi}; đồng kính gửi các cơ quan có thẩm quyền.",
    "Kính thưa quý cơ quan!",
    "Kính gửi quý cấp lãnh đạo {noi}.",
];
const OPENINGS: &[&str] = &[
    "Tôi viết đơn này xin trình bày sự việc như sau:",
    "Tôi làm đơn này kính trình bày với quý cơ quan một việc như sau:",
    "Nay tôi làm đơn này kính mong quý cơ quan xem xét:",
    "Xin được trình bày nội dung sự việc:",
];
const CLOSINGS: &[&str] = &[
    "Tôi xin cam đoan những nội dung trình bày trên là đúng sự thật và chịu trách nhiệm trước pháp luật.",
    "Tôi xin chân thành cảm ơn.",
    "Rất mong nhận được sự quan tâm, giải quyết của quý cơ quan.",
    "Kính mong quý cơ quan sớm giải quyết để bảo vệ quyền lợi hợp pháp của tôi.",
    "Đơn này tôi gửi đồng thời đến các cơ quan có thẩm quyền.",
    "Kèm theo đơn là bản sao các giấy tờ, tài liệu có liên quan.",
    "Người làm đơn (đã ký).",
    "Tôi xin chịu trách nhiệm về nội dung đơn.",
];
const VERBS: &[(PetitionType, &[&str])] = &[
    (PetitionType::Complaint, &["khiếu nại", "có đơn khiếu nại", "KN"]),
    (PetitionType::Denunciation, &["tố cáo", "có đơn tố cáo", "TC"]),
    (PetitionType::Recommendation, &["kiến nghị", "đề nghị xem xét", "có đơn kiến nghị"]),
    (PetitionType::Reflection, &["phản ánh", "có đơn phản ánh", "PA"]),
    (PetitionType::Mixed, &["có đơn"]),
];

/// What `bureau` has of the paper, in its own typing.
pub fn of(dice: &mut Dice, bureau: &Bureau, paper: &Paper, people: &[&Citizen]) -> String {
    let retells = bureau.habit.retells;
    let text = match dice.below(100) {
        share if share < retells => retold(dice, bureau, paper, people),
        share if share < retells + 20 => beginning(dice, bureau, paper, people),
        _ => whole(dice, bureau, paper, people),
    };
    let percent = dice.below(45);
    let text = typing::abbreviated(dice, &text, percent);
    let letters = *dice.weighted(&[(0, 35), (900, 35), (300, 22), (120, 8)]);
    let text = typing::slips(dice, &text, letters);
    if dice.chance(bureau.habit.bare) || dice.chance(1) { typing::bare(&text) } else { text }
}

/// Every sentence, with the courtesies the clerk found worth typing.
fn whole(dice: &mut Dice, bureau: &Bureau, paper: &Paper, people: &[&Citizen]) -> String {
    let mut parts = head(dice, bureau, paper, people);
    for sentence in &paper.wording.sentences {
        // now and then a line is skipped
        if !dice.chance(6) {
            parts.push(sentence.clone());
        }
    }
    for _ in 0..dice.below(3) {
        parts.push(dice.word(CLOSINGS).to_owned());
    }
    parts.join(" ")
}

/// The first sentences, cut where the field was full.
fn beginning(dice: &mut Dice, bureau: &Bureau, paper: &Paper, people: &[&Citizen]) -> String {
    let mut parts = head(dice, bureau, paper, people);
    let kept = dice.between(1, paper.wording.sentences.len().max(1) as u32) as usize;
    parts.extend(paper.wording.sentences.iter().take(kept).cloned());
    let text = parts.join(" ");
    if dice.chance(40) {
        let limit = dice.between(180, 420) as usize;
        return text.chars().take(limit).collect::<String>().trim_end().to_owned() + "...";
    }
    text
}

fn head(dice: &mut Dice, bureau: &Bureau, paper: &Paper, people: &[&Citizen]) -> Vec<String> {
    let mut parts = Vec::new();
    if dice.chance(35) {
        parts.push(dice.word(GREETINGS).replace("{noi}", &bureau.name));
    }
    let heading = heading(paper.petition_type, paper.instance);
    let title = &paper.wording.title;
    match people.first() {
        Some(first) if dice.chance(45) => {
            let name = form::name(dice, bureau, first);
            let age = if dice.chance(40) { format!(", sinh năm {}", first.year()) } else { String::new() };
            parts.push(format!("{heading} của {} {name}{age}, về việc {title}.", first.pronoun()));
        }
        _ => parts.push(format!("{heading} về việc {title}.")),
    }
    if dice.chance(45) {
        parts.push(dice.word(OPENINGS).to_owned());
    }
    parts
}

/// A line or two of the clerk's own.
fn retold(dice: &mut Dice, bureau: &Bureau, paper: &Paper, people: &[&Citizen]) -> String {
    let verbs = VERBS.iter().find(|(of, _)| *of == paper.petition_type).map_or(&["có đơn"][..], |(_, verbs)| *verbs);
    let verb = dice.word(verbs);
    let again = if paper.instance > 1 { " lần hai" } else { "" };
    let who = match (people.first(), &paper.organization) {
        (Some(first), _) if dice.chance(70) => {
            let others = if paper.people.len() > 1 {
                format!(" và {} người khác", paper.people.len() - 1)
            } else {
                String::new()
            };
            format!("{} {}{others}", first.pronoun(), form::name(dice, bureau, first))
        }
        (_, Some(organization)) => organization.name.clone(),
        _ if paper.is_anonymous => "Đơn không có tên".to_owned(),
        _ => "Công dân".to_owned(),
    };
    let mut text = format!("{} {verb}{again} về việc {}", capitalized(&who), paper.wording.title);
    let gists = &paper.wording.gists;
    let first = dice.below(gists.len().max(1) as u32) as usize;
    let wanted = if dice.chance(45) { 2 } else { 1 };
    for gist in gists.iter().cycle().skip(first).take(wanted.min(gists.len())) {
        text.push_str(if dice.chance(50) { "; " } else { ", " });
        text.push_str(gist);
    }
    text.push('.');
    if dice.chance(25)
        && let Some(demand) = paper.wording.sentences.last()
    {
        text.push(' ');
        text.push_str(demand);
    }
    text
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
