//! Categories (lĩnh vực): the columns of the official forms and a third level that rolls up to them.

use std::sync::LazyLock;

use super::table;

/// One category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Category {
    /// `01.2.1`.
    pub code: &'static str,
    /// The category above it.
    pub parent: Option<&'static str>,
    pub name: &'static str,
    /// KN, TC, KNPA, or `*` for all.
    pub applies_to: &'static str,
    /// Where the official forms count it.
    pub report_column: &'static str,
    /// `sourced` from the forms and a vendor's list, or `memory`: a proposal.
    pub confidence: &'static str,
}

static TABLE: LazyLock<Vec<Category>> = LazyLock::new(|| {
    table::rows(include_str!("data/categories.csv"), |row| {
        let &[code, parent, name, applies_to, report_column, confidence] = row else { return None };
        let parent = Some(parent).filter(|code| !code.is_empty());
        Some(Category { code, parent, name, applies_to, report_column, confidence })
    })
});

/// Every category.
pub fn all() -> &'static [Category] {
    &TABLE
}

/// The category of a code.
pub fn get(code: &str) -> Option<&'static Category> {
    TABLE.iter().find(|row| row.code == code)
}

/// The official column that a category is counted in: itself or the one above it that the forms know.
pub fn official(code: &str) -> Option<&'static Category> {
    let mut row = get(code)?;
    while row.confidence != "sourced" {
        row = get(row.parent?)?;
    }
    Some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rolls_up() {
        assert_eq!(all().len(), 30);
        assert_eq!(get("01.2").unwrap().name, "Đất đai, nhà cửa");
        assert_eq!(official("01.2.1").unwrap().code, "01.2");
        assert_eq!(official("04").unwrap().name, "Tham nhũng");
        assert!(all().iter().all(|row| official(row.code).is_some()));
        assert!(all().iter().all(|row| row.parent.is_none_or(|parent| get(parent).is_some())));
    }
}
