//! What petitions are about: for each topic its types, its field in the official list, the agencies it comes to,
//! and the sentences people write.

use super::office::Office;
use crate::domain::PetitionType::{self, Complaint, Denunciation, Recommendation, Reflection};

/// One subject of petitions. Slots in the sentences are filled by [`super::text`].
#[derive(Debug)]
pub struct Topic {
    /// How the text is titled: "V/v …".
    pub title: &'static str,
    /// Code of the field (lĩnh vực).
    pub category: &'static str,
    pub types: &'static [(PetitionType, u32)],
    /// Where such petitions are lodged first.
    pub offices: &'static [(Office, u32)],
    /// Whether a decision is complained of.
    pub decided: bool,
    pub facts: &'static [&'static str],
    pub demands: &'static [&'static str],
}

impl Topic {
    /// Who takes the decisions that such petitions complain of: the agency they come to first.
    pub fn decider(&self) -> Office {
        self.offices.first().map_or(Office::HaNoi, |(office, _)| *office)
    }
}

/// Local governments alike.
const LOCAL: &[(Office, u32)] =
    &[(Office::HaNoi, 34), (Office::BacNinh, 20), (Office::DaNang, 22), (Office::NgheAn, 24)];

/// Every topic with its share of all petitions in a hundred.
pub static TOPICS: &[(Topic, u32)] = &[
    (
        Topic {
            title: "bồi thường, hỗ trợ khi Nhà nước thu hồi đất",
            category: "01.2.1",
            types: &[(Complaint, 80), (Recommendation, 12), (Denunciation, 8)],
            offices: LOCAL,
            decided: true,
            facts: &[
                "Gia đình tôi đang sử dụng thửa đất số {thua}, tờ bản đồ số {to}, diện tích {m2} m² tại {xa}, có nguồn gốc do cha ông để lại và sử dụng ổn định từ năm {nam} đến nay, không có tranh chấp.",
                "Ngày {ngay_qd}, {co_quan} ban hành Quyết định số {so_qd} thu hồi toàn bộ thửa đất nêu trên để thực hiện {du_an}.",
                "Phương án bồi thường áp dụng đơn giá {gia} đồng/m² là quá thấp so với giá thị trường và thấp hơn các hộ liền kề cùng vị trí.",
                "Việc kiểm đếm tài sản, cây trồng trên đất không có mặt gia đình tôi, biên bản ghi thiếu {cay} cây lâu năm và một nhà cấp bốn xây dựng trước khi có quy hoạch.",
                "Đến nay gia đình tôi chưa được bố trí đất tái định cư, phải thuê nhà ở tạm, cuộc sống gặp rất nhiều khó khăn.",
            ],
            demands: &[
                "Đề nghị hủy Quyết định số {so_qd} và lập lại phương án bồi thường theo đúng loại đất, đúng diện tích thực tế sử dụng.",
                "Đề nghị xem xét bố trí tái định cư tại chỗ và trả tiền chênh lệch cho gia đình tôi theo đúng quy định của Luật Đất đai.",
            ],
        },
        22,
    ),
    (
        Topic {
            title: "cấp giấy chứng nhận quyền sử dụng đất",
            category: "01.2.2",
            types: &[(Complaint, 65), (Recommendation, 25), (Reflection, 10)],
            offices: LOCAL,
            decided: true,
            facts: &[
                "Tôi nộp hồ sơ đề nghị cấp giấy chứng nhận quyền sử dụng đất đối với thửa số {thua}, tờ bản đồ số {to}, {xa} từ năm {nam}, đã bổ sung giấy tờ ba lần theo yêu cầu của bộ phận một cửa.",
                "Ngày {ngay_qd}, {co_quan} có Văn bản số {so_qd} trả lời không đủ điều kiện cấp với lý do đất có tranh chấp, trong khi chưa từng có ai khiếu kiện thửa đất này.",
                "Các hộ giáp ranh đều đã ký giáp ranh và xác nhận gia đình tôi sử dụng đất liên tục, đóng thuế đầy đủ.",
                "Cán bộ địa chính {can_bo} nhiều lần hẹn nhưng không giải quyết, hồ sơ quá hạn {ngay_tre} ngày mà không có văn bản xin lỗi.",
            ],
            demands: &[
                "Kính đề nghị {co_quan} chỉ đạo xem xét lại và cấp giấy chứng nhận cho gia đình tôi theo đúng quy định.",
                "Đề nghị trả lời bằng văn bản, nêu rõ căn cứ pháp luật của việc từ chối.",
            ],
        },
        13,
    ),
    (
        Topic {
            title: "chế độ đối với người có công với cách mạng",
            category: "01.1.1",
            types: &[(Recommendation, 55), (Complaint, 35), (Reflection, 10)],
            offices: &[(Office::NgheAn, 45), (Office::DaNang, 25), (Office::BacNinh, 15), (Office::HaNoi, 15)],
            decided: false,
            facts: &[
                "Bố tôi tham gia kháng chiến, bị thương năm {nam}, tỷ lệ thương tật {ty_le}% nhưng đến nay vẫn chưa được hưởng chế độ thương binh vì giấy tờ gốc bị thất lạc.",
                "Gia đình đã nộp giấy xác nhận của hai đồng đội cùng đơn vị và bản sao lý lịch quân nhân tại {xa}, song hồ sơ bị trả lại nhiều lần.",
                "Theo trả lời của cán bộ {can_bo} thì hồ sơ thiếu bản trích sao bệnh án, trong khi bệnh xá của đơn vị đã giải thể từ lâu.",
                "Mẹ tôi nay đã già yếu, hoàn cảnh gia đình thuộc hộ cận nghèo của địa phương.",
            ],
            demands: &[
                "Kính mong cơ quan có thẩm quyền xem xét, giải quyết chế độ để bố tôi được hưởng ưu đãi của Nhà nước theo Pháp lệnh.",
                "Đề nghị hướng dẫn cụ thể loại giấy tờ thay thế và trả lời cho gia đình được biết.",
            ],
        },
        8,
    ),
    (
        Topic {
            title: "cách tính lương hưu và thời gian đóng bảo hiểm xã hội",
            category: "01.1.3",
            types: &[(Complaint, 60), (Recommendation, 20), (Reflection, 20)],
            offices: &[(Office::Bhxh, 85), (Office::HaNoi, 8), (Office::NgheAn, 7)],
            decided: true,
            facts: &[
                "Tôi làm việc tại {cong_ty} từ năm {nam}, đóng bảo hiểm xã hội liên tục, nhưng khi nghỉ hưu thì {thang} tháng đóng bảo hiểm không được ghi nhận trên sổ.",
                "Ngày {ngay_qd}, tôi nhận được Quyết định số {so_qd} về việc hưởng lương hưu với mức bình quân tiền lương thấp hơn hồ sơ gốc tôi đang giữ.",
                "Doanh nghiệp đã trích tiền đóng của người lao động nhưng nợ, chậm nộp cho cơ quan bảo hiểm; việc này không phải lỗi của tôi.",
                "Tôi đã nộp bảng lương, hợp đồng lao động và quyết định nâng bậc để đối chiếu nhưng chưa được xem xét.",
            ],
            demands: &[
                "Đề nghị tính lại thời gian đóng và mức lương hưu cho tôi, truy lĩnh phần chênh lệch từ tháng đầu được hưởng.",
                "Đề nghị đôn đốc doanh nghiệp nộp đủ số tiền còn nợ để chốt sổ cho người lao động.",
            ],
        },
        10,
    ),
    (
        Topic {
            title: "khám bệnh, chữa bệnh và thu viện phí",
            category: "01.9.2",
            types: &[(Reflection, 50), (Complaint, 25), (Recommendation, 15), (Denunciation, 10)],
            offices: &[(Office::Byt, 80), (Office::HaNoi, 12), (Office::DaNang, 8)],
            decided: false,
            facts: &[
                "Ngày {ngay_qd}, tôi đưa người nhà vào cấp cứu tại {benh_vien}, có thẻ bảo hiểm y tế đúng tuyến nhưng vẫn bị yêu cầu tạm ứng {gia} đồng trước khi được khám.",
                "Nhiều loại thuốc trong danh mục bảo hiểm, người bệnh phải tự mua bên ngoài theo đơn của bác sĩ mà không được hoàn trả.",
                "Bảng kê chi phí có những dịch vụ kỹ thuật mà người nhà tôi không hề được thực hiện.",
                "Thái độ của nhân viên tiếp đón rất thiếu tôn trọng, người nhà tôi phải chờ gần {gio} giờ trong tình trạng đau nặng.",
            ],
            demands: &[
                "Đề nghị thanh tra việc thu viện phí tại bệnh viện nêu trên và hoàn trả số tiền thu sai cho người bệnh.",
                "Đề nghị chấn chỉnh thái độ phục vụ và công khai danh mục thuốc được bảo hiểm chi trả.",
            ],
        },
        9,
    ),
    (
        Topic {
            title: "thu chi và kỷ luật trong nhà trường",
            category: "01.3.1",
            types: &[(Reflection, 35), (Complaint, 35), (Denunciation, 20), (Recommendation, 10)],
            offices: &[(Office::Bgddt, 82), (Office::BacNinh, 9), (Office::NgheAn, 9)],
            decided: true,
            facts: &[
                "Tôi là giáo viên {truong}, bị xử lý kỷ luật cảnh cáo theo Quyết định số {so_qd} ngày {ngay_qd} trong khi không được mời dự họp hội đồng kỷ luật.",
                "Đầu năm học nhà trường thu của mỗi học sinh {gia} đồng tiền xã hội hóa nhưng không công khai dự toán và quyết toán.",
                "Ban giám hiệu tổ chức dạy thêm ngay trong trường, học sinh không đăng ký thì bị chuyển xuống cuối lớp.",
                "Hiệu trưởng {can_bo} ký hợp đồng mua sắm thiết bị với công ty của người nhà, giá cao hơn thị trường nhiều lần.",
            ],
            demands: &[
                "Đề nghị kiểm tra, làm rõ và hủy bỏ quyết định kỷ luật ban hành trái quy định.",
                "Đề nghị trả lại các khoản thu sai cho phụ huynh và xử lý người đứng đầu.",
            ],
        },
        9,
    ),
    (
        Topic {
            title: "thi hành án dân sự và công chứng",
            category: "02.2",
            types: &[(Complaint, 70), (Recommendation, 15), (Denunciation, 15)],
            offices: &[(Office::Btp, 86), (Office::HaNoi, 7), (Office::DaNang, 7)],
            decided: true,
            facts: &[
                "Bản án đã có hiệu lực pháp luật từ năm {nam}, buộc bên phải thi hành án trả cho tôi {gia} đồng nhưng đến nay chưa thi hành được một phần nào.",
                "Chấp hành viên {can_bo} ra Quyết định số {so_qd} ngày {ngay_qd} về việc chưa có điều kiện thi hành án, trong khi người phải thi hành án vẫn đứng tên nhà đất tại {xa}.",
                "Việc kê biên, định giá tài sản kéo dài, tổ chức bán đấu giá {gio} lần không thành mà không thông báo cho người được thi hành án.",
                "Văn phòng công chứng đã chứng nhận hợp đồng chuyển nhượng tài sản đang bị kê biên.",
            ],
            demands: &[
                "Đề nghị hủy quyết định nêu trên, tiến hành xác minh lại điều kiện thi hành án và cưỡng chế theo quy định.",
                "Đề nghị xem xét trách nhiệm của chấp hành viên và bồi thường thiệt hại cho tôi.",
            ],
        },
        9,
    ),
    (
        Topic {
            title: "trật tự xây dựng, quản lý nhà chung cư",
            category: "01.2.6",
            types: &[(Complaint, 35), (Reflection, 35), (Recommendation, 30)],
            offices: &[(Office::Bxd, 62), (Office::HaNoi, 24), (Office::DaNang, 14)],
            decided: true,
            facts: &[
                "Cư dân {du_an} đã nhận nhà từ năm {nam} nhưng chủ đầu tư chưa bàn giao {gia} đồng kinh phí bảo trì phần sở hữu chung.",
                "Công trình liền kề nhà tôi tại {xa} xây vượt {gio} tầng so với giấy phép, làm nứt tường và lún nền nhà tôi.",
                "Ngày {ngay_qd}, tôi nhận được Quyết định số {so_qd} xử phạt vi phạm hành chính và buộc tháo dỡ phần mái che đã tồn tại nhiều năm, không gây ảnh hưởng tới ai.",
                "Hệ thống phòng cháy, chữa cháy của tòa nhà chưa được nghiệm thu, thang máy thường xuyên hỏng.",
            ],
            demands: &[
                "Đề nghị thanh tra việc cấp phép, yêu cầu dừng thi công và khắc phục thiệt hại cho gia đình tôi.",
                "Đề nghị yêu cầu chủ đầu tư bàn giao quỹ bảo trì và tổ chức hội nghị nhà chung cư theo Luật Nhà ở.",
            ],
        },
        11,
    ),
    (
        Topic {
            title: "cán bộ có dấu hiệu tham nhũng, lợi dụng chức vụ",
            category: "04",
            types: &[(Denunciation, 100)],
            offices: &[
                (Office::HaNoi, 24),
                (Office::BacNinh, 18),
                (Office::NgheAn, 20),
                (Office::DaNang, 14),
                (Office::Bxd, 12),
                (Office::Thue, 12),
            ],
            decided: false,
            facts: &[
                "Tôi xin tố cáo ông {can_bo}, cán bộ tại {xa}, lợi dụng chức vụ để hợp thức hóa {m2} m² đất công thành đất ở cho người thân.",
                "Trong quá trình thực hiện {du_an}, khối lượng nghiệm thu cao hơn thực tế, nhiều hạng mục không thi công vẫn được thanh toán, số tiền khoảng {gia} đồng.",
                "Danh sách hộ nghèo được hỗ trợ năm {nam} có tên nhiều hộ khá giả là họ hàng của cán bộ, trong khi hộ khó khăn thì không được xét.",
                "Tôi có ghi âm, hình ảnh và bản sao chứng từ kèm theo, đề nghị được giữ bí mật vì lo ngại bị trả thù.",
            ],
            demands: &[
                "Đề nghị xác minh, kết luận nội dung tố cáo và xử lý nghiêm người vi phạm theo quy định của pháp luật.",
                "Đề nghị thu hồi tài sản nhà nước bị chiếm đoạt và thông báo kết quả cho người tố cáo.",
            ],
        },
        8,
    ),
    (
        Topic {
            title: "ô nhiễm môi trường do sản xuất, chăn nuôi",
            category: "01.9.1",
            types: &[(Reflection, 60), (Recommendation, 30), (Complaint, 10)],
            offices: LOCAL,
            decided: false,
            facts: &[
                "Cơ sở sản xuất của {cong_ty} đặt giữa khu dân cư {xa} xả khói bụi và mùi hóa chất suốt ngày đêm từ năm {nam}.",
                "Nước thải chăn nuôi chảy thẳng ra mương tưới tiêu, cá chết hàng loạt, giếng nước của {cay} hộ dân không sử dụng được.",
                "Bà con đã nhiều lần phản ánh qua đường dây nóng, cán bộ {can_bo} về lập biên bản rồi không thấy xử lý.",
                "Tiếng ồn của máy nghiền hoạt động cả ban đêm, trẻ nhỏ và người già không ngủ được, nhiều người mắc bệnh hô hấp.",
            ],
            demands: &[
                "Đề nghị đo kiểm môi trường, công khai kết quả và đình chỉ hoạt động của cơ sở nếu vi phạm.",
                "Đề nghị di dời cơ sở ra khỏi khu dân cư theo đúng cam kết trước đây.",
            ],
        },
        8,
    ),
    (
        Topic {
            title: "thuế đất và thuế của hộ kinh doanh",
            category: "01.5",
            types: &[(Complaint, 65), (Recommendation, 25), (Reflection, 10)],
            offices: &[(Office::Thue, 88), (Office::BacNinh, 6), (Office::DaNang, 6)],
            decided: true,
            facts: &[
                "Tôi là chủ hộ kinh doanh tại {xa}, được ấn định thuế khoán {gia} đồng mỗi năm, cao gấp nhiều lần doanh thu thực tế.",
                "Ngày {ngay_qd}, cơ quan thuế ban hành Thông báo số {so_qd} yêu cầu nộp tiền sử dụng đất bổ sung kèm tiền chậm nộp {ngay_tre} ngày, dù lỗi chậm là do cơ quan nhà nước luân chuyển hồ sơ.",
                "Hóa đơn điện tử của tôi bị khóa từ năm {nam} mà không có quyết định cưỡng chế nào được gửi đến.",
                "Việc áp giá đất để tính thuế không đúng vị trí thửa đất số {thua}, tờ bản đồ số {to}.",
            ],
            demands: &[
                "Đề nghị tính lại nghĩa vụ tài chính và miễn tiền chậm nộp cho tôi.",
                "Đề nghị hoàn trả số tiền nộp thừa theo Luật Quản lý thuế.",
            ],
        },
        7,
    ),
    (
        Topic {
            title: "đường giao thông, thoát nước và an toàn công trình",
            category: "01.9.3",
            types: &[(Recommendation, 60), (Reflection, 40)],
            offices: &[(Office::Bxd, 46), (Office::NgheAn, 20), (Office::HaNoi, 18), (Office::BacNinh, 16)],
            decided: false,
            facts: &[
                "Tuyến đường qua {xa} xuống cấp nghiêm trọng, nhiều ổ gà, mỗi khi mưa nước ngập sâu, đã xảy ra {gio} vụ tai nạn.",
                "Việc thi công {du_an} kéo dài từ năm {nam}, vật liệu tập kết tràn ra lòng đường, không có biển báo và đèn cảnh báo ban đêm.",
                "Xe quá tải chở đất đá chạy suốt ngày làm hư hỏng nhà cửa của {cay} hộ dân hai bên đường.",
                "Cống thoát nước bị bịt khi làm đường mới, nước thải tràn vào vườn và nhà dân.",
            ],
            demands: &[
                "Kiến nghị sớm sửa chữa mặt đường, lắp đặt hệ thống thoát nước và biển cảnh báo.",
                "Kiến nghị kiểm tra tải trọng xe và yêu cầu nhà thầu hoàn trả mặt bằng.",
            ],
        },
        6,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_agency_has_topics_and_every_type_occurs() {
        for office in Office::ALL {
            assert!(TOPICS.iter().any(|(topic, _)| topic.offices.iter().any(|(o, _)| o == office)), "{office:?}");
        }
        for wanted in [Complaint, Denunciation, Recommendation, Reflection] {
            assert!(TOPICS.iter().filter(|(topic, _)| topic.types.iter().any(|(t, _)| *t == wanted)).count() > 2);
        }
        for (topic, _) in TOPICS {
            let cites = topic.facts.iter().any(|fact| fact.contains("{so_qd}"));
            assert_eq!(cites, topic.decided, "{}: a decision is cited where there is one", topic.title);
        }
    }
}
