// swift-tools-version: 6.2
// One program that runs each fuzz target under libFuzzer. A package of its own, because the sanitizer has to be in all of it: it
// compiles the readers of bytes from outside, and of the modules above the runtime only the files that read.
import Foundation
import PackageDescription

func contract(_ name: String, imports: [String] = [], serves: Bool = false) -> [Target] {
    [
        .target(
            name: "C\(name)", dependencies: ["CProtobufC"] + imports.map { .byName(name: "C\($0)") },
            path: "Sources/Contracts/C\(name)"),
        .target(
            name: name,
            dependencies: [.byName(name: "C\(name)"), "Protobuf"] + imports.map { .byName(name: $0) } + (serves ? ["GRPC"] : []),
            path: "Sources/Contracts/\(name)"),
    ]
}

/// A module, or some of its files and folders.
func module(_ name: String, _ dependencies: [Target.Dependency], _ wanted: [String]? = nil) -> Target {
    let others = wanted.map { wanted in
        files(of: name).filter { file in !wanted.contains { file == $0 || file.hasPrefix($0 + "/") } }
    }
    return .target(name: name, dependencies: dependencies, path: "Sources/\(name)", exclude: others ?? [])
}

func files(of module: String) -> [String] {
    let folder = URL(filePath: Context.packageDirectory).appending(path: "Sources/\(module)").resolvingSymlinksInPath()
    return (FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? [])
        .filter { $0.contains(".") }
        .sorted()
}

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
]
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")

let runtime: [Target] =
    [
        // Sources is a link to the project's own, Checks one to what ./dev test replays.
        .systemLibrary(name: "CNGHTTP2", path: "Sources/CNGHTTP2", pkgConfig: "libnghttp2"),
        .systemLibrary(name: "CLibPQ", path: "Sources/CLibPQ", pkgConfig: "libpq"),
        .systemLibrary(name: "CProtobufC", path: "Sources/CProtobufC", pkgConfig: "libprotobuf-c"),
        .systemLibrary(name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib"),
        module("WallTime", []),
        module("Postgres", ["CLibPQ", "WallTime", logging, metrics]),
        module("Protobuf", ["CProtobufC"]),
        module("HTTP2", ["CNGHTTP2"] + nio),
        module("GRPC", ["HTTP2", "Protobuf", "GoogleRPC", "GoogleProtobuf", "CZlib", logging, metrics] + nio),
    ]
    + contract("GoogleProtobuf")
    + contract("GoogleRPC", imports: ["GoogleProtobuf"])

let readers: [Target] =
    [
        module("EventLog", [], ["Cursor.swift"]),
        module(
            "ServiceRuntime",
            ["GRPC", "GoogleProtobuf", "GoogleRPC", "Protobuf", "WallTime", .product(name: "Crypto", package: "swift-crypto")],
            ["API", "Principal/RepeatedMembers.swift", "Principal/TokenHeader.swift"]),
        module(
            "Contacts", ["Postgres", "WallTime", .product(name: "Crypto", package: "swift-crypto")],
            [
                "Filter", "ContactFilter.swift", "ContactOrder.swift", "Contact.swift", "AttributeValue.swift",
                "ChannelAddress.swift", "ChannelIdentity.swift", "EmailAddress.swift", "PhoneNumber.swift", "Identifier.swift",
                "TimelineEntry.swift", "Objects/LinkedObject.swift", "Merging/Merge.swift", "Privacy/Consent.swift",
                "Privacy/Erasure.swift", "Fields/AttributeDefinition.swift", "Merging/MergeRule.swift",
                "Files/CSVCell.swift", "Files/CSVParser.swift",
            ]),
        module("Channels", [], ["Rules/IPAddress.swift", "Rules/WebhookURL.swift"]),
        module("Conversations", [], ["Search/Excerpt.swift", "Search/SearchQuery.swift", "Search/SearchText.swift"]),
        module("Templates", [], ["Rules/TemplateText.swift"]),
        module(
            "Gateway", [],
            [
                "JSON", "Routing/PercentCoding.swift", "Routing/QueryString.swift", "Edge/EntityTag.swift",
                "Edge/IdempotencyKey.swift", "Edge/MediaType.swift", "Live/StreamPosition.swift",
            ]),
    ]
    + contract("ChannelsV1", imports: ["GoogleProtobuf"], serves: true)
    + contract("ContactsV1", imports: ["GoogleProtobuf"], serves: true)
    + contract("ConversationsV1", imports: ["GoogleProtobuf"], serves: true)
    + contract("RoutingV1", imports: ["GoogleProtobuf"], serves: true)
    + contract("TemplatesV1", imports: ["GoogleProtobuf"], serves: true)
    + contract("TicketsV1", imports: ["GoogleProtobuf"], serves: true)
    + contract("ProtobufTestMessagesProto3", imports: ["GoogleProtobuf"])

let package = Package(
    name: "fuzz",
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    ],
    targets: runtime + readers + [
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "CProtobufC", "Protobuf", "ProtobufTestMessagesProto3", "HTTP2", "GRPC", "ChannelsV1", "ContactsV1",
                "ConversationsV1", "RoutingV1", "TemplatesV1", "TicketsV1", "EventLog", "ServiceRuntime", "Channels", "Contacts",
                "Conversations", "Gateway", "Templates",
            ],
            path: ".", exclude: ["Sources", "Corpora"], sources: ["Main.swift", "Checks"])
    ],
    swiftLanguageModes: [.v6]
)
