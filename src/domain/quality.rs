//! Quality: by what a record is judged when its source is shown how good its records are.
//!
//! A record is *complete* when it says what a record of its kind should, *valid* when no value in it is wrong, *unmapped*
//! when a value in it is in no table of codes, *timely* when it was handed over soon after it was received.

use serde::Serialize;

use super::code::Kind;
use super::finding::{Flag, Severity};
use super::record::NormalizedRecord;

/// The share that a cause lowers (or, of what is unmapped, raises).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// Đầy đủ.
    Complete,
    /// Hợp lệ.
    Valid,
    /// Kịp thời.
    Timely,
    /// Chưa ánh xạ.
    Unmapped,
}

impl Aspect {
    /// As it stands in the public schema.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Valid => "valid",
            Self::Timely => "timely",
            Self::Unmapped => "unmapped",
        }
    }
}

/// What a record should say and does not. That it names nobody is a flag of its own ([`Flag::PetitionerMissing`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Gap {
    /// Of a record that comes in parts: the part that says it has not come.
    Kind,
    /// Likewise.
    ReceivedOn,
    Type,
    Category,
    Summary,
    /// Of a reception: regular, periodic or unscheduled.
    Mode,
}

impl Gap {
    /// Every gap.
    pub const ALL: &'static [Self] =
        &[Self::Kind, Self::ReceivedOn, Self::Type, Self::Category, Self::Summary, Self::Mode];

    /// As it stands in the public schema.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kind => "kind_missing",
            Self::ReceivedOn => "received_on_missing",
            Self::Type => "type_missing",
            Self::Category => "category_missing",
            Self::Summary => "summary_missing",
            Self::Mode => "mode_missing",
        }
    }

    /// The interchange field that is missing.
    const fn field(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::ReceivedOn => "received_on",
            Self::Type => "type",
            Self::Category => "category",
            Self::Summary => "summary",
            Self::Mode => "reception.mode",
        }
    }
}

impl NormalizedRecord {
    /// What the record should say and does not: a petition its type, its field and what it is about, a reception its
    /// mode. A state secret says its type and no more. A value that came and was not understood is no gap but a doubt.
    pub fn gaps(&self) -> Vec<Gap> {
        let gaps = Gap::ALL.iter().copied().filter(|gap| self.lacks(*gap));
        gaps.filter(|gap| !self.findings.iter().any(|f| f.flag.is_some() && f.field == gap.field())).collect()
    }

    fn lacks(&self, gap: Gap) -> bool {
        let is_petition = self.kind == Kind::Petition;
        let is_open = is_petition && !self.restricted;
        match gap {
            // without them it is no record yet
            Gap::Kind | Gap::ReceivedOn => false,
            Gap::Type => is_petition && self.petition_type.is_none(),
            Gap::Category => {
                is_open && self.category.is_none() && self.items.iter().all(|item| item.category.is_none())
            }
            Gap::Summary => is_open && self.summary.is_none() && self.items.iter().all(|item| item.summary.is_none()),
            Gap::Mode => !is_petition && self.reception.as_ref().is_none_or(|detail| detail.mode.is_none()),
        }
    }
}

/// One thing that can be wrong with a record, as its source is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    Flag(Flag),
    Gap(Gap),
    /// Handed over later than two weeks after the agency received it, or before it did.
    Late,
}

impl Cause {
    /// Every cause.
    pub fn all() -> impl Iterator<Item = Self> {
        let flags = Flag::ALL.iter().copied().map(Self::Flag);
        flags.chain(Gap::ALL.iter().copied().map(Self::Gap)).chain([Self::Late])
    }

    /// The cause of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::all().find(|cause| cause.as_str() == code)
    }

    /// As it stands in the public schema.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Flag(flag) => flag.as_str(),
            Self::Gap(gap) => gap.as_str(),
            Self::Late => "late",
        }
    }

    /// How much it weighs.
    pub const fn severity(self) -> Severity {
        match self {
            Self::Flag(flag) => flag.severity(),
            Self::Gap(Gap::Kind | Gap::ReceivedOn | Gap::Type) => Severity::Error,
            Self::Gap(Gap::Category | Gap::Summary | Gap::Mode) | Self::Late => Severity::Warning,
        }
    }

    /// Which share it is counted in.
    pub const fn aspect(self) -> Aspect {
        match self {
            Self::Gap(_) | Self::Flag(Flag::PetitionerMissing) => Aspect::Complete,
            Self::Flag(Flag::TypeUnmapped | Flag::CategoryUnmapped | Flag::AgencyUnknown | Flag::UnknownField) => {
                Aspect::Unmapped
            }
            Self::Flag(
                Flag::IdNumberInvalid
                | Flag::IdNumberConflict
                | Flag::PhoneInvalid
                | Flag::DateInvalid
                | Flag::DateInFuture
                | Flag::AddressUnresolved
                | Flag::AddressAmbiguous
                | Flag::TextMojibake
                | Flag::NameSuspect
                | Flag::RestrictedContent,
            ) => Aspect::Valid,
            Self::Late => Aspect::Timely,
        }
    }

    /// For an official.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Flag(Flag::TypeUnmapped) => "Mã chưa ánh xạ: loại đơn, trạng thái, kết quả, hình thức",
            Self::Flag(Flag::CategoryUnmapped) => "Lĩnh vực chưa ánh xạ",
            Self::Flag(Flag::AgencyUnknown) => "Cơ quan không có trong danh mục",
            Self::Flag(Flag::IdNumberInvalid) => "Số giấy tờ tùy thân không hợp lệ",
            Self::Flag(Flag::IdNumberConflict) => "Số giấy tờ không khớp ngày sinh hoặc giới tính",
            Self::Flag(Flag::PhoneInvalid) => "Số điện thoại không hợp lệ",
            Self::Flag(Flag::DateInvalid) => "Ngày không đọc được",
            Self::Flag(Flag::DateInFuture) => "Ngày ở tương lai",
            Self::Flag(Flag::AddressUnresolved) => "Địa chỉ không xác định được",
            Self::Flag(Flag::AddressAmbiguous) => "Địa chỉ ứng với nhiều xã, phường hiện nay",
            Self::Flag(Flag::TextMojibake) => "Văn bản sai bảng mã",
            Self::Flag(Flag::NameSuspect) => "Họ tên cần xem lại",
            Self::Flag(Flag::PetitionerMissing) => "Thiếu người nộp đơn",
            Self::Flag(Flag::RestrictedContent) => "Bí mật nhà nước kèm nội dung (đã từ chối)",
            Self::Flag(Flag::UnknownField) => "Trường hoặc giá trị không có trong cấu trúc",
            Self::Gap(Gap::Kind) => "Thiếu phần cho biết là đơn hay lượt tiếp",
            Self::Gap(Gap::ReceivedOn) => "Thiếu phần có ngày tiếp nhận",
            Self::Gap(Gap::Type) => "Thiếu loại đơn",
            Self::Gap(Gap::Category) => "Thiếu lĩnh vực",
            Self::Gap(Gap::Summary) => "Thiếu nội dung",
            Self::Gap(Gap::Mode) => "Thiếu hình thức tiếp công dân",
            Self::Late => "Gửi muộn hơn 14 ngày từ ngày tiếp nhận",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn gaps(fields: &Value) -> Vec<&'static str> {
        let mut all = json!({"source_id": "bxd", "record_id": "1", "received_on": "2026-03-02", "agency": "G17"});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let record: NormalizedRecord = serde_json::from_value(all).unwrap();
        record.gaps().into_iter().map(Gap::as_str).collect()
    }

    #[test]
    fn what_is_missing_by_kind() {
        let none: [&str; 0] = [];
        assert_eq!(gaps(&json!({"kind": "petition"})), ["type_missing", "category_missing", "summary_missing"]);
        assert_eq!(gaps(&json!({"kind": "petition", "type": "complaint", "category": "01.2", "summary": "x"})), none);
        assert_eq!(
            gaps(&json!({"kind": "petition", "type": "mixed", "items": [{"category": "01.2"}, {"summary": "x"}]})),
            none
        );
        assert_eq!(gaps(&json!({"kind": "petition", "restricted": true})), ["type_missing"]);
        assert_eq!(gaps(&json!({"kind": "reception"})), ["mode_missing"]);
        assert_eq!(gaps(&json!({"kind": "reception", "reception": {"mode": "regular"}})), none);
    }

    #[test]
    fn what_was_not_understood_is_a_doubt_and_no_gap() {
        let doubt = |field: &str| json!({"flag": "type_unmapped", "field": field, "rule": "code_unmapped"});
        let said = json!({"kind": "petition", "category": "01.2", "summary": "x", "findings": [doubt("type")]});
        assert!(gaps(&said).is_empty());
        let other = json!({"kind": "petition", "category": "01.2", "summary": "x", "findings": [doubt("stage")]});
        assert_eq!(gaps(&other), ["type_missing"]);
    }

    #[test]
    fn causes_have_codes_and_titles_of_their_own() {
        let mut codes: Vec<&str> = Cause::all().map(Cause::as_str).collect();
        let mut titles: Vec<&str> = Cause::all().map(Cause::title).collect();
        assert!(codes.iter().all(|code| Cause::parse(code).is_some_and(|cause| cause.as_str() == *code)));
        assert!(Cause::all().all(|cause| cause.severity() > Severity::Note));
        for list in [&mut codes, &mut titles] {
            list.sort_unstable();
            list.dedup();
            assert_eq!(list.len(), Flag::ALL.len() + Gap::ALL.len() + 1);
        }
    }
}
