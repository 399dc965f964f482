# bench [wire|write|read|gateway|scale]... [--seconds N] [--scale F] [--swift-peers]: gRPC beside its peers, messages and reading
# beside pgbench, the gateway beside one in Go, and (only where it is named) a small tenant beside one of F x 1,000,000
# conversations; into .build/bench.jsonl too.

verb_bench() {
    local seconds=5 scale=1 parts=() kinds=() kind swift_peers=
    while (($# > 0)); do
        case $1 in
            --seconds) seconds=${2:?bench: --seconds takes a number} && shift ;;
            --scale) scale=${2:?bench: --scale takes a number, 1 for a million conversations} && shift ;;
            --swift-peers) swift_peers=yes ;;
            wire | write | read | gateway | scale) parts+=("$1") ;;
            *) die "bench: there is no '$1': wire, write, read, gateway, scale, --seconds N, --scale F or --swift-peers" ;;
        esac
        shift
    done
    if ((${#parts[@]} == 0)); then parts=(wire write read gateway); fi
    install_all
    install_packages .dev/bench-packages.txt
    (($(nproc) >= 2)) || die "two cores are needed: one for the server, one for the load"
    mkdir -p .build
    : >.build/bench.jsonl
    if bench_wants wire; then
        bench_wire "$seconds" "$swift_peers"
        bench_hostile
    fi
    for kind in write read; do
        if bench_wants "$kind"; then kinds+=("$kind"); fi
    done
    if ((${#kinds[@]})); then bench_inbox "$(IFS=, && echo "${kinds[*]}")" "$seconds"; fi
    if bench_wants gateway; then bench_gateway "$seconds"; fi
    if bench_wants scale; then bench_scale "$scale"; fi
    say "figures are in .build/bench.jsonl"
}

bench_wants() { [[ " ${parts[*]} " == *" $1 "* ]]; }

# bench_peer FOLDER/PROTO NAME: a program of gRPC C++, with the contract Tests/Bench/FOLDER/PROTO.proto.
bench_peer() {
    local work=.switchboard/bench folder=Tests/Bench/${1%/*} proto=${1##*/}
    mkdir -p "$work"
    if [[ -x $work/$2 && $work/$2 -nt Tests/Bench/Peers/$2.cc && $work/$2 -nt $folder/$proto.proto ]]; then return; fi
    quietly "protoc for gRPC C++" protoc -I "$folder" --cpp_out "$work" --grpc_out "$work" \
        --plugin=protoc-gen-grpc="$(command -v grpc_cpp_plugin)" "$folder/$proto.proto"
    # shellcheck disable=SC2046
    quietly "compile $2 with gRPC C++" g++ -std=c++17 -O2 -I "$work" -o "$work/$2" "Tests/Bench/Peers/$2.cc" \
        "$work/$proto.pb.cc" "$work/$proto.grpc.pb.cc" $(pkg-config --libs grpc++ protobuf)
}

# bench_inbox KINDS SECONDS: the RPCs of these kinds, with commas between, beside pgbench.
bench_inbox() {
    local programs
    bench_programs switchboard switchboard-{contacts,conversations}
    bench_peer Peers/inbox inbox_load
    say "conversations beside pgbench with the same statements ($1)"
    bench_services inbox.py "$1" "$programs" .switchboard/bench/inbox_load "$root/.switchboard/bench/inbox" \
        "$(data_dir)/log" "$2" .build/bench.jsonl
}

# bench_gateway SECONDS: reading a conversation through our gateway, and through one in Go.
bench_gateway() {
    local programs work=$root/.switchboard/bench
    bench_programs switchboard switchboard-{contacts,conversations,gateway}
    bench_peer Peers/inbox inbox_load
    bench_go_peer Peers reading gateway
    say "the gateway beside one composed in Go"
    bench_services gateway.py "$programs" "$work/inbox_load" "$work/go_gateway" "$work/gateway" "$1" .build/bench.jsonl
}

# bench_scale F: the same calls in a small tenant and in one of F x 1,000,000 conversations.
bench_scale() {
    local programs
    bench_programs switchboard switchboard-{contacts,conversations}
    mkdir -p .switchboard/bench
    contracts_descriptor_set .switchboard/bench/contracts.binpb
    say "a small tenant beside a large one"
    bench_services scale.py "$programs" "$root/.switchboard/bench/scale" .switchboard/bench/contracts.binpb "$1" .build/bench.jsonl
}

# bench_programs PRODUCT...: these programs, as they are released, in the folder `programs`.
bench_programs() {
    local product
    for product in "$@"; do
        build_all "${release_flags[@]}" --scratch-path .build/release-programs --product "$product"
    done
    programs=$(swift build -c release --scratch-path .build/release-programs --show-bin-path)
}

# bench_services SCRIPT [ARGUMENT...]: a script over PostgreSQL and the services' programs.
bench_services() {
    local script=$1
    shift
    start_postgres
    (
        local service upper
        for service in "${sql_services[@]}"; do
            upper=${service^^}
            export "SWITCHBOARD_${upper}_OWNER_PASSWORD=$(secret "$service-owner")"
            export "SWITCHBOARD_${upper}_RUNTIME_PASSWORD=$(secret "$service-runtime")"
        done
        BENCH_POSTGRES_PORT=$postgres_port BENCH_POSTGRES_PASSWORD=$postgres_password \
            .switchboard/venv/bin/python "Tests/Bench/$script" "$@"
    )
    process_runs gateway || stop_postgres
}
