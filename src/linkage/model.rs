//! A trained model as a file: TOML, a line a cell, checked as a whole when it is loaded.

use std::collections::BTreeMap;

use toml_edit::{Document, Item, Table, TableLike, Value};

use super::calibration::Calibration;
use super::columns::{self, Declared};
use super::frequency::Frequency;
use super::layout::Layout;
use super::parameters::{Cell, Kinds, Parameters};
use super::table::RAREST;

/// The form of the file; another number is refused.
const VERSION: i64 = 1;

/// From how many bits on what is done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// A pair is linked without anybody looking.
    pub link: f32,
    /// A pair is shown to a clerk.
    pub review: f32,
    /// Two groups are one, by the average over their pairs.
    pub cluster: f32,
}

/// 19 to 1 (0.95), 1 to 4, and 1 to 1: fixed on the sets febrl3, fake_1000 and synth_101k.
impl Default for Thresholds {
    fn default() -> Self {
        Self { link: 4.247_928, review: -2.0, cluster: 0.0 }
    }
}

/// All that turns two records into a weight.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub declared: Vec<Declared>,
    pub layout: Layout,
    pub parameters: Parameters,
    pub thresholds: Thresholds,
    /// How many records it was trained on.
    pub records: usize,
    /// What sums of evidence are worth.
    pub calibration: Calibration,
    /// How rare values are, where that is not counted live.
    pub frequencies: Vec<Frequency>,
}

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// From 1.
    pub line: usize,
    pub message: String,
}

/// Everything that is wrong with a file.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(|problem| format!("line {}: {}", problem.line, problem.message)).collect::<Vec<_>>().join("\n"))]
pub struct Unusable(pub Vec<Problem>);

/// The layout of declared columns.
pub fn layout(declared: &[Declared]) -> Layout {
    let columns: Vec<_> = declared.iter().flat_map(Declared::derived).collect();
    Layout::new(&columns)
}

impl Model {
    /// As text, to be kept.
    pub fn to_toml(&self) -> String {
        let mut text = String::from(HEAD);
        let Kinds { stayed, moved, neighbours, household, relatives } = self.parameters.kinds;
        let Thresholds { link, review, cluster } = self.thresholds;
        let records = self.records;
        let mut line = |arguments: std::fmt::Arguments<'_>| {
            text.push_str(&arguments.to_string());
            text.push('\n');
        };
        line(format_args!("version = {VERSION}\nrecords = {records}\n"));
        line(format_args!("[thresholds]\nlink = {link:?}\nreview = {review:?}\ncluster = {cluster:?}\n"));
        line(format_args!("[pairs]\nstayed = {stayed:e}\nmoved = {moved:e}\nneighbours = {neighbours:e}"));
        line(format_args!("household = {household:e}\nrelatives = {relatives:e}"));
        if self.calibration != Calibration::default() {
            let Calibration { slope, offset } = self.calibration;
            line(format_args!("\n[calibration]\nslope = {slope:?}\noffset = {offset:?}"));
        }
        for declared in &self.declared {
            line(format_args!("\n[[column]]\nname = {}\nkind = {:?}", quoted(&declared.header), declared.word()));
        }
        for (index, comparison) in self.layout.comparisons.iter().enumerate() {
            line(format_args!("\n[[comparison]]\nname = {}\ncells = [", quoted(&comparison.name)));
            let cells = self.parameters.cells.get(index).into_iter().flatten().enumerate().skip(1);
            for (number, cell) in cells.filter(|(_, cell)| cell.m > 0.0) {
                let is = quoted(&self.layout.cell_name(index, number));
                let n = if comparison.is_place { format!(", n = {:.5e}", cell.n) } else { String::new() };
                let is_home = comparison.is_place || comparison.is_kin;
                let h = if is_home { format!(", h = {:.5e}", cell.h) } else { String::new() };
                line(format_args!("  {{ is = {is}, m = {:.5e}, u = {:.5e}{n}{h} }},", cell.m, cell.u));
            }
            line(format_args!("]"));
        }
        for frequency in &self.frequencies {
            line(format_args!("\n[[frequency]]\ncolumn = {}", quoted(&frequency.column)));
            line(format_args!("unseen = {}\nvalues = [", frequency.unseen));
            for bits in 0..=RAREST {
                let of = frequency.rarities.iter().filter(|(_, rarity)| **rarity == bits);
                let values: Vec<String> = of.map(|(value, _)| quoted(value)).collect();
                if !values.is_empty() {
                    line(format_args!("  {{ bits = {bits}, are = [{}] }},", values.join(", ")));
                }
            }
            line(format_args!("]"));
        }
        text
    }

    /// Reads what [`Model::to_toml`] wrote.
    ///
    /// # Errors
    /// All that is wrong with it, each with its line.
    pub fn parse(text: &str) -> Result<Self, Unusable> {
        let mut reader = Reader { text, problems: Vec::new() };
        let document = match Document::parse(text) {
            Ok(document) => document,
            Err(error) => {
                reader.problem(error.span(), error.message().to_owned());
                return Err(Unusable(reader.problems));
            }
        };
        let model = reader.model(document.as_table());
        model.filter(|_| reader.problems.is_empty()).ok_or(Unusable(reader.problems))
    }
}

const HEAD: &str = "# Written by `petitiond link train`; no number here was set by hand.\n\
# pairs: how many pairs of each kind there are for each record. cells: how often pairs of one person (m), of strangers\n\
# (u), of neighbours (n) and of a household (h) show each level. thresholds: bits. calibration: bits = slope * sum +\n\
# offset. frequency: -log2 of the share of values that many have; all others count as unseen.\n";

fn quoted(text: &str) -> String {
    Value::from(text).to_string().trim().to_owned()
}

/// Reads a file and notes what is wrong.
struct Reader<'t> {
    text: &'t str,
    problems: Vec<Problem>,
}

type Span = Option<std::ops::Range<usize>>;

impl Reader<'_> {
    fn problem(&mut self, span: Span, message: String) {
        let start = span.map_or(0, |span| span.start);
        let line = self.text.get(..start).unwrap_or_default().matches('\n').count() + 1;
        self.problems.push(Problem { line, message });
    }

    fn known(&mut self, table: &dyn TableLike, keys: &[&str]) {
        for (key, item) in table.iter() {
            if !keys.contains(&key) {
                self.problem(item.span(), format!("{key:?} is not known here: {} are", keys.join(", ")));
            }
        }
    }

    fn number(&mut self, table: &dyn TableLike, key: &str, span: Span) -> f64 {
        let Some(item) = table.get(key) else {
            self.problem(span, format!("{key} is missing"));
            return 0.0;
        };
        let number = item.as_float().or_else(|| item.as_integer().map(|number| number as f64));
        number.filter(|number| number.is_finite()).unwrap_or_else(|| {
            self.problem(item.span(), format!("{key} must be a number"));
            0.0
        })
    }

    fn word<'i>(&mut self, table: &'i dyn TableLike, key: &str, span: Span) -> &'i str {
        table.get(key).and_then(Item::as_str).unwrap_or_else(|| {
            self.problem(span, format!("{key} is missing or no text"));
            ""
        })
    }

    fn model(&mut self, table: &Table) -> Option<Model> {
        self.known(
            table,
            &["version", "records", "thresholds", "pairs", "calibration", "column", "comparison", "frequency"],
        );
        let version = table.get("version").and_then(Item::as_integer);
        if version != Some(VERSION) {
            let span = table.get("version").and_then(Item::span);
            self.problem(span, format!("version must be {VERSION}: train the model again"));
        }
        let records = self.number(table, "records", None);
        let thresholds = self.thresholds(table);
        let kinds = self.kinds(table);
        let calibration = self.calibration(table);
        let declared = self.columns(table);
        if let Err(message) = columns::check(&declared) {
            self.problem(table.get("column").and_then(Item::span), message);
            return None;
        }
        let layout = layout(&declared);
        let cells = self.comparisons(table, &layout);
        let frequencies = self.frequencies(table, &layout);
        let parameters = Parameters { kinds, cells };
        Some(Model { declared, layout, parameters, thresholds, records: records as usize, calibration, frequencies })
    }

    fn section<'t>(&mut self, table: &'t Table, name: &str, keys: &[&str]) -> Option<(&'t dyn TableLike, Span)> {
        let item = table.get(name);
        let Some(section) = item.and_then(Item::as_table_like) else {
            self.problem(item.and_then(Item::span), format!("[{name}] is missing"));
            return None;
        };
        self.known(section, keys);
        Some((section, item.and_then(Item::span)))
    }

    fn thresholds(&mut self, table: &Table) -> Thresholds {
        let Some((section, span)) = self.section(table, "thresholds", &["link", "review", "cluster"]) else {
            return Thresholds::default();
        };
        let mut bits = |key| self.number(section, key, span.clone()) as f32;
        let thresholds = Thresholds { link: bits("link"), review: bits("review"), cluster: bits("cluster") };
        if thresholds.review > thresholds.link {
            self.problem(span, "review must not be above link".to_owned());
        }
        thresholds
    }

    fn calibration(&mut self, table: &Table) -> Calibration {
        if !table.contains_key("calibration") {
            return Calibration::default();
        }
        let Some((section, span)) = self.section(table, "calibration", &["slope", "offset"]) else {
            return Calibration::default();
        };
        let mut number = |key| self.number(section, key, span.clone()) as f32;
        let calibration = Calibration { slope: number("slope"), offset: number("offset") };
        if calibration.slope <= 0.0 {
            self.problem(span, "slope must be above 0: more evidence is more".to_owned());
        }
        calibration
    }

    fn kinds(&mut self, table: &Table) -> Kinds {
        let keys = ["stayed", "moved", "neighbours", "household", "relatives"];
        let Some((section, span)) = self.section(table, "pairs", &keys) else { return Kinds::default() };
        let [stayed, moved, neighbours, household, relatives] = keys.map(|key| {
            let number = self.number(section, key, span.clone());
            if number < 0.0 {
                self.problem(span.clone(), format!("{key} must not be negative"));
            }
            number
        });
        if stayed + moved <= 0.0 {
            self.problem(span, "without pairs of one person nothing can be linked".to_owned());
        }
        Kinds { stayed, moved, neighbours, household, relatives }
    }

    fn columns(&mut self, table: &Table) -> Vec<Declared> {
        let mut declared = Vec::new();
        for column in table.get("column").and_then(Item::as_array_of_tables).into_iter().flatten() {
            self.known(column, &["name", "kind"]);
            let header = self.word(column, "name", column.span()).to_owned();
            match columns::reading(self.word(column, "kind", column.span())) {
                Ok(reading) => declared.push(Declared { header, reading }),
                Err(message) => self.problem(column.get("kind").and_then(Item::span).or(column.span()), message),
            }
        }
        declared
    }

    fn comparisons(&mut self, table: &Table, layout: &Layout) -> Vec<Vec<Cell>> {
        let mut all: Vec<Vec<Cell>> =
            layout.comparisons.iter().map(|comparison| vec![Cell::default(); comparison.cells]).collect();
        let mut seen = Vec::new();
        for section in table.get("comparison").and_then(Item::as_array_of_tables).into_iter().flatten() {
            self.known(section, &["name", "cells"]);
            let name = self.word(section, "name", section.span());
            let Some(index) = layout.comparisons.iter().position(|comparison| comparison.name == name) else {
                self.problem(section.span(), format!("the columns give no comparison {name:?}"));
                continue;
            };
            if seen.contains(&index) {
                self.problem(section.span(), format!("the comparison {name:?} stands here twice"));
            }
            seen.push(index);
            let cells = section.get("cells").and_then(Item::as_array);
            for value in cells.into_iter().flatten() {
                if let Some(cells) = all.get_mut(index) {
                    self.cell(layout, index, value, cells);
                }
            }
        }
        for (index, comparison) in layout.comparisons.iter().enumerate().filter(|(index, _)| !seen.contains(index)) {
            self.problem(None, format!("the comparison {:?} (number {index}) is missing", comparison.name));
        }
        all
    }

    fn frequencies(&mut self, table: &Table, layout: &Layout) -> Vec<Frequency> {
        let mut all: Vec<Frequency> = Vec::new();
        for section in table.get("frequency").and_then(Item::as_array_of_tables).into_iter().flatten() {
            self.known(section, &["column", "unseen", "values"]);
            let column = self.word(section, "column", section.span()).to_owned();
            let Some((_, kind)) = layout.columns.iter().find(|(name, _)| *name == column) else {
                self.problem(section.span(), format!("no column {column:?} is compared"));
                continue;
            };
            if all.iter().any(|other| other.column == column) {
                self.problem(section.span(), format!("the frequency of {column:?} stands here twice"));
            }
            let unseen = self.bits(section, "unseen", section.span());
            let mut frequency = Frequency { column, unseen, rarities: BTreeMap::new() };
            for value in section.get("values").and_then(Item::as_array).into_iter().flatten() {
                self.values(value, &mut frequency);
            }
            if let Some(problem) = frequency.problem(*kind) {
                self.problem(section.span(), problem);
            }
            all.push(frequency);
        }
        all
    }

    fn bits(&mut self, table: &dyn TableLike, key: &str, span: Span) -> u8 {
        let number = self.number(table, key, span.clone());
        let bits = number as u8;
        if number < 0.0 || bits > RAREST || number.fract() != 0.0 {
            self.problem(span, format!("{key} must be a whole number from 0 to {RAREST}"));
            return 0;
        }
        bits
    }

    fn values(&mut self, value: &Value, frequency: &mut Frequency) {
        let Some(table) = value.as_inline_table() else {
            return self.problem(value.span(), "values are of the form { bits = …, are = [\"…\"] }".to_owned());
        };
        self.known(table, &["bits", "are"]);
        let bits = self.bits(table, "bits", value.span());
        for value in table.get("are").and_then(Value::as_array).into_iter().flatten() {
            let Some(text) = value.as_str() else {
                self.problem(value.span(), "a value must be a text".to_owned());
                continue;
            };
            if frequency.rarities.insert(text.to_owned(), bits).is_some() {
                self.problem(value.span(), format!("{text:?} stands here twice"));
            }
        }
    }

    fn cell(&mut self, layout: &Layout, index: usize, value: &Value, cells: &mut [Cell]) {
        let Some(table) = value.as_inline_table() else {
            return self.problem(value.span(), "a cell is of the form { is = \"…\", m = …, u = … }".to_owned());
        };
        self.known(table, &["is", "m", "n", "h", "u"]);
        let name = self.word(table, "is", value.span());
        let Some(number) =
            (1..cells.len()).find(|cell| layout.is_possible(index, *cell) && layout.cell_name(index, *cell) == name)
        else {
            return self.problem(value.span(), format!("{name:?} is no level of this comparison"));
        };
        let mut probability = |key: &str, is_wanted: bool| {
            let number = if is_wanted { self.number(table, key, value.span()) } else { 0.0 };
            if (0.0..=1.0).contains(&number) {
                return number;
            }
            self.problem(value.span(), format!("{key} must be from 0 to 1"));
            0.0
        };
        let Some(comparison) = layout.comparisons.get(index) else { return };
        let cell = Cell {
            m: probability("m", true),
            n: probability("n", comparison.is_place),
            h: probability("h", comparison.is_place || comparison.is_kin),
            u: probability("u", true),
        };
        if cell.u <= 0.0 && cell.m > 0.0 {
            self.problem(value.span(), "u must be above 0".to_owned());
        }
        if let Some(free) = cells.get_mut(number) {
            if *free != Cell::default() {
                self.problem(value.span(), format!("{name:?} stands here twice"));
            }
            *free = cell;
        }
    }
}
