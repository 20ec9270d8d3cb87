#!/usr/bin/env bash
# Shows the whole thing on one machine: private servers, simulated agencies and the daemon.
#
#   demo.sh [ARGUMENT…]   builds, starts what is missing, and runs `petitiond demo ARGUMENT…`
#
# The servers stay up for the next time; `deploy/services.sh down` stops them, `wipe` also throws their data away.
set -euo pipefail

checkout=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
command -v cargo >/dev/null || PATH=${HOME:-/root}/.cargo/bin:$PATH
if ! command -v cargo >/dev/null; then
  echo "demo: cargo is missing: install the Rust release that Cargo.toml names, with https://rustup.rs" >&2
  exit 1
fi
if ! command -v cc >/dev/null; then
  echo "demo: a C compiler is missing, which some libraries are built with: on Debian, apt-get install gcc libc6-dev" >&2
  exit 1
fi

servers=$("$checkout/deploy/services.sh" up)
eval "$servers"
export PETITIOND__DATABASE__URL=$DATABASE_URL PETITIOND__BROKER__URL=$AMQP_URL

# cargo knows best where the binary ends up (CARGO_TARGET_DIR, build.target-dir, a cross target)
binary=$(cd "$checkout" && cargo build --release --locked --bin petitiond --message-format=json-render-diagnostics |
  sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
exec "$binary" demo "$@"
