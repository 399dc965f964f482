# What `./dev bench wire` builds and runs: our programs of Tests/Bench, and its peers in .switchboard/bench.

# bench_wire SECONDS [yes]: with grpc-swift-2 and swift-protobuf too, whose first build takes minutes.
bench_wire() {
    local work=.switchboard/bench programs
    bench_programs switchboard runtime-sample
    build_all "${release_flags[@]}" --package-path Tests/Bench --scratch-path .build/bench --static-swift-stdlib
    bench_peer Protos/echo echo_server
    bench_peer Protos/echo echo_client
    bench_go_peer Protos echo echo_server
    quietly "compile the counter of allocations" cc -shared -fPIC -O2 -o "$work/count_allocations.so" Tests/Bench/Peers/count_allocations.c
    if [[ ${2-} ]]; then bench_swift_peers; fi
    say "gRPC beside its peers, one core for the server, the load on another"
    python3 Tests/Bench/wire --ours "$(bench_folder)" --services "$programs" --peers "$work" --seconds "$1" \
        --out .build/bench.jsonl
}

bench_folder() {
    swift build -c release --package-path Tests/Bench --scratch-path .build/bench --show-bin-path
}

bench_hostile() {
    say "decoding 1 MiB of the worst, beside the limit of 20 ms of CPU each"
    "$(bench_folder)/hostile-decode" | tee -a .build/bench.jsonl
}

# bench_go_peer FOLDER PROTO NAME: a program of grpc-go, with the contract Tests/Bench/FOLDER/PROTO.proto.
bench_go_peer() {
    local work=$root/.switchboard/bench known=github.com/golang/protobuf/ptypes package=$2 flags=plugins=grpc type
    for type in duration timestamp; do flags+=,Mgoogle/protobuf/$type.proto=$known/$type; done
    mkdir -p "$work/go/src/$package"
    quietly "protoc for grpc-go" protoc -I "Tests/Bench/$1" --go_out="$flags:$work/go/src/$package" "Tests/Bench/$1/$2.proto"
    # Debian's packages stand below /usr/share/gocode, as before there were modules.
    quietly "compile go_$3" env GO111MODULE=off GOPATH="$work/go:/usr/share/gocode" GOCACHE="$work/go/cache" \
        go build -o "$work/go_$3" "Tests/Bench/Peers/go/$3.go"
}

bench_swift_peers() {
    local work=.switchboard/bench package=Tests/Bench/Peers/swift build
    build=("${release_flags[@]}" --package-path "$package" --scratch-path .build/bench-peers)
    touch "$package/Sources/EchoMessages/echo.pb.swift"
    build_all "${build[@]}" --product protoc-gen-swift
    quietly "protoc for swift-protobuf" protoc -I Tests/Bench/Protos --swift_opt=Visibility=Public \
        --swift_out="$package/Sources/EchoMessages" \
        --plugin="protoc-gen-swift=$(swift build "${build[@]}" --show-bin-path)/protoc-gen-swift" Tests/Bench/Protos/echo.proto
    build_all "${build[@]}" --static-swift-stdlib
    cp "$(swift build "${build[@]}" --show-bin-path)"/swift_{echo_server,codec} "$work"
}
