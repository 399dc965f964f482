# Building with SwiftPM.

# build_all [swift build arguments]: prints SwiftPM's progress as it goes, keeps all of the output for `./dev check`.
build_all() {
    local status=0
    mkdir -p .switchboard/log
    say "swift build ${*:-}"
    swift build "$@" </dev/null 2>&1 | tee .switchboard/log/build.log | show_progress || status=$?
    if ((status != 0)); then
        grep -E 'error:' .switchboard/log/build.log | sort -u | head -n 20 >&2 || true
        die "swift build failed; all of its output is in .switchboard/log/build.log"
    fi
}

# Thins a build's output: every compile step on a terminal would be thousands of lines. Shows a line each 10 s, and all
# warnings and errors.
show_progress() {
    local line last=-10
    while IFS= read -r line; do
        case $line in
        *error:* | *warning:*) printf '%s\n' "$line" ;;
        *)
            if ((SECONDS - last >= 10)); then
                last=$SECONDS
                say "${line:0:110}"
            fi
            ;;
        esac
    done
}
