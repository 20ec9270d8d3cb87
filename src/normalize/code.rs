//! Codes in their usual Vietnamese spellings, beside each source's own table: KN, "Khiếu nại", "khieu nai" are all
//! `complaint`. Compared by flat key; what is not listed is not guessed.

use super::text::flat_key;
use crate::domain::{
    Action, ByLeader, Channel, Gender, IdKind, Kind, Outcome, PetitionType, ReceptionMode, ReferenceRelation, Stage,
};

/// Reads one code: exactly, or by its flat key from a list of spellings.
fn read<T: Copy>(text: &str, exact: fn(&str) -> Option<T>, spellings: &[(&str, T)]) -> Option<T> {
    exact(text).or_else(|| {
        // a code is short; anything else is a text in the wrong field
        if text.len() > 120 {
            return None;
        }
        let flat = flat_key(text);
        exact(&flat).or_else(|| spellings.iter().find(|(spelling, _)| *spelling == flat).map(|(_, code)| *code))
    })
}

/// Đơn, lượt tiếp công dân.
pub fn kind(text: &str) -> Option<Kind> {
    read(
        text,
        Kind::parse,
        &[
            ("don", Kind::Petition),
            ("donthu", Kind::Petition),
            ("xulydon", Kind::Petition),
            ("xld", Kind::Petition),
            ("tiepcongdan", Kind::Reception),
            ("tcd", Kind::Reception),
            ("tiepdan", Kind::Reception),
            ("luottiep", Kind::Reception),
            ("luottiepcongdan", Kind::Reception),
            ("luottiepdan", Kind::Reception),
        ],
    )
}

/// Loại đơn; with it the instance, where the spelling says it ("khiếu nại lần hai", "tố cáo tiếp").
///
/// "Kiến nghị, phản ánh" in one word (KNPA, PAKN) is `reflection`, whichever stands first: the forms count the two
/// in one column, and one paper must not get two types from two agencies.
pub fn petition_type(text: &str) -> Option<(PetitionType, Option<i32>)> {
    use PetitionType::{Complaint, Denunciation, Mixed, Recommendation, Reflection};
    if let Some(code) = PetitionType::parse(text) {
        return Some((code, None));
    }
    if text.len() > 120 {
        return None;
    }
    let flat = flat_key(text);
    let bare = ["donthu", "don", "loaidon"].iter().find_map(|lead| flat.strip_prefix(lead)).unwrap_or(&flat);
    let (bare, instance) = without_instance(bare);
    let code = match bare {
        "kn" | "khieunai" | "complaint" => Complaint,
        "tc" | "tocao" | "denunciation" => Denunciation,
        "kiennghi" | "recommendation" => Recommendation,
        "phananh" | "pa" | "reflection" | "knpa" | "pakn" | "kiennghiphananh" | "phananhkiennghi"
        | "kiennghivaphananh" | "phananhvakiennghi" => Reflection,
        "mixed"
        | "nhieunoidung"
        | "conhieunoidung"
        | "nhieunoidungkhacnhau"
        | "conhieunoidungkhacnhau"
        | "honhop"
        | "khieunaitocao"
        | "khieunaivatocao"
        | "kntc"
        | "khieunaitocaokiennghiphananh"
        | "kntcknpa"
        | "tonghop" => Mixed,
        _ => return None,
    };
    Some((code, instance.filter(|_| matches!(code, Complaint | Denunciation))))
}

/// "… lần đầu", "… lần 2", "… tiếp".
fn without_instance(flat: &str) -> (&str, Option<i32>) {
    const ENDINGS: &[(&str, i32)] = &[
        ("landau", 1),
        ("lan1", 1),
        ("lanthunhat", 1),
        ("lan2", 2),
        ("lanhai", 2),
        ("lanthuhai", 2),
        ("lanii", 2),
        ("lani", 1),
        ("tiep", 2),
        ("tieptuc", 2),
    ];
    for (ending, instance) in ENDINGS {
        if let Some(bare) = flat.strip_suffix(ending) {
            return (bare, Some(*instance));
        }
    }
    (flat, None)
}

/// Hình thức tiếp nhận.
pub fn channel(text: &str) -> Option<Channel> {
    use Channel::{Email, InPerson, Other, Phone, Portal, Post, Transfer};
    read(
        text,
        Channel::parse,
        &[
            ("inperson", InPerson),
            ("tructiep", InPerson),
            ("noptructiep", InPerson),
            ("guitructiep", InPerson),
            ("traotay", InPerson),
            ("tiepcongdan", InPerson),
            ("taitrusotiepcongdan", InPerson),
            ("buuchinh", Post),
            ("buudien", Post),
            ("quabuudien", Post),
            ("quabuuchinh", Post),
            ("quaduongbuudien", Post),
            ("duongbuudien", Post),
            ("guiquabuudien", Post),
            ("congdichvucong", Portal),
            ("dichvucong", Portal),
            ("congthongtin", Portal),
            ("congthongtindientu", Portal),
            ("tructuyen", Portal),
            ("online", Portal),
            ("web", Portal),
            ("website", Portal),
            ("email", Email),
            ("thudientu", Email),
            ("quaemail", Email),
            ("quathudientu", Email),
            ("dienthoai", Phone),
            ("quadienthoai", Phone),
            ("duongdaynong", Phone),
            ("hotline", Phone),
            ("coquankhacchuyen", Transfer),
            ("coquankhacchuyenden", Transfer),
            ("chuyenden", Transfer),
            ("donchuyenden", Transfer),
            ("donchuyen", Transfer),
            ("khac", Other),
            ("hinhthuckhac", Other),
        ],
    )
}

/// Giai đoạn, tình trạng xử lý: the usual names of handling and of its results (hướng xử lý).
pub fn stage(text: &str) -> Option<Stage> {
    read(text, Stage::parse, STAGES)
}

const STAGES: &[(&str, Stage)] = &[
    ("tiepnhan", Stage::Received),
    ("datiepnhan", Stage::Received),
    ("moitiepnhan", Stage::Received),
    ("moi", Stage::Received),
    ("choxuly", Stage::Received),
    ("phanloai", Stage::Screened),
    ("daphanloai", Stage::Screened),
    ("xuly", Stage::Screened),
    ("daxuly", Stage::Screened),
    ("dexuatthuly", Stage::Screened),
    ("thuly", Stage::Accepted),
    ("dathuly", Stage::Accepted),
    ("thulygiaiquyet", Stage::Accepted),
    ("chuyen", Stage::Transferred),
    ("chuyendon", Stage::Transferred),
    ("dachuyen", Stage::Transferred),
    ("dachuyendon", Stage::Transferred),
    ("huongdan", Stage::Guided),
    ("dahuongdan", Stage::Guided),
    ("tra", Stage::Returned),
    ("tradon", Stage::Returned),
    ("datra", Stage::Returned),
    ("datradon", Stage::Returned),
    ("tralaidon", Stage::Returned),
    ("luu", Stage::Filed),
    ("luudon", Stage::Filed),
    ("daluu", Stage::Filed),
    ("xepluu", Stage::Filed),
    ("xepluudon", Stage::Filed),
    ("xacminh", Stage::Verifying),
    ("dangxacminh", Stage::Verifying),
    ("danggiaiquyet", Stage::Verifying),
    ("giaiquyet", Stage::Settled),
    ("dagiaiquyet", Stage::Settled),
    ("coquyetdinh", Stage::Settled),
    ("coketluan", Stage::Settled),
    ("coquyetdinhgiaiquyet", Stage::Settled),
    ("daraquyetdinh", Stage::Settled),
    ("daraquyetdinhgiaiquyet", Stage::Settled),
    ("daketluan", Stage::Settled),
    ("hoanthanh", Stage::Settled),
    ("thihanh", Stage::Enforced),
    ("thihanhxong", Stage::Enforced),
    ("dathihanh", Stage::Enforced),
    ("dathihanhxong", Stage::Enforced),
    ("rut", Stage::Withdrawn),
    ("rutdon", Stage::Withdrawn),
    ("darut", Stage::Withdrawn),
    ("darutdon", Stage::Withdrawn),
    ("dinhchi", Stage::Suspended),
    ("dadinhchi", Stage::Suspended),
    ("tamdinhchi", Stage::Suspended),
    ("datamdinhchi", Stage::Suspended),
];

/// Kết quả giải quyết.
pub fn outcome(text: &str) -> Option<Outcome> {
    use Outcome::{Justified, PartlyJustified, Unjustified};
    read(
        text,
        Outcome::parse,
        &[
            ("dung", Justified),
            ("dungtoanbo", Justified),
            ("khieunaidung", Justified),
            ("tocaodung", Justified),
            ("dungmotphan", PartlyJustified),
            ("dung1phan", PartlyJustified),
            ("khieunaidungmotphan", PartlyJustified),
            ("tocaodungmotphan", PartlyJustified),
            ("codungcosai", PartlyJustified),
            ("tocaocodungcosai", PartlyJustified),
            ("sai", Unjustified),
            ("saitoanbo", Unjustified),
            ("khieunaisai", Unjustified),
            ("tocaosai", Unjustified),
            ("khongdung", Unjustified),
            ("khongcocoso", Unjustified),
        ],
    )
}

/// What happened in an event: a stage, or an act in between.
pub fn action(text: &str) -> Option<Action> {
    read(
        text,
        Action::parse,
        &[
            ("dondoc", Action::Urged),
            ("phucdap", Action::Replied),
            ("traloi", Action::Replied),
            ("congvantraloi", Action::Replied),
            ("vanbantraloi", Action::Replied),
            ("doithoai", Action::Dialogue),
            ("giahan", Action::Extended),
            ("tieptuc", Action::Resumed),
            ("tieptucgiaiquyet", Action::Resumed),
            ("rutmotphan", Action::PartlyWithdrawn),
            ("rut1phan", Action::PartlyWithdrawn),
            ("rutmotphannoidung", Action::PartlyWithdrawn),
        ],
    )
    .or_else(|| stage(text).and_then(|stage| Action::parse(stage.as_str())))
}

/// How a record stands to another.
pub fn relation(text: &str) -> Option<ReferenceRelation> {
    use ReferenceRelation::{NextInstanceOf, RecastOf, ReceptionOf, RepeatOf, TransferredFrom, TransferredTo};
    read(
        text,
        ReferenceRelation::parse,
        &[
            ("transferredfrom", TransferredFrom),
            ("chuyentu", TransferredFrom),
            ("duocchuyentu", TransferredFrom),
            ("nhantu", TransferredFrom),
            ("donchuyenden", TransferredFrom),
            ("transferredto", TransferredTo),
            ("chuyenden", TransferredTo),
            ("chuyendi", TransferredTo),
            ("repeatof", RepeatOf),
            ("trung", RepeatOf),
            ("dontrung", RepeatOf),
            ("trungvoi", RepeatOf),
            ("nextinstanceof", NextInstanceOf),
            ("khieunailan2", NextInstanceOf),
            ("khieunailanhai", NextInstanceOf),
            ("lan2", NextInstanceOf),
            ("tocaotiep", NextInstanceOf),
            ("recastof", RecastOf),
            ("chuyendoi", RecastOf),
            ("receptionof", ReceptionOf),
            ("tiepcongdan", ReceptionOf),
            ("luottiep", ReceptionOf),
        ],
    )
}

/// Chế độ tiếp công dân.
pub fn mode(text: &str) -> Option<ReceptionMode> {
    use ReceptionMode::{Periodic, Regular, Unscheduled};
    read(
        text,
        ReceptionMode::parse,
        &[
            ("thuongxuyen", Regular),
            ("tiepthuongxuyen", Regular),
            ("tx", Regular),
            ("dinhky", Periodic),
            ("tiepdinhky", Periodic),
            ("dk", Periodic),
            ("dinhki", Periodic),
            ("dotxuat", Unscheduled),
            ("tiepdotxuat", Unscheduled),
            ("dx", Unscheduled),
        ],
    )
}

/// Which leader received.
pub fn by_leader(text: &str) -> Option<ByLeader> {
    use ByLeader::{Delegated, Head};
    read(
        text,
        ByLeader::parse,
        &[
            ("thutruong", Head),
            ("thutruongtiep", Head),
            ("nguoidungdau", Head),
            ("lanhdao", Head),
            ("chutich", Head),
            ("uyquyen", Delegated),
            ("duocuyquyen", Delegated),
            ("phochutich", Delegated),
        ],
    )
}

/// Giới tính.
pub fn gender(text: &str) -> Option<Gender> {
    use Gender::{Female, Male, Other};
    read(
        text,
        Gender::parse,
        &[
            ("nam", Male),
            ("m", Male),
            ("ong", Male),
            ("trai", Male),
            ("nu", Female),
            ("f", Female),
            ("ba", Female),
            ("gai", Female),
            ("khac", Other),
        ],
    )
}

/// Loại giấy tờ tùy thân.
pub fn id_kind(text: &str) -> Option<IdKind> {
    use IdKind::{Cccd, Cmnd, Other, Passport};
    read(
        text,
        IdKind::parse,
        &[
            ("cancuoc", Cccd),
            ("cc", Cccd),
            ("cancuoccongdan", Cccd),
            ("thecancuoc", Cccd),
            ("thecancuoccongdan", Cccd),
            ("sodinhdanh", Cccd),
            ("sodinhdanhcanhan", Cccd),
            ("ddcn", Cccd),
            ("cmt", Cmnd),
            ("cmtnd", Cmnd),
            ("chungminhnhandan", Cmnd),
            ("giaychungminhnhandan", Cmnd),
            ("chungminhthu", Cmnd),
            ("hochieu", Passport),
            ("hc", Passport),
            ("khac", Other),
            ("giaytokhac", Other),
        ],
    )
}

/// Có, không. `None` where the text says neither.
pub fn boolean(text: &str) -> Option<bool> {
    match flat_key(text).as_str() {
        "true" | "1" | "co" | "x" | "yes" | "y" | "t" | "dung" => Some(true),
        "false" | "0" | "khong" | "no" | "n" | "f" | "k" | "ko" | "" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_itself() {
        assert!(PetitionType::ALL.iter().all(|code| petition_type(code.as_str()) == Some((*code, None))));
        assert!(Stage::ALL.iter().all(|code| stage(code.as_str()) == Some(*code)));
        assert!(Action::ALL.iter().all(|code| action(code.as_str()) == Some(*code)));
        assert!(Channel::ALL.iter().all(|code| channel(code.as_str()) == Some(*code)));
        assert!(ReferenceRelation::ALL.iter().all(|code| relation(code.as_str()) == Some(*code)));
        assert!(Stage::ALL.iter().all(|stage| Action::parse(stage.as_str()).is_some()));
    }

    #[test]
    fn petition_types() {
        use PetitionType::{Complaint, Denunciation, Mixed, Recommendation, Reflection};
        for (text, wanted) in [
            ("KN", Some((Complaint, None))),
            ("Khiếu nại", Some((Complaint, None))),
            ("Đơn khiếu nại", Some((Complaint, None))),
            ("ĐƠN KHIẾU NẠI LẦN HAI", Some((Complaint, Some(2)))),
            ("khieu nai lan dau", Some((Complaint, Some(1)))),
            ("TC", Some((Denunciation, None))),
            ("Tố cáo", Some((Denunciation, None))),
            ("tố cáo tiếp", Some((Denunciation, Some(2)))),
            ("Kiến nghị", Some((Recommendation, None))),
            ("Phản ánh", Some((Reflection, None))),
            ("KNPA", Some((Reflection, None))),
            ("Kiến nghị, phản ánh", Some((Reflection, None))),
            ("Đơn có nhiều nội dung khác nhau", Some((Mixed, None))),
            ("khiếu nại, tố cáo", Some((Mixed, None))),
            ("Tố giác tội phạm", None),
            ("01", None),
            ("", None),
        ] {
            assert_eq!(petition_type(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn other_codes() {
        assert_eq!(kind("Đơn"), Some(Kind::Petition));
        assert_eq!(kind("Tiếp công dân"), Some(Kind::Reception));
        assert_eq!(channel("Bưu chính"), Some(Channel::Post));
        assert_eq!(channel("Qua đường bưu điện"), Some(Channel::Post));
        assert_eq!(stage("Thụ lý"), Some(Stage::Accepted));
        assert_eq!(stage("Chuyển đơn"), Some(Stage::Transferred));
        assert_eq!(outcome("Đúng một phần"), Some(Outcome::PartlyJustified));
        assert_eq!(outcome("Có đúng, có sai"), Some(Outcome::PartlyJustified));
        assert_eq!(action("Đôn đốc"), Some(Action::Urged));
        assert_eq!(action("Lưu đơn"), Some(Action::Filed));
        assert_eq!(relation("Đơn trùng"), Some(ReferenceRelation::RepeatOf));
        assert_eq!(mode("Thường xuyên"), Some(ReceptionMode::Regular));
        assert_eq!(by_leader("Ủy quyền"), Some(ByLeader::Delegated));
        assert_eq!(gender("Nữ"), Some(Gender::Female));
        assert_eq!(id_kind("Căn cước công dân"), Some(IdKind::Cccd));
        assert_eq!(id_kind("Hộ chiếu"), Some(IdKind::Passport));
        assert_eq!((boolean("Có"), boolean("không"), boolean("mật")), (Some(true), Some(false), None));
    }
}
