# Foreign peers of the tests that have to be compiled.

# interop_peer: gRPC C++ with grpc.testing.TestService, in .switchboard/peers. About half a minute, once.
interop_peer() {
    local work=.switchboard/peers source=Tests/Peers/interop_peer.cc
    [[ ! -x $work/interop_peer || $source -nt $work/interop_peer ]] || return 0
    mkdir -p "$work"
    quietly "protoc for gRPC C++" protoc -I protos --cpp_out "$work" --grpc_out "$work" \
        --plugin=protoc-gen-grpc="$(command -v grpc_cpp_plugin)" protos/grpc/testing/*.proto
    # shellcheck disable=SC2046
    quietly "compile a peer with gRPC C++" g++ -std=c++17 -O0 -I "$work" -o "$work/interop_peer" "$source" \
        "$work"/grpc/testing/*.cc $(pkg-config --libs grpc++ protobuf)
}
