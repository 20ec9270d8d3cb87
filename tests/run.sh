#!/usr/bin/env bash
# Everything that is checked, on any machine: format, lints, scripts, and all tests against private servers.
#
#   tests/run.sh [FILTER…]   only the tests whose names contain one of these
#
# Installs the Debian packages that the tests need where it may (root, or sudo without a password) and says what to
# install where it may not. The last line is `N passed, N failed`; a check that does not hold counts as one failure.
set -uo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." || exit 1

[[ ${CI:-} = true ]] && export CARGO_INCREMENTAL=0
export SERVICES_INSTANCE=run SERVICES_FAST=1 SERVICES_MARIADB=1
unset SERVICES_DIR

passed=0 failed=0
say() { printf '\n== %s\n' "$*" >&2; }
finish() {
  trap - EXIT INT TERM
  deploy/services.sh wipe 8>&-
  # A test that was killed could not stop the servers of its own.
  local ports
  for ports in "$TMPDIR"/*/ports; do
    [[ ! -f $ports ]] || SERVICES_DIR=$(dirname "$ports") deploy/services.sh wipe 8>&-
  done
  rm -rf "$TMPDIR"
  ((passed > 0)) || ((failed > 0)) || { say "no test ran"; failed=1; }
  printf '%s passed, %s failed\n' "$passed" "$failed"
  exit "$((failed > 0))"
}
check() { # what, command…
  say "$1"
  "${@:2}" 8>&- || { failed=$((failed + 1)); say "does not hold: $1"; }
}
give_up() {
  say "$1"
  failed=$((failed + 1))
  finish
}

# One run of a checkout at a time: they would share the servers.
mkdir -p .local
exec 8>.local/tests.lock
flock -n 8 || { say "waiting for another run of these tests"; flock 8; }
TMPDIR=$(mktemp -d -t petitiond-run-XXXXXX) || exit 1
export TMPDIR # for the tests' scratch folders; the database's own user has to come in
chmod 755 "$TMPDIR"
log=$TMPDIR/log
trap finish EXIT
trap 'give_up "interrupted"' INT TERM

scripts() {
  local script code=0
  for script in deploy/*.sh tests/*.sh .ci/run; do
    [[ -e $script ]] || continue
    bash -n "$script" || code=1
    if command -v shellcheck >/dev/null; then shellcheck -x -S warning "$script" || code=1; fi
  done
  return "$code"
}

need() { # command, Debian packages that bring it
  command -v "$1" >/dev/null || deploy/services.sh install "${@:2}" 8>&- || give_up "the tests need $1 (Debian: ${*:2})"
}

command -v cargo >/dev/null || [[ ! -x $HOME/.cargo/bin/cargo ]] || PATH=$HOME/.cargo/bin:$PATH
command -v cargo >/dev/null || give_up "the tests need cargo, of the Rust release that Cargo.toml names (https://rustup.rs)"
need cc gcc libc6-dev
need systemd-analyze systemd
deploy/services.sh wipe 8>&- 2>/dev/null # what an interrupted run left
say "private servers"
servers=$(deploy/services.sh up 8>&-) || give_up "the private servers did not start"
eval "$servers"
export TEST_DATABASE_URL=$DATABASE_URL TEST_AMQP_URL=$AMQP_URL TEST_MANAGEMENT_URL=$RABBITMQ_MANAGEMENT_URL
export TEST_MARIADB_URL=$MARIADB_URL
unset DATABASE_URL AMQP_URL RABBITMQ_MANAGEMENT_URL MARIADB_URL SERVICES_MARIADB # nothing may come to lean on them

check "scripts" scripts
check "format" cargo fmt --check
check "lints" cargo clippy --all-targets --locked -- -D warnings

# The counts are the runner's own. What ran and did not pass has failed, whatever the runner calls it.
with_nextest() {
  cargo nextest run --locked --no-fail-fast "$@" 8>&- 2>&1 | tee "$log"
  local code=${PIPESTATUS[0]} summary
  summary=$(sed 's/\x1b\[[0-9;]*m//g' "$log" | grep -E '^ *Summary \[.*\] .*tests? run:' | tail -n1)
  if [[ $summary =~ ([0-9]+)\ tests?\ run:\ ([0-9]+)\ passed ]]; then
    passed=$((passed + BASH_REMATCH[2])) failed=$((failed + BASH_REMATCH[1] - BASH_REMATCH[2]))
  elif [[ $summary =~ ([0-9]+)\ tests?\ run: ]]; then
    failed=$((failed + BASH_REMATCH[1]))
  fi
  return "$code"
}
with_cargo_test() {
  cargo test --locked --lib --bins --tests --no-fail-fast -- "$@" 8>&- 2>&1 | tee "$log"
  local code=${PIPESTATUS[0]} line
  while read -r line; do
    [[ $line =~ ([0-9]+)\ passed\;\ ([0-9]+)\ failed ]] || continue
    passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
  done < <(sed 's/\x1b\[[0-9;]*m//g' "$log" | grep '^test result: ')
  return "$code"
}

say "tests"
failed_before=$failed
if cargo nextest --version >/dev/null 2>&1; then runner=with_nextest; else runner=with_cargo_test; fi
# a run that failed without a failed test: it did not compile, or a test took its whole process with it
"$runner" "$@" || ((failed > failed_before)) || failed=$((failed + 1))
((passed > 0)) || ((failed > 0)) || { say "no test ran"; failed=1; }
finish
