# sanitize [thread|address] [FILTER]: the runtime's tests (HTTP2, Protobuf, GRPC) under ThreadSanitizer and AddressSanitizer

verb_sanitize() {
    local sanitizers=(thread address) filter='HTTP2Tests|ProtobufTests|GRPCTests|GRPCTLSTests|GRPCHealthTests' failed=() sanitizer
    while (($#)); do
        case $1 in
            thread | address) sanitizers=("$1") ;;
            *) filter=$1 ;;
        esac
        shift
    done
    install_all
    # The backtracer hangs after a crash under a sanitizer; the sanitizers print their own.
    export SWIFT_BACKTRACE=enable=no
    # The first report ends the run, so that none is overlooked.
    export TSAN_OPTIONS=halt_on_error=1 ASAN_OPTIONS=detect_leaks=0
    for sanitizer in "${sanitizers[@]}"; do
        case $sanitizer in
            thread) runtime_package .switchboard/runtime .dev/sanitize/Mutex.swift ;;
            address) runtime_package .switchboard/runtime ;;
        esac
        sanitize "$sanitizer" "$filter" || failed+=("$sanitizer")
    done
    ((${#failed[@]} == 0)) || die "failed under: ${failed[*]}; the output is in .switchboard/log/sanitize-NAME.log"
    say "clean under: ${sanitizers[*]}"
}

# sanitize NAME FILTER
sanitize() {
    local log=.switchboard/log/sanitize-$1.log
    local place=(--package-path .switchboard/runtime --scratch-path ".build-$1" --sanitize "$1")
    build_all --build-tests "${place[@]}" || return 1
    say "swift test --sanitize $1"
    swift test --skip-build --no-parallel "${place[@]}" --filter "$2" </dev/null >"$log" 2>&1 || {
        grep -aE -A 60 'WARNING: ThreadSanitizer|ERROR: AddressSanitizer|recorded an issue' "$log" | cut -c 1-240 | head -n 240 >&2
        return 1
    }
    tail -n 1 "$log"
}
