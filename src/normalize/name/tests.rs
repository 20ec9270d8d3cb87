use super::*;

fn shown(text: &str) -> String {
    let reading = read(text);
    let Some(names) = reading.value else { return "-".to_owned() };
    let people: Vec<String> = names
        .people
        .iter()
        .map(|person| match person.gender {
            Some(Gender::Male) => format!("{} (m)", person.name),
            Some(Gender::Female) => format!("{} (f)", person.name),
            _ => person.name.clone(),
        })
        .collect();
    let organization = names.organization.map_or(String::new(), |name| format!(" <{name}>"));
    let count = names.count.map_or("?".to_owned(), |count| count.to_string());
    format!("{}{organization} {}{count}", people.join(" + "), if names.anonymous { "anonymous " } else { "" })
        .trim()
        .to_owned()
}

#[test]
fn cells() {
    for (text, wanted) in [
        ("Nguyễn Thị Hoa", "Nguyễn Thị Hoa 1"),
        ("Đơn không tên", "anonymous ?"),
        ("không rõ", "-"),
        ("Không có", "-"),
        ("Chưa rõ", "-"),
        ("N/A", "-"),
        ("null", "-"),
        ("xxx", "-"),
        ("Người dân", "-"),
        ("Con ông Nguyễn Văn A", "-"),
        ("Nguyễn Văn A con ông B", "Nguyễn Văn A 1"),
        ("Trần Thị B, vợ ông Nguyễn Văn A", "Trần Thị B 1"),
        ("vợ chồng ông Nguyễn Văn A và bà Trần Thị B", "Nguyễn Văn A (m) + Trần Thị B (f) 2"),
        ("Trần Thị B được ủy quyền của Nguyễn Văn A", "Trần Thị B 1"),
        ("Nguyễn Văn A và vợ", "Nguyễn Văn A 2"),
        ("Nguyễn Văn A và các con", "Nguyễn Văn A ?"),
        ("Nguyễn Văn A + 3 người", "Nguyễn Văn A 4"),
        ("K'Brếp", "K'Brếp 1"),
        ("Giàng A Páo", "Giàng A Páo 1"),
        ("Thượng tọa Thích Minh Đức", "Thích Minh Đức 1"),
        ("- Nguyễn Văn A - Trần Thị B", "Nguyễn Văn A + Trần Thị B 2"),
        ("Nguye^~n Va(n A", "Nguyễn Văn A 1"),
        ("  Ng. Thị  Hoa ", "Nguyễn Thị Hoa 1"),
        ("NGUYỄN THỊ HOA", "Nguyễn Thị Hoa 1"),
        ("nguyễn thị hoa", "Nguyễn Thị Hoa 1"),
        ("NGUYEN THI HOA", "Nguyen Thi Hoa 1"),
        ("Nguyễn thị Hoa", "Nguyễn Thị Hoa 1"),
        ("Hoa", "Hoa 1"),
        ("Ông Nguyễn Văn A", "Nguyễn Văn A (m) 1"),
        ("bà Trần Thị B", "Trần Thị B (f) 1"),
        ("ÔNG NGUYỄN VĂN A", "Nguyễn Văn A (m) 1"),
        ("Ông/Bà Nguyễn Văn A", "Nguyễn Văn A 1"),
        ("Ông (bà) Nguyễn Văn A", "Nguyễn Văn A (m) 1"),
        ("Anh Nguyễn Văn A", "Nguyễn Văn A (m) 1"),
        ("Anh Thư", "Anh Thư 1"),
        ("cụ Lê Thị C", "Lê Thị C 1"),
        ("ong Nguyen Van A", "Nguyen Van A (m) 1"),
        ("Ông Thị Hoa", "Ông Thị Hoa 1"),
        ("hộ ông Nguyễn Văn A", "Nguyễn Văn A (m) 1"),
        ("Hộ bà Trần Thị B", "Trần Thị B (f) 1"),
        ("Hộ gia đình ông Nguyễn Văn A", "Nguyễn Văn A (m) 1"),
        ("Đại diện: Nguyễn Văn A", "Nguyễn Văn A 1"),
        ("đại diện hộ ông Nguyễn Văn A", "Nguyễn Văn A (m) 1"),
        ("vợ chồng ông Nguyễn Văn A", "Nguyễn Văn A (m) 2"),
        ("Vợ chồng ông Nguyễn Văn A, bà Trần Thị B", "Nguyễn Văn A (m) + Trần Thị B (f) 2"),
        ("Vợ chồng bà Trần Thị B và ông Nguyễn Văn A", "Trần Thị B (f) + Nguyễn Văn A (m) 2"),
        ("vợ chồng bà Trần Thị B", "Trần Thị B (f) 2"),
        ("Vợ chồng ông Nguyễn Văn A và bà Trần Thị B", "Nguyễn Văn A (m) + Trần Thị B (f) 2"),
        ("Ông Nguyễn Văn A và bà Trần Thị B", "Nguyễn Văn A (m) + Trần Thị B (f) 2"),
        ("ông Nguyễn Văn A bà Trần Thị B", "Nguyễn Văn A (m) + Trần Thị B (f) 2"),
        ("Nguyễn Văn A, Trần Thị B; Lê Văn C", "Nguyễn Văn A + Trần Thị B + Lê Văn C 3"),
        ("1. Nguyễn Văn A 2. Trần Thị B", "Nguyễn Văn A + Trần Thị B 2"),
        ("Nguyễn Văn A\nTrần Thị B", "Nguyễn Văn A + Trần Thị B 2"),
        ("Nguyễn Văn A - Trần Thị B", "Nguyễn Văn A + Trần Thị B 2"),
        ("Nguyễn Văn A/Trần Thị B", "Nguyễn Văn A + Trần Thị B 2"),
        ("Nguyễn Văn A và 25 hộ dân", "Nguyễn Văn A 26"),
        ("Ông Nguyễn Văn A cùng 12 người khác", "Nguyễn Văn A (m) 13"),
        ("Nguyễn Văn A (đại diện cho 30 hộ dân)", "Nguyễn Văn A 30"),
        ("Đại diện 25 hộ dân: Nguyễn Văn A", "Nguyễn Văn A 25"),
        ("Nguyễn Văn A và các hộ dân tổ 5", "Nguyễn Văn A ?"),
        ("Nguyễn Văn A và vợ", "Nguyễn Văn A 2"),
        ("25 hộ dân tổ 5", "<25 hộ dân tổ 5> 25"),
        ("Các hộ dân tổ 5 phường Cống Vị", "<Các hộ dân tổ 5 phường Cống Vị> ?"),
        ("Tập thể cư dân chung cư Hòa Bình", "<Tập thể cư dân chung cư Hòa Bình> ?"),
        ("Tập thể 45 công nhân Công ty X", "<Tập thể 45 công nhân Công ty X> 45"),
        ("25 hộ dân do ông Nguyễn Văn A đại diện", "Nguyễn Văn A (m) 25"),
        ("LS. Nguyễn Văn A", "Nguyễn Văn A 1"),
        ("Đ/c Nguyễn Văn A", "Nguyễn Văn A 1"),
        ("Công ty TNHH Hoàng Anh (đại diện: ông Nguyễn Văn A)", "Nguyễn Văn A (m) <Công ty TNHH Hoàng Anh> 1"),
        ("Nguyễn Văn A tức Năm Lúa và 3 người khác", "Nguyễn Văn A 4"),
        ("Ông Nguyễn Văn A, Giám đốc Công ty ABC", "Nguyễn Văn A (m) 1"),
        ("Nguyễn Văn A 0912345678", "Nguyễn Văn A 1"),
        ("Lâm Trường Giang", "Lâm Trường Giang 1"),
        ("Văn phòng Đăng ký đất đai", "<Văn phòng Đăng ký đất đai> 1"),
        ("Chị Hằng", "Hằng (f) 1"),
        ("Hoà thượng Thích Quảng Đức", "Thích Quảng Đức 1"),
        ("Các ông, bà: Nguyễn Văn A, Trần Thị B", "Nguyễn Văn A + Trần Thị B 2"),
        ("Ông Nguyễn Văn A đại diện cho 12 hộ gia đình", "Nguyễn Văn A (m) 12"),
        ("02 hộ dân: Nguyễn Văn A, Trần Thị B", "Nguyễn Văn A + Trần Thị B 2"),
        ("Nhóm 5 hộ dân: ông A, ông B", "A (m) + B (m) 5"),
        ("Nguyễn Văn A | Trần Thị B", "Nguyễn Văn A + Trần Thị B 2"),
        ("Trần Thị B ủy quyền cho Nguyễn Văn A", "Trần Thị B + Nguyễn Văn A 2"),
        ("Nguyễn Thị Hoa tên thường gọi là Út", "Nguyễn Thị Hoa 1"),
        ("Nguyễn Văn A 1960", "Nguyễn Văn A 1"),
        ("Công dân", "-"),
        ("Nguyễn Văn A (đã chết)", "Nguyễn Văn A 1"),
        ("Nguyễn Văn A (tức Ba Lúa)", "Nguyễn Văn A 1"),
        ("Nguyễn Văn A tức Ba Lúa", "Nguyễn Văn A 1"),
        ("Nguyễn Văn A, tên gọi khác: Ba Lúa", "Nguyễn Văn A 1"),
        ("Nguyễn Văn A (SN 1950)", "Nguyễn Văn A 1"),
        ("Nguyễn Văn A, sinh năm 1950", "Nguyễn Văn A 1"),
        ("Nguyễn Văn A, thôn 3, xã Tân Lập", "Nguyễn Văn A 1"),
        ("Nguyễn Văn A - giám đốc", "Nguyễn Văn A 1"),
        ("Công ty TNHH Thương mại và Dịch vụ ABC", "<Công ty TNHH Thương mại và Dịch vụ ABC> 1"),
        ("CÔNG TY CỔ PHẦN XYZ", "<CÔNG TY CỔ PHẦN XYZ> 1"),
        ("Công ty ABC do ông Nguyễn Văn A làm đại diện", "Nguyễn Văn A (m) <Công ty ABC> 1"),
        ("Công ty ABC - Đại diện: Nguyễn Văn A", "Nguyễn Văn A <Công ty ABC> 1"),
        ("Hợp tác xã Tân Tiến, ông Lê Văn C", "Lê Văn C (m) <Hợp tác xã Tân Tiến> 1"),
        ("H’Hen Niê", "H'Hen Niê 1"),
        ("H'LEO", "H'Leo 1"),
        ("K'BRIH", "K'Brih 1"),
        ("Y BLƠ NIÊ", "Y Blơ Niê 1"),
        ("Nặc danh", "anonymous ?"),
        ("không tên", "anonymous ?"),
        ("McDonald John", "McDonald John 1"),
        ("12345", "-"),
        ("???", "-"),
        ("", "-"),
    ] {
        assert_eq!(shown(text), wanted, "{text:?}");
    }
}

/// What is read at a glance is what the rules would give, for every value of the corpus in several guises.
#[test]
fn glances_agree_with_the_rules() {
    let corpus = include_str!("../../../tests/fixtures/normalize/name.txt");
    let mut glanced = 0;
    for line in corpus.lines() {
        for text in
            [line.to_owned(), line.to_uppercase(), format!("Ông {line}"), format!("bà {line}"), format!("Chị {line}")]
        {
            let clean = text::clean(&text).into_owned();
            if let Some((person, rule)) = person::nearly_plain(&clean) {
                let reading = by_rules(clean, Vec::new());
                let names = reading.value.unwrap_or_default();
                assert_eq!((names.people, names.count), (vec![person], Some(1)), "{text:?}");
                assert_eq!(reading.notes, [Note::tidied(rule)], "{text:?}");
                glanced += 1;
            }
        }
    }
    assert!(glanced > 50, "{glanced}");
}

#[test]
fn doubts_are_told() {
    let flags = |text: &str| read(text).notes.iter().filter_map(|note| note.flag).collect::<Vec<_>>();
    assert_eq!(flags("12345"), [Flag::NameSuspect, Flag::NameSuspect]);
    assert_eq!(flags("Nguyễn Văn A"), []);
    assert!(read("Nguyễn Văn A (đã chết)").notes.iter().any(|note| note.rule == "deceased"));
}

proptest::proptest! {
    #[test]
    fn each_name_reads_itself(text in "(\\PC|[a-zA-Z ,;/().:-]|ông |bà |và |hộ |Nguyễn |Văn |25 ){0,20}") {
        let Some(names) = read(&text).value else { return Ok(()) };
        for person in names.people {
            let again = read(&person.name).value.map(|names| names.people.into_iter().map(|person| person.name).collect::<Vec<_>>());
            assert_eq!(again, Some(vec![person.name.clone()]), "{text:?}");
        }
    }
}
