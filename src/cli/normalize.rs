//! `petitiond normalize`: values from standard input through the rules of one field.

use std::io::{BufRead, Write};

use anyhow::Context as _;
use chrono::NaiveDate;
use clap::Args;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;

use super::output::unwritten;
use crate::clock::Clock;
use crate::normalize::{self, Field, Tried, encoding};

/// Values from standard input, a line each, through the rules of one field.
///
/// Prints what each value becomes and which rules spoke; `--field date` for example shows how `5/3/24` is read.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// The field whose rules to try
    #[arg(long, value_name = "FIELD", value_parser = field_parser())]
    pub field: Field,
    /// One JSON object a line: input, value, findings
    #[arg(long)]
    pub json: bool,
    /// The day of the record (YYYY-MM-DD): addresses and telephones mean the units and numbers of that day
    #[arg(long, value_name = "DATE")]
    pub on: Option<NaiveDate>,
}

fn field_parser() -> impl clap::builder::TypedValueParser<Value = Field> {
    PossibleValuesParser::new(Field::ALL.iter().map(|field| field.as_str()))
        .map(|name| Field::parse(&name).unwrap_or(Field::Text))
}

/// Reads `input` to its end and writes a line for each line.
///
/// # Errors
/// When standard input or output fails.
pub fn run(options: &Options, clock: Clock, mut input: impl BufRead, output: impl Write) -> anyhow::Result<()> {
    let today = clock.today();
    let mut output = std::io::BufWriter::new(output);
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).context("read standard input")? == 0 {
            break;
        }
        while matches!(line.last(), Some(b'\n' | b'\r')) {
            line.pop();
        }
        // a file in a legacy encoding is no UTF-8: its bytes are judged as the text they would show
        let text = encoding::as_text(&line);
        let tried = normalize::field(options.field, &text, today, options.on);
        if options.json {
            serde_json::to_writer(&mut output, &tried).map_err(unwritten)?;
            output.write_all(b"\n").map_err(unwritten)?;
        } else {
            writeln!(output, "{}", for_people(&tried)).map_err(unwritten)?;
        }
    }
    output.flush().map_err(unwritten)
}

/// `value <tab> rule, rule (flag)`.
fn for_people(tried: &Tried) -> String {
    let value = match &tried.value {
        serde_json::Value::Null => "-".to_owned(),
        serde_json::Value::String(text) => text.replace('\n', "\\n"),
        other => other.to_string(),
    };
    let rules: Vec<String> = tried
        .findings
        .iter()
        .map(|spoken| spoken.code.map_or(spoken.rule.to_owned(), |code| format!("{} ({code})", spoken.rule)))
        .collect();
    format!("{value}\t{}", rules.join(", ")).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(field: &str, json: bool, input: &[u8]) -> String {
        let options = Options { field: Field::parse(field).unwrap(), json, on: None };
        let clock = Clock::Fixed("2026-11-24T00:00:00Z".parse().unwrap());
        let mut output = Vec::new();
        run(&options, clock, input, &mut output).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn prints_a_line_for_each() {
        assert_eq!(
            output("date", false, b"5/3/2024\r\nx\n"),
            "2024-03-05\tday_month_year\n".replace("2024-03-05", "{\"date\":\"2024-03-05\",\"precision\":\"day\"}")
                + "-\tnot_a_date (date_invalid)\n"
        );
        assert_eq!(
            output("text", true, b"C\xe9ng h\xdfa x\xb7 h\xe9i\n\n".as_slice()).lines().nth(1),
            Some(r#"{"input":"","value":null,"findings":[]}"#)
        );
    }

    #[test]
    fn reads_bytes_of_legacy_files() {
        let legacy: Vec<u8> = "Nguy\u{d4}n V\u{a8}n A\n".chars().map(|c| c as u8).collect();
        assert!(output("name", true, &legacy).contains("Nguyễn Văn A"));
    }

    #[test]
    fn an_unknown_field_is_wrong_usage() {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            options: Options,
        }
        let parse = |args: &[&str]| <Line as clap::Parser>::try_parse_from(args);
        assert_eq!(parse(&["x", "--field", "phone"]).unwrap().options.field, Field::Phone);
        assert!(parse(&["x", "--field", "colour"]).is_err());
        assert!(parse(&["x"]).is_err());
    }
}
