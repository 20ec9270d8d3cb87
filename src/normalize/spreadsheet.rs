//! What spreadsheets make of long numbers: `1075000001.0`, `1.075000001E+09`.

/// The ways in which a spreadsheet or its export writes that nothing follows the point.
const NOTHING_BEHIND: &[&str] = &[".0", ".00", ",0", ",00"];

/// A number without the point and the zeros that a spreadsheet put behind it.
pub(super) fn without_decimals(text: &str) -> &str {
    let whole = NOTHING_BEHIND.iter().find_map(|decimals| text.strip_suffix(decimals));
    whole.filter(|whole| !whole.is_empty()).unwrap_or(text)
}

/// Mantissa and exponent of a number as a spreadsheet writes large ones: `1.075E+09`.
pub(super) fn scientific(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(['\'', '’', '‘']);
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let numeric = |part: &str, signs: &[char]| {
        part.bytes().any(|byte| byte.is_ascii_digit()) && part.chars().all(|c| c.is_ascii_digit() || signs.contains(&c))
    };
    let is_number = mantissa.contains(['.', ',']) && numeric(mantissa, &['.', ',']) && numeric(exponent, &['+', '-']);
    is_number.then_some((mantissa, exponent))
}

/// The digits of such a number where all are there, as in `1.075000001E+09`. A zero at the end is not written, and
/// nobody knows whether it was one.
pub(super) fn all_digits((mantissa, exponent): (&str, &str)) -> Option<String> {
    let (whole, decimals) = mantissa.split_once(['.', ','])?;
    let exponent: usize = exponent.trim_start_matches('+').parse().ok()?;
    let all_there =
        whole.len() == 1 && decimals.len() == exponent && decimals.bytes().all(|byte| byte.is_ascii_digit());
    all_there.then(|| format!("{whole}{decimals}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_spreadsheets() {
        for (text, wanted) in [
            ("1.075000001E+09", Some(Some("1075000001"))),
            ("1,075000001e9", Some(Some("1075000001"))),
            ("'9.12345678E8", Some(Some("912345678"))),
            ("1.075E+09", Some(None)),
            ("1.0750000010E+09", Some(None)),
            ("1.5E-3", Some(None)),
            ("24E5", None),
            ("E1234567", None),
            ("1.2.3E+5", Some(None)),
            (".E5", None),
            ("", None),
        ] {
            let read = scientific(text).map(all_digits);
            assert_eq!(read.as_ref().map(Option::as_deref), wanted, "{text:?}");
        }
        for (text, wanted) in [("12.0", "12"), ("12,00", "12"), ("12.5", "12.5"), (".0", ".0"), ("", "")] {
            assert_eq!(without_decimals(text), wanted);
        }
    }
}
