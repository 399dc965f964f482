# mutate [N]: flips each cell of the conversations' transition table (or the first N) and reports those that no test notices

verb_mutate() {
    local limit=${1:-} bundle count cell found=0 survivors
    install_all
    mutate_package
    build_all --build-tests --package-path .switchboard/mutate --scratch-path .build/mutate -Xswiftc -DSWITCHBOARD_MUTATE
    bundle=$(swift build --package-path .switchboard/mutate --scratch-path .build/mutate --show-bin-path)/mutatePackageTests.xctest
    count=$(run_mutant -1 2>/dev/null | sed -n 's/^cells: //p')
    [[ $count ]] || die "the unchanged table fails its own tests: run ./dev test Transition"
    if [[ $limit ]] && ((limit < count)); then count=$limit; fi
    say "$count cells, $(nproc) at a time"
    rm -f .switchboard/mutate/survived.*
    export bundle
    export -f run_mutant
    seq 0 $((count - 1)) | xargs -P "$(nproc)" -I{} bash -c \
        'if run_mutant {} >/dev/null 2>&1; then touch .switchboard/mutate/survived.{}; fi; if (( ({} + 1) % 200 == 0 )); then echo "        $(({} + 1)) cells"; fi'
    survivors=$(find .switchboard/mutate -maxdepth 1 -name 'survived.*' | sed 's/.*\.//' | sort -n)
    for cell in $survivors; do
        found=$((found + 1))
        echo "survived: cell $cell"
    done
    ((found == 0)) || die "$found of $count mutants were noticed by no test"
    say "$count mutants, no survivor"
}

# The rules are values without surroundings, so that they and their tests build alone.
mutate_package() {
    local work=.switchboard/mutate
    mkdir -p $work
    ln -sfn "$root/Sources" $work/Sources
    ln -sfn "$root/Tests" $work/Tests
    mkdir -p $work/Count
    cat >$work/Count/Count.swift <<'SWIFT'
import Testing

@testable import Conversations

@Test func transitionCells() { print("cells: \(TransitionCell.count)") }
SWIFT
    cat >$work/Package.swift <<'SWIFT'
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "mutate",
    targets: [
        .target(name: "WallTime", path: "Sources/WallTime"),
        .target(name: "Conversations", dependencies: ["WallTime"], path: "Sources/Conversations/Rules"),
        .testTarget(
            name: "ConversationsTests", dependencies: ["Conversations", "WallTime"], path: "Tests/ConversationsTests/Rules",
            exclude: ["transitions.golden"]),
        .testTarget(name: "CountTests", dependencies: ["Conversations"], path: "Count"),
    ],
    swiftLanguageModes: [.v6]
)
SWIFT
}

# Succeeds where every test of the table still passes, although the cell is flipped.
run_mutant() { SWITCHBOARD_MUTATION=$1 SWIFT_BACKTRACE=enable=no "$bundle" --testing-library swift-testing --filter 'ransition' </dev/null; }
