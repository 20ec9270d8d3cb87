//! The text of the file: every guess with the reason why, and a mark where there is none.

use std::collections::{BTreeMap, BTreeSet};

use super::column::{self, Column, Columns};
use super::guess::{self, By, Guess};
use super::layout::Layout;
use super::names::Role;
use super::value::{Kind, code_of};
use super::{MARK, Sample, jq, paging, vocabulary};
use crate::domain::SourceId;
use crate::normalize::code::petition_type;
use crate::sources::format::{Encoding, Format, Header, Sheet};
use crate::sources::http::Url;

/// Signs of a line, at most, where it can be broken.
const WIDTH: usize = 116;

/// Signs after which an expression goes on in the next line.
const FOLD: usize = 80;

/// Where the records will come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Files are dropped into a folder; `pattern`: which.
    Files { pattern: String },
    /// They are fetched; `has_link`: the answer names the next page in its head.
    Http { url: Url, has_link: bool },
}

/// The configuration of a source of this id, as far as it can be guessed.
pub fn draft(sample: &Sample, id: &SourceId, origin: &Origin) -> String {
    let mut text = Text::default();
    head(&mut text, sample, id, origin);
    match origin {
        Origin::Files { pattern } => files(&mut text, pattern, sample.layout.document.is_some()),
        Origin::Http { url, has_link } => http(&mut text, url, *has_link, sample.layout.document.as_ref()),
    }
    format(&mut text, &sample.layout);
    if sample.layout.format != Format::Record {
        let columns = column::of(&sample.layout.records);
        let guesses = guess::mapping(&columns.columns, sample.today);
        let draft = Draft { columns: &columns.columns, guesses: &guesses };
        draft.map(&mut text);
        draft.rest(&mut text, &columns);
        draft.codes(&mut text);
    }
    text.0
}

fn head(text: &mut Text, sample: &Sample, id: &SourceId, origin: &Origin) {
    text.comment(&format!(
        "Guessed by `petitiond source new` from {} records of a sample. A comment says why. What could not be guessed stands as \"{MARK}\": decide it, and `petitiond check` is content; then `petitiond source preview {id}` shows what becomes of real records.",
        sample.records()
    ));
    if let Some(cut) = &sample.layout.cut {
        text.comment(&format!("The sample could be read only in part: {cut}."));
    }
    text.line("");
    text.line(&format!("id = \"{id}\""));
    text.line(&format!("name = \"{MARK}\"                      # the name of the source, for people"));
    text.line(&format!("tier = \"{MARK}\"                      # ministry | branch | local"));
    text.line(&format!(
        "agency = \"{MARK}\"                    # identity code of the agency that it belongs to, as in \"H05\""
    ));
    text.line("enabled = true");
    let schedule = if matches!(origin, Origin::Files { .. }) { "every 1m" } else { "every 5m" };
    text.line(&format!(
        "schedule = \"{schedule}\"             # or a cron expression, Asia/Ho_Chi_Minh: \"30 2 * * *\""
    ));
}

fn files(text: &mut Text, pattern: &str, is_page: bool) {
    if is_page {
        text.line("");
        text.comment(
            "Is this a saved answer of an interface? Then [http] takes the place of [files], as in http.toml.example.",
        );
    }
    text.line("\n[files]");
    text.line(&format!(
        "path = \"{MARK}\"                      # the folder where files will be dropped; petitiond moves them in it"
    ));
    text.line(&format!("pattern = {}", quoted(pattern)));
}

fn http(text: &mut Text, url: &Url, has_link: bool, document: Option<&serde_json::Value>) {
    text.line("\n[http]");
    text.line(&format!("url = {}", quoted(url.as_str())));
    text.comment("It was fetched without credentials. If it needs some, one of (the secrets are files of mode 600):");
    text.line("#auth.basic = { username = \"ttcp\", password_file = \"credential:NAME\" }");
    text.line("#auth.bearer = { token_file = \"credential:NAME\" }");
    text.line("#auth.api_key = { header = \"X-Api-Key\", key_file = \"credential:NAME\" }");
    for line in paging::lines(document, url, has_link) {
        text.line(&line);
    }
    text.comment(
        "Every pull reads everything. If the source can be asked for what changed, or what vanishes was deleted:",
    );
    text.line("#incremental = { param = \"updated_since\", format = \"%Y-%m-%dT%H:%M:%S%:z\", overlap = \"10m\" }");
    text.line("#snapshot = { max_missing = \"5%\" }");
}

fn format(text: &mut Text, layout: &Layout) {
    text.line(&format!("\n[format.{}]", layout.format.as_str()));
    match &layout.format {
        Format::Csv(csv) => {
            if let Some(delimiter) = csv.delimiter {
                text.line(&format!("delimiter = {}", quoted(&char::from(delimiter).to_string())));
            }
            header(text, &csv.header);
        }
        Format::Xlsx(sheet) => {
            if let Sheet::Number(number) = sheet.sheet {
                text.line(&format!(
                    "sheet = {number}                         # the sheet whose headings are known best"
                ));
            }
            header(text, &sheet.header);
        }
        Format::Xml(xml) => {
            text.comment("the element that is repeated most");
            text.line(&format!("record = {}", quoted(&xml.record.join("/"))));
            if !xml.lists.is_empty() {
                let lists: Vec<String> = xml.lists.iter().map(|list| quoted(list)).collect();
                text.line(&format!("lists = [{}]", lists.join(", ")));
            }
        }
        Format::Json | Format::Ndjson => records(text, layout),
        Format::Record => text.comment("the records are interchange records already: nothing is mapped"),
    }
    for other in layout.others.iter().take(5) {
        let count = other.records.unwrap_or_default();
        text.comment(&format!("another list, not read: {} with {count} objects", jq::path(&other.path)));
    }
    encoding(text, layout);
}

fn records(text: &mut Text, layout: &Layout) {
    if let Some(path) = &layout.path {
        let why =
            if path.ends_with("[]") { "the largest list of objects" } else { "the object whose fields are known best" };
        text.comment(why);
        text.line(&format!("records = {}", quoted(path)));
    }
}

fn header(text: &mut Text, header: &Header) {
    match header {
        Header::At(line) => text.line(&format!("header = {line}")),
        Header::None => text.line(
            "header = 0                        # no row of headings was found: the columns are called A, B, C, …",
        ),
        Header::With(heading) => text.line(&format!("header = {}", quoted(heading))),
        Header::Found => {
            text.line("header = \"auto\"                   # the first row with the most texts, under letterheads");
        }
    }
}

fn encoding(text: &mut Text, layout: &Layout) {
    if layout.encoding == Encoding::Utf8 {
        return text.line("encoding = \"utf-8\"");
    }
    match &layout.detected {
        Some(found) if found.differing > 0 => text.comment(&format!(
            "the whole is {}, and {} fields are in another encoding: each is judged by itself",
            found.name(),
            found.differing
        )),
        Some(found) => text.comment(&format!("judged by its words, {} % sure", found.percent())),
        None => {}
    }
    text.line(&format!("encoding = {}", quoted(layout.encoding.as_str())));
}

struct Draft<'d> {
    columns: &'d [Column],
    guesses: &'d [Guess],
}

impl<'d> Draft<'d> {
    fn of(&self, role: Role) -> Vec<(&'d Guess, &'d Column, &'static str)> {
        let of_role = |guess: &'d Guess| {
            let known = guess.field().filter(|known| known.role == role)?;
            Some((guess, self.columns.get(guess.column)?, known.field))
        };
        self.guesses.iter().filter_map(of_role).collect()
    }

    fn map(&self, text: &mut Text) {
        text.line("\n[map]");
        let record = self.of(Role::Record);
        let found = |name: &str| record.iter().find(|(_, _, field)| *field == name);
        for required in ["record_id", "kind", "received_on"] {
            match found(required) {
                Some((guess, column, _)) if !guess.is_doubtful => Self::line(text, guess, column, required),
                found => self.undecided(text, required, found.map(|(guess, column, _)| (*guess, *column))),
            }
            if required == "record_id"
                && let Some((guess, column, _)) = found("version")
            {
                Self::version(text, guess, column);
            }
        }
        let early = ["record_id", "version", "kind", "received_on"];
        for (guess, column, field) in record.iter().filter(|(_, _, field)| !early.contains(field)) {
            Self::line(text, guess, column, field);
        }
        for role in [Role::Petitioner, Role::Against, Role::Reference, Role::Event, Role::Item, Role::Reception] {
            self.object(text, role);
        }
    }

    /// What tells a newer record from an older one. One value in all of them tells nothing: of two contents of one version
    /// it would be chance which is kept.
    fn version(text: &mut Text, guess: &Guess, column: &Column) {
        let different: BTreeSet<&String> = column.values.iter().collect();
        if different.len() == 1 && column.values.len() >= SEVERAL {
            text.comment(&format!("{}: by its name, but all its values are the same", shown(&column.name())));
            return text.line(&format!("#version = {}", quoted(&jq::path(&column.path))));
        }
        Self::line(text, guess, column, "version");
    }

    /// One field of the record; commented out where the values do not fit.
    fn line(text: &mut Text, guess: &Guess, column: &Column, field: &str) {
        text.comment(&why(guess, column));
        let mark = if guess.is_doubtful { "#" } else { "" };
        text.line(&format!("{mark}{field} = {}", quoted(&jq::path(&column.path))));
    }

    /// A field that a record must have.
    fn undecided(&self, text: &mut Text, field: &str, found: Option<(&Guess, &Column)>) {
        if let Some((guess, column)) = found {
            text.comment(&why(guess, column));
        }
        let tells = |name: &str| {
            self.guesses
                .iter()
                .any(|guess| guess.field().is_some_and(|known| known.role == Role::Record && known.field == name))
        };
        let receives = !self.of(Role::Reception).is_empty();
        if field == "kind" && receives {
            text.comment(
                "there are fields of petitions and of receptions, and none tells which a record is; for example",
            );
            text.comment("kind = 'if .TiepDan then \"reception\" else \"petition\" end'");
        } else if field == "kind" && self.columns.iter().any(|column| is_of_register(&column.name())) {
            text.comment("a field is called as in a register of receptions (sổ tiếp công dân)");
        } else if field == "kind" && (tells("type") || tells("summary")) {
            text.comment("no field tells petitions from receptions, and the fields are those of petitions");
            return text.line("kind = '\"petition\"'");
        }
        let what = match field {
            "record_id" => "the field that names a record, the same in every delivery",
            "kind" => "'\"petition\"' or '\"reception\"', or the field that tells",
            _ => "the field with the day on which the agency received it",
        };
        let perhaps =
            found.map(|(_, column)| format!("; this one: {}", quoted(&jq::path(&column.path)))).unwrap_or_default();
        text.line(&format!("{field} = \"{MARK}\"                   # {what}{perhaps}"));
    }

    /// Petitioners, events and the like: an object or a list of them, of all fields that were found.
    fn object(&self, text: &mut Text, role: Role) {
        let members = self.of(role);
        let Some((_, first, _)) = members.first() else { return };
        for (guess, column, field) in &members {
            let left = if guess.is_doubtful { " (left out)" } else { "" };
            text.comment(&format!("{field}{left} \u{2190} {}", why(guess, column)));
        }
        let mut parts: BTreeMap<usize, (&str, Vec<String>)> = BTreeMap::new();
        for (guess, column, field) in members.iter().filter(|(guess, ..)| !guess.is_doubtful) {
            parts.entry(guess.known).or_insert((field, Vec::new())).1.push(jq::path(&column.path));
        }
        if parts.is_empty() {
            return;
        }
        let object = constructor(parts.into_values());
        let expression = match (&first.list, role) {
            (Some(list), _) => format!("[{}[]? | {object}]", jq::path(list)),
            (None, Role::Petitioner) => format!("[{object}]"),
            (None, _) => match around(&members) {
                Some(parent) => format!("if {parent} then {object} else null end"),
                None => object,
            },
        };
        text.line(&format!("{} = {}", role.field(), quoted(&folded(&expression))));
    }

    /// What was not used, and what was not found.
    fn rest(&self, text: &mut Text, columns: &Columns) {
        let has = |name: &str| {
            self.guesses.iter().filter_map(Guess::field).any(|known| known.field == name || known.role.field() == name)
        };
        let missing: Vec<&str> = ["type", "summary", "petitioners"].into_iter().filter(|name| !has(name)).collect();
        if !missing.is_empty() {
            text.comment(&format!("No field was found for: {}.", missing.join(", ")));
        }
        let used = |index: usize| self.guesses.iter().any(|guess| guess.column == index);
        let unused = self.columns.iter().enumerate().filter(|(index, _)| !used(*index));
        let unused: Vec<(String, &Column)> = unused.map(|(_, column)| (shown(&column.name()), column)).collect();
        if unused.is_empty() && columns.hidden == 0 {
            return;
        }
        let names: Vec<&str> = unused.iter().map(|(name, _)| name.as_str()).collect();
        if !names.is_empty() {
            text.comment(&format!("Not used: {}. What is worth keeping goes to `extra`, as in", names.join(", ")));
        }
        if let Some((_, column)) = unused.iter().find(|(_, column)| column.list.is_none()) {
            text.line(&format!("#extra.{} = {}", extra(column), quoted(&jq::path(&column.path))));
        }
        if columns.hidden > 0 {
            text.comment(&format!("{} more are not named here, because their names may be values.", columns.hidden));
        }
    }

    fn codes(&self, text: &mut Text) {
        for guess in self.guesses.iter().filter(|guess| !guess.is_doubtful) {
            let (Some(known), Some(column)) = (guess.field(), self.columns.get(guess.column)) else { continue };
            // a condition on the values that a name alone has not been held against
            if known.kind.is_coded() && !column.values.is_empty() && guess::is_coded(&column.values, known.kind) {
                let role = known.role.field();
                let field = if role.is_empty() { known.field.to_owned() } else { format!("{role}.{}", known.field) };
                table(text, &field, known.kind, column);
            }
        }
    }
}

/// `[codes.type]`: each value and what it means.
fn table(text: &mut Text, field: &str, kind: Kind, column: &Column) {
    let mut open = guess::open(&column.values, kind);
    let hidden = column.values.iter().collect::<BTreeSet<_>>().len() - open.len();
    // in a table it would stand for any other value
    open.remove("*");
    // what tells the instance too is read better by itself
    let tells_more =
        |value: &str| kind == Kind::Type && petition_type(value).is_some_and(|(_, instance)| instance.is_some());
    let (own, listed): (Vec<&str>, Vec<&str>) = open.into_iter().partition(|value| tells_more(value));
    text.line("");
    text.comment(&format!("The values of {} in the sample.", shown(&column.name())));
    if !own.is_empty() {
        let own: Vec<String> = own.iter().map(|value| shown(value)).collect();
        text.comment(&format!("Read without a line here, and with the instance that they tell: {}.", own.join(", ")));
    }
    if hidden > 0 {
        text.comment(&format!(
            "{hidden} more are not named here, because they may be of a person; add what they mean."
        ));
    }
    if listed.is_empty() {
        return;
    }
    text.line(&format!("[codes.{field}]"));
    for value in listed {
        let code = code_of(kind, value).unwrap_or(MARK);
        text.line(&format!("{} = \"{code}\"", toml_edit::Key::new(value)));
    }
}

/// `{name: .HoTen, address: {commune: .Xa}}`
fn constructor<'f>(parts: impl Iterator<Item = (&'f str, Vec<String>)>) -> String {
    let (mut plain, mut address) = (Vec::new(), Vec::new());
    for (field, paths) in parts {
        let value = if let [one] = paths.as_slice() { one.clone() } else { format!("({})", paths.join(" // ")) };
        match field.strip_prefix("address.") {
            Some(part) => address.push(format!("{part}: {value}")),
            None => plain.push(format!("{field}: {value}")),
        }
    }
    if !address.is_empty() {
        plain.push(format!("address: {{{}}}", address.join(", ")));
    }
    format!("{{{}}}", plain.join(", "))
}

/// The object of the record in which all of these stand.
fn around(members: &[(&Guess, &Column, &str)]) -> Option<String> {
    let mut parents =
        members.iter().map(|(_, column, _)| column.path.split_last().and_then(|(_, outside)| outside.first()));
    let first = parents.next()??;
    parents.all(|parent| parent == Some(first)).then(|| jq::path(std::slice::from_ref(first)))
}

/// Why a field was taken. Of values only how many there are and what they are.
fn why(guess: &Guess, column: &Column) -> String {
    let Some(known) = guess.field() else { return String::new() };
    let count = column.values.len();
    let percent = (guess.share * 100.0).floor();
    let name = shown(&column.name());
    let by = match guess.by {
        By::Name => "by its name",
        By::LikeName => "its name has a usual one in it",
        By::Values => "by its values alone",
    };
    let values = match known.kind {
        _ if count == 0 => "the sample has no value of it".to_owned(),
        Kind::Id if guess.share >= 1.0 => format!("all {count} values are different"),
        Kind::Id if count < column.of => format!("{percent} % of {} records have a value of their own", column.of),
        Kind::Id => format!("{percent} % of {count} values are different"),
        kind if kind.is_coded() && guess.by != By::Values => coded(kind, column, guess.is_doubtful),
        kind => format!("{percent} % of {count} values are {}", kind.words()),
    };
    let joint = if guess.is_doubtful { ", but" } else { ";" };
    format!("{name}: {by}{joint} {values}")
}

fn coded(kind: Kind, column: &Column, is_doubtful: bool) -> String {
    let different: BTreeSet<&String> = column.values.iter().collect();
    if is_doubtful {
        return format!("its {} different values of {} are no codes", different.len(), column.values.len());
    }
    let read = different.iter().filter(|value| code_of(kind, value).is_some()).count();
    format!("{} different values, of which {read} are read without a table", different.len())
}

/// From how many records on it is no chance that all are of one version.
const SEVERAL: usize = 5;

/// Whether a field is called as those of a register of receptions are: `Ngày tiếp`, `Cán bộ tiếp công dân`; not `Ngày tiếp
/// nhận`, by which petitions are taken in.
fn is_of_register(name: &str) -> bool {
    let flat = vocabulary::flat(name);
    ["ngaytiep", "tiepdan", "tiepcongdan", "luottiep"].iter().any(|part| flat.ends_with(part))
        || flat.contains("tiepcongdan")
}

/// A name or code as it stands in a comment.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || c == '`' { ' ' } else { c }).collect()
}

fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

/// A name under `extra`.
fn extra(column: &Column) -> String {
    let key =
        column.path.last().map(|name| crate::normalize::text::flat_words(name).replace(' ', "_")).unwrap_or_default();
    if key.is_empty() { "field".to_owned() } else { key }
}

/// A long expression over several lines, broken after commas outside of quotes.
fn folded(expression: &str) -> String {
    let (mut lines, mut line, mut quoted) = (Vec::new(), String::new(), false);
    let mut before = ' ';
    for c in expression.chars() {
        quoted ^= c == '"' && before != '\\';
        before = if before == '\\' && c == '\\' { ' ' } else { c };
        if c == ' ' && line.ends_with(',') && !quoted && line.chars().count() > FOLD {
            lines.push(std::mem::take(&mut line));
        } else {
            line.push(c);
        }
    }
    lines.push(line);
    lines.join("\n  ")
}

/// Lines of the file.
#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// As many lines of comment as it takes.
    fn comment(&mut self, text: &str) {
        let mut line = String::from("#");
        for word in shown_words(text) {
            if line.chars().count() + word.chars().count() > WIDTH && line.len() > 1 {
                self.line(&line);
                line = String::from("#");
            }
            line.push(' ');
            line.push_str(word);
        }
        self.line(&line);
    }
}

fn shown_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty())
}
