# Building with SwiftPM.

# How what is deployed, and measured, is built; docker/Dockerfile reads the same file. Debug builds, in which the tests run, check each
# access to a variable for another one that overlaps it; there is a tenth of a call's time in that (Sources/HTTP2/README.md).
mapfile -t release_flags < <(tr -s ' ' '\n' <.dev/release-flags.txt)

# build_all [swift build arguments]: prints SwiftPM's progress as it goes, keeps all of the output for `./dev check`.
build_all() {
    local status=0
    mkdir -p .switchboard/log
    # SwiftPM looks for new files outside of a package's own folder only when its manifest is new.
    if [[ "$*" =~ --package-path\ ([^ ]+) ]]; then touch "${BASH_REMATCH[1]}/Package.swift"; fi
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
