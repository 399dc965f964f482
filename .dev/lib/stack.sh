# The private PostgreSQL and the processes of `./dev up`: where they keep their data, how they are started and stopped.

run_dir=.switchboard/run
stack_log_dir=.switchboard/log
stack_services=() sql_services=()
declare -gA port_wanted=() peers_of=()
while read -r name grpc admin schema peers; do
    stack_services+=("$name")
    if [[ $schema == yes ]]; then sql_services+=("$name"); fi
    port_wanted[$name.grpc]=$grpc
    port_wanted[$name.admin]=$admin
    if [[ $peers == - ]]; then peers=""; fi
    peers_of[$name]=${peers//,/ }
done < <(grep -v '^#' .dev/services.txt)

# The services, callers first: the order in which they stop.
services_backwards() { printf '%s\n' "${stack_services[@]}" | tac; }

# A folder of this checkout's own that PostgreSQL's user can enter: below the checkout, or, as root, below /var/lib.
data_dir() {
    if ((EUID == 0)); then
        echo "/var/lib/switchboard/$(printf '%s' "$root" | sha256sum | cut -c 1-16)"
    else
        echo "$root/.switchboard/data"
    fi
}

# PostgreSQL refuses root; its Debian package brings a user for it.
as_postgres() {
    if ((EUID == 0)); then
        (cd / && setpriv --reuid postgres --regid postgres --init-groups "$@")
    else
        "$@"
    fi
}

postgres_bin() {
    local found
    found=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
    if [[ $found ]]; then
        echo "$found"
    else
        dirname "$(command -v initdb)" 2>/dev/null || die "no PostgreSQL server is installed"
    fi
}

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_port WANTED: the wanted one, or one that nobody listens on and no other checkout has been given.
free_port() {
    local port=$1
    while ! port_is_free "$port" || [[ " ${ports_given[*]:-} " == *" $port "* ]]; do
        port=$((20000 + RANDOM % 25000))
    done
    ports_given+=("$port")
    chosen_port=$port
}

process_runs() { [[ -f $run_dir/$1.pid ]] && kill -0 "$(cat "$run_dir/$1.pid")" 2>/dev/null; }

stack_runs() {
    local name
    for name in "${stack_services[@]}"; do process_runs "$name" || return 1; done
}

# start_process NAME COMMAND...: in the background, its output in a log of its own, its id on record.
start_process() {
    local name=$1
    shift
    "$@" </dev/null >>"$stack_log_dir/$name.log" 2>&1 &
    echo $! >"$run_dir/$name.pid"
}

# stop_process NAME SECONDS: SIGTERM, which drains; SIGKILL when the time is over.
stop_process() {
    local pid waited=0
    process_runs "$1" || {
        rm -f "$run_dir/$1.pid"
        return 0
    }
    pid=$(cat "$run_dir/$1.pid")
    kill -TERM "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.1
        waited=$((waited + 1))
        if ((waited > $2 * 10)); then
            warn "$1 ($pid) has not ended after $2 s: it is cut off"
            kill -KILL "$pid" 2>/dev/null || true
            break
        fi
    done
    rm -f "$run_dir/$1.pid"
}

start_postgres() {
    local data bin port
    data=$(data_dir)
    bin=$(postgres_bin)
    if ((EUID == 0)); then install -d -o postgres -g postgres -m 0700 "$data"; else mkdir -p -m 0700 "$data"; fi
    if [[ ! -f $data/pg/PG_VERSION ]]; then
        rm -rf "$data/pg"
        (umask 077 && head -c 24 /dev/urandom | base64 | tr -d '/+=\n' >"$data/superuser")
        if ((EUID == 0)); then chown postgres: "$data/superuser"; fi
        quietly "initdb" as_postgres "$bin/initdb" -D "$data/pg" -U postgres --pwfile "$data/superuser" \
            -A scram-sha-256 -E UTF8 --locale C.UTF-8 --data-checksums
    fi
    if as_postgres "$bin/pg_ctl" -D "$data/pg" status >/dev/null 2>&1; then
        port=$(sed -n 4p "$data/pg/postmaster.pid")
    else
        free_port 54320
        port=$chosen_port
        quietly "PostgreSQL on 127.0.0.1:$port" as_postgres "$bin/pg_ctl" -D "$data/pg" -w -t 60 -l "$data/log" \
            -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='$data' -c max_connections=200" start
    fi
    postgres_port=$port
    postgres_password=$(cat "$data/superuser")
}

stop_postgres() {
    local data
    data=$(data_dir)
    [[ -f $data/pg/PG_VERSION ]] || return 0
    as_postgres "$(postgres_bin)/pg_ctl" -D "$data/pg" -m fast -w -t 30 stop >/dev/null 2>&1 || true
}

# secret NAME: made at first use, kept for the next start.
secret() {
    local file=.switchboard/secrets/$1
    mkdir -p -m 0700 .switchboard/secrets
    [[ -s $file ]] || (umask 077 && head -c 24 /dev/urandom | base64 | tr -d '/+=\n' >"$file")
    cat "$file"
}

# wait_until SECONDS WHAT COMMAND...
wait_until() {
    local limit=$1 what=$2 waited=0
    shift 2
    until "$@" >/dev/null 2>&1; do
        sleep 0.2
        waited=$((waited + 1))
        if ((waited > limit * 5)); then die "$what is not ready after $limit s; see $stack_log_dir"; fi
    done
}
