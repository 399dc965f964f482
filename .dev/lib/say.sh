# What the verbs say while they work: one line per step, with the seconds since the start.

started=$SECONDS

say() { printf '[%4ds] %s\n' $((SECONDS - started)) "$*"; }

warn() { printf '[%4ds] warning: %s\n' $((SECONDS - started)) "$*" >&2; }

die() {
    printf '[%4ds] error: %s\n' $((SECONDS - started)) "$*" >&2
    exit 1
}

# quietly WHAT COMMAND...: runs it with its output in .switchboard/log; shows the last lines only where it fails, and a
# sign of life every 30 s. Standard input is closed: nothing may wait for an answer.
quietly() {
    local what=$1 log status=0 waited=0 child
    shift
    mkdir -p .switchboard/log
    log=.switchboard/log/${what//[^a-zA-Z0-9]/-}.log
    say "$what"
    "$@" </dev/null >"$log" 2>&1 &
    child=$!
    while kill -0 "$child" 2>/dev/null; do
        sleep 0.2
        waited=$((waited + 1))
        if ((waited % 150 == 0)); then say "$what: $(tail -n 1 "$log" | cut -c 1-100)"; fi
    done
    wait "$child" || status=$?
    if ((status != 0)); then
        tail -n 40 "$log" >&2
        die "$what failed with status $status; all of its output is in $log"
    fi
}
