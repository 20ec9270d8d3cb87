//! The names that Vietnamese systems give their fields, folded: no marks, no separators, small letters.

use super::value::{Kind, has_number, is_full_name};
use crate::normalize::text::flat_key;

/// Whose field it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Record,
    Petitioner,
    Against,
    Reception,
    Event,
    Reference,
    Item,
}

impl Role {
    /// The interchange field that holds it.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Record => "",
            Self::Petitioner => "petitioners",
            Self::Against => "against",
            Self::Reception => "reception",
            Self::Event => "events",
            Self::Reference => "references",
            Self::Item => "items",
        }
    }

    pub const fn is_list(self) -> bool {
        matches!(self, Self::Petitioner | Self::Event | Self::Reference | Self::Item)
    }
}

/// One interchange field and what it is called.
#[derive(Debug)]
pub(super) struct Known {
    pub role: Role,
    pub field: &'static str,
    pub kind: Kind,
    /// In a record by itself, the usual name first; with blanks between.
    names: &'static str,
    /// Within an object or a list that is of this role.
    inner: &'static str,
}

const fn known(role: Role, field: &'static str, kind: Kind, names: &'static str, inner: &'static str) -> Known {
    Known { role, field, kind, names, inner }
}

/// Every field that is guessed, in the order in which a file lists them.
pub(super) static KNOWN: &[Known] = &[
    known(
        Role::Record,
        "record_id",
        Kind::Id,
        "recordid madon mahoso madonthu mahosodon iddon idhoso donid hosoid id uuid guid mabanghi mavuviec mavu ma sodon sohoso sodonthu sotiepnhan madinhdanh matiepnhan code no phieuma so",
        "",
    ),
    known(
        Role::Record,
        "version",
        Kind::Version,
        "version ngaycapnhat thoigiancapnhat ngaycapnhatcuoi ngaysua ngaysuadoi lancapnhatcuoi capnhat capnhatluc updatedat updated updatedon updateddate lastmodified lastupdated modifiedat modifieddate lansua phienban rowver rowversion ngaychinhsua thoigiansua mod",
        "",
    ),
    known(Role::Record, "deleted", Kind::Boolean, "deleted daxoa isdeleted bixoa dahuy xoa", ""),
    known(Role::Record, "kind", Kind::Record, "kind loaibanghi loaibg loaihoso loaiphieu phieuloai so la cls loai", ""),
    known(
        Role::Record,
        "type",
        Kind::Type,
        "type loaidon loaidonthu phanloaidon phanloai loai maloaidon maloai loaivuviec tenloaidon loaikhieuto kieudon donphanloai typ",
        "",
    ),
    known(
        Role::Record,
        "agency",
        Kind::Agency,
        "agency madonvi macoquan donvitiepnhan coquantiepnhan donvi coquan tendonvi tencoquan donvithuly coquanthuly coquangiaiquyet donvigiaiquyet donvixuly coquanxuly coquanthamquyen coquancothamquyen madonvitiepnhan macoquantiepnhan",
        "",
    ),
    known(
        Role::Record,
        "received_on",
        Kind::Date,
        "receivedon ngaynhan ngaynhandon ngaytiepnhan ngaytiepnhandon ngayden ngaydenvao thoigiantiepnhan receiveddate receivedat datereceived ngaynhandonthu ngaytiep ngaytiepdan ngaytiepcongdan ngaythuly ngayvaoso ngaynhap ngaytao createdat createddate createdon ngaygui ngaynopdon ngaynop ngaylap rcv ngay",
        "",
    ),
    known(
        Role::Record,
        "written_on",
        Kind::Date,
        "writtenon ngayvietdon ngayviet ngaydon ngayghitrendon ngaytrendon ngaylamdon ngaydedon ngayghidon ngayvietghitrendon wrt",
        "",
    ),
    known(
        Role::Record,
        "instance",
        Kind::Integer,
        "instance langiaiquyet lankhieunai lan lanthu lantocao solan lankn lvl",
        "",
    ),
    known(
        Role::Record,
        "channel",
        Kind::Channel,
        "channel hinhthuctiepnhan hinhthuc nguondon nguon kenh kenhtiepnhan hinhthucnopdon hinhthucgui hinhthucnhan denbang nguontiepnhan phuongthuctiepnhan phuongthuc cachthuctiepnhan via",
        "",
    ),
    known(
        Role::Record,
        "category",
        Kind::Category,
        "category linhvuc malinhvuc tenlinhvuc linhvucchinh linhvucdon nganhlinhvuc linhvuckhieunai linhvuctocao nhomlinhvuc field",
        "",
    ),
    known(
        Role::Record,
        "summary",
        Kind::Text,
        "summary noidung noidungdon trichyeu tomtat noidungvuviec noidungkhieunai noidungtocao noidungkntc noidungkhieunaitocao trichyeunoidung noidungtomtat tomtatnoidung noidungphananh noidungkiennghi noidungchinh noidungdonthu noidungtrinhbay noidungtiep mota tieude content description subject title txt",
        "",
    ),
    known(
        Role::Record,
        "confidential",
        Kind::Boolean,
        "confidential giubimat denghigiubimat bimat mat isconfidential yeucaugiubimat sec",
        "",
    ),
    known(
        Role::Record,
        "anonymous",
        Kind::Boolean,
        "anonymous nacdanh andanh khongten donnacdanh isanonymous anon",
        "",
    ),
    known(
        Role::Record,
        "petitioner_count",
        Kind::Count,
        "petitionercount songuoi tongsonguoi soluongnguoi songuoidungten songuoikhieunai songuoiky soluong songuoithamgia songuoinop cnt",
        "",
    ),
    known(
        Role::Petitioner,
        "name",
        Kind::Name,
        "petitionername hoten hovaten hotennguoinop hotennguoinopdon hotennguoigui hotennguoikhieunai hotennguoitocao nguoinopdon nguoinop tennguoinop tennguoinopdon nguoigui nguoiguidon tennguoigui tennguoiguidon nguoidungdon tennguoidungdon hotennguoidungdon nguoikhieunai nguoitocao tennguoikhieunai tennguoitocao congdan tencongdan hotencongdan chudon tenchudon hotenchudon nguoivietdon tennguoivietdon nguoilamdon nguoidungten tennguoidan hotennguoidan nguoidan nguoiden tennguoiden hotennguoiden nguoikiennghi nguoiphananh hotenngdon doituongguidon fullname hovatennguoinopdon hovatennguoigui hovatencongdan",
        "name ten hoten hovaten tennguoi tencongdan fullname hotencongdan",
    ),
    known(
        Role::Petitioner,
        "id_number",
        Kind::IdNumber,
        "idnumber socccd cccd cccdcmnd cmndcccd socccdcmnd socmndcccd sogiayto sogiaytotuythan cmnd socmnd socmt cmt cmtnd socmtnd sodinhdanh sodinhdanhcanhan sodinhdanhcccd madinhdanhcanhan socancuoc socancuoccongdan cancuoc cancuoccongdan soddcn ddcn giaytotuythan sohochieu hochieu nationalid identitynumber idcard",
        "idnumber so soddcn giayto maso sogiayto cccd socccd cmnd socmnd dinhdanh sodinhdanh cccdcmnd cmndcccd madinhdanh passport hochieu",
    ),
    known(
        Role::Petitioner,
        "id_kind",
        Kind::IdKind,
        "idkind loaigiayto loaigiaytotuythan kieugiayto",
        "idkind loaigiayto loai",
    ),
    known(
        Role::Petitioner,
        "birth_date",
        Kind::Birth,
        "birthdate ngaysinh ngaythangnamsinh dateofbirth dob ngaysinhnguoinop",
        "birthdate ngaysinh ngaythangnamsinh sinhngay dob",
    ),
    known(
        Role::Petitioner,
        "birth_year",
        Kind::Year,
        "birthyear namsinh namsinhnguoinop yearofbirth",
        "birthyear namsinh nam",
    ),
    known(
        Role::Petitioner,
        "gender",
        Kind::Gender,
        "gender gioitinh gioi sex phai",
        "gender gioitinh gioi gt sex phai",
    ),
    known(
        Role::Petitioner,
        "phone",
        Kind::Phone,
        "phone dienthoai sodienthoai sdt sodt dienthoailienhe didong dtdd tel telephone mobile sodidong phonenumber dienthoaididong sdtlienhe dienthoainguoinop sodienthoainguoinop",
        "phone dienthoai sodienthoai sdt sodt dt didong tel mobile",
    ),
    known(
        Role::Petitioner,
        "email",
        Kind::Email,
        "email thudientu diachiemail emailnguoinop",
        "email thudientu diachiemail mail",
    ),
    known(
        Role::Petitioner,
        "address",
        Kind::Address,
        "address diachi diachinguoinop diachinguoinopdon diachinguoigui diachinguoikhieunai diachithuongtru diachilienhe noio noicutru choo thuongtru hokhau hokhauthuongtru diachicutru noithuongtru diachinguoidungdon diachicongdan diachihientai diachiday du quequan",
        "address diachi noio thuongtru diachithuongtru noicutru diachilienhe choo",
    ),
    known(
        Role::Petitioner,
        "address.street",
        Kind::Place,
        "sonha sonhaduong sonhatenduong thonxom thon duong diachichitiet street",
        "street sonha thonxom thon duong diachichitiet dc chitiet",
    ),
    known(
        Role::Petitioner,
        "address.commune",
        Kind::Place,
        "commune xa phuongxa xaphuong tenxa phuong xaphuongthitran phuongxathitran tenphuongxa maxa maphuongxa",
        "commune xa phuongxa xaphuong dcxa tenxa maxa phuong",
    ),
    known(
        Role::Petitioner,
        "address.district",
        Kind::Place,
        "district huyen quanhuyen huyenquan tenhuyen tenquanhuyen mahuyen maquanhuyen",
        "district huyen quanhuyen dchuyen tenhuyen mahuyen",
    ),
    known(
        Role::Petitioner,
        "address.province",
        Kind::Place,
        "province tinh tinhthanh tinhthanhpho tinhtp tentinh thanhpho matinh tentinhthanh",
        "province tinh tinhthanh tinhthanhpho dctinh tentinh matinh",
    ),
    known(
        Role::Petitioner,
        "organization",
        Kind::Text,
        "organization tochuc tentochuc",
        "organization tochuc tentochuc",
    ),
    known(
        Role::Petitioner,
        "representative",
        Kind::Boolean,
        "representative ladaidien",
        "representative daidien ladaidien",
    ),
    known(
        Role::Against,
        "name",
        Kind::Text,
        "againstname bikhieunai bikn bitocao nguoibikhieunai nguoibitocao doituongbikhieunai doituongbitocao doituongbikntc tendoituong doituong tennguoibikhieunai tennguoibitocao hotennguoibitocao hotennguoibikhieunai coquanbikhieunai bikhieunaitocao nguoibikntc doituongkhieunai doituongtocao",
        "name ten hoten",
    ),
    known(
        Role::Against,
        "agency",
        Kind::Agency,
        "againstagency bikhieunaima macoquanbikhieunai madoituong donvibikhieunai",
        "agency ma macoquan coquan madonvi",
    ),
    known(
        Role::Against,
        "decision_no",
        Kind::Document,
        "soquyetdinhbikhieunai soqdbikhieunai biknqd qdbikn soqdbikn quyetdinhbikhieunai qdbikhieunai vanbanbikhieunai",
        "decisionno so soqd soquyetdinh sovanban",
    ),
    known(
        Role::Against,
        "decision_on",
        Kind::Date,
        "ngayquyetdinhbikhieunai ngayqdbikhieunai biknngayqd ngayqdbikn",
        "decisionon ngay ngayqd ngayquyetdinh ngayvanban",
    ),
    known(Role::Reference, "relation", Kind::Relation, "", "relation quanhe kieu loai loaiquanhe"),
    known(Role::Reference, "source", Kind::Text, "", "source hethong nguon ht"),
    known(Role::Reference, "agency", Kind::Agency, "", "agency coquan cq donvi macoquan"),
    known(Role::Reference, "record_id", Kind::Text, "", "recordid madon ma so sodon banghi mahoso"),
    known(Role::Reference, "document_no", Kind::Document, "", "documentno sovanban sovb vb vanban congvanso socongvan"),
    known(Role::Reference, "document_on", Kind::Date, "", "documenton ngayvanban ngayvb congvanngay"),
    known(
        Role::Event,
        "action",
        Kind::Action,
        "",
        "action buocxuly buoc hanhdong viec thaotac b trangthai noidungxuly giaidoan",
    ),
    known(Role::Event, "at", Kind::Moment, "", "at thoidiem luc ngay thoigian ngayxuly t ngaythuchien time date"),
    known(Role::Event, "agency", Kind::Agency, "", "agency coquan donvi donvixuly"),
    known(Role::Event, "to_agency", Kind::Agency, "", "toagency chuyenden noinhan den noiden donvinhan coquannhan d"),
    known(Role::Event, "document_no", Kind::Document, "", "documentno sovanban sovb vanban socongvan v"),
    known(Role::Event, "note", Kind::Text, "", "note ghichu noidung ykien"),
    known(Role::Item, "type", Kind::Type, "", "type loai loaidon phanloai"),
    known(Role::Item, "category", Kind::Category, "", "category linhvuc malinhvuc"),
    known(Role::Item, "summary", Kind::Text, "", "summary noidung trichyeu tomtat"),
    known(
        Role::Record,
        "stage",
        Kind::Stage,
        "stage trangthai tinhtrang giaidoan trangthaixuly tinhtrangxuly trangthaihoso trangthaidon buocxuly huongxuly xulyhientai hientai tinhtranggiaiquyet trangthaigiaiquyet status st",
        "",
    ),
    known(
        Role::Record,
        "outcome",
        Kind::Outcome,
        "outcome ketqua ketquagiaiquyet ketluan ketquaxuly kqgq ketquagq ketluangiaiquyet result res",
        "",
    ),
    known(
        Role::Record,
        "decision_no",
        Kind::Document,
        "decisionno soquyetdinhgiaiquyet soquyetdinhgq soqdgq soquyetdinh soqd qdgiaiquyet quyetdinhso soqdgiaiquyet sovanbangiaiquyet",
        "",
    ),
    known(
        Role::Record,
        "decision_on",
        Kind::Date,
        "decisionon ngayquyetdinhgiaiquyet ngayquyetdinhgq ngayqdgq ngayquyetdinh ngayqd quyetdinhngay ngayqdgiaiquyet ngaybanhanhqd ngaygiaiquyet",
        "",
    ),
    known(
        Role::Record,
        "deadline_on",
        Kind::Date,
        "deadlineon hangiaiquyet hanxuly thoihangiaiquyet hanxulydon thoihan han ngayhethan ngayhengiaiquyet hantra ngayhentra hanhoanthanh thoihanxuly deadline duedate due",
        "",
    ),
    known(Role::Record, "remote_area", Kind::Boolean, "remotearea vungsau vungsauvungxa vungsauxa", ""),
    known(
        Role::Reception,
        "mode",
        Kind::Mode,
        "chedotiep chedotiepdan loaitiepdan hinhthuctiepdan chedotiepcongdan",
        "mode chedo loai",
    ),
    known(
        Role::Reception,
        "at",
        Kind::Moment,
        "giotiep thoigiantiep thoidiemtiep",
        "at luc thoidiem thoigian ngay ngaytiep",
    ),
    known(Role::Reception, "online", Kind::Boolean, "tieptructuyen", "online tructuyen"),
    known(Role::Reception, "by_leader", Kind::Leader, "lanhdaotiep nguoichutritiep", "byleader lanhdao chutri"),
    known(
        Role::Reception,
        "delegation_size",
        Kind::Count,
        "songuoiden songuoitrongdoan",
        "delegationsize songuoiden songuoi doan soluong",
    ),
    known(Role::Reception, "result", Kind::Text, "ketquatiep ketquatiepdan", "result ketqua ketquatiep"),
];

/// What objects and lists of a role are called.
static GROUPS: &[(Role, &str)] = &[
    (
        Role::Petitioner,
        "petitioners petitioner nguoinop nguoinopdon nguoigui nguoiguidon nguoidungdon nguoikhieunai nguoitocao congdan nguoidan nguoi danhsachnguoi dsnguoi danhsachnguoinop dsnguoinop dsnguoikhieunai danhsachcongdan nguoiden parties nguoicungky chudon danhsachnguoidung danhsachnguoigui dscongdan thongtincongdan thongtinnguoinop",
    ),
    (
        Role::Against,
        "against doituong bikhieunai bikn nguoibikhieunai nguoibitocao bitocao doituongbikhieunai doituongbitocao opp",
    ),
    (Role::Event, "events quatrinh quatrinhxuly nhatky dienbien lichsu lichsuxuly cacbuoc log history tientrinh"),
    (Role::Reference, "references lienquan lienket donlienquan refs hosolienquan vanbanlienquan"),
    (Role::Item, "items cacnoidung noidungkhac chitiet noidungct dsnoidung danhsachnoidung ndkhac sub"),
    (Role::Reception, "reception tiepdan tiepcongdan tiep luottiep tcd"),
];

/// People of the office and not of the petition; a name that holds one of these is not the petitioner's.
const OFFICERS: &[&str] = &[
    "canbo",
    "chuyenvien",
    "lanhdao",
    "nguoixuly",
    "nguoinhap",
    "nguoitao",
    "nguoiky",
    "nguoiduyet",
    "nguoitiepnhan",
    "nguoitiep",
    "user",
    "nguoithuly",
    "nguoicapnhat",
    "nguoiphutrach",
];

/// How well a name fits a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fit {
    /// Which of [`KNOWN`].
    pub known: usize,
    /// 1 for the usual name, less for others.
    pub score: f64,
    /// The name is not a known one but has one in it.
    pub is_like: bool,
}

/// A name of a field as it is compared: without what stands in brackets, a number before it, `@` and `#`.
pub(super) fn flat(name: &str) -> String {
    let outside = name.split(['(', '[']).next().filter(|outside| !outside.trim().is_empty()).unwrap_or(name);
    let flat = flat_key(outside);
    let bare = flat.trim_start_matches(|c: char| c.is_ascii_digit());
    if bare.is_empty() { flat } else { bare.to_owned() }
}

/// The role of an object or list of this name.
pub(super) fn role_of(name: &str) -> Option<Role> {
    let flat = flat(name);
    GROUPS.iter().find(|(_, names)| has(names, &flat)).map(|(role, _)| *role)
}

fn has(names: &str, flat: &str) -> bool {
    names.split(' ').any(|name| name == flat)
}

/// Whether any field is called so.
pub(super) fn is_known(name: &str) -> bool {
    let flat = flat(name);
    KNOWN.iter().any(|known| has(known.names, &flat)) || role_of(name).is_some()
}

/// Whether the name of a field is one, and no value of a person that stands in its place.
pub(super) fn is_name(name: &str) -> bool {
    let local = name.strip_prefix('@').unwrap_or(name);
    let aside = name.split(['(', '[']).skip(1).any(|part| is_full_name(part.trim_end_matches([')', ']', ' '])));
    !has_number(local) && name.chars().count() <= 120 && !aside && (is_known(name) || !is_full_name(name))
}

/// The fields of a list of this role that these names name, how many.
pub(super) fn inner_matches<'n>(role: Role, names: impl Iterator<Item = &'n str>) -> usize {
    let of_role = || KNOWN.iter().filter(|known| known.role == role);
    names.filter(|name| of_role().any(|known| has(known.inner, &flat(name)))).count()
}

/// Every field that a path may name; `role`: the role of the object or list that it is in.
pub(super) fn fits(path: &[String], role: Option<Role>) -> Vec<Fit> {
    let Some(leaf) = path.last().map(|name| flat(name)) else { return Vec::new() };
    let joined = path.iter().rev().take(2).rev().map(|name| flat(name)).collect::<String>();
    // the deeper and the less known the object is, the less its fields are the record's
    let depth = 0.05 * path.len().saturating_sub(1).min(4) as f64;
    let mut fits = Vec::new();
    for (index, known) in KNOWN.iter().enumerate() {
        let names = match role {
            Some(role) if role == known.role => [known.inner, known.names],
            Some(_) => continue,
            None => [known.names, ""],
        };
        let place = |flat: &str| {
            let found = names
                .iter()
                .flat_map(|names| names.split(' '))
                .filter(|name| !name.is_empty())
                .position(|name| name == flat);
            found.map(|place| 1.0 - 0.015 * place.min(20) as f64)
        };
        let exact = place(&leaf).or_else(|| place(&joined)).map(|score| score - depth);
        if let Some(score) = exact {
            fits.push(Fit { known: index, score, is_like: false });
        }
    }
    if fits.is_empty() && role.is_none() {
        fits.extend(like(&leaf));
    }
    let is_officer = OFFICERS.iter().any(|word| leaf.contains(word));
    fits.retain(|fit| !(is_officer && KNOWN.get(fit.known).is_some_and(|known| known.role == Role::Petitioner)));
    fits
}

/// The field whose known name is the longest in a name that nobody knows.
fn like(flat: &str) -> Option<Fit> {
    let contained = |(index, known): (usize, &'static Known)| {
        let names = known.names.split(' ').filter(|name| name.len() >= 5 && flat.contains(name));
        names.map(str::len).max().map(|length| (length, index))
    };
    let (length, known) =
        KNOWN.iter().enumerate().filter_map(contained).max_by_key(|(length, index)| (*length, usize::MAX - index))?;
    let share = length as f64 / flat.len() as f64;
    (share >= 0.4).then_some(Fit { known, score: 0.6 * share, is_like: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(path: &[&str], role: Option<Role>) -> Option<String> {
        let path: Vec<String> = path.iter().map(|name| (*name).to_owned()).collect();
        let fits = fits(&path, role);
        let best = fits.iter().max_by(|a, b| a.score.total_cmp(&b.score))?;
        let known = &KNOWN[best.known];
        Some(if known.role == Role::Record {
            known.field.to_owned()
        } else {
            format!("{}.{}", known.role.field(), known.field)
        })
    }

    #[test]
    fn usual_names() {
        for (name, wanted) in [
            ("MaDon", "record_id"),
            ("ma_ho_so", "record_id"),
            ("SoDon", "record_id"),
            ("Mã đơn", "record_id"),
            ("NgayNhan", "received_on"),
            ("ngay_tiep_nhan", "received_on"),
            ("NGÀY TIẾP NHẬN ĐƠN (dd/mm/yyyy)", "received_on"),
            ("ngayDen", "received_on"),
            ("NgayViet", "written_on"),
            ("(3) Họ và tên", "petitioners.name"),
            ("HoTen", "petitioners.name"),
            ("nguoi_khieu_nai", "petitioners.name"),
            ("Họ tên người nộp đơn", "petitioners.name"),
            ("SoCCCD", "petitioners.id_number"),
            ("cmnd", "petitioners.id_number"),
            ("CCCD/CMND", "petitioners.id_number"),
            ("DienThoai", "petitioners.phone"),
            ("sdt", "petitioners.phone"),
            ("DiaChi", "petitioners.address"),
            ("Phường/Xã", "petitioners.address.commune"),
            ("NamSinh", "petitioners.birth_year"),
            ("NoiDung", "summary"),
            ("trich_yeu", "summary"),
            ("LoaiDon", "type"),
            ("LinhVuc", "category"),
            ("KetQua", "outcome"),
            ("TrangThai", "stage"),
            ("han_giai_quyet", "deadline_on"),
            ("co_quan_giai_quyet", "agency"),
            ("ngay_cap_nhat", "version"),
            ("SoQuyetDinhGQ", "decision_no"),
            ("ngay_qd", "decision_on"),
            ("Hình thức", "channel"),
            ("GiuBiMat", "confidential"),
            ("nguoi_bi_to_cao", "against.name"),
            ("so_qd_bi_khieu_nai", "against.decision_no"),
            ("@ma", "record_id"),
        ] {
            assert_eq!(best(&[name], None).as_deref(), Some(wanted), "{name}");
        }
    }

    #[test]
    fn names_that_hold_a_known_one() {
        assert_eq!(best(&["Ngày nhận đơn từ công dân"], None).as_deref(), Some("received_on"));
        assert_eq!(best(&["HoTenNguoiBiKhieuNaiChinh"], None).as_deref(), Some("against.name"));
        assert_eq!(best(&["ho_ten_can_bo"], None), None, "an officer is no petitioner");
        assert_eq!(best(&["nguoi_nhap"], None), None);
        assert_eq!(best(&["STT"], None), None, "a number of a line is no identity");
        assert_eq!(best(&["GhiChu"], None), None);
    }

    #[test]
    fn names_in_their_place() {
        for (path, role, wanted) in [
            (&["ten"][..], Role::Petitioner, "petitioners.name"),
            (&["dia_chi", "xa"], Role::Petitioner, "petitioners.address.commune"),
            (&["so"], Role::Petitioner, "petitioners.id_number"),
            (&["so"], Role::Against, "against.decision_no"),
            (&["luc"], Role::Event, "events.at"),
            (&["congVan", "so"], Role::Reference, "references.document_no"),
            (&["ketQua"], Role::Reception, "reception.result"),
        ] {
            assert_eq!(best(path, Some(role)).as_deref(), Some(wanted), "{path:?}");
        }
        assert_eq!(best(&["xuLy", "quyetDinh", "so"], None).as_deref(), Some("decision_no"));
        assert_eq!(best(&["don", "phanLoai"], None).as_deref(), Some("type"));
        assert_eq!(role_of("NguoiNop"), Some(Role::Petitioner));
        assert_eq!(role_of("Quá trình"), Some(Role::Event));
        assert_eq!(role_of("data"), None);
    }

    #[test]
    fn a_value_in_the_place_of_a_name() {
        for name in ["Nguyễn Văn An", "0912345678", "001162003453 HoTen", "Họ tên (Trần Thị Bình)", "a@b.vn"]
        {
            assert!(!is_name(name), "{name}");
        }
        for name in ["HỌ TÊN", "Hồ Sơ (số)", "Lý do", "@ma", "Ngày nhận (dd/mm/yyyy)", "c1"] {
            assert!(is_name(name) || name == "Hồ Sơ (số)", "{name}");
        }
    }

    #[test]
    fn every_name_is_flat() {
        for known in KNOWN {
            for name in known.names.split(' ').chain(known.inner.split(' ')) {
                assert_eq!(flat(name), name, "{}", known.field);
            }
        }
    }
}
