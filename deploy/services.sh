#!/usr/bin/env bash
# A private PostgreSQL and a private RabbitMQ for development, tests and the demo; a private MariaDB, which stands for
# an agency's own database, where it is asked for.
#
#   services.sh up     [pg|amqp|maria|all]   start what is not running; print the environment as `env` does
#   services.sh down   [pg|amqp|maria|all]   stop and keep the data
#   services.sh kill   [pg|amqp|maria|all]   SIGKILL, as a power cut would; a later `up` takes the same ports
#   services.sh wipe   [pg|amqp|maria|all]   stop and throw the data away
#   services.sh env                    print export lines: eval "$(deploy/services.sh env)"
#   services.sh status                 say what runs; exit 1 when something does not
#   services.sh ctl ARGUMENT…          rabbitmqctl on this instance's broker
#   services.sh install PACKAGE…       Debian packages, without starting the servers they may bring
#
# Nothing of the machine's own servers is touched: data folder, ports, Erlang node, cookie and epmd are private, and
# everything listens on loopback only. What belongs to an instance is told by its data folder, never by a name.
#
#   SERVICES_INSTANCE=test   another instance of this checkout (default: dev)
#   SERVICES_DIR=/some/dir   its data folder outright
#   SERVICES_FAST=1          no fsync: for data that may be lost (default for the instance `test`)
#   SERVICES_MARIADB=1       `up` and `up all` start MariaDB too
set -euo pipefail

readonly DB=petitiond      # database, its user and password; the broker's user and password too: loopback only
readonly SERVER_CONNECTIONS=200
readonly START_SECONDS=120 # a loaded two-core machine needs 20; beyond this something is wrong

SCRIPT=$(readlink -f "${BASH_SOURCE[0]}")
CHECKOUT=$(dirname "$(dirname "$SCRIPT")")
INSTANCE=${SERVICES_INSTANCE:-dev}
as_root_user() { [[ $(id -u) -eq 0 ]]; }

# PostgreSQL refuses to run as root, and its own user may not be able to enter root's checkout.
if [[ -n ${SERVICES_DIR:-} ]]; then
  BASE=$SERVICES_DIR
elif as_root_user; then
  BASE=/var/lib/petitiond-dev/$(printf %s "$CHECKOUT" | cksum | cut -d' ' -f1)/$INSTANCE
else
  BASE=$CHECKOUT/.local/services
  [[ $INSTANCE = dev ]] || BASE+=-$INSTANCE
fi
BASE=$(readlink -m "$BASE")
FAST=${SERVICES_FAST:-$([[ $INSTANCE = test ]] && echo 1 || echo 0)}

readonly STATE=$BASE/ports PG=$BASE/pg MQ=$BASE/mq MARIA=$BASE/maria
HASH=$(printf %s "$BASE" | cksum | cut -d' ' -f1)

say() { printf 'services: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# ---------------------------------------------------------------------------------------------- ports and processes

MARIA_PORT='' PG_PORT='' MQ_PORT='' MQ_MANAGEMENT_PORT='' MQ_DIST_PORT='' EPMD_PORT=''
load_ports() {
  # shellcheck disable=SC1090
  [[ -f $STATE ]] && . "$STATE"
  return 0
}
save_ports() {
  local name
  {
    for name in PG_PORT MQ_PORT MQ_MANAGEMENT_PORT MQ_DIST_PORT EPMD_PORT; do printf '%s=%s\n' "$name" "${!name}"; done
    [[ -z $MARIA_PORT ]] || printf 'MARIA_PORT=%s\n' "$MARIA_PORT"
  } >"$STATE.new"
  mv "$STATE.new" "$STATE"
}

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A port that was ours stays ours unless somebody answers on it. New ones derive from the data folder and lie below
# Linux's ephemeral range (32768..60999): no outgoing connection can take one while the server is down.
choose_port() { # port so far, offset
  local port=${1:-$((21000 + HASH % 1000 * 10 + $2))}
  while answers "$port"; do
    port=$((port + 10))
    ((port < 32000)) || port=$((21000 + $2))
  done
  echo "$port"
}

# Processes of this instance, by command name: they carry its data folder in their environment. (A pid file may name a
# process that is long dead, or by now another one; RabbitMQ deletes its own when a stop begins, seconds before the end.)
ours() { # command name
  local dir name
  for dir in /proc/[0-9]*; do
    { read -r name <"$dir/comm"; } 2>/dev/null || continue
    [[ $name = "$1" ]] || continue
    grep -qzxF "PETITIOND_SERVICES=$BASE" "$dir/environ" 2>/dev/null && echo "${dir#/proc/}"
  done
  return 0
}
mq_pids() { ours beam.smp; }
pg_pid() {
  local pid
  pid=$(head -n1 "$PG/data/postmaster.pid" 2>/dev/null) || return 0
  grep -qzxF "$PG/data" "/proc/$pid/cmdline" 2>/dev/null && echo "$pid"
  return 0
}
children() { # pid
  local stat rest
  for stat in /proc/[0-9]*/stat; do
    { read -r rest <"$stat"; } 2>/dev/null || continue
    # "pid (name) state ppid …": the name may hold spaces, so cut behind the last parenthesis
    set -- "$1" "${rest%% *}" "${rest##*) }"
    [[ ${3#* } = "$1 "* ]] && echo "$2"
  done
  return 0
}
await_end() { # seconds, command that prints what is left
  local tenths=$(($1 * 10))
  shift
  while [[ -n $("$@") ]]; do
    ((tenths-- > 0)) || return 1
    sleep 0.1
  done
}

# ------------------------------------------------------------------------------------------------------ installation

pg_bin() { # the newest server that is recent enough
  local dir
  for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -Vr) "$(dirname "$(command -v initdb || echo /none/initdb)")"; do
    [[ -x $dir/initdb && $("$dir/postgres" --version) =~ \ ([0-9]+) && ${BASH_REMATCH[1]} -ge 15 ]] && { echo "$dir"; return; }
  done
  return 1
}
mq_bin() {
  local dir
  # /usr/sbin holds Debian's wrapper, which insists on being root or the user rabbitmq
  for dir in /usr/lib/rabbitmq/bin /opt/rabbitmq/sbin /usr/local/sbin; do
    [[ -x $dir/rabbitmq-server ]] && { echo "$dir"; return; }
  done
  return 1
}

# Debian's packages start their server at once and at every boot. Nobody asked for that here, so both are
# prevented, for packages that were not there before only.
install_packages() {
  local sudo=() want="apt-get install --no-install-recommends $*" guard=/usr/sbin/policy-rc.d made=0
  command -v apt-get >/dev/null || die "needs the servers of the Debian packages $*; this machine has no apt-get, so install PostgreSQL 15+ and RabbitMQ 3.10+ yourself"
  if ! as_root_user; then
    sudo -n true 2>/dev/null || die "needs the Debian packages $*; as root: $want"
    sudo=(sudo -n)
  fi
  say "installing $*"
  if [[ ! -e $guard ]]; then
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$guard" >/dev/null
    "${sudo[@]}" chmod 755 "$guard"
    made=1
  fi
  local failed=0 apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq -o DPkg::Lock::Timeout=600)
  "${apt[@]}" update >&2 || true
  "${apt[@]}" install -y --no-install-recommends "$@" </dev/null >&2 || failed=1
  ((made)) && "${sudo[@]}" rm -f "$guard"
  ((failed)) && die "could not install $*; as root: $want"
  if command -v systemctl >/dev/null; then
    local unit
    for unit in "${@/%/.service}" epmd.socket epmd.service mariadb.service; do "${sudo[@]}" systemctl disable "$unit" >/dev/null 2>&1 || true; done
  fi
}
maria_bin() { # where the server is; Debian has it in /usr/sbin, which is on nobody's path but root's
  local dir
  for dir in /usr/sbin /usr/local/sbin /usr/local/bin "$(dirname "$(command -v mariadbd || echo /none/mariadbd)")"; do
    [[ -x $dir/mariadbd ]] && command -v mariadb-install-db >/dev/null && { echo "$dir"; return; }
  done
  return 1
}
wants() { [[ $WHAT = all || $WHAT = "$1" ]]; } # pg|amqp|maria
wants_up() { [[ $1 != maria || $WHAT = maria || ${SERVICES_MARIADB:-0} = 1 ]] && wants "$1"; }
install_missing() {
  local missing=()
  ! wants_up pg || pg_bin >/dev/null || missing+=(postgresql)
  ! wants_up amqp || mq_bin >/dev/null || missing+=(rabbitmq-server)
  ! wants_up maria || maria_bin >/dev/null || missing+=(mariadb-server)
  ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
  ! wants_up pg || pg_bin >/dev/null || die "needs PostgreSQL 15 or newer; the one installed is older"
  ! wants_up amqp || mq_bin >/dev/null || die "needs RabbitMQ 3.10 or newer, and cannot find rabbitmq-server in /usr/lib/rabbitmq/bin"
  ! wants_up maria || maria_bin >/dev/null || die "needs MariaDB 10.5 or newer, and cannot find mariadbd in /usr/sbin"
}

# -------------------------------------------------------------------------------------------------------- PostgreSQL

pg_user() { id -un postgres 2>/dev/null || echo nobody; }
pg_run() { # as the operating-system user that owns the data; lock and pipes stay here
  if as_root_user; then
    (cd / && HOME=$PG exec setpriv --reuid="$(pg_user)" --regid="$(id -g "$(pg_user)")" --clear-groups -- "$@" 9>&-)
  else
    "$@" 9>&-
  fi
}

pg_init() {
  local password=$PG/password
  rm -rf "$PG/data"
  mkdir -p "$PG"
  (umask 077 && printf '%s\n' "$DB" >"$password")
  if as_root_user; then
    chown "$(pg_user)" "$PG" "$password"
    pg_run test -w "$PG" || die "the user $(pg_user) cannot reach $PG (a folder above it is closed); set SERVICES_DIR to a folder that others may enter"
  fi
  pg_run "$(pg_bin)/initdb" -D "$PG/data" -U "$DB" --pwfile="$password" -A scram-sha-256 -E UTF8 --locale=C.UTF-8 --no-sync \
    >"$PG/initdb.log" 2>&1 || { tail -n 20 "$PG/initdb.log" >&2; die "initdb failed; all of it is in $PG/initdb.log"; }
  rm -f "$password"
  {
    printf '%s\n' "listen_addresses = '127.0.0.1'" "unix_socket_directories = ''" "max_connections = $SERVER_CONNECTIONS" \
      "shared_buffers = '256MB'" "max_wal_size = '2GB'" "timezone = 'UTC'" "log_timezone = 'UTC'" \
      "log_line_prefix = '%m [%p] %d '" "log_lock_waits = on" "log_parameter_max_length = 0" \
      "log_parameter_max_length_on_error = 0"
    if [[ $FAST = 1 ]]; then printf '%s\n' 'fsync = off' 'synchronous_commit = off' 'full_page_writes = off'; fi
  } | pg_run tee -a "$PG/data/postgresql.conf" >/dev/null
  # The last act: what stands without it is half made and is made again.
  pg_run touch "$PG/data/petitiond-made"
}

pg_psql() { PGPASSWORD=$DB PGCONNECT_TIMEOUT=10 "$(pg_bin)/psql" -qXAt -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PG_PORT" -U "$DB" -d postgres "$@" 9>&-; }

up_pg() {
  local attempt
  if [[ -z $(pg_pid) ]]; then
    [[ -f $PG/data/petitiond-made ]] || pg_init
    # Nothing of ours runs, so this names a dead process: one not yet reaped, or a number that has gone to another.
    rm -f "$PG/data/postmaster.pid"
    for attempt in 1 2 3; do
      PG_PORT=$(choose_port "$PG_PORT" 0)
      save_ports
      pg_run sh -c ': >"$1"' sh "$PG/log"
      pg_run "$(pg_bin)/pg_ctl" -D "$PG/data" -l "$PG/log" -o "-p $PG_PORT" -w -t "$START_SECONDS" start >/dev/null 2>&1 && break
      if ((attempt == 3)) || ! grep -q 'could not create any TCP/IP sockets' "$PG/log"; then
        tail -n 20 "$PG/log" >&2
        die "postgresql did not start; its log is $PG/log"
      fi
      PG_PORT=$((PG_PORT + 10)) # held by somebody who does not answer on it
    done
  fi
  [[ $(pg_psql -c "select 1 from pg_database where datname = '$DB'") = 1 ]] || pg_psql -c "create database $DB"
  say "postgresql is up on port $PG_PORT"
}

down_pg() {
  local pid
  pid=$(pg_pid)
  [[ -n $pid ]] || return 0
  pg_run "$(pg_bin)/pg_ctl" -D "$PG/data" -m fast -w -t 60 stop >/dev/null 2>&1 || kill_pg
  say "postgresql is down"
}

kill_pg() {
  local pid
  local -a family
  pid=$(pg_pid)
  [[ -n $pid ]] || return 0
  # Its children go too: an orphan holds the shared memory for a while and would keep the next start from it.
  mapfile -t family < <(children "$pid")
  kill -KILL "$pid" "${family[@]}" 2>/dev/null || true
  await_end 10 pg_pid || die "postgresql (pid $pid) does not die"
  say "postgresql was killed"
}

# ----------------------------------------------------------------------------------------------------------- MariaDB

maria_user() { id -un mysql 2>/dev/null || echo nobody; }
maria_pids() { ours mariadbd; }
maria_run() { # as the operating-system user that owns the data; lock and pipes stay here, and so do scratch files
  if as_root_user; then
    (cd / && PETITIOND_SERVICES=$BASE HOME=$MARIA TMPDIR=$MARIA exec setpriv --reuid="$(maria_user)" --regid="$(id -g "$(maria_user)")" --clear-groups -- "$@" 9>&-)
  else
    PETITIOND_SERVICES=$BASE HOME=$MARIA TMPDIR=$MARIA "$@" 9>&-
  fi
}
maria_sql() { maria_run mariadb --no-defaults --connect-timeout=5 -S "$MARIA/data/sock" -u root -BNe "$1"; }

maria_init() {
  rm -rf "$MARIA"
  mkdir -p "$MARIA"
  if as_root_user; then
    chown "$(maria_user)" "$MARIA"
    maria_run test -w "$MARIA" || die "the user $(maria_user) cannot reach $MARIA (a folder above it is closed); set SERVICES_DIR to a folder that others may enter"
  fi
  # its root may come in by the socket only, which lies in a folder that is closed to others
  maria_run mariadb-install-db --no-defaults --datadir="$MARIA/data" --auth-root-authentication-method=normal --skip-test-db \
    >"$MARIA.log" 2>&1 || { tail -n 20 "$MARIA.log" >&2; die "mariadb-install-db failed; all of it is in $MARIA.log"; }
  mv "$MARIA.log" "$MARIA/init.log"
  chmod 700 "$MARIA/data"
}

maria_spawn() {
  local fast=()
  [[ $FAST != 1 ]] || fast=(--innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0)
  maria_run sh -c ': >"$1"' sh "$MARIA/log"
  # in a shell that gives the lock and the pipes up for good: it waits for the server as long as that lives
  (exec 9>&- && maria_run setsid "$(maria_bin)/mariadbd" --no-defaults --datadir="$MARIA/data" --socket="$MARIA/data/sock" \
    --pid-file="$MARIA/data/pid" --port="$MARIA_PORT" --bind-address=127.0.0.1 --skip-name-resolve --skip-log-bin \
    --character-set-server=utf8mb4 --innodb-buffer-pool-size=64M --performance-schema=off "${fast[@]}" \
    --log-error="$MARIA/log") >/dev/null 2>&1 </dev/null &
}

up_maria() {
  local attempt tenths
  if [[ -z $(maria_pids) ]]; then
    [[ -f $MARIA/made ]] || maria_init
    for attempt in 1 2 3; do
      MARIA_PORT=$(choose_port "$MARIA_PORT" 5)
      save_ports
      maria_spawn
      tenths=$((START_SECONDS * 10))
      until answers "$MARIA_PORT" && maria_sql 'select 1' >/dev/null 2>&1; do
        ((tenths-- > 0)) || break
        sleep 0.1
        ((tenths > START_SECONDS * 10 - 20)) || [[ -n $(maria_pids) ]] || break
      done
      [[ -z $(maria_pids) ]] || break
      if ((attempt == 3)) || ! grep -q "Can't start server: Bind on TCP/IP port" "$MARIA/log"; then
        tail -n 20 "$MARIA/log" >&2
        die "mariadb did not start; its log is $MARIA/log"
      fi
      MARIA_PORT=$((MARIA_PORT + 10)) # held by somebody who does not answer on it
    done
  fi
  if [[ ! -f $MARIA/made ]]; then
    maria_sql "create database if not exists $DB; create or replace user $DB@'127.0.0.1' identified by '$DB'; grant all on *.* to $DB@'127.0.0.1' with grant option" ||
      die "mariadb does not take its first user; its log is $MARIA/log"
    touch "$MARIA/made" # the last act: what stands without it is half made and is made again
  fi
  say "mariadb is up on port $MARIA_PORT"
}

down_maria() {
  local -a pids
  mapfile -t pids < <(maria_pids)
  ((${#pids[@]})) || return 0
  kill -TERM "${pids[@]}" 2>/dev/null || true
  await_end 60 maria_pids || kill_maria
  say "mariadb is down"
}

kill_maria() {
  local -a pids
  mapfile -t pids < <(maria_pids)
  ((${#pids[@]})) || return 0
  kill -KILL "${pids[@]}" 2>/dev/null || true
  await_end 10 maria_pids || die "mariadb (pid ${pids[*]}) does not die"
  say "mariadb was killed"
}

# ---------------------------------------------------------------------------------------------------------- RabbitMQ

mq_configure() {
  mkdir -p "$MQ/log" "$MQ/db"
  if [[ ! -s $MQ/.erlang.cookie ]]; then
    rm -f "$MQ/.erlang.cookie"
    (umask 077 && head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$MQ/.erlang.cookie")
  fi
  chmod 400 "$MQ/.erlang.cookie"
  printf '[rabbitmq_management].\n' >"$MQ/enabled_plugins"
  cat >"$MQ/rabbitmq.conf" <<CONF
listeners.tcp.1 = 127.0.0.1:$MQ_PORT
management.tcp.ip = 127.0.0.1
management.tcp.port = $MQ_MANAGEMENT_PORT
default_user = $DB
default_pass = $DB
log.file.level = info
vm_memory_high_watermark.absolute = 1GB
CONF
}

mq_env() {
  unset RABBITMQ_NODE_PORT RABBITMQ_NODE_IP_ADDRESS RABBITMQ_USE_LONGNAME RABBITMQ_HOME
  # Schedulers sleep when they have nothing to do: this machine has other work. Erlang's own port listens everywhere
  # unless it is told not to.
  export PETITIOND_SERVICES=$BASE HOME=$MQ \
    RABBITMQ_BASE=$MQ RABBITMQ_NODENAME="petitiond-$HASH@localhost" RABBITMQ_CONF_ENV_FILE=$MQ/no-env-file \
    RABBITMQ_CONFIG_FILE=$MQ/rabbitmq.conf RABBITMQ_ADVANCED_CONFIG_FILE=$MQ/advanced.config \
    RABBITMQ_MNESIA_BASE=$MQ/db RABBITMQ_LOG_BASE=$MQ/log RABBITMQ_LOGS=$MQ/log/node.log \
    RABBITMQ_PID_FILE=$MQ/pid RABBITMQ_ENABLED_PLUGINS_FILE=$MQ/enabled_plugins \
    RABBITMQ_DIST_PORT=$MQ_DIST_PORT ERL_EPMD_PORT=$EPMD_PORT ERL_EPMD_ADDRESS=127.0.0.1 \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}'
}
mq_spawn() (
  cd "$MQ"
  mq_env
  setsid "$(mq_bin)/rabbitmq-server" >"$MQ/log/start.log" 2>&1 </dev/null 9>&- &
)

mq_ready() { # a true AMQP 0-9-1 greeting (the broker answers with a method frame, type 1), and the management page
  local first
  first=$({ exec 3<>"/dev/tcp/127.0.0.1/$MQ_PORT" && printf 'AMQP\x00\x00\x09\x01' >&3 && timeout 2 head -c 1 <&3 | od -An -tu1; } 2>/dev/null) || return 1
  [[ ${first// /} = 1 ]] && answers "$MQ_MANAGEMENT_PORT"
}

# 0: ready; 1: it gave up, or the time is over
mq_await_ready() {
  local tenths=$((START_SECONDS * 10)) grace=100
  while ((tenths-- > 0)); do
    mq_ready && return 0
    if [[ -z $(mq_pids) ]]; then ((grace-- > 0)) || return 1; fi
    grep -qs 'BOOT FAILED' "$MQ/log/start.log" && return 1
    sleep 0.1
  done
  return 1
}

up_mq_begin() {
  mq_ready_already && return 0
  kill_mq quietly
  # An epmd of this instance may have outlived its node; its port is not taken, it is ours.
  [[ -n $EPMD_PORT && -n $(ours epmd) ]] || EPMD_PORT=$(choose_port "$EPMD_PORT" 4)
  MQ_PORT=$(choose_port "$MQ_PORT" 1)
  MQ_MANAGEMENT_PORT=$(choose_port "$MQ_MANAGEMENT_PORT" 2)
  MQ_DIST_PORT=$(choose_port "$MQ_DIST_PORT" 3)
  save_ports
  mq_configure
  rm -f "$MQ/log/node.log"
  mq_spawn
}
# Running, or on the way there since an `up` that was interrupted.
mq_ready_already() { [[ -n $(mq_pids) && -n $MQ_PORT ]] && mq_await_ready; }

up_mq_finish() {
  local attempt
  for attempt in 1 2 3; do
    mq_await_ready && { say "rabbitmq is up on port $MQ_PORT, management on $MQ_MANAGEMENT_PORT"; return; }
    ((attempt < 3)) && grep -qsE 'eaddrinuse|port_in_use|already in use' "$MQ/log/start.log" "$MQ/log/node.log" || break
    MQ_PORT=$((MQ_PORT + 10)) MQ_MANAGEMENT_PORT=$((MQ_MANAGEMENT_PORT + 10)) MQ_DIST_PORT=$((MQ_DIST_PORT + 10))
    kill_mq quietly
    up_mq_begin
  done
  tail -n 20 "$MQ/log/start.log" >&2
  die "rabbitmq did not start; its logs are in $MQ/log"
}

down_mq() {
  local -a pids
  mapfile -t pids < <(mq_pids)
  if ((${#pids[@]})); then
    kill -TERM "${pids[@]}" 2>/dev/null || true
    await_end 60 mq_pids || kill_mq
    say "rabbitmq is down"
  fi
  mapfile -t pids < <(ours epmd)
  ((${#pids[@]} == 0)) || kill -TERM "${pids[@]}" 2>/dev/null || true
}

kill_mq() { # quietly?
  local -a pids
  mapfile -t pids < <(mq_pids)
  if ((${#pids[@]})); then
    kill -KILL "${pids[@]}" 2>/dev/null || true
    await_end 10 mq_pids || die "rabbitmq (pid ${pids[*]}) does not die"
    [[ ${1:-} = quietly ]] || say "rabbitmq was killed"
  fi
}

# ---------------------------------------------------------------------------------------------------------- commands

# Two at once on one instance: the second waits, and then finds the work done.
lock() {
  while :; do
    mkdir -p "$BASE"
    chmod 755 "$BASE"
    { exec 9>"$BASE/lock"; } 2>/dev/null || continue
    flock -w 600 9 || die "another services.sh has held $BASE/lock for ten minutes"
    [[ $BASE/lock -ef /proc/self/fd/9 ]] && break # or a wipe removed it while we waited
  done
  load_ports
}

up() {
  install_missing
  # RabbitMQ takes seconds to start: the databases start meanwhile.
  ! wants_up amqp || up_mq_begin
  ! wants_up pg || up_pg
  ! wants_up maria || up_maria
  ! wants_up amqp || up_mq_finish
  print_env
}
each() { # verb
  ! wants pg || "$1_pg"
  ! wants maria || "$1_maria"
  ! wants amqp || "$1_mq"
}
wipe() {
  each kill
  ! wants amqp || down_mq # its epmd
  ! wants pg || rm -rf "$PG"
  # forgotten, or the status would miss it: it runs only where somebody asks for it
  ! wants maria || { rm -rf "$MARIA"; MARIA_PORT=''; save_ports; }
  ! wants amqp || rm -rf "$MQ"
  if [[ $WHAT = all ]]; then
    rm -f "$STATE" "$BASE/lock"
    rmdir "$BASE" 2>/dev/null || true
  fi
  say "the data is thrown away"
}
print_env() {
  [[ -z $PG_PORT ]] || echo "export DATABASE_URL='postgres://$DB:$DB@127.0.0.1:$PG_PORT/$DB'"
  [[ -z $MQ_PORT ]] || echo "export AMQP_URL='amqp://$DB:$DB@127.0.0.1:$MQ_PORT/%2f'"
  [[ -z $MARIA_PORT ]] || echo "export MARIADB_URL='mysql://$DB:$DB@127.0.0.1:$MARIA_PORT/$DB'"
  [[ -z $MQ_MANAGEMENT_PORT ]] || echo "export RABBITMQ_MANAGEMENT_URL='http://$DB:$DB@127.0.0.1:$MQ_MANAGEMENT_PORT'"
}
status() {
  local pg mq maria code=0
  pg=$(pg_pid) mq=$(mq_pids) maria=$(maria_pids)
  if [[ -n $pg ]]; then echo "postgresql up, pid $pg, port $PG_PORT"; else echo "postgresql down"; code=1; fi
  if [[ -n $mq ]]; then echo "rabbitmq up, pid $mq, port $MQ_PORT, management $MQ_MANAGEMENT_PORT"; else echo "rabbitmq down"; code=1; fi
  if [[ -n $maria ]]; then echo "mariadb up, pid $maria, port $MARIA_PORT"; fi
  if [[ -z $maria && -n $MARIA_PORT ]]; then echo "mariadb down"; code=1; fi
  echo "data in $BASE"
  return "$code"
}
usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$SCRIPT" >&2; exit 2; }

[[ ${1:-} != ctl ]] || { shift; load_ports; mq_env; exec "$(mq_bin)/rabbitmqctl" "$@"; }
[[ ${1:-} != install || $# -lt 2 ]] || { shift; install_packages "$@"; exit; }
WHAT=${2:-all}
[[ $# -le 2 ]] || { say "one argument too many: $3"; usage; }
[[ $WHAT =~ ^(pg|amqp|maria|all)$ ]] || { say "$WHAT is none of pg, amqp, maria and all"; usage; }
case ${1:-} in
  up) lock && up ;;
  down) lock && each down ;;
  kill) lock && each kill ;;
  wipe) lock && wipe ;;
  env) load_ports && print_env ;;
  status) load_ports && status ;;
  install) say "install what? name the packages"; usage ;;
  *) say "${1:-no verb} is none of up, down, kill, wipe, env, status, ctl and install"; usage ;;
esac
