//! The unit file that is shipped: systemd understands it, and it keeps the daemon shut in.

use std::process::{Command, Output};

const UNIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/petitiond.service");

fn systemd_analyze(args: &[&str]) -> Output {
    Command::new("systemd-analyze")
        .args(args)
        .env("SYSTEMD_COLORS", "0")
        .env("SYSTEMD_PAGER", "cat")
        .output()
        .unwrap_or_else(|e| panic!("systemd-analyze cannot be run: {e} (Debian: apt-get install systemd)"))
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn hardening_scores_at_most_one_and_a_half() {
    // Exposure from 0.0 (shut in) to 10.0; the threshold is in tenths.
    let output = systemd_analyze(&["security", "--offline=true", "--threshold=15", "--no-pager", UNIT]);
    let table = said(&output);
    let open: Vec<_> = table.lines().filter(|line| line.contains('✗') || line.contains("Overall")).collect();
    assert!(output.status.success(), "the unit leaves too much open:\n{}", open.join("\n"));
    assert!(table.contains("Overall exposure level for petitiond.service"), "no score in:\n{table}");
}

#[test]
fn systemd_understands_every_line() {
    let output = systemd_analyze(&["verify", "--man=no", UNIT]);
    // Where the tests run, the daemon is not installed. And `verify` also reads the machine's own units.
    let problems: Vec<_> = said(&output)
        .lines()
        .filter(|line| line.contains("petitiond") && !line.contains("Command /usr/bin/petitiond is not executable"))
        .map(ToOwned::to_owned)
        .collect();
    assert!(problems.is_empty(), "systemd complains:\n{}", problems.join("\n"));
}
