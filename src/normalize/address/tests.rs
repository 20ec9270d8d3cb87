use super::*;

fn shown(text: &str, on: Option<&str>) -> String {
    let reading = read(text, on.map(|day| day.parse().unwrap()));
    let Some(address) = reading.value else { return "-".to_owned() };
    let names: Vec<&str> = address.communes.iter().map(|code| commune::get(code).unwrap().name).collect();
    format!("{} | {} | {}", address.province.unwrap_or_default(), names.join(" + "), address.street.unwrap_or_default())
}

#[test]
fn addresses() {
    for (text, wanted) in [
        ("Số 5 phố Phúc Xá, Phường Phúc Xá, Quận Ba Đình, Thành phố Hà Nội", "01 | Hồng Hà | Số 5 phố Phúc Xá"),
        ("12 Phố X, P. Phúc Xá, Q. Ba Đình, TP. Hà Nội", "01 | Hồng Hà | 12 Phố X"),
        ("12 pho X, phuong phuc xa, quan ba dinh, tp ha noi", "01 | Hồng Hà | 12 pho X"),
        ("PHƯỜNG PHÚC XÁ, QUẬN BA ĐÌNH, HN", "01 | Hồng Hà | "),
        ("Phường Phúc Xá Quận Ba Đình Thành phố Hà Nội", "01 | Hồng Hà | "),
        ("Phường Phúc Xá, Hà Nội", "01 | Hồng Hà | "),
        ("Phúc Xá, Ba Đình, Hà Nội, Việt Nam", "01 | Hồng Hà | "),
        ("Phường Cống Vị, Quận Ba Đình, Hà Nội", "01 | Ngọc Hà + Giảng Võ | "),
        ("phường Ba Đình, Hà Nội", "01 | Ba Đình | "),
        ("phường Hoàn Kiếm, quận Hoàn Kiếm, Hà Nội", "01 | Hoàn Kiếm | "),
        ("Ba Đình, Hà Nội", "01 |  | Ba Đình"),
        ("Phường Bến Nghé, Quận 1, TP.HCM", "79 | Sài Gòn | "),
        ("P.Bến Nghé, Q1, TPHCM", "79 | Sài Gòn | "),
        ("Phường Thảo Điền, Quận 2, TP Hồ Chí Minh", "79 | An Khánh | "),
        ("Huyện Côn Đảo, tỉnh Bà Rịa - Vũng Tàu", "79 | Côn Đảo | "),
        ("Tỉnh Bắc Giang, huyện Lục Nam, xã Bảo Đài", "24 | Bảo Đài | "),
        ("đặc khu Côn Đảo, TP Hồ Chí Minh", "79 | Côn Đảo | "),
        ("Hà Nội", "01 |  | "),
        ("tỉnh Bắc Giang", "24 |  | "),
        ("Bắc Ninh", "24 |  | "),
        ("Thừa Thiên - Huế", "46 |  | "),
        ("BR-VT", "79 |  | "),
        ("thôn Hòa Bình", "-"),
        ("không rõ", "-"),
        ("", "-"),
    ] {
        assert_eq!(shown(text, None), wanted, "{text:?}");
    }
}

#[test]
fn codes_need_a_day() {
    let before = province::MERGER.pred_opt().unwrap();
    assert_eq!(by_code("24", before).unwrap().province.as_deref(), Some("24"));
    assert_eq!(by_code("27", before).unwrap().province.as_deref(), Some("24"));
    assert_eq!(by_code("27", province::MERGER), None);
    assert_eq!(by_code("00004", before).unwrap().communes, ["00004"]);
    assert_eq!(by_code("00001", before).unwrap().communes, ["00097"]);
    assert_eq!(by_code("00001", province::MERGER), None);
}
