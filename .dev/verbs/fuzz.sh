# fuzz [TARGET] [--long | --seconds N]: each fuzz target on its corpus, under AddressSanitizer, for 10 s; 60 s with --long

verb_fuzz() {
    local only="" seconds=10 failed=0 name program
    while (($#)); do
        case $1 in
        --seconds)
            seconds=$2
            shift
            ;;
        --long) seconds=60 ;;
        *) only=$1 ;;
        esac
        shift
    done
    install_all
    # The backtracer hangs after a crash under a sanitizer; libFuzzer prints its own.
    export SWIFT_BACKTRACE=enable=no
    # The C beside protobuf-c and what protoc-gen-c wrote is checked too; libprotobuf-c itself is the system's.
    build_all --package-path Tests/Fuzz --scratch-path .build/fuzz -Xswiftc -sanitize=fuzzer,address -Xswiftc -parse-as-library \
        -Xcc -fsanitize=address,fuzzer-no-link
    program=$(swift build --package-path Tests/Fuzz --scratch-path .build/fuzz --show-bin-path)/fuzz
    for name in $("$program"); do
        if [[ $only && $name != *"$only"* ]]; then continue; fi
        fuzz_target "$program" "$name" "$seconds" || failed=1
    done
    ((failed == 0)) || die "a fuzz target failed; the input and the log stand in .switchboard/fuzz/TARGET"
    say "no fuzz target failed"
}

# fuzz_target PROGRAM TARGET SECONDS. What is found is kept for the next run; what is worth keeping for all goes into Corpora.
fuzz_target() {
    local work=.switchboard/fuzz/$2
    mkdir -p "$work/found"
    "$1" "$2" -max_total_time="$3" -timeout=10 -rss_limit_mb=512 -artifact_prefix="$work/" \
        -print_final_stats=1 "$work/found" "Tests/Fuzz/Corpora/$2" </dev/null >"$work/log" 2>&1 || {
        tail -n 30 "$work/log" >&2
        return 1
    }
    say "fuzz $2: $(fuzz_figures "$work/log")"
}

# fuzz_figures LOG: runs, runs a second, edges covered, inputs kept, CPU of the slowest, memory
fuzz_figures() {
    local edges
    edges=$(grep -oE 'cov: [0-9]+ ft: [0-9]+ corp: [0-9]+' "$1" | tail -n 1)
    awk -v edges="$edges" '
        /number_of_executed_units/ { runs = $2 }
        /average_exec_per_sec/ { rate = $2 }
        /^slowest:/ { slowest = $2 }
        /peak_rss_mb/ { rss = $2 }
        END { printf "%d runs, %d/s, %s, slowest %d us, %d MiB\n", runs, rate, edges, slowest, rss }' "$1"
}
