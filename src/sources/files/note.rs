//! The text beside a file that was put away: for the clerk who dropped it, in Vietnamese and then in English.

use chrono::{DateTime, Utc};

use super::folder::FileId;
use super::reading::Account;
use crate::clock::HANOI;
use crate::sources::format::Format;

/// What became of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It was read, to its end or as far as it could be.
    Read(Account),
    /// The same content was taken before.
    Known {
        /// When it was.
        taken_at: DateTime<Utc>,
        records: u64,
    },
}

impl Outcome {
    /// The folder that the file belongs into.
    pub const fn folder(&self) -> &'static str {
        match self {
            Self::Read(account) if account.is_done() => "done",
            Self::Known { .. } => "done",
            Self::Read(_) => "failed",
        }
    }
}

/// All that the text says.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    pub file: FileId,
    pub at: DateTime<Utc>,
    pub outcome: Outcome,
}

impl Note {
    /// The text about a file of this name and format.
    pub(super) fn text(&self, name: &str, format: &Format) -> String {
        let mut text: Vec<String> = Vec::new();
        let time = |at: DateTime<Utc>| at.with_timezone(&HANOI).format("%d/%m/%Y %H:%M:%S").to_string();
        let (at, units) = (time(self.at), Units::of(format));
        text.push(format!("Tệp: {name}\nMã tệp: {}\nThời điểm: {at} (giờ Việt Nam)", self.file));
        match &self.outcome {
            Outcome::Known { taken_at, records } => {
                let earlier = time(*taken_at);
                text.push(format!("Kết quả: tệp có nội dung y hệt đã được nhận lúc {earlier} ({records} hồ sơ); lần này không đọc lại."
                ));
            }
            Outcome::Read(account) => vietnamese(&mut text, account, &units),
        }
        text.push(format!("\n----------\n\nFile: {name}\nFile id: {}\nAt: {at} (time of Vietnam)", self.file));
        match &self.outcome {
            Outcome::Known { taken_at, records } => {
                let earlier = time(*taken_at);
                text.push(format!("Result: a file with the same content was taken at {earlier} ({records} records); it was not read again."
                ));
            }
            Outcome::Read(account) => english(&mut text, account, &units),
        }
        text.join("\n") + "\n"
    }
}

/// What rows are called in a format.
struct Units {
    vietnamese: &'static str,
    english: &'static str,
}

impl Units {
    const fn of(format: &Format) -> Self {
        match format {
            Format::Csv(_) | Format::Ndjson => Self { vietnamese: "dòng", english: "line" },
            Format::Xlsx(_) => Self { vietnamese: "hàng", english: "row" },
            Format::Xml(_) | Format::Json | Format::Record => Self { vietnamese: "hồ sơ thứ", english: "record" },
        }
    }
}

fn vietnamese(text: &mut Vec<String>, account: &Account, units: &Units) {
    let faults = &account.faults;
    let taken = account.records.saturating_sub(faults.refused);
    text.push(match &account.end {
        Ok(()) if faults.refused == 0 => format!("Kết quả: ĐÃ NHẬN đầy đủ {taken} hồ sơ."),
        Ok(()) => format!(
            "Kết quả: nhận {taken} hồ sơ; {} hồ sơ CÓ LỖI, đang giữ lại để xử lý. Hãy sửa các hồ sơ dưới đây rồi gửi lại.",
            faults.refused
        ),
        Err(error) => format!(
            "Kết quả: KHÔNG ĐỌC ĐƯỢC HẾT TỆP: {}.\nĐã nhận {taken} hồ sơ trước chỗ hỏng. Hãy sửa tệp rồi gửi lại; hồ sơ đã nhận không bị trùng.",
            error.vietnamese()
        ),
    });
    if let Some(detected) = &account.detected {
        text.push(format!(
            "Bảng mã: tự nhận là {}, chắc {} %, xét {} hồ sơ đầu; {} cột khác bảng mã chung.",
            detected.name(),
            detected.percent(),
            detected.rows,
            detected.differing
        ));
    }
    if account.left_out > 0 {
        text.push(format!("Trong tệp nén có {} tệp khác định dạng, không đọc.", account.left_out));
    }
    if !faults.named().is_empty() {
        text.push("\nCác hồ sơ có lỗi hoặc đáng ngờ:".to_owned());
    }
    for fault in faults.named() {
        let entry = fault.entry.map_or_else(String::new, |entry| format!("mục {entry}, "));
        let kept = if fault.what.refuses() { "" } else { " (vẫn nhận)" };
        let what = fault.what.vietnamese();
        text.push(format!("- {entry}{} {}: {what}{kept}", units.vietnamese, fault.number));
    }
    if faults.unnamed() > 0 {
        text.push(format!("… và {} hồ sơ nữa.", faults.unnamed()));
    }
}

fn english(text: &mut Vec<String>, account: &Account, units: &Units) {
    let faults = &account.faults;
    let taken = account.records.saturating_sub(faults.refused);
    text.push(match &account.end {
        Ok(()) if faults.refused == 0 => format!("Result: all {taken} records were taken."),
        Ok(()) => format!(
            "Result: {taken} records were taken; {} have faults and are held in quarantine. Correct them as below and send them again.",
            faults.refused
        ),
        Err(error) => format!(
            "Result: the file could NOT BE READ TO ITS END: {error}.\n{taken} records before that place were taken. Correct the file and drop it again; what was taken does not double."
        ),
    });
    if let Some(detected) = &account.detected {
        text.push(format!(
            "Encoding: judged to be {}, {} % sure, from the first {} records; {} columns differ from the whole.",
            detected.name(),
            detected.percent(),
            detected.rows,
            detected.differing
        ));
    }
    if account.left_out > 0 {
        text.push(format!("{} files in the archive are of another format and were not read.", account.left_out));
    }
    if !faults.named().is_empty() {
        text.push("\nRecords with faults or doubts:".to_owned());
    }
    for fault in faults.named() {
        let entry = fault.entry.map_or_else(String::new, |entry| format!("entry {entry}, "));
        let kept = if fault.what.refuses() { "" } else { " (taken all the same)" };
        let what = fault.what.english();
        text.push(format!("- {entry}{} {}: {what}{kept}", units.english, fault.number));
    }
    if faults.unnamed() > 0 {
        text.push(format!("… and {} more.", faults.unnamed()));
    }
}
