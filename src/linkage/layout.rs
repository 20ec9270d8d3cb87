//! Which comparisons a set of columns gives, and how a pair of records becomes a row of cells, one a comparison: what
//! the model counts, weighs and explains.
//!
//! What hangs together is one comparison. Given and family name are: every combination of their levels is a cell of its
//! own, straight or crossed (given name of one with family name of the other). How rare an agreeing value is, is a
//! comparison that only those see who agree on it: so a rare name weighs more than a common one, by what is learned and
//! not by a formula, and values that only one person's many records share count as such. Sex is compared apart for
//! pairs with the same given name, which tells it.

#![expect(clippy::indexing_slicing, reason = "cells, parts and columns are numbers that the layout gave out")]

use super::comparison::{Kind, NEAR};
use super::pair::{MISSING, Pair};
use super::table::RAREST;

/// A row's entry where there is nothing to compare.
pub const NOT_COMPARED: u16 = 0;

const NAME_LEVELS: usize = 6;
const NAME_CELLS: usize = 2 * NAME_LEVELS * NAME_LEVELS;
const EMAIL_LEVELS: usize = Kind::Email.levels().len();
const BINS: usize = RAREST as usize + 1;

/// What a comparison looks at; numbers are positions of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Given and family name together.
    Name { given: usize, family: usize },
    /// The levels of one column.
    Level(usize),
    /// The levels of sex, apart for pairs with the same given name.
    Sex { column: usize, given: usize },
    /// The levels of an address of electronic mail, which is often made of the name: apart for pairs with the same
    /// name, with the same given or family name, and with another.
    Email(usize),
    /// How rare the value is that both have.
    Rarity(usize),
    /// How rare the commoner of two values is that nearly agree.
    NearRarity(usize),
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    pub name: String,
    pub subject: Subject,
    /// Number of cells, [`NOT_COMPARED`] among them.
    pub cells: usize,
    pub is_place: bool,
    pub is_kin: bool,
    pub is_strong: bool,
}

impl Comparison {
    /// Does it see how rare a value is?
    pub const fn is_rarity(&self) -> bool {
        matches!(self.subject, Subject::Rarity(_) | Subject::NearRarity(_))
    }
}

/// All comparisons of a set of columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    pub columns: Vec<(String, Kind)>,
    pub comparisons: Vec<Comparison>,
    name: Option<(usize, usize)>,
}

/// How two names agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Names {
    /// 0 both parts can be compared, 1 only given, 2 only family names.
    pattern: usize,
    is_crossed: bool,
    /// Of the given names; crossed, of the two parts that agree better.
    first: u8,
    second: u8,
    /// The rarities of what agrees.
    rarities: [u8; 2],
}

impl Layout {
    pub fn new(columns: &[(String, Kind)]) -> Self {
        let find = |kind| columns.iter().position(|(_, other)| *other == kind);
        let name = find(Kind::Given).zip(find(Kind::Family));
        let mut layout = Self { columns: columns.to_vec(), comparisons: Vec::new(), name };
        if let Some((given, family)) = name {
            layout.comparisons.push(Comparison {
                name: "name".to_owned(),
                subject: Subject::Name { given, family },
                cells: 1 + 3 * NAME_CELLS,
                is_place: false,
                is_kin: true,
                is_strong: false,
            });
        }
        for (index, (_, kind)) in columns.iter().enumerate() {
            layout.add(index, *kind);
        }
        layout
    }

    fn add(&mut self, index: usize, kind: Kind) {
        let levels = kind.levels().len();
        let is_named = self.name.is_some_and(|(given, family)| index == given || index == family);
        let subject = match (kind, self.name) {
            (Kind::Sex, Some((given, _))) => Some((Subject::Sex { column: index, given }, 2 * levels)),
            (Kind::Email, Some(_)) => Some((Subject::Email(index), 3 * levels)),
            _ if is_named => None,
            _ => Some((Subject::Level(index), levels)),
        };
        let rarity = (kind != Kind::Sex).then_some((Subject::Rarity(index), BINS));
        let near = matches!(kind, Kind::Given | Kind::Family).then_some((Subject::NearRarity(index), BINS));
        for (subject, cells) in [subject, rarity, near].into_iter().flatten() {
            let suffix = match subject {
                Subject::Rarity(_) => " rarity",
                Subject::NearRarity(_) => " near rarity",
                _ => "",
            };
            self.comparisons.push(Comparison {
                name: format!("{}{suffix}", self.columns[index].0),
                subject,
                cells: cells + 1,
                is_place: kind.is_place(),
                is_kin: kind.is_kin() && !matches!(subject, Subject::NearRarity(_)),
                is_strong: kind.is_strong() && suffix.is_empty(),
            });
        }
    }

    /// Compares two records: one cell a comparison. The same for (a, b) and (b, a). Gives the levels of the columns.
    pub fn compare(&self, pair: &impl Pair, cells: &mut Vec<u16>) -> [u8; MOST_COLUMNS] {
        cells.clear();
        let levels = pair.levels();
        let names = self.name.and_then(|_| self.names(pair, &levels));
        for comparison in &self.comparisons {
            cells.push(match comparison.subject {
                Subject::Name { .. } => names.map_or(NOT_COMPARED, Names::cell),
                Subject::Level(column) => above(levels[column]),
                Subject::Sex { column, given } => match above(levels[column]) {
                    NOT_COMPARED => NOT_COMPARED,
                    cell => cell + 2 * u16::from(levels[given] == Kind::Given.same()),
                },
                Subject::Email(column) => match above(levels[column]) {
                    NOT_COMPARED => NOT_COMPARED,
                    cell => cell + EMAIL_LEVELS as u16 * names.map_or(0, Names::alike),
                },
                Subject::Rarity(column) => self.rarity(pair, column, levels[column], names),
                Subject::NearRarity(column) => self.near_rarity(pair, column, levels[column], names),
            });
        }
        levels
    }

    fn names(&self, pair: &impl Pair, levels: &[u8; MOST_COLUMNS]) -> Option<Names> {
        let (given, family) = self.name?;
        let (first, second) = (levels[given], levels[family]);
        let pattern = match (first, second) {
            (MISSING, MISSING) => return crossed_only(pair, (given, family)),
            (_, MISSING) => 1,
            (MISSING, _) => 2,
            _ => 0,
        };
        let present = |level: u8| if level == MISSING { 0 } else { level };
        let straight =
            Names { pattern, is_crossed: false, first: present(first), second: present(second), rarities: [0; 2] };
        if straight.first >= NEAR && straight.second >= NEAR {
            return Some(straight);
        }
        let crossed = crossed(pair, (given, family), pattern);
        let is_better = crossed.first >= NEAR && crossed.first + crossed.second > straight.first + straight.second;
        Some(if is_better { crossed } else { straight })
    }

    fn rarity(&self, pair: &impl Pair, column: usize, level: u8, names: Option<Names>) -> u16 {
        let kind = self.columns[column].1;
        if let Some((names, (given, _))) = names.filter(|names| names.is_crossed).zip(self.name)
            && matches!(kind, Kind::Given | Kind::Family)
        {
            let (level, rarity) =
                if column == given { (names.second, names.rarities[1]) } else { (names.first, names.rarities[0]) };
            return if level == kind.same() { above(rarity) } else { NOT_COMPARED };
        }
        if level == kind.same() { above(pair.rarity(column)) } else { NOT_COMPARED }
    }

    fn near_rarity(&self, pair: &impl Pair, column: usize, level: u8, names: Option<Names>) -> u16 {
        let is_near = level != MISSING && level > 0 && level < self.columns[column].1.same();
        let is_straight = names.is_none_or(|names| !names.is_crossed);
        if is_near && is_straight { above(pair.rarity(column)) } else { NOT_COMPARED }
    }

    /// Cells whose probabilities add up to 1: those of pairs with the same parts to compare.
    pub fn pattern(&self, comparison: usize, cell: usize) -> usize {
        match self.comparisons[comparison].subject {
            Subject::Name { .. } => (cell - 1) / NAME_CELLS,
            Subject::Sex { .. } => (cell - 1) / 2,
            Subject::Email(_) => (cell - 1) / EMAIL_LEVELS,
            _ => 0,
        }
    }

    /// The two levels of a cell of the comparison of names.
    pub const fn name_levels(&self, cell: usize) -> (usize, usize) {
        let rest = (cell - 1) % (NAME_LEVELS * NAME_LEVELS);
        (rest / NAME_LEVELS, rest % NAME_LEVELS)
    }

    /// Is it a cell of names that have changed places?
    pub const fn is_crossed(&self, cell: usize) -> bool {
        (cell - 1) % NAME_CELLS >= NAME_LEVELS * NAME_LEVELS
    }

    /// Can a pair fall into this cell?
    pub fn is_possible(&self, comparison: usize, cell: usize) -> bool {
        if cell == usize::from(NOT_COMPARED) {
            return false;
        }
        let Subject::Name { .. } = self.comparisons[comparison].subject else { return true };
        let (first, second) = self.name_levels(cell);
        match (self.is_crossed(cell), (cell - 1) / NAME_CELLS) {
            (true, 0) => first >= usize::from(NEAR) && second <= first,
            (true, _) => first >= usize::from(NEAR) && second == 0,
            (false, 1) => second == 0,
            (false, 2) => first == 0,
            (false, _) => true,
        }
    }

    /// Is it a cell of names whose given names were compared and have nothing in common?
    pub const fn is_given_different(&self, cell: usize) -> bool {
        (cell - 1) / NAME_CELLS < 2 && !self.is_crossed(cell) && self.name_levels(cell).0 == 0
    }

    /// A cell in words, as they stand in a model and in an explanation.
    pub fn cell_name(&self, comparison: usize, cell: usize) -> String {
        let level = |column: usize, level: usize| self.columns[column].1.levels().get(level).copied().unwrap_or("");
        if cell == usize::from(NOT_COMPARED) {
            return "missing".to_owned();
        }
        match self.comparisons[comparison].subject {
            Subject::Name { .. } => name_cell(cell),
            Subject::Level(column) => level(column, cell - 1).to_owned(),
            Subject::Sex { column, .. } => {
                let given = if cell > 2 { "same given name" } else { "other given name" };
                format!("{}, {given}", level(column, (cell - 1) % 2))
            }
            Subject::Email(column) => {
                let name = ["other name", "half of the name", "same name"][(cell - 1) / EMAIL_LEVELS];
                format!("{}, {name}", level(column, (cell - 1) % EMAIL_LEVELS))
            }
            Subject::Rarity(_) | Subject::NearRarity(_) => format!("1 in 2^{}", cell - 1),
        }
    }
}

/// The most columns that are compared.
pub const MOST_COLUMNS: usize = 32;

const fn above(level: u8) -> u16 {
    if level == MISSING { NOT_COMPARED } else { level as u16 + 1 }
}

fn name_cell(cell: usize) -> String {
    let (pattern, rest) = ((cell - 1) / NAME_CELLS, (cell - 1) % NAME_CELLS);
    let levels = Kind::Given.levels();
    let (first, second) = (levels[rest % 36 / NAME_LEVELS], levels[rest % NAME_LEVELS]);
    match (rest >= 36, pattern) {
        (true, 0) => format!("crossed {first} {second}"),
        (true, _) => format!("crossed {first}, {}", ["", "no family name", "no given name"][pattern]),
        (false, 0) => format!("given {first}, family {second}"),
        (false, 1) => format!("given {first}"),
        (false, _) => format!("family {second}"),
    }
}

impl Names {
    /// How many of the two parts of the name agree.
    fn alike(self) -> u16 {
        u16::from(self.first >= NEAR) + u16::from(self.second >= NEAR)
    }

    const fn cell(self) -> u16 {
        let order = if self.is_crossed { NAME_LEVELS * NAME_LEVELS } else { 0 };
        let levels = self.first as usize * NAME_LEVELS + self.second as usize;
        (1 + self.pattern * NAME_CELLS + order + levels) as u16
    }
}

/// The given name of each with the family name of the other.
fn crossed(pair: &impl Pair, (given, family): (usize, usize), pattern: usize) -> Names {
    let [one, other] = pair.crossed(given, family);
    let (first, second) = if one >= other { (one, other) } else { (other, one) };
    Names { pattern, is_crossed: true, first: first.0, second: second.0, rarities: [first.1, second.1] }
}

/// One has only a given name, the other only a family name.
fn crossed_only(pair: &impl Pair, parts: (usize, usize)) -> Option<Names> {
    let names = crossed(pair, parts, 1);
    (names.first >= NEAR).then_some(names)
}
