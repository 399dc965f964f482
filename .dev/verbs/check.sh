# check: what must hold of the sources before anything is run. Every part is judged; the verb fails at the end.

verb_check() {
    local failed=()
    install_all
    check_part "scripts parse" check_scripts
    check_part "Swift is formatted" check_format
    check_part "everything builds without warnings of ours" check_build
    check_part "generated code is what wiregen writes" check_generated
    check_part "contracts: lint and compatibility" check_contracts
    check_part "floors, names and lists" check_architecture
    if ((${#failed[@]} > 0)); then die "failed: $(printf '%s; ' "${failed[@]}")"; fi
    say "all checks passed"
}

check_part() {
    say "check: $1"
    # A subshell: a part that ends with an error must not end the others.
    if ! ("$2"); then failed+=("$1"); fi
}

check_scripts() {
    local script status=0
    for script in dev .ci/run .dev/*/*.sh docker/*.sh; do
        [[ ! -f $script ]] || bash -n "$script" || status=1
    done
    return $status
}

check_format() {
    local files
    mapfile -t files < <(find Package.swift Sources Tests -name '*.swift' -not -path 'Sources/Contracts/*' -not -path '*/.build/*' -not -path '*/Golden/*')
    swift format lint --strict -p "${files[@]}"
}

check_build() {
    build_all --build-tests || return 1
    # A build that had nothing to do says nothing: the last one that compiled is kept beside.
    local warnings
    warnings=$(grep -E '^[^ ]*/(Sources|Tests)/[^ ]*: warning:' .switchboard/log/build*.log | grep -v '/\.build/checkouts/' | sort -u)
    [[ ! $warnings ]] || {
        printf '%s\n' "$warnings" >&2
        return 1
    }
}

check_generated() {
    local fresh=.switchboard/generated
    rm -rf "$fresh"
    mkdir -p "$fresh"
    quietly "wiregen into a scratch folder" swift run --skip-build wiregen --protos protos --out "$fresh" || return 1
    diff -r -q "$fresh" Sources/Contracts || return 1
    quietly "wiregen for the bench" swift run --skip-build wiregen --protos Tests/Bench/Protos --out "$fresh-bench" --package bench ||
        return 1
    diff -r -q "$fresh-bench" Tests/Bench/Contracts || return 1
    quietly "wiregen for the examples" swift run --skip-build wiregen --protos Tests/Notes/Protos --out "$fresh-notes" --package notes.v1 ||
        return 1
    diff -r -q "$fresh-notes" Tests/Notes/Contracts
}

check_contracts() {
    local set=.switchboard/contracts.binpb arguments=()
    mkdir -p .switchboard
    contracts_descriptor_set "$set" --include_source_info || return 1
    if [[ -f protos/baseline.binpb ]]; then arguments+=(--baseline protos/baseline.binpb); fi
    if [[ -f protos/RELEASED ]]; then arguments+=(--released); fi
    swift run --skip-build contract-check "$set" "${arguments[@]}"
}

check_architecture() {
    quietly "architecture tests" swift test --skip-build --filter ArchitectureTests
}
