# mutate: changes each cell of the conversations' transition table in every way, and reports those changes that no test notices

verb_mutate() {
    local status=0 log=.switchboard/log/mutate.log
    install_all
    build_all --build-tests
    say "every change of every cell, one at a time"
    # The mutants are values that the rules of the tests are shown, so one process sees all of them.
    SWITCHBOARD_MUTATE=1 swift test --skip-build --filter TransitionMutantTests </dev/null 2>&1 | tee "$log" |
        grep --line-buffered -E '^mutate: |survived: |error:' || status=$?
    if ((status != 0)) || grep -q 'survived: ' "$log" || ! grep -q '^mutate: [0-9]* mutants of' "$log"; then
        die "some mutants survived, or the run broke off; all of its output is in $log"
    fi
    say "no survivor"
}
