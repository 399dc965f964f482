# mutate: flips each cell of the transition table (Sources/Conversations/Rules) and reports every mutant no test notices.
# The rules have no I/O, so they are built with their tests alone: no packages, no database.

verb_mutate() {
    local work=.switchboard/mutate first=${1:-0} last=${2:-} binary count jobs
    install_all
    mkdir -p "$work/Sources" "$work/Tests"
    ln -sfn "$root/Sources/WallTime" "$work/Sources/WallTime"
    ln -sfn "$root/Sources/Conversations/Rules" "$work/Sources/Conversations"
    ln -sfn "$root/Tests/ConversationsTests/Rules" "$work/Tests/ConversationsTests"
    cat >"$work/Package.swift" <<'SWIFT'
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "rules",
    targets: [
        .target(name: "WallTime"),
        .target(name: "Conversations", dependencies: ["WallTime"], swiftSettings: [.define("SWITCHBOARD_MUTATE")]),
        .testTarget(
            name: "ConversationsTests", dependencies: ["Conversations", "WallTime"], exclude: ["transitions.golden"],
            swiftSettings: [.define("SWITCHBOARD_MUTATE")]),
    ],
    swiftLanguageModes: [.v6]
)
SWIFT
    quietly "building the rules and their tests with the seam" swift build --package-path "$work" --build-tests
    binary=$(swift build --package-path "$work" --show-bin-path)/rulesPackageTests.xctest

    say "unchanged, the tests must pass"
    "$binary" --testing-library swift-testing >"$work/unchanged.log" 2>&1 || die "the tests fail without a mutant: $work/unchanged.log"
    count=$(SWITCHBOARD_MUTATION=count "$binary" --testing-library swift-testing --filter cellsAreNumbered 2>/dev/null |
        sed -n 's/^cells: //p')
    [[ $count =~ ^[0-9]+$ ]] || die "the tests do not say how many cells there are"
    last=${last:-$((count - 1))}

    say "flipping cells $first to $last of $count, one at a time"
    jobs=$(nproc)
    : >"$work/survivors"
    local -a children=()
    local job
    for ((job = 0; job < jobs; job++)); do
        (
            for ((cell = first + job; cell <= last; cell += jobs)); do
                if SWITCHBOARD_MUTATION=$cell "$binary" --testing-library swift-testing </dev/null >/dev/null 2>&1; then
                    echo "$cell" >>"$work/survivors"
                fi
                echo "$cell" >"$work/at.$job"
            done
        ) &
        children+=($!)
    done
    while kill -0 "${children[@]}" 2>/dev/null; do
        sleep 15
        say "at cell $(cat "$work"/at.* | sort -n | tail -n 1)"
    done
    for job in "${children[@]}"; do wait "$job" || die "a worker failed"; done

    if [[ -s $work/survivors ]]; then
        warn "survivors: $(sort -n "$work/survivors" | tr '\n' ' ')"
        die "$(wc -l <"$work/survivors") mutants were not noticed"
    fi
    say "mutants: $((last - first + 1)), survivors: none"
}
