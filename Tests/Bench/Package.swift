// swift-tools-version: 6.2
// Loads and peers of `./dev bench`. A package of its own: it uses Switchboard's gRPC as a stranger would, by its products.
import PackageDescription

let grpc: Target.Dependency = .product(name: "GRPC", package: "switchboard")
let protobuf: Target.Dependency = .product(name: "Protobuf", package: "switchboard")
let http2: Target.Dependency = .product(name: "HTTP2", package: "switchboard")
let nio: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")

let package = Package(
    name: "switchboard-bench",
    dependencies: [
        .package(name: "switchboard", path: "../.."),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
    ],
    targets: [
        .target(name: "CBench", dependencies: [protobuf], path: "Contracts/CBench"),
        .target(name: "Bench", dependencies: ["CBench", grpc, protobuf], path: "Contracts/Bench"),
        .executableTarget(name: "echo-server", dependencies: ["Bench", grpc, nio, metrics]),
        .executableTarget(name: "echo-client", dependencies: ["Bench", grpc, http2, nio]),
        .executableTarget(name: "overload", dependencies: ["Bench", grpc, nio]),
        .executableTarget(name: "codec", dependencies: ["Bench"]),
        .executableTarget(name: "hostile-decode", dependencies: [protobuf]),
    ],
    swiftLanguageModes: [.v6]
)
