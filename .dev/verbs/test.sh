# test [FILTER] [--long] [--list-spec]: the whole suite, or the tests whose names match

verb_test() {
    local filters=() argument
    for argument in "$@"; do
        case $argument in
        --long) export SWITCHBOARD_TEST_LONG=1 ;;
        --list-spec)
            list_spec
            return
            ;;
        -*) die "test: unknown option $argument" ;;
        *) filters+=(--filter "$argument") ;;
        esac
    done
    install_all
    interop_peer
    build_all --build-tests
    run_tests "${filters[@]}"
}

run_tests() {
    local status=0 log=.switchboard/log/test.log
    # One test after the other: many start processes, servers and browsers of their own, and on two cores they would
    # starve each other until conditions are awaited in vain.
    say "swift test --no-parallel $*"
    local TMPDIR=${TMPDIR-}
    if memory_has_room; then
        # Journals that are synced with every line, as the databases (TestCluster), do not wait for a slow disk.
        TMPDIR=$(mktemp -d /dev/shm/switchboard-tests.XXXXXX)
        # shellcheck disable=SC2064
        trap "rm -rf '$TMPDIR'" EXIT
        chmod 755 "$TMPDIR"
    fi
    TMPDIR=${TMPDIR:-/tmp} stdbuf -oL swift test --skip-build --no-parallel "$@" </dev/null >"$log" 2>&1 &
    local child=$! last=0
    while kill -0 "$child" 2>/dev/null; do
        sleep 0.5
        if ((SECONDS - last >= 15)); then
            last=$SECONDS
            say "$(progress "$log")"
        fi
    done
    wait "$child" || status=$?
    if ((status != 0)); then
        grep -E -A 3 ' (recorded an issue|failed after)|[Ff]atal error|error:' "$log" | cut -c 1-2000 | head -n 120 >&2 || true
    fi
    slowest_tests "$log"
    tail -n 5 "$log"
    ((status == 0)) || die "tests failed; all of their output is in $log"
}

memory_has_room() {
    local free
    free=$(df --output=avail -B 1G /dev/shm 2>/dev/null | tail -n 1) && [[ -w /dev/shm ]] && ((free >= 8))
}

# How many are done, and what is being tested.
progress() {
    local ended='^. (Test|Suite) .* (passed|failed) after' current
    current=$(grep -aoE '^. Test [^ ].* started' "$1" | grep -av '^. Test case ' | tail -n 1 | sed -E 's/^. Test (.*) started/\1/' || true)
    echo "$(grep -acE "$ended" "$1" || true) tests and suites done; now: ${current:-the first}" | cut -c 1-160
}

slowest_tests() {
    echo "The slowest 20 tests:"
    grep -E '^. Test .* (passed|failed) after [0-9.]+ seconds' "$1" |
        sed -E 's/^. Test (.*) (passed|failed) after ([0-9.]+) seconds.*/\3 s  \1/' |
        grep -v '  run with' | sort -rn | sed -n '1,20s/^/  /p'
}

# The behaviours of Tests/SPEC.md and the tests that carry their numbers.
list_spec() {
    [[ -f Tests/SPEC.md ]] || die "Tests/SPEC.md is not there yet"
    local number count mark total=0 covered=0 implemented
    implemented=$(grep -E '^Implemented:' Tests/SPEC.md)
    for number in $(grep -oE '^- \*\*[SCP][0-9]+[a-z]?\b' Tests/SPEC.md | grep -oE '[SCP][0-9]+[a-z]?' | sort -V); do
        count=$(grep -rhoE "@Test\(\"[^\"]*\b$number\b|func [A-Za-z0-9_]*\b$number(_|\b)" Tests --include '*.swift' | wc -l || true)
        total=$((total + 1))
        if ((count > 0)); then covered=$((covered + 1)); fi
        mark=later
        if [[ $implemented =~ [^A-Z0-9]$number[^0-9] ]]; then mark=implemented; fi
        printf '%-6s %3d  %s\n' "$number" "$count" "$mark"
    done
    echo "$covered of $total lines have a test that carries their number"
}
