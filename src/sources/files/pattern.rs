//! `pattern`: which files of the folder are taken.

/// A name with `*` (any signs) and `?` (one sign); capitals and small letters are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<char>);

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// The rule in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let example = "write it like \"*.xlsx\" or \"don-thu-*.csv\"";
        if text.trim().is_empty() {
            return Err(format!("it is empty; {example}"));
        }
        if text.contains(['/', '\\']) {
            return Err(format!("{text:?} has a folder in it, and only names of files are compared; {example}"));
        }
        if text.contains(['[', ']', '{', '}']) {
            return Err(format!("{text:?} has a bracket, and only `*` and `?` stand for other signs; {example}"));
        }
        if text.starts_with('.') {
            return Err(format!("{text:?} begins with a dot, as files do that are never taken; {example}"));
        }
        Ok(Self(text.to_lowercase().chars().collect()))
    }

    /// Whether a file of this name is taken. Hidden files and the locks of Excel (`~$`) never are.
    pub fn takes(&self, name: &str) -> bool {
        !name.starts_with('.') && !name.starts_with("~$") && self.matches(&name.to_lowercase())
    }

    /// Without recursion: a pattern of many `*` costs no more than its length times the name's.
    fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        let (mut at, mut here) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        while let Some(c) = name.get(here) {
            match self.0.get(at) {
                Some('*') => {
                    star = Some((at, here));
                    at += 1;
                }
                Some(sign) if *sign == '?' || sign == c => (at, here) = (at + 1, here + 1),
                _ => {
                    let Some((star_at, tried)) = star else { return false };
                    star = Some((star_at, tried + 1));
                    (at, here) = (star_at + 1, tried + 1);
                }
            }
        }
        self.0.iter().skip(at).all(|sign| *sign == '*')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared() {
        let takes = |pattern: &str, name: &str| Pattern::parse(pattern).unwrap().takes(name);
        assert!(takes("*.xlsx", "Sổ đơn tháng 3.XLSX"));
        assert!(takes("don-??-*.csv*", "don-27-bắc ninh.csv.gz"));
        assert!(takes("*", "x") && takes("*a*b*", "xaxbx") && takes("ĐƠN*.csv", "đơn 1.csv"));
        assert!(!takes("*.xlsx", "a.xlsx.part") && !takes("*.csv", ".a.csv") && !takes("*.xlsx", "~$a.xlsx"));
        assert!(!takes("don-?.csv", "don-12.csv") && !takes("a*b", "a"));
    }

    #[test]
    fn a_pattern_that_cannot_be_meant_says_how_to_write_it() {
        for text in ["", "  ", "in/*.csv", "*.{csv,txt}", "[a-z].csv", ".csv"] {
            let error = Pattern::parse(text).unwrap_err();
            assert!(error.contains("\"*.xlsx\""), "{error}");
        }
    }

    #[test]
    fn many_stars_cost_little() {
        let pattern = Pattern::parse(&"*a".repeat(60)).unwrap();
        assert!(!pattern.takes(&format!("{}b", "a".repeat(200))));
    }
}
