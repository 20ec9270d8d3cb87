//! The fields of the interchange record and what Vietnamese systems call them.

use super::value::Kind;

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
    pub names: &'static str,
    /// Within an object or a list that is of this role.
    pub inner: &'static str,
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
        "version ngaycapnhat thoigiancapnhat ngaycapnhatcuoi ngaysua ngaysuadoi lancapnhatcuoi capnhat capnhatluc sualuc updatedat updated updatedon updateddate lastmodified lastupdated modifiedat modifieddate lansua phienban rowver rowversion ngaychinhsua thoigiansua mod",
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
        "category linhvuc malinhvuc tenlinhvuc linhvucma linhvucchinh linhvucdon nganhlinhvuc linhvuckhieunai linhvuctocao nhomlinhvuc field",
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
        "confidential giubimat denghigiubimat bimat mat baomat isconfidential yeucaugiubimat sec",
        "",
    ),
    known(
        Role::Record,
        "anonymous",
        Kind::Boolean,
        "anonymous nacdanh andanh khongten khuyetdanh donnacdanh isanonymous anon",
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
        Kind::IdPaper,
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
    known(Role::Reference, "source", Kind::Label, "", "source hethong nguon ht"),
    known(Role::Reference, "agency", Kind::Agency, "", "agency coquan cq donvi macoquan"),
    known(Role::Reference, "record_id", Kind::Label, "", "recordid madon ma so sodon banghi mahoso"),
    known(
        Role::Reference,
        "document_no",
        Kind::Document,
        "",
        "documentno sovanban sovb vb vanban vanbanso congvanso socongvan",
    ),
    known(Role::Reference, "document_on", Kind::Date, "", "documenton ngayvanban ngayvb vanbanngay congvanngay"),
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
        "outcome ketqua ketquagiaiquyet ketluan ketquaxuly kqgq ketquagq ketluangiaiquyet ketluanloai result res",
        "",
    ),
    known(
        Role::Record,
        "decision_no",
        Kind::Document,
        "decisionno soquyetdinhgiaiquyet soquyetdinhgq soqdgq soquyetdinh soqd qdgiaiquyet quyetdinhso ketluanso soqdgiaiquyet sovanbangiaiquyet",
        "",
    ),
    known(
        Role::Record,
        "decision_on",
        Kind::Date,
        "decisionon ngayquyetdinhgiaiquyet ngayquyetdinhgq ngayqdgq ngayquyetdinh ngayqd quyetdinhngay ketluanngay ngayqdgiaiquyet ngaybanhanhqd ngaygiaiquyet",
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
        "mode chedo hinhthuc loai",
    ),
    known(
        Role::Reception,
        "at",
        Kind::Moment,
        "giotiep thoigiantiep thoidiemtiep",
        "at luc thoidiem thoigian batdau ngay ngaytiep",
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
pub(super) static GROUPS: &[(Role, &str)] = &[
    (
        Role::Petitioner,
        "petitioners petitioner nguoinop nguoinopdon nguoigui nguoiguidon nguoidungdon nguoikhieunai nguoitocao congdan nguoidan nguoi danhsachnguoi dsnguoi danhsachnguoinop dsnguoinop dsnguoikhieunai danhsachcongdan nguoiden parties nguoicungky chudon danhsachnguoidung danhsachnguoigui dscongdan thongtincongdan thongtinnguoinop",
    ),
    (
        Role::Against,
        "against doituong bikhieunai bikn nguoibikhieunai nguoibitocao bitocao doituongbikhieunai doituongbitocao opp",
    ),
    (Role::Event, "events quatrinh quatrinhxuly nhatky dienbien lichsu lichsuxuly cacbuoc log history tientrinh"),
    (Role::Reference, "references lienquan lienket donlienquan quanhe refs hosolienquan vanbanlienquan"),
    (Role::Item, "items cacnoidung noidungkhac chitiet noidungdon noidungct dsnoidung danhsachnoidung ndkhac sub"),
    (Role::Reception, "reception tiepdan tiepcongdan tiep luottiep tcd"),
];

/// People of the office and not of the petition; a name that holds one of these is not the petitioner's.
pub(super) const OFFICERS: &[&str] = &[
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
