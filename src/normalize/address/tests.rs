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
        ("Hà Nội, Việt Nam", "01 |  | "),
        ("Q1 TPHCM", "79 |  | Q1"),
        ("F1 Q3 TPHCM", "79 | Bàn Cờ | "),
        ("tổ 3 ấp 4 xã Phước Kiển huyện Nhà Bè TPHCM", "79 | Nhà Bè | tổ 3 ấp 4"),
        ("Hà Nội, quận Ba Đình, phường Phúc Xá", "01 | Hồng Hà | "),
        ("Phường Phúc Xá - Quận Ba Đình - Hà Nội", "01 | Hồng Hà | "),
        ("xã Văn Lang, Thái Nguyên", "19 | Văn Lang | "),
        ("xa Van Lang, Thai Nguyen", "19 | Văn Lang + Văn Lăng | "),
        ("Tân Thành, Đồng Tháp", "82 | Tân Thành + Lai Vung | "),
        ("xã Sơn Đồng, huyện Hoài Đức, tỉnh Hà Tây", "01 | Sơn Đồng | "),
        ("TP Vũng Tàu, Bà Rịa - Vũng Tàu", "79 |  | TP Vũng Tàu"),
        ("phường Xuân Hương - Đà Lạt, Lâm Đồng", "68 | Xuân Hương - Đà Lạt | "),
        ("buôn Ea Kmat, xã Hòa Đông, huyện Krông Pắc, Đắk Lắk", "66 | Ea Knuếc | buôn Ea Kmat"),
        ("Phöôøng Phuùc Xaù, Quaän Ba Ñình, Haø Noäi", "01 | Hồng Hà | "),
        ("Yên Phong, Bắc Ninh", "24 |  | Yên Phong"),
        ("Xã Yên Sơn", "-"),
        ("Hoa Kỳ", "-"),
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

/// The table that the bench prints: nothing in it may be wrong.
#[test]
fn every_old_commune_in_six_ways() {
    use super::super::measure::addresses;
    let rows = addresses::measure();
    println!("{}", addresses::table(&rows));
    let examples: Vec<&String> = rows.iter().flat_map(|row| &row.examples).collect();
    assert!(rows.iter().all(|row| (row.wrong, row.unresolved) == (0, 0)), "{examples:#?}");
    assert!(rows.iter().all(|row| row.single + row.several == 10_040 + 502), "all units, and every twentieth twice");
}

/// Whatever stands today, written in full on a day of today, is itself.
#[test]
fn every_commune_of_today() {
    let on = "2026-06-01".parse().ok();
    let mut standing = 0;
    for row in commune::all().iter().filter(|row| row.valid_to.is_none()) {
        let province = province::all().iter().find(|one| one.code == row.province && one.valid_to.is_none()).unwrap();
        let text = format!("thôn 1, {} {}, {} {}", row.kind, row.name, province.kind, province.name);
        let address = read(&text, on).value.unwrap();
        assert_eq!(
            (address.communes, address.street.as_deref()),
            (vec![row.code.to_owned()], Some("thôn 1")),
            "{text}"
        );
        standing += 1;
    }
    assert_eq!(standing, 3_321);
}
