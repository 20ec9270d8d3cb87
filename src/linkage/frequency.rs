//! How frequent values are, kept with the model: where records come one by one, a count that moved with each of them
//! would change the weight of pairs long decided.
//!
//! Only values that many have are kept, and only of attributes that belong to nobody in particular (parts of names, years,
//! streets): no person stands in a model.

use std::collections::BTreeMap;

use super::comparison::Kind;
use super::table::{Column, Table, rarity};

/// How rare the values of one column are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frequency {
    pub column: String,
    /// The rarity of a value that is not listed: of one that two records have and no others, or of one commune.
    pub unseen: u8,
    /// By value: the whole bits of -log2 of its share.
    pub rarities: BTreeMap<String, u8>,
}

/// May values of the column stand in a model?
fn is_public(kind: Kind, value: &str) -> bool {
    match kind {
        Kind::Given | Kind::Family | Kind::Middle | Kind::House | Kind::Street => true,
        // a day of birth is somebody's, a year is not
        Kind::Date => value.len() <= 4,
        _ => false,
    }
}

impl Frequency {
    /// Of a column: values that at least `least` records have.
    fn of(column: &Column, least: u32) -> Self {
        let present: u32 = column.counts.iter().skip(1).sum();
        let unseen = match column.kind {
            // all communes are of one size: which of them sent records yet says nothing
            Kind::Commune | Kind::Region => rarity(1, column.texts.len() - 1),
            _ => rarity(2, present as usize),
        };
        let values = column.texts.iter().zip(&column.counts).zip(&column.rarities).skip(1);
        let common = values.filter(|((value, count), _)| **count >= least && is_public(column.kind, value));
        let rarities = common.map(|((value, _), rarity)| (value.to_owned(), *rarity)).collect();
        Self { column: column.name.clone(), unseen, rarities }
    }

    /// How rare a value is.
    pub fn rarity(&self, value: &str) -> u8 {
        self.rarities.get(value).copied().unwrap_or(self.unseen)
    }

    /// What is wrong with it as the frequency of a column of this kind.
    pub fn problem(&self, kind: Kind) -> Option<String> {
        let value = self.rarities.keys().find(|value| !is_public(kind, value))?;
        Some(format!("{value:?} may be of one person alone: a {} does not stand in a model", kind.word()))
    }
}

/// The frequencies of all columns of a table that have any; values that fewer than `least` records have are not listed.
pub fn frequencies(table: &Table, least: u32) -> Vec<Frequency> {
    table.columns.iter().filter(|column| column.kind != Kind::Sex).map(|column| Frequency::of(column, least)).collect()
}

impl Table {
    /// Lets values be as rare as a model says, in the columns that it speaks of.
    pub fn freeze(&mut self, frequencies: &[Frequency]) {
        for column in &mut self.columns {
            if let Some(frequency) = frequencies.iter().find(|frequency| frequency.column == column.name) {
                column.rarities = column.texts.iter().map(|value| frequency.rarity(value)).collect();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::Rows;
    use super::*;

    fn table() -> Table {
        let mut rows = Rows::new(vec![("tên".to_owned(), Kind::Given), ("sinh".to_owned(), Kind::Date)]);
        for record in 0..40 {
            let name = if record < 30 { "hùng" } else { "bích" };
            rows.push(&format!("{record:02}"), [name, if record < 20 { "1965" } else { "19650312" }]);
        }
        rows.into_table().unwrap().0
    }

    #[test]
    fn common_values_are_listed_and_no_day_of_birth() {
        let kept = frequencies(&table(), 12);
        assert_eq!(kept[0].rarities, BTreeMap::from([("hùng".to_owned(), 0)]));
        assert_eq!((kept[0].unseen, kept[0].rarity("bích")), (4, 4));
        assert_eq!(kept[1].rarities, BTreeMap::from([("1965".to_owned(), 1)]));
        assert!(kept[1].problem(Kind::Date).is_none());
        assert!(kept[0].problem(Kind::Identifier).unwrap().contains("one person alone"));
    }

    #[test]
    fn a_frozen_table_has_the_rarities_of_the_model() {
        let mut table = table();
        let before: Vec<Vec<u8>> = table.columns.iter().map(|column| column.rarities.clone()).collect();
        table.freeze(&frequencies(&table, 12));
        let bich = table.columns[0].texts.iter().position(|text| text == "bích").unwrap();
        assert_eq!((before[0][bich], table.columns[0].rarities[bich]), (2, 4));
        assert_eq!(table.columns[1].rarities.iter().max(), Some(&4));
    }
}
