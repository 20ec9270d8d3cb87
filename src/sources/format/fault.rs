//! Why a body or a file cannot be read to its end, in two languages. No text shows what is in it.

use super::Encoding;

/// What stopped the reading; the records before it have been handed out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The surroundings, not the data: it may be read well another time.
    #[error("it cannot be read: {0}")]
    Io(String),
    #[error("it is not {encoding} at byte {at}; set the format's encoding to what the source writes, or to \"auto\"")]
    NotText { encoding: Encoding, at: u64 },
    /// `number` is the line, row or record after which it is broken; 0 where nothing could be read.
    #[error("it is no whole {what}: broken after {number}")]
    Broken { what: &'static str, number: u64 },
    #[error("it is larger than {limit} bytes when unpacked; raise limits.file_bytes if that is right")]
    TooLarge { limit: u64 },
    #[error(
        "it takes more than {limit} bytes of memory when unpacked; raise limits.decompressed_bytes if that is right, or let the source send CSV"
    )]
    TooLargeForMemory { limit: usize },
    #[error(
        "the record after {number} is larger than {limit} bytes; raise limits.record_bytes if that is right, or look for a quotation mark that is never closed"
    )]
    RecordTooLarge { number: u64, limit: usize },
    #[error("the record after {number} is nested deeper than {limit} levels")]
    TooDeep { number: u64, limit: usize },
    #[error("it is protected by a password; send it without one")]
    Encrypted,
    #[error("the archive has more than {limit} entries")]
    TooManyEntries { limit: usize },
    #[error("the archive has no file of this format inside")]
    NothingInside,
    #[error("it declares entities of its own, which are never expanded; send it without a DOCTYPE that does")]
    Entities,
    #[error("there is no such sheet in the book; check format.xlsx.sheet")]
    NoSheet,
    #[error("there is no row of headings; check the format's header")]
    NoHeader,
    #[error("there are no records where format.json.records looks for them")]
    NoRecords,
    /// Whoever takes the records wants no more.
    #[error("it was not read to its end")]
    Stopped,
    /// The reader failed in a way it should not; nothing of its own words is shown.
    #[error("it makes the reader fail; keep it and tell whoever maintains petitiond")]
    Panicked,
}

impl ReadError {
    /// The same for the people who sent the file.
    pub fn vietnamese(&self) -> String {
        match self {
            Self::Io(reason) => format!("không đọc được tệp: {reason}"),
            Self::NotText { encoding, at } => {
                format!("không phải bảng mã {encoding} từ byte thứ {at}; hãy lưu lại bằng UTF-8 rồi gửi lại")
            }
            Self::Broken { what, number: 0 } => format!("tệp không phải {what} hoặc đã hỏng ngay từ đầu"),
            Self::Broken { what, number } => format!("tệp {what} bị hỏng hoặc thiếu, sau vị trí {number}"),
            Self::TooLarge { limit } => format!("tệp lớn hơn {limit} byte sau khi giải nén"),
            Self::TooLargeForMemory { limit } => {
                format!("sổ Excel lớn hơn {limit} byte sau khi giải nén; hãy chia nhỏ hoặc gửi dạng CSV")
            }
            Self::RecordTooLarge { number, limit } => {
                format!("hồ sơ sau vị trí {number} lớn hơn {limit} byte; có thể thiếu dấu ngoặc kép đóng")
            }
            Self::TooDeep { number, limit } => format!("hồ sơ sau vị trí {number} lồng nhau quá {limit} cấp"),
            Self::Encrypted => "tệp có mật khẩu; hãy bỏ mật khẩu rồi gửi lại".to_owned(),
            Self::TooManyEntries { limit } => format!("tệp nén có hơn {limit} mục"),
            Self::NothingInside => "trong tệp nén không có tệp nào đúng định dạng".to_owned(),
            Self::Entities => "tệp XML khai báo thực thể (ENTITY) riêng, không được chấp nhận".to_owned(),
            Self::NoSheet => "không có trang tính cần đọc trong sổ".to_owned(),
            Self::NoHeader => "không tìm thấy dòng tiêu đề cột".to_owned(),
            Self::NoRecords => "không tìm thấy danh sách hồ sơ trong tệp".to_owned(),
            Self::Stopped => "chưa đọc hết tệp".to_owned(),
            Self::Panicked => "tệp làm bộ đọc bị lỗi; hãy giữ tệp và báo cho người vận hành".to_owned(),
        }
    }
}
