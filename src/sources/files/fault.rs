//! What is wrong with single rows, in two languages and without a value of them.

use crate::normalize::Incomplete;
use crate::sources::format::Remark;
use crate::sources::mapping::RecordError;

/// Rows that are named one by one, of those that are refused and of those in doubt; the others are counted.
const NAMED: u64 = 1000;

/// A row with something wrong about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// Which file of an archive, from 1.
    pub entry: Option<u32>,
    /// As [`crate::sources::format::Row`] counts it.
    pub number: u64,
    pub what: What,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It goes to quarantine: it cannot be mapped.
    Unmapped(RecordError),
    /// It goes to quarantine: something that every record has is missing.
    Incomplete(Incomplete),
    /// It is taken, but may not say what was meant.
    Odd(Remark),
}

impl What {
    /// Whether the row is not taken.
    pub const fn refuses(&self) -> bool {
        !matches!(self, Self::Odd(_))
    }

    pub fn english(&self) -> String {
        match self {
            Self::Unmapped(error) => error.to_string(),
            Self::Incomplete(incomplete) => incomplete.to_string(),
            Self::Odd(Remark::SurplusCells { cells, headings }) => format!(
                "it has {cells} cells under {headings} headings; the others are kept in _rest, but look for a delimiter in a text without quotation marks"
            ),
            Self::Odd(Remark::Swallows { cells, headings }) => format!(
                "it has {cells} cells under {headings} headings, over several lines; look for a quotation mark that is never closed"
            ),
        }
    }

    pub(super) fn vietnamese(&self) -> String {
        match self {
            Self::Unmapped(error) => of_record(error),
            Self::Incomplete(Incomplete::NoKind) => "thiếu loại hồ sơ (đơn hay lượt tiếp công dân)".to_owned(),
            Self::Incomplete(Incomplete::KindUnknown) => "không rõ loại hồ sơ (đơn hay lượt tiếp công dân)".to_owned(),
            Self::Incomplete(Incomplete::NoReceivedOn) => "thiếu ngày nhận".to_owned(),
            Self::Incomplete(Incomplete::ReceivedOnInvalid) => "ngày nhận không hợp lệ".to_owned(),
            Self::Odd(Remark::SurplusCells { cells, headings }) => format!(
                "có {cells} ô nhưng chỉ có {headings} cột tiêu đề; phần thừa vẫn được giữ, hãy xem có dấu phân cách nằm trong nội dung mà không đặt trong ngoặc kép"
            ),
            Self::Odd(Remark::Swallows { cells, headings }) => {
                format!("chỉ có {cells} ô trong {headings} cột và kéo dài nhiều dòng; có thể thiếu dấu ngoặc kép đóng")
            }
        }
    }
}

fn of_record(error: &RecordError) -> String {
    match error {
        RecordError::NoRecordId => "thiếu mã hồ sơ".to_owned(),
        RecordError::RecordIdTooLong { limit } => format!("mã hồ sơ dài hơn {limit} ký tự"),
        RecordError::RecordIdControl => "mã hồ sơ có ký tự điều khiển".to_owned(),
        RecordError::RecordIdNotText => "mã hồ sơ không phải chữ hoặc số".to_owned(),
        RecordError::MappingFailed(_) => "không ánh xạ được mã hồ sơ theo cấu hình".to_owned(),
        RecordError::TooLarge { limit } => format!("hồ sơ lớn hơn {limit} byte"),
        RecordError::TooDeep { limit } => format!("hồ sơ lồng nhau quá {limit} cấp"),
        RecordError::NotAnObject => "không phải một hồ sơ (đối tượng JSON)".to_owned(),
        RecordError::Invalid { column, .. } => format!("JSON sai ở ký tự thứ {column}"),
    }
}

/// The rows of one file that something is wrong with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    named: Vec<RowFault>,
    /// Rows that are not taken.
    pub refused: u64,
    /// Rows that are taken with a doubt.
    pub odd: u64,
}

impl Faults {
    pub(super) fn add(&mut self, fault: RowFault) {
        let alike = if fault.what.refuses() { &mut self.refused } else { &mut self.odd };
        *alike += 1;
        if *alike <= NAMED {
            self.named.push(fault);
        }
    }

    /// The first of each kind, in the order of the file.
    pub fn named(&self) -> &[RowFault] {
        &self.named
    }

    /// How many are not among the named.
    pub fn unnamed(&self) -> u64 {
        (self.refused + self.odd).saturating_sub(self.named.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubts_crowd_out_no_refusal() {
        let mut faults = Faults::default();
        let count = NAMED + 7;
        for number in 1..=count {
            faults.add(RowFault {
                entry: None,
                number,
                what: What::Odd(Remark::SurplusCells { cells: 3, headings: 2 }),
            });
        }
        for number in count + 1..=2 * count {
            faults.add(RowFault { entry: None, number, what: What::Incomplete(Incomplete::NoKind) });
        }
        let refused: Vec<u64> =
            faults.named().iter().filter(|fault| fault.what.refuses()).map(|fault| fault.number).collect();
        assert_eq!(refused, (count + 1..=count + NAMED).collect::<Vec<_>>());
        assert_eq!(faults.named().len() as u64, 2 * NAMED);
        assert_eq!((faults.refused, faults.odd, faults.unnamed()), (count, count, 14));
    }
}
