//! The same terms in ten hands: each agency has its own codes for what the law calls by one name.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::domain::{
    Action, ByLeader, Channel, Gender, IdKind, Kind, Outcome, PetitionType, ReceptionMode, ReferenceRelation, Stage,
};

/// How an agency's system writes a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// `KN`
    Abbreviation,
    /// `khieu_nai`
    Snake,
    /// `khieu-nai`
    Kebab,
    /// `Khiếu nại`
    Full,
    /// `KHIẾU NẠI`
    Upper,
    /// `01`
    Digits,
    /// A number: `step` times the place in the official list, from 1.
    Number { step: u64 },
    /// `LK`: the abbreviation after a letter
    Prefixed(char),
}

/// A term of a closed vocabulary.
pub trait Term: Copy + PartialEq + 'static {
    /// Every term, in the official order.
    const ALL: &'static [Self];
    /// Abbreviation and full name in Vietnamese.
    fn spelled(self) -> (&'static str, &'static str);
}

impl Wording {
    /// The agency's own value for `term`.
    pub fn of<T: Term>(self, term: T) -> Value {
        let (abbreviation, full) = term.spelled();
        let place = T::ALL.iter().position(|other| *other == term).map_or(0, |place| place as u64 + 1);
        match self {
            Self::Abbreviation => abbreviation.into(),
            Self::Snake => flat(full, '_').into(),
            Self::Kebab => flat(full, '-').into(),
            Self::Full => full.into(),
            Self::Upper => full.to_uppercase().into(),
            Self::Digits => format!("{place:02}").into(),
            Self::Number { step } => (place * step).into(),
            Self::Prefixed(letter) => format!("{letter}{abbreviation}").into(),
        }
    }

    /// The same, null where there is none.
    pub fn maybe<T: Term>(self, term: Option<T>) -> Value {
        term.map_or(Value::Null, |term| self.of(term))
    }
}

/// Lower case without marks, words joined by `joint`.
fn flat(text: &str, joint: char) -> String {
    let plain = text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    plain
        .map(|c| match c {
            'đ' => 'd',
            c if c.is_alphanumeric() => c,
            _ => joint,
        })
        .collect()
}

/// Declares the spelling of one vocabulary.
macro_rules! spelled {
    ($vocabulary:ident { $($term:ident = $abbreviation:literal $full:literal),+ $(,)? }) => {
        impl Term for $vocabulary {
            const ALL: &'static [Self] = $vocabulary::ALL;
            fn spelled(self) -> (&'static str, &'static str) {
                match self { $(Self::$term => ($abbreviation, $full)),+ }
            }
        }
    };
}

spelled!(Kind { Petition = "DON" "Đơn", Reception = "TIEP" "Lượt tiếp" });
spelled!(PetitionType {
    Complaint = "KN" "Khiếu nại",
    Denunciation = "TC" "Tố cáo",
    Recommendation = "KNI" "Kiến nghị",
    Reflection = "PA" "Phản ánh",
    Mixed = "NND" "Nhiều nội dung",
});
spelled!(Stage {
    Received = "TN" "Tiếp nhận",
    Screened = "PL" "Phân loại",
    Accepted = "TL" "Thụ lý",
    Transferred = "CD" "Chuyển đơn",
    Guided = "HD" "Hướng dẫn",
    Returned = "TD" "Trả đơn",
    Filed = "LD" "Lưu đơn",
    Verifying = "XM" "Xác minh",
    Settled = "QD" "Đã giải quyết",
    Enforced = "TH" "Thi hành xong",
    Withdrawn = "RD" "Rút đơn",
    Suspended = "DC" "Đình chỉ",
});
spelled!(Action {
    Received = "TN" "Tiếp nhận",
    Screened = "PL" "Phân loại",
    Accepted = "TL" "Thụ lý",
    Transferred = "CD" "Chuyển đơn",
    Guided = "HD" "Hướng dẫn",
    Returned = "TD" "Trả đơn",
    Filed = "LD" "Lưu đơn",
    Verifying = "XM" "Xác minh",
    Settled = "QD" "Đã giải quyết",
    Enforced = "TH" "Thi hành xong",
    Withdrawn = "RD" "Rút đơn",
    Suspended = "DC" "Đình chỉ",
    Urged = "DD" "Đôn đốc",
    Replied = "PD" "Phúc đáp",
    Dialogue = "DT" "Đối thoại",
    Extended = "GH" "Gia hạn",
    Resumed = "TT" "Tiếp tục",
    PartlyWithdrawn = "RP" "Rút một phần",
});
spelled!(Outcome { Justified = "D" "Đúng", PartlyJustified = "DMP" "Đúng một phần", Unjustified = "S" "Sai" });
spelled!(Channel {
    InPerson = "TT" "Trực tiếp",
    Post = "BC" "Bưu chính",
    Portal = "DVC" "Cổng dịch vụ công",
    Email = "TDT" "Thư điện tử",
    Phone = "DT" "Điện thoại",
    Transfer = "CQC" "Cơ quan chuyển",
    Other = "K" "Khác",
});
spelled!(ReferenceRelation {
    TransferredFrom = "CTU" "Chuyển từ",
    TransferredTo = "CDEN" "Chuyển đến",
    RepeatOf = "TRUNG" "Đơn trùng",
    NextInstanceOf = "LAN2" "Lần tiếp theo",
    RecastOf = "CHTC" "Chuyển thành tố cáo",
    ReceptionOf = "TCD" "Lượt tiếp",
});
spelled!(Gender { Male = "M" "Nam", Female = "F" "Nữ", Other = "X" "Khác" });
spelled!(IdKind { Cccd = "CC" "Căn cước", Cmnd = "CM" "Chứng minh", Passport = "HC" "Hộ chiếu", Other = "K" "Khác" });
spelled!(ReceptionMode { Regular = "TX" "Thường xuyên", Periodic = "DK" "Định kỳ", Unscheduled = "DX" "Đột xuất" });
spelled!(ByLeader { Head = "DDAU" "Người đứng đầu", Delegated = "UQ" "Ủy quyền" });

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn one_term_in_every_hand() {
        let hands = [
            (Wording::Abbreviation, "\"TC\""),
            (Wording::Snake, "\"to_cao\""),
            (Wording::Kebab, "\"to-cao\""),
            (Wording::Full, "\"Tố cáo\""),
            (Wording::Upper, "\"TỐ CÁO\""),
            (Wording::Digits, "\"02\""),
            (Wording::Number { step: 10 }, "20"),
            (Wording::Prefixed('L'), "\"LTC\""),
        ];
        for (wording, expected) in hands {
            assert_eq!(wording.of(PetitionType::Denunciation).to_string(), expected);
        }
        assert_eq!(Wording::Snake.of(Action::Urged), "don_doc");
    }

    #[test]
    fn no_two_terms_look_alike() {
        fn check<T: Term>() {
            for wording in [Wording::Abbreviation, Wording::Snake, Wording::Full, Wording::Digits] {
                let values: BTreeSet<String> = T::ALL.iter().map(|term| wording.of(*term).to_string()).collect();
                assert_eq!(values.len(), T::ALL.len(), "{values:?}");
            }
        }
        check::<Kind>();
        check::<PetitionType>();
        check::<Stage>();
        check::<Action>();
        check::<Outcome>();
        check::<Channel>();
        check::<ReferenceRelation>();
        check::<IdKind>();
        check::<ReceptionMode>();
        check::<ByLeader>();
        check::<Gender>();
    }
}
