//! A turn of reception (lượt tiếp công dân): who came, and the line that was noted.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::super::chance::Dice;
use super::super::course::office_hour;
use super::bureau::Bureau;
use super::citizen::Citizen;
use super::matter::Matter;
use super::{clerk, form, typing};
use crate::clock::HANOI;

const RESULTS: &[&str] = &[
    "Hướng dẫn công dân viết đơn",
    "Tiếp nhận đơn, chuyển bộ phận xử lý",
    "Giải thích chính sách, công dân đồng ý",
    "Hẹn trả lời bằng văn bản",
];

/// The interchange record of a reception on `day` and, by position, the persons it lists.
pub fn record(
    dice: &mut Dice,
    bureau: &Bureau,
    record_id: &str,
    matter: &Matter,
    people: &[usize],
    citizens: &[Citizen],
    day: NaiveDate,
) -> (Map<String, Value>, Vec<u32>) {
    let people: Vec<&Citizen> = people.iter().filter_map(|at| citizens.get(*at)).collect();
    let persons = people.iter().map(|citizen| citizen.person).collect();
    let at = office_hour(dice, day).with_timezone(&HANOI).to_rfc3339();
    let wording = matter.wording(dice);
    let gist = wording.gists.first().cloned().unwrap_or_default();
    let summary = typing::abbreviated(dice, &format!("Công dân trình bày về việc {}: {gist}.", wording.title), 25);
    let petitioner = |(nth, citizen): (usize, &&Citizen)| {
        form::petitioner(dice, bureau, citizen, form::Entry { is_in_list: false, is_first: nth == 0, day })
    };
    let petitioners: Vec<Value> = people.iter().enumerate().map(petitioner).collect();
    let fields = [
        ("record_id", json!(record_id)),
        ("version", json!(at)),
        ("kind", json!("reception")),
        // as the register of receptions has it; what does not say it is sealed
        ("type", json!("complaint")),
        ("received_on", json!(clerk::date(dice, bureau, day))),
        ("category", json!(matter.subject.category)),
        ("summary", json!(summary)),
        ("petitioners", Value::Array(petitioners)),
        (
            "reception",
            json!({"mode": "regular", "at": at, "delegation_size": people.len(), "result": dice.word(RESULTS)}),
        ),
    ];
    (clerk::told(fields), persons)
}
