//! What petitions are about, in sentences of which everybody has a few words of one's own: `[this|that]` is one or the
//! other, `{slot}` a fact of the matter.

use crate::domain::PetitionType::{self, Complaint, Denunciation, Recommendation, Reflection};

/// One subject of petitions.
#[derive(Debug)]
pub struct Subject {
    pub title: &'static str,
    /// Code of the field (lĩnh vực).
    pub category: &'static str,
    pub types: &'static [(PetitionType, u32)],
    /// The central body it also concerns.
    pub central: &'static str,
    /// Whether a decision is complained of.
    pub is_decided: bool,
    /// Whether it is about one household's own parcel or right, so that neighbours have matters alike but not one.
    pub is_own: bool,
    pub facts: &'static [&'static str],
    pub demands: &'static [&'static str],
    /// What a clerk makes of it in a line.
    pub gists: &'static [&'static str],
}

/// Every subject by its share.
pub static SUBJECTS: &[(Subject, u32)] = &[
    (
        Subject {
            title: "[bồi thường, hỗ trợ|bồi thường, hỗ trợ, tái định cư|giá bồi thường] khi Nhà nước thu hồi đất",
            category: "01.2.1",
            types: &[(Complaint, 70), (Recommendation, 22), (Denunciation, 8)],
            central: "bxd",
            is_decided: true,
            is_own: true,
            facts: &[
                "Gia đình tôi [đang sử dụng|quản lý, sử dụng|canh tác] thửa đất số {thua}, tờ bản đồ số {to}, diện tích {m2} m² tại {xa}, [có nguồn gốc do cha ông để lại|do bố mẹ tôi khai hoang|nhận chuyển nhượng có giấy viết tay] từ năm {nam}.",
                "Ngày {ngay_qd}, {co_quan} ban hành Quyết định số {so_qd} [thu hồi|về việc thu hồi] đất của gia đình tôi để thực hiện {du_an}.",
                "[Phương án bồi thường|Bảng áp giá] tính {gia_m2} đồng/m², [thấp hơn nhiều so với giá thị trường|thấp hơn các hộ liền kề cùng vị trí|không đúng loại đất thực tế sử dụng].",
                "Biên bản kiểm đếm ngày {ngay_khac} [ghi thiếu|không ghi|bỏ sót] {cay} cây [nhãn|bưởi|keo|xoài|cà phê] và [chuồng trại|nhà bếp|bể nước|tường rào] xây dựng trước quy hoạch.",
                "Gia đình tôi có {con} nhân khẩu [chưa được bố trí đất tái định cư|phải đi thuê nhà ở tạm|không còn đất sản xuất].",
                "Ngày {ngay_khac} đoàn cưỡng chế [đến tháo dỡ công trình|san ủi hoa màu] mà [không có quyết định|không lập biên bản|không báo trước].",
            ],
            demands: &[
                "[Đề nghị|Kính đề nghị|Yêu cầu] [hủy|thu hồi|xem xét lại] Quyết định số {so_qd} và lập lại phương án bồi thường đúng diện tích thực tế.",
                "[Đề nghị|Mong] được bố trí tái định cư [tại chỗ|bằng đất ở] và trả phần chênh lệch {gia_m2} đồng/m².",
            ],
            gists: &[
                "không đồng ý Quyết định số {so_qd} ngày {ngay_qd} của {co_quan} thu hồi đất thực hiện {du_an}",
                "đề nghị bồi thường thửa đất số {thua}, tờ bản đồ {to}, diện tích {m2} m²",
                "kiểm đếm thiếu {cay} cây trồng trên thửa {thua}",
            ],
        },
        22,
    ),
    (
        Subject {
            title: "cấp giấy chứng nhận quyền sử dụng đất",
            category: "01.2.2",
            types: &[(Complaint, 45), (Recommendation, 40), (Reflection, 15)],
            central: "ttcp",
            is_decided: true,
            is_own: true,
            facts: &[
                "Tôi nộp hồ sơ [đề nghị cấp|xin cấp|cấp đổi] giấy chứng nhận quyền sử dụng đất thửa số {thua}, tờ bản đồ số {to}, {xa} từ năm {nam}.",
                "Ngày {ngay_qd}, {co_quan} có Văn bản số {so_qd} trả lời [không đủ điều kiện cấp|hồ sơ không hợp lệ] với lý do [đất có tranh chấp|đất nằm trong quy hoạch|không phù hợp hiện trạng].",
                "[Các hộ giáp ranh|Bốn hộ liền kề] đã ký giáp ranh và xác nhận gia đình tôi sử dụng {m2} m² [liên tục|ổn định] từ năm {nam}.",
                "Cán bộ địa chính {can_bo} [nhiều lần hẹn nhưng không giải quyết|yêu cầu bổ sung giấy tờ {lan} lần|làm thất lạc bản trích lục].",
                "Diện tích trên giấy chứng nhận cũ là {m2} m² nhưng đo đạc lại [chỉ còn|ghi thành|thiếu hơn] {cay} m².",
            ],
            demands: &[
                "[Kính đề nghị|Đề nghị] {co_quan} cấp giấy chứng nhận thửa {thua} cho gia đình tôi theo quy định.",
                "Đề nghị trả lời bằng văn bản, nêu rõ căn cứ [pháp luật|của việc từ chối].",
            ],
            gists: &[
                "đề nghị cấp giấy chứng nhận quyền sử dụng đất thửa {thua}, tờ {to}, {xa}",
                "không đồng ý Văn bản số {so_qd} ngày {ngay_qd} của {co_quan}",
                "hồ sơ cấp giấy chứng nhận nộp từ năm {nam} chưa được giải quyết",
            ],
        },
        14,
    ),
    (
        Subject {
            title: "tranh chấp đất đai [với hộ liền kề|giữa anh em trong gia đình|lối đi chung]",
            category: "01.2.4",
            types: &[(Complaint, 30), (Recommendation, 55), (Reflection, 15)],
            central: "ttcp",
            is_decided: false,
            is_own: true,
            facts: &[
                "Hộ ông {lang_gieng} [lấn chiếm|xây tường lấn sang|rào chắn] {m2} m² đất của gia đình tôi thuộc thửa {thua}, tờ bản đồ {to}.",
                "Năm {nam} [hai bên đã cắm mốc|bố mẹ tôi cho mượn đất|tổ hòa giải đã lập biên bản] nhưng [ông {lang_gieng} không thực hiện|nay phía bên kia nhổ bỏ mốc giới].",
                "Ngày {ngay_khac} UBND xã tổ chức hòa giải lần {lan} [không thành|vắng mặt bên bị kiện].",
                "[Lối đi|Con mương|Ranh giới] rộng {lan} mét có từ năm {nam} [bị bịt lại|bị xây nhà lên trên].",
            ],
            demands: &[
                "Đề nghị [xác minh|đo đạc lại] ranh giới thửa {thua} và buộc hộ ông {lang_gieng} trả lại đất.",
                "[Kính mong|Đề nghị] giải quyết dứt điểm tranh chấp theo Luật Đất đai.",
            ],
            gists: &[
                "tranh chấp ranh giới thửa đất {thua}, tờ bản đồ {to} với hộ ông {lang_gieng}",
                "hộ ông {lang_gieng} lấn chiếm {m2} m² đất",
                "hòa giải tại xã lần {lan} không thành",
            ],
        },
        11,
    ),
    (
        Subject {
            title: "chế độ [người có công|thương binh|chất độc hóa học|liệt sĩ]",
            category: "01.1.1",
            types: &[(Recommendation, 75), (Complaint, 20), (Reflection, 5)],
            central: "bnv",
            is_decided: false,
            is_own: true,
            facts: &[
                "[Bố tôi|Chồng tôi|Bản thân tôi] [tham gia kháng chiến|nhập ngũ|đi thanh niên xung phong] năm {nam}, tỷ lệ thương tật {ty_le}% nhưng [chưa được hưởng chế độ|bị cắt chế độ].",
                "Gia đình đã nộp [giấy xác nhận của hai đồng đội|bản sao lý lịch quân nhân|giấy ra viện] ngày {ngay_khac}, hồ sơ bị trả lại {lan} lần.",
                "Theo trả lời của cán bộ {can_bo} thì hồ sơ thiếu [bản trích sao bệnh án|quyết định xuất ngũ|giấy chứng thương].",
                "[Mẹ tôi|Tôi] nay đã [ngoài 80 tuổi|già yếu], gia đình thuộc hộ [nghèo|cận nghèo].",
            ],
            demands: &[
                "[Kính mong|Đề nghị] xem xét giải quyết chế độ [thương binh|bệnh binh|trợ cấp] mức {ty_le}%.",
                "Đề nghị [hướng dẫn cụ thể|trả lời bằng văn bản] về giấy tờ thay thế.",
            ],
            gists: &[
                "đề nghị giải quyết chế độ người có công, tỷ lệ thương tật {ty_le}%",
                "hồ sơ chế độ nộp từ năm {nam} bị trả lại {lan} lần",
            ],
        },
        9,
    ),
    (
        Subject {
            title: "[thời gian đóng bảo hiểm xã hội|cách tính lương hưu|chế độ thai sản, ốm đau]",
            category: "01.1.3",
            types: &[(Complaint, 35), (Recommendation, 35), (Reflection, 30)],
            central: "nganh-bhxh",
            is_decided: true,
            is_own: true,
            facts: &[
                "Tôi làm việc tại {cong_ty} từ năm {nam}, [nhưng {thang} tháng đóng bảo hiểm không được ghi nhận|sổ bảo hiểm ghi thiếu {thang} tháng].",
                "Ngày {ngay_qd}, tôi nhận được Quyết định số {so_qd} [hưởng lương hưu|điều chỉnh mức hưởng] với mức bình quân {gia} đồng, thấp hơn hồ sơ gốc.",
                "Doanh nghiệp [đã trích tiền đóng|trừ lương hằng tháng] nhưng [nợ|chậm nộp|trốn đóng] cho cơ quan bảo hiểm.",
                "Tôi đã nộp [bảng lương|hợp đồng lao động|quyết định nâng bậc] ngày {ngay_khac} để đối chiếu.",
            ],
            demands: &[
                "Đề nghị tính lại {thang} tháng đóng và [truy lĩnh phần chênh lệch|điều chỉnh mức lương hưu].",
                "Đề nghị [đôn đốc|xử lý] {cong_ty} nộp đủ tiền để chốt sổ.",
            ],
            gists: &[
                "đề nghị tính lại thời gian đóng bảo hiểm xã hội tại {cong_ty}, thiếu {thang} tháng",
                "không đồng ý Quyết định số {so_qd} ngày {ngay_qd} về lương hưu",
            ],
        },
        8,
    ),
    (
        Subject {
            title: "cán bộ [lợi dụng chức vụ|có dấu hiệu tham nhũng|vi phạm đạo đức công vụ]",
            category: "04",
            types: &[(Denunciation, 100)],
            central: "ttcp",
            is_decided: false,
            is_own: false,
            facts: &[
                "Tôi [xin tố cáo|tố cáo] ông {can_bo}, cán bộ tại {xa}, [lợi dụng chức vụ|lạm quyền] để [hợp thức hóa|bán trái phép] {m2} m² đất công [cho người thân|thu lợi riêng].",
                "Trong quá trình thực hiện {du_an}, [khối lượng nghiệm thu cao hơn thực tế|nhiều hạng mục không thi công vẫn thanh toán], số tiền khoảng {gia} đồng.",
                "Danh sách hộ nghèo năm {nam} có {lan} hộ là [họ hàng|người nhà] của ông {can_bo}.",
                "Ngày {ngay_khac} ông {can_bo} [nhận|đòi] {gia} đồng của [một hộ dân|doanh nghiệp] để làm thủ tục.",
                "Tôi có [ghi âm|hình ảnh|bản sao chứng từ] kèm theo, đề nghị [giữ bí mật|bảo vệ] vì lo ngại bị trả thù.",
            ],
            demands: &[
                "Đề nghị [xác minh, kết luận|thanh tra] và xử lý nghiêm ông {can_bo} theo pháp luật.",
                "Đề nghị thu hồi [tài sản|số tiền] bị chiếm đoạt và thông báo kết quả cho người tố cáo.",
            ],
            gists: &[
                "tố cáo ông {can_bo} lợi dụng chức vụ chiếm {m2} m² đất công",
                "sai phạm trong {du_an}, số tiền {gia} đồng",
                "ông {can_bo} đưa người nhà vào danh sách hộ nghèo năm {nam}",
            ],
        },
        9,
    ),
    (
        Subject {
            title: "ô nhiễm môi trường do [sản xuất|chăn nuôi|tập kết rác]",
            category: "01.9.1",
            types: &[(Reflection, 62), (Recommendation, 33), (Complaint, 5)],
            central: "ttcp",
            is_decided: false,
            is_own: false,
            facts: &[
                "Cơ sở của {cong_ty} đặt [giữa khu dân cư|cách nhà dân {cay} mét] tại {xa} [xả khói bụi|xả nước thải|gây mùi hôi] từ năm {nam}.",
                "Nước thải chảy [ra mương tưới|xuống ao|vào ruộng], [cá chết|lúa hỏng|giếng không dùng được], ảnh hưởng {cay} hộ.",
                "Ngày {ngay_khac} cán bộ {can_bo} về lập biên bản [rồi không thấy xử lý|nhưng cơ sở vẫn hoạt động].",
                "Tiếng ồn [ban đêm|từ {lan} giờ sáng] làm [trẻ nhỏ và người già|cả xóm] không ngủ được.",
            ],
            demands: &[
                "Đề nghị [đo kiểm môi trường|quan trắc] và đình chỉ hoạt động của {cong_ty} nếu vi phạm.",
                "Đề nghị [di dời cơ sở|trả lời nhân dân] trước ngày {ngay_sau}.",
            ],
            gists: &["phản ánh {cong_ty} gây ô nhiễm tại {xa}", "nước thải làm ảnh hưởng {cay} hộ dân từ năm {nam}"],
        },
        9,
    ),
    (
        Subject {
            title: "xử phạt vi phạm hành chính, trật tự xây dựng",
            category: "01.2.7",
            types: &[(Complaint, 70), (Reflection, 20), (Recommendation, 10)],
            central: "bxd",
            is_decided: true,
            is_own: true,
            facts: &[
                "Ngày {ngay_qd}, {co_quan} ban hành Quyết định số {so_qd} xử phạt [vi phạm hành chính|xây dựng không phép] và buộc tháo dỡ [mái che|tầng {lan}|công trình phụ] của gia đình tôi tại thửa {thua}, tờ {to}.",
                "Công trình [đã tồn tại từ năm {nam}|được xã đồng ý bằng miệng|xây đúng diện tích {m2} m²], không ảnh hưởng tới ai.",
                "Biên bản vi phạm ngày {ngay_khac} do ông {can_bo} lập [không có chữ ký của tôi|sai kích thước|ghi sai địa chỉ].",
                "Mức phạt {gia} đồng là [quá cao|không đúng khung].",
            ],
            demands: &[
                "Đề nghị [hủy|thu hồi] Quyết định xử phạt số {so_qd}.",
                "Đề nghị [cho tồn tại công trình|giảm mức phạt] và làm rõ trách nhiệm ông {can_bo}.",
            ],
            gists: &[
                "khiếu nại Quyết định xử phạt số {so_qd} ngày {ngay_qd} của {co_quan}",
                "không đồng ý buộc tháo dỡ công trình tại thửa {thua}, tờ {to}",
            ],
        },
        7,
    ),
    (
        Subject {
            title: "thi hành án dân sự",
            category: "02.2",
            types: &[(Complaint, 60), (Recommendation, 25), (Denunciation, 15)],
            central: "btp",
            is_decided: true,
            is_own: true,
            facts: &[
                "Bản án số {ban_an} buộc ông {lang_gieng} trả cho tôi {gia} đồng nhưng [đến nay chưa thi hành|mới thi hành một phần].",
                "Chấp hành viên {can_bo} ra Quyết định số {so_qd} ngày {ngay_qd} [về việc chưa có điều kiện thi hành án|hoãn thi hành án], trong khi [người phải thi hành án vẫn đứng tên nhà đất|có thửa {thua} tại {xa}].",
                "Việc [kê biên|định giá|đấu giá] tài sản [kéo dài {thang} tháng|tổ chức {lan} lần không thành].",
            ],
            demands: &[
                "Đề nghị hủy Quyết định số {so_qd}, [xác minh lại điều kiện|cưỡng chế] thi hành Bản án số {ban_an}.",
                "Đề nghị xem xét trách nhiệm của chấp hành viên {can_bo}.",
            ],
            gists: &[
                "đề nghị thi hành Bản án số {ban_an}, số tiền {gia} đồng",
                "khiếu nại Quyết định số {so_qd} ngày {ngay_qd} của chấp hành viên {can_bo}",
            ],
        },
        5,
    ),
    (
        Subject {
            title: "thu chi, kỷ luật trong nhà trường",
            category: "01.3.1",
            types: &[(Reflection, 40), (Complaint, 30), (Denunciation, 20), (Recommendation, 10)],
            central: "bgddt",
            is_decided: true,
            is_own: false,
            facts: &[
                "[Giáo viên|Nhân viên|Tôi công tác tại] {truong} bị kỷ luật [cảnh cáo|khiển trách] theo Quyết định số {so_qd} ngày {ngay_qd} mà [không được dự họp|không có biên bản].",
                "Đầu năm học {truong} thu mỗi học sinh {gia} đồng tiền [xã hội hóa|quỹ lớp|học thêm] [không công khai|không có hóa đơn].",
                "Hiệu trưởng {can_bo} ký hợp đồng [mua sắm|sửa chữa] với {cong_ty}, giá cao hơn thị trường.",
                "Ngày {ngay_khac} [phụ huynh lớp {lan}A|hội cha mẹ học sinh] đã [gặp|gửi đơn] nhà trường.",
            ],
            demands: &[
                "Đề nghị [kiểm tra|thanh tra] {truong} và [hủy quyết định kỷ luật|trả lại khoản thu sai].",
                "Đề nghị xử lý trách nhiệm ông {can_bo}.",
            ],
            gists: &[
                "phản ánh việc thu chi tại {truong}, mức {gia} đồng",
                "không đồng ý Quyết định số {so_qd} ngày {ngay_qd} của {truong}",
            ],
        },
        4,
    ),
    (
        Subject {
            title: "[khám chữa bệnh|thu viện phí] tại {benh_vien}",
            category: "01.9.2",
            types: &[(Reflection, 60), (Recommendation, 25), (Complaint, 15)],
            central: "byt",
            is_decided: false,
            is_own: true,
            facts: &[
                "Ngày {ngay_khac}, tôi đưa [mẹ|con|vợ|chồng] vào cấp cứu tại {benh_vien}, [có thẻ bảo hiểm y tế đúng tuyến|có giấy chuyển viện] nhưng bị yêu cầu tạm ứng {gia} đồng.",
                "[Nhiều loại thuốc|Vật tư] trong danh mục phải tự mua, hết {gia} đồng [không được hoàn trả|không có hóa đơn].",
                "Bảng kê ghi {lan} lần [chụp chiếu|xét nghiệm] mà người nhà tôi không được thực hiện.",
                "Nhân viên {can_bo} [tỏ thái độ thiếu tôn trọng|để người bệnh chờ {lan} giờ].",
            ],
            demands: &[
                "Đề nghị [thanh tra|làm rõ] việc thu viện phí tại {benh_vien} và hoàn trả tiền thu sai.",
                "Đề nghị chấn chỉnh thái độ phục vụ.",
            ],
            gists: &[
                "phản ánh việc thu {gia} đồng tại {benh_vien}",
                "thái độ phục vụ của nhân viên {benh_vien} ngày {ngay_khac}",
            ],
        },
        6,
    ),
    (
        Subject {
            title: "đường giao thông, thoát nước [của thôn|khu dân cư]",
            category: "01.9.3",
            types: &[(Recommendation, 60), (Reflection, 40)],
            central: "bxd",
            is_decided: false,
            is_own: false,
            facts: &[
                "Tuyến đường [liên thôn|trục chính|vào khu dân cư] tại {xa} [xuống cấp nghiêm trọng|ngập sâu khi mưa], đã xảy ra {lan} vụ tai nạn.",
                "Việc thi công {du_an} kéo dài từ năm {nam}, [không có biển báo|vật liệu tràn ra đường].",
                "Xe quá tải chở [đất đá|vật liệu] làm nứt nhà của {cay} hộ dân.",
                "Cống thoát nước [bị bịt|bị vỡ] từ ngày {ngay_khac}, nước thải tràn vào [vườn|nhà dân].",
            ],
            demands: &[
                "[Kiến nghị|Đề nghị] [sửa chữa mặt đường|khơi thông cống] trước mùa mưa.",
                "Kiến nghị [kiểm tra tải trọng xe|yêu cầu nhà thầu hoàn trả mặt bằng].",
            ],
            gists: &[
                "kiến nghị sửa chữa tuyến đường tại {xa}, ảnh hưởng {cay} hộ dân",
                "thi công {du_an} gây ngập úng từ năm {nam}",
            ],
        },
        6,
    ),
];

/// What people add, whatever it is about.
pub const ASIDES: &[&str] = &[
    "Gia đình tôi [hoàn cảnh khó khăn|chỉ có {con} lao động|sống bằng nghề nông], [con còn nhỏ|bố mẹ già yếu|chồng tôi ốm đau].",
    "Tôi đã [gửi đơn|gõ cửa] nhiều nơi từ tháng {thang_nam} nhưng [chưa nhận được trả lời|chỉ nhận được giấy báo tin].",
    "Ngày {ngay_khac} tôi [gặp trực tiếp|làm việc với] ông {can_bo} tại trụ sở, [được hẹn {lan} lần|không được tiếp].",
    "[Bà con trong thôn|Hàng xóm|Chi bộ] đều [biết rõ|làm chứng] sự việc này.",
    "Việc làm trên [gây thiệt hại khoảng {gia} đồng|ảnh hưởng nghiêm trọng đến quyền lợi|làm mất lòng tin của nhân dân].",
    "Theo [Luật Đất đai|Luật Khiếu nại|Nghị định của Chính phủ] thì [thẩm quyền|trình tự] như vậy là không đúng.",
    "Tôi [năm nay đã {tuoi} tuổi|mất sức lao động {ty_le}%|là hộ nghèo], đi lại khó khăn.",
    "Hồ sơ gồm {lan} [trang|loại giấy tờ] [gửi kèm|đã nộp] ngày {ngay_khac}.",
];
