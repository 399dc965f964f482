# bench [--seconds N]: unary echo beside gRPC C++. Figures go to .build/bench.jsonl too.

verb_bench() {
    local seconds=5
    if [[ ${1:-} == --seconds ]]; then seconds=$2; fi
    install_all
    install_packages .dev/bench-packages.txt
    (($(nproc) >= 2)) || die "two cores are needed: one for the server, one for the load"
    mkdir -p .build
    : >.build/bench.jsonl
    bench_echo "$seconds"
    say "figures are in .build/bench.jsonl"
}

bench_echo() {
    local work=.switchboard/bench ours
    build_all -c release --package-path Tests/Bench --scratch-path .build/bench
    ours=$(swift build -c release --package-path Tests/Bench --scratch-path .build/bench --show-bin-path)/echo-server
    mkdir -p "$work"
    if [[ ! -x $work/echo_server || Tests/Bench/Peers/echo_server.cc -nt $work/echo_server ]]; then
        quietly "protoc for gRPC C++" protoc -I Tests/Bench/Peers --cpp_out "$work" --grpc_out "$work" \
            --plugin=protoc-gen-grpc="$(command -v grpc_cpp_plugin)" Tests/Bench/Peers/echo.proto
        # shellcheck disable=SC2046
        quietly "compile the gRPC C++ peer" g++ -std=c++17 -O2 -I "$work" -o "$work/echo_server" Tests/Bench/Peers/echo_server.cc \
            "$work/echo.pb.cc" "$work/echo.grpc.pb.cc" $(pkg-config --libs grpc++ protobuf)
    fi
    say "unary echo of 85 bytes, one core for the server, h2load on another (clients x streams)"
    python3 Tests/Bench/echo.py "$ours" "$work/echo_server" "$1" .build/bench.jsonl
}
