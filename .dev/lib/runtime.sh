# The gRPC runtime as a package by itself.

# runtime_package DIR [MUTEX]: makes a package of HTTP2, Protobuf and GRPC with their tests alone, from this one's own manifest, so
# that neither libpq nor a service is built with them. Sources and tests are links. MUTEX is a file that stands beside the others of
# each module in which there is a Mutex.
runtime_package() {
    local name module
    mkdir -p "$1"
    for name in Sources Tests protos; do
        rm -rf "${1:?}/$name"
        cp -rs "$root/$name" "$1/$name"
    done
    # The peers that some tests ask.
    ln -sfn "$root/.switchboard" "$1/.switchboard"
    if [[ ${2-} ]]; then
        while IFS= read -r module; do
            ln -s "$root/$2" "$1/$module/"
        done < <(grep -rlE --include '*.swift' '\bMutex\b' Sources Tests | cut -d / -f 1,2 | sort -u)
    fi
    {
        cat Package.swift
        cat <<'SWIFT'

let kept: Set<String> = [
    "CNGHTTP2", "CProtobufC", "CZlib", "HTTP2", "Protobuf", "GRPC", "GRPCTLS", "GRPCHealth", "Trials", "CertificateTesting",
    "GoogleProtobuf", "GoogleRPC", "GRPCHealthV1", "Conformance", "ProtobufTestMessagesProto3", "protobuf-conformance-testee",
    "HTTP2Tests", "ProtobufTests", "GRPCTests", "GRPCTLSTests", "GRPCHealthTests",
]
package.targets.removeAll { !kept.contains($0.name) && !($0.name.hasPrefix("C") && kept.contains(String($0.name.dropFirst()))) }
package.products.removeAll { _ in true }
let needed = ["swift-log", "swift-metrics", "swift-nio", "swift-nio-ssl"]
package.dependencies.removeAll { dependency in
    guard case .sourceControl(_, let location, _) = dependency.kind else { return false }
    return !needed.contains { location.hasSuffix("/\($0)") }
}
SWIFT
    } >"$1/Package.swift"
}
