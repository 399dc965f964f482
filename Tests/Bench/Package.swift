// swift-tools-version: 6.2
// Loads and peers of `./dev bench`. A package of its own: it uses Switchboard's gRPC as a stranger would, by its products.
import PackageDescription

let package = Package(
    name: "switchboard-bench",
    dependencies: [
        .package(name: "switchboard", path: "../.."),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    ],
    targets: [
        .executableTarget(
            name: "echo-server",
            dependencies: [
                .product(name: "GRPC", package: "switchboard"),
                .product(name: "Protobuf", package: "switchboard"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .executableTarget(name: "hostile-decode", dependencies: [.product(name: "Protobuf", package: "switchboard")]),
    ],
    swiftLanguageModes: [.v6]
)
