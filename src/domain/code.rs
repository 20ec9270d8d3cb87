//! The closed vocabularies of the interchange record and of the public schema.
//!
//! Each is a list of codes with their Vietnamese legal term; `as_str` gives the code as it stands in
//! messages, columns and reports, `parse` reads exactly that code and nothing else (other spellings are
//! the business of `normalize`).

/// Declares an enum whose variants are codes: `as_str`, `parse`, `ALL`, `Display` and serde by the code.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $code)] $variant),+ }

        impl $name {
            /// Every code, in the order of the law or of the usual course of a petition.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as it stands in messages and columns.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// Reads exactly one code; anything else is `None`.
            pub fn parse(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

codes! {
    /// The tier (cấp) a source belongs to.
    Tier {
        /// Bộ
        Ministry = "ministry",
        /// Ngành
        Branch = "branch",
        /// Địa phương
        Local = "local",
    }
}

codes! {
    /// What a source record tells of.
    Kind {
        /// Đơn
        Petition = "petition",
        /// Lượt tiếp công dân
        Reception = "reception",
    }
}

codes! {
    /// Loại đơn (Circular 05/2021/TT-TTCP, article 6: content decides, not the title of the paper).
    PetitionType {
        /// Khiếu nại (Law on Complaints 02/2011/QH13)
        Complaint = "complaint",
        /// Tố cáo (Law on Denunciations 25/2018/QH14); always sealed
        Denunciation = "denunciation",
        /// Kiến nghị
        Recommendation = "recommendation",
        /// Phản ánh
        Reflection = "reflection",
        /// Nhiều nội dung khác nhau
        Mixed = "mixed",
    }
}

codes! {
    /// How far the handling of a petition (xử lý đơn, giải quyết) has come.
    Stage {
        /// Tiếp nhận
        Received = "received",
        /// Đã phân loại, xử lý
        Screened = "screened",
        /// Thụ lý
        Accepted = "accepted",
        /// Chuyển đơn
        Transferred = "transferred",
        /// Hướng dẫn
        Guided = "guided",
        /// Trả đơn
        Returned = "returned",
        /// Lưu đơn
        Filed = "filed",
        /// Đang xác minh
        Verifying = "verifying",
        /// Có quyết định, kết luận giải quyết
        Settled = "settled",
        /// Thi hành xong
        Enforced = "enforced",
        /// Rút đơn
        Withdrawn = "withdrawn",
        /// Tạm đình chỉ, đình chỉ
        Suspended = "suspended",
    }
}

impl Stage {
    /// Whether nothing more is to be done at this agency (so that no deadline runs any more).
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Transferred
                | Self::Guided
                | Self::Returned
                | Self::Filed
                | Self::Settled
                | Self::Enforced
                | Self::Withdrawn
        )
    }
}

codes! {
    /// Kết quả giải quyết.
    Outcome {
        /// Đúng
        Justified = "justified",
        /// Đúng một phần
        PartlyJustified = "partly_justified",
        /// Sai
        Unjustified = "unjustified",
    }
}

codes! {
    /// Hình thức tiếp nhận.
    Channel {
        /// Trực tiếp
        InPerson = "in_person",
        /// Bưu chính
        Post = "post",
        /// Cổng dịch vụ công
        Portal = "portal",
        /// Thư điện tử
        Email = "email",
        /// Điện thoại
        Phone = "phone",
        /// Cơ quan khác chuyển đến
        Transfer = "transfer",
        /// Khác
        Other = "other",
    }
}

codes! {
    /// What happened in an event: a stage that was reached, or an act in between.
    Action {
        /// Tiếp nhận
        Received = "received",
        /// Đã phân loại, xử lý
        Screened = "screened",
        /// Thụ lý
        Accepted = "accepted",
        /// Chuyển đơn
        Transferred = "transferred",
        /// Hướng dẫn
        Guided = "guided",
        /// Trả đơn
        Returned = "returned",
        /// Lưu đơn
        Filed = "filed",
        /// Đang xác minh
        Verifying = "verifying",
        /// Có quyết định, kết luận
        Settled = "settled",
        /// Thi hành xong
        Enforced = "enforced",
        /// Rút đơn
        Withdrawn = "withdrawn",
        /// Tạm đình chỉ, đình chỉ
        Suspended = "suspended",
        /// Đôn đốc
        Urged = "urged",
        /// Phúc đáp
        Replied = "replied",
        /// Đối thoại
        Dialogue = "dialogue",
        /// Gia hạn
        Extended = "extended",
        /// Tiếp tục giải quyết sau tạm đình chỉ
        Resumed = "resumed",
        /// Rút một phần
        PartlyWithdrawn = "partly_withdrawn",
    }
}

codes! {
    /// How a source record says it stands to another one.
    ReferenceRelation {
        /// Do cơ quan khác chuyển đến: the same petition, forwarded to this agency
        TransferredFrom = "transferred_from",
        /// Chuyển đến cơ quan khác: the same petition, forwarded by this agency
        TransferredTo = "transferred_to",
        /// Đơn trùng: the same people, the same content, lodged again
        RepeatOf = "repeat_of",
        /// Khiếu nại lần hai, tố cáo tiếp: another petition of the same case
        NextInstanceOf = "next_instance_of",
        /// A complaint turned into a denunciation or the reverse: another petition of the same case
        RecastOf = "recast_of",
        /// The reception (lượt tiếp) at which this petition was lodged, or the petition of this reception
        ReceptionOf = "reception_of",
    }
}

codes! {
    /// How a filing stands to its petition.
    FilingRelation {
        /// The first lodging known
        Original = "original",
        /// The same paper sent to several agencies
        Copy = "copy",
        /// Chuyển đơn
        Forwarded = "forwarded",
        /// Đơn trùng
        Repeat = "repeat",
    }
}

codes! {
    /// Giới tính as the source states it.
    Gender { Male = "male", Female = "female", Other = "other" }
}

codes! {
    /// Loại giấy tờ tùy thân.
    IdKind {
        /// Căn cước công dân, căn cước: 12 digits
        Cccd = "cccd",
        /// Chứng minh nhân dân: 9 digits, invalid since 2025-01-01, alive in old files
        Cmnd = "cmnd",
        /// Hộ chiếu
        Passport = "passport",
        Other = "other",
    }
}

codes! {
    /// Chế độ tiếp công dân (Law on Citizen Reception 42/2013/QH13, article 2.1).
    ReceptionMode {
        /// Thường xuyên
        Regular = "regular",
        /// Định kỳ
        Periodic = "periodic",
        /// Đột xuất
        Unscheduled = "unscheduled",
    }
}

codes! {
    /// Which leader received: the head in person or somebody delegated.
    ByLeader {
        /// Người đứng đầu
        Head = "head",
        /// Ủy quyền
        Delegated = "delegated",
    }
}
