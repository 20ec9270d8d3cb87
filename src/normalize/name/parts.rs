//! A name's parts: family name, middle name, given name; the given name stands last.

/// The parts of a name. Of a name of one word only `given` is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts<'a> {
    /// Họ; or the prefix of an ethnic name (H', Y, K').
    pub family: Option<&'a str>,
    /// Đệm: everything between.
    pub middle: Option<&'a str>,
    /// Tên.
    pub given: &'a str,
}

/// Takes a name apart. Ethnic names of the Central Highlands stand the other way round: "Y Blơ Niê" is a man called
/// Blơ of the Niê; "H'Hen Niê" a woman called Hen.
pub fn parts(name: &str) -> Parts<'_> {
    let name = name.trim();
    let prefix = ["Y ", "H ", "K "].into_iter().find(|prefix| name.starts_with(prefix));
    let is_ethnic = prefix.is_some() || name.starts_with("H'") || name.starts_with("K'");
    if is_ethnic && let Some((before, last)) = name.rsplit_once(' ') {
        let given = before.strip_prefix(prefix.unwrap_or("")).map_or(before, str::trim);
        return match (given, prefix) {
            ("" | "Y" | "H" | "K", _) => Parts { family: None, middle: None, given: name },
            (given, _) => Parts { family: Some(last), middle: None, given },
        };
    }
    let Some((before, given)) = name.rsplit_once(' ') else {
        return Parts { family: None, middle: None, given: name };
    };
    match before.split_once(' ') {
        Some((family, middle)) => Parts { family: Some(family), middle: Some(middle.trim()), given },
        None => Parts { family: Some(before), middle: None, given },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_apart() {
        for (name, family, middle, given) in [
            ("Nguyễn Thị Hoa", Some("Nguyễn"), Some("Thị"), "Hoa"),
            ("Nguyễn Hoa", Some("Nguyễn"), None, "Hoa"),
            ("Lê Thị Ngọc Anh", Some("Lê"), Some("Thị Ngọc"), "Anh"),
            ("Hoa", None, None, "Hoa"),
            ("Y Blơ Niê", Some("Niê"), None, "Blơ"),
            ("H'Hen Niê", Some("Niê"), None, "H'Hen"),
            ("Y Bih", None, None, "Y Bih"),
        ] {
            assert_eq!(parts(name), Parts { family, middle, given }, "{name}");
        }
    }
}
