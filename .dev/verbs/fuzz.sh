# fuzz [TARGET] [--seconds N]: each fuzz target on its corpus, under AddressSanitizer, for 10 s

verb_fuzz() {
    local only="" seconds=10 failed=0 file name
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
    [[ -d Tests/Fuzz ]] || die "there are no fuzz targets: Tests/Fuzz is not there"
    # The backtracer hangs after a crash under a sanitizer; libFuzzer prints its own.
    export SWIFT_BACKTRACE=enable=no
    build_fuzz
    for name in $(fuzz_targets); do
        if [[ $only && $name != *"$only"* ]]; then continue; fi
        run_fuzz "$name" "$seconds" || failed=1
    done
    ((failed == 0)) || die "a fuzz target failed; the input stands beside its corpus in .switchboard/fuzz"
    say "no fuzz target failed"
}

# Tests/Fuzz is a Swift package of its own, one executable target for each target; or loose files, one for each.
build_fuzz() {
    if [[ -f Tests/Fuzz/Package.swift ]]; then
        build_all --package-path Tests/Fuzz --scratch-path .build/fuzz -Xswiftc -sanitize=fuzzer,address -Xswiftc -parse-as-library
        return
    fi
    local file
    for file in Tests/Fuzz/*.swift; do
        mkdir -p .build/fuzz/loose
        quietly "compile $(basename "$file" .swift)" swiftc -parse-as-library -sanitize=fuzzer,address -O "$file" \
            -o ".build/fuzz/loose/$(basename "$file" .swift)"
    done
}

fuzz_targets() {
    if [[ -f Tests/Fuzz/Package.swift ]]; then
        swift package --package-path Tests/Fuzz --scratch-path .build/fuzz describe --type json |
            python3 -c 'import json,sys; print("\n".join(t["name"] for t in json.load(sys.stdin)["targets"] if t["type"] == "executable"))'
    else
        basename -s .swift -a Tests/Fuzz/*.swift
    fi
}

run_fuzz() {
    local name=$1 work=.switchboard/fuzz/$1 corpus=Tests/Fuzz/Corpora/$1 program
    mkdir -p "$work/found"
    if [[ -f Tests/Fuzz/Package.swift ]]; then
        program=$(swift build --package-path Tests/Fuzz --scratch-path .build/fuzz --show-bin-path)/$name
    else
        program=.build/fuzz/loose/$name
    fi
    [[ -d $corpus ]] || corpus=
    say "fuzz $name for $2 s"
    "$program" -max_total_time="$2" -timeout=1 -rss_limit_mb=512 -artifact_prefix="$work/" -print_final_stats=1 \
        "$work/found" ${corpus:+"$corpus"} </dev/null >"$work/log" 2>&1 || {
        tail -n 30 "$work/log" >&2
        return 1
    }
    grep -E 'number_of_executed_units|slowest_unit|peak_rss' "$work/log" | sed 's/^/        /'
}
