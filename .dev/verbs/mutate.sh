# mutate [rules [NUMBER...]]: changes each cell of the conversations' transition table in every way, or switches off each rule
# of Tests/SPEC.md, and reports those changes that no test notices

verb_mutate() {
    case ${1:-} in
    '') mutate_transitions ;;
    rules)
        shift
        mutate_rules "$@"
        ;;
    *) die "mutate: nothing is known of '$1'" ;;
    esac
}

mutate_transitions() {
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

rule_seams=Tests/Mutants/rules.txt
rule_seconds_max=600

# A copy of the tree in which the seams of Tests/Mutants/rules.txt are planted, all at once, and which is built once. The
# tests of each number then run with SWITCHBOARD_RULE_OFF=NUMBER, and one of them has to fail.
mutate_rules() {
    local numbers=("$@") number tests survivors=() copy=$root/.build/mutants
    if ((${#numbers[@]} == 0)); then mapfile -t numbers < <(planted_numbers); fi
    for number in "${numbers[@]}"; do
        planted_numbers | grep -x "$number" >/dev/null || die "mutate: $rule_seams has no seam of $number"
        [[ -n $(tests_that_carry "$number") ]] || die "mutate: no test carries $number"
    done
    install_all
    mkdir -p .switchboard/log "$copy/tree"
    plant_seams "$copy"
    (cd "$copy/tree" && build_all --build-tests --scratch-path "$copy/build")
    say "the tests of ${#numbers[@]} rules, none switched off"
    mapfile -t tests < <(for number in "${numbers[@]}"; do tests_that_carry "$number"; done | cut -d ' ' -f 2 | sort -u)
    rule_tests "$copy" "" $((${#tests[@]} * 60)) "${tests[@]}" || die "tests fail though nothing is switched off; see $(rule_log "")"
    for number in "${numbers[@]}"; do
        if rule_survives "$copy" "$number"; then survivors+=("$number"); fi
    done
    if ((${#survivors[@]} > 0)); then die "no test notices when these are switched off: ${survivors[*]}"; fi
    say "no survivor"
}

rule_log() { printf '%s/.switchboard/log/mutate-%s.log' "$root" "${1:-none}"; }

# Whether all tests of the number pass though its rule is switched off. Those that show rules as values come first: where
# one of them fails, no service and no database has to start.
rule_survives() {
    local copy=$1 number=$2 begun=$SECONDS status depth tests
    for depth in values services; do
        mapfile -t tests < <(tests_that_carry "$number" | sed -n "s/^$depth //p")
        if ((${#tests[@]} == 0)); then continue; fi
        status=0
        rule_tests "$copy" "$number" "$rule_seconds_max" "${tests[@]}" || status=$?
        if ((status == 0)); then
            continue
        elif ((status == 124 || status == 137)); then
            say "$number killed: its tests had not ended after $rule_seconds_max s"
        elif grep -qE ' (recorded an issue|failed after) |[Ff]atal error|unexpected signal' "$(rule_log "$number")"; then
            say "$number killed in $((SECONDS - begun)) s"
        else
            die "the tests of $number broke off; all of their output is in $(rule_log "$number")"
        fi
        return 1
    done
    say "$number survived"
}

# rule_tests COPY OFF SECONDS TEST...: runs the tests with the rule OFF switched off, or none.
rule_tests() {
    local copy=$1 off=$2 limit=$3 filters=() test
    shift 3
    for test in "$@"; do filters+=(--filter "$test"); done
    (cd "$copy/tree" && SWITCHBOARD_RULE_OFF=$off timeout --kill-after=20 "$limit" swift test --skip-build \
        --scratch-path "$copy/build" --disable-xctest --no-parallel "${filters[@]}" </dev/null >"$(rule_log "$off")" 2>&1)
}

planted_numbers() { grep -oE '^([SCP][0-9]+ )+Sources/' "$rule_seams" | tr ' ' '\n' | grep -v / | sort -Vu; }

# What `swift test --filter` needs to find the tests that carry a number in their display name or their function's name, each
# behind the word `values` or `services`, which says what it needs.
tests_that_carry() {
    find Tests -name '*.swift' -path 'Tests/*Tests/*' ! -path 'Tests/ArchitectureTests/*' -print0 | sort -z |
        xargs -0 awk -v number="$1" '
            FNR == 1 { split(FILENAME, path, "/"); isOpen = 0 }
            /@Test/ { test = substr($0, index($0, "@Test")); isOpen = 1 }
            isOpen && !/@Test/ { test = test " " $0 }
            isOpen && match(test, /func [A-Za-z0-9_]+/) {
                name = substr(test, RSTART + 5, RLENGTH - 5)
                words = match(test, /^@Test\([ ]*"[^"]*"/) ? substr(test, RSTART, RLENGTH) : ""
                gsub(/[^A-Za-z0-9]+/, " ", words)
                leading = name
                gsub(/_/, " ", leading)
                if (index(" " words " " leading " ", " " number " ")) {
                    print (FILENAME ~ "/Rules/" ? "values " : "services ") path[2] "[.](.*/)?" name "[(]"
                }
                isOpen = 0
            }'
}

# plant_seams COPY: brings COPY/tree to where this tree is, with the seams in it. What has not changed keeps its time, so that
# the build is incremental from run to run.
plant_seams() {
    local copy=$1 stage=$1/stage file planted
    rm -rf "$stage"
    mkdir -p "$stage"
    planted=$(planted_files)
    git ls-files --cached --others --exclude-standard | while IFS= read -r file; do
        if [[ -e $file || -L $file ]]; then printf '%s\n' "$file"; fi
    done | LC_ALL=C sort >"$copy/files"
    (cd "$copy/tree" && find . \( -path ./.build -o -path ./.switchboard \) -prune -o ! -type d -print) | cut -c 3- |
        LC_ALL=C sort | LC_ALL=C comm -23 - "$copy/files" | tr '\n' '\0' | (cd "$copy/tree" && xargs -0 -r rm)
    # Without those that are links already: a copy would go where they lead.
    grep -vxF "$planted" "$copy/files" | while IFS= read -r file; do
        if [[ ! -L $copy/tree/$file ]]; then printf '%s\0' "$file"; fi
    done | xargs -0 cp -pP --parents -t "$copy/tree"
    tr '\n' '\0' <<<"$planted" | xargs -0 cp -p --parents -t "$stage"
    plant_each "$stage"
    for file in $planted; do
        if cmp -s "$stage/$file" "$copy/tree/$file"; then continue; fi
        mkdir -p "$copy/tree/${file%/*}"
        cp "$stage/$file" "$copy/tree/$file"
    done
    rm -rf "$stage"
}

planted_files() { grep -E '^([SCP][0-9]+ )+Sources/' "$rule_seams" | sed 's/.* //' | sort -u; }

# plant_each TREE: puts every seam in its place.
plant_each() {
    local tree=$1 line file="" old="" new=""
    while IFS= read -r line; do
        case $line in
        '#'*) ;;
        '- '*) old+=${old:+$'\n'}${line:2} ;;
        '+ '*) new+=${new:+$'\n'}${line:2} ;;
        '')
            if [[ -n $old ]]; then plant "$tree/$file" "$old" "$new"; fi
            old="" new=""
            ;;
        *' Sources/'*) file=${line##* } ;;
        esac
    done < <(cat "$rule_seams" && echo)
    for file in $(planted_files); do add_switch "$tree/$file"; done
}

plant() {
    local text
    text=$(<"$1")
    [[ $text == *"$2"* ]] || die "mutate: ${1##*/} does not have: $2"
    printf '%s\n' "${text/"$2"/"$3"}" >"$1"
}

# What the seams of a file ask. It is read once; services that tests start in processes of their own inherit nothing of it.
add_switch() {
    local text
    text=$(<"$1")
    grep -qE '^ *import Glibc$' "$1" || text="import Glibc"$'\n'$text
    cat >"$1" <<SWIFT
$text

private let ruleOff = getenv("SWITCHBOARD_RULE_OFF").map { String(cString: \$0) }
private func isOff(_ number: String) -> Bool { ruleOff == number }
SWIFT
}
