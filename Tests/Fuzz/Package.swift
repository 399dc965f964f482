// swift-tools-version: 6.2
// The fuzz targets: one program each, under libFuzzer, with its corpus in Corpora/<name>. A target is a file beside this one.
import PackageDescription

func contract(_ name: String, imports: [String] = []) -> [Target] {
    [
        .target(
            name: "C\(name)", dependencies: ["CProtobufC"] + imports.map { .byName(name: "C\($0)") },
            path: "Sources/Contracts/C\(name)"),
        .target(
            name: name, dependencies: [.byName(name: "C\(name)"), "Protobuf"] + imports.map { .byName(name: $0) },
            path: "Sources/Contracts/\(name)"),
    ]
}

func fuzz(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: ".", exclude: ["Sources", "Corpora"], sources: ["\(name).swift"])
}

let package = Package(
    name: "fuzz",
    targets: [
        // Sources is a link to the project's own.
        .systemLibrary(name: "CProtobufC", path: "Sources/CProtobufC", pkgConfig: "libprotobuf-c"),
        .target(name: "Protobuf", dependencies: ["CProtobufC"], path: "Sources/Protobuf"),
        fuzz("ProtobufDecode", ["Protobuf", "ProtobufTestMessagesProto3"]),
        fuzz("ProtobufJSON", ["Protobuf", "ProtobufTestMessagesProto3"]),
    ] + contract("GoogleProtobuf") + contract("ProtobufTestMessagesProto3", imports: ["GoogleProtobuf"]),
    swiftLanguageModes: [.v6]
)
