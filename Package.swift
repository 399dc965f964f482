// swift-tools-version: 6.2
// The call graph of Switchboard. A target depends only on lower floors (Tests/ArchitectureTests holds it to that).
import PackageDescription

// MARK: - Packages

let packages: [Package.Dependency] = [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
    .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let jwt = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let inMemoryLogging = Target.Dependency.product(name: "InMemoryLogging", package: "swift-log")
let metricsTestKit = Target.Dependency.product(name: "MetricsTestKit", package: "swift-metrics")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
let nioTLS: [Target.Dependency] = [
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
    .product(name: "NIOTLS", package: "swift-nio"),
]
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")

// MARK: - Words of this file

/// A C library of the system: a module map and a shim header.
func system(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// A library of ours.
func library(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource]? = nil
) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(name)", exclude: exclude, resources: resources)
}

/// The generated code of one proto package: a Swift target over a C target. Nobody edits it.
func contract(
    _ name: String, imports: [String] = [], serves: Bool = false, path: String = "Sources/Contracts"
) -> [Target] {
    let swift: [Target.Dependency] = [.byName(name: "C\(name)"), "Protobuf"] + imports.map { .byName(name: $0) }
    return [
        .target(
            name: "C\(name)",
            dependencies: ["CProtobufC"] + imports.map { .byName(name: "C\($0)") },
            path: "\(path)/C\(name)"
        ),
        .target(
            name: name,
            dependencies: swift + (serves ? ["GRPC"] : []),
            path: "\(path)/\(name)"
        ),
    ]
}

/// A service: its library, and the program that gets deployed. `calls` names the services whose RPCs it calls,
/// `watches` those whose events it follows; it sees their contracts, never their modules.
func service(_ name: String, calls: [String] = [], watches: [String] = [], extra: [Target.Dependency] = []) -> [Target] {
    // Who follows routing knows its tenants by the same code.
    let directory: [Target.Dependency] = watches.contains("Routing") ? ["TenantDirectory"] : []
    // Who calls a service may watch it as well.
    let contracts = Set([name] + calls + watches).sorted().map { Target.Dependency.byName(name: "\($0)V1") }
    return [
        library(
            name,
            [
                "ServiceRuntime", "ServiceDatabase", "EventLog", "Postgres", "GRPC", "Protobuf", "GoogleProtobuf", "WallTime",
                lifecycle, logging,
            ]
                + contracts + directory + extra,
            resources: [.embedInCode("Database")]
        ),
        program("switchboard-\(name.lowercased())", [.byName(name: name), "ServiceRuntime"]),
    ]
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Sources/Programs/\(name)")
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource]? = nil) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)Tests", exclude: exclude, resources: resources)
}

// MARK: - Targets, floor by floor

let systemLibraries: [Target] = [
    system("CNGHTTP2", pkgConfig: "libnghttp2", apt: "libnghttp2-dev"),
    system("CLibPQ", pkgConfig: "libpq", apt: "libpq-dev"),
    system("CProtobufC", pkgConfig: "libprotobuf-c", apt: "libprotobuf-c-dev"),
    system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
]

let foundations: [Target] =
    [
        library("WallTime", []),
        library("WorkingTime", ["WallTime"]),
        library("Protobuf", ["CProtobufC"]),
        library("HTTP2", ["CNGHTTP2"] + nio, exclude: ["README.md"]),
        library("Postgres", ["CLibPQ", "WallTime", logging, metrics]),
    ]
    + contract("GoogleProtobuf")
    + contract("GoogleRPC", imports: ["GoogleProtobuf"])

let runtime: [Target] =
    [
        library(
            "GRPC", ["HTTP2", "Protobuf", "GoogleRPC", "GoogleProtobuf", "CZlib", logging, metrics] + nio,
            exclude: ["README.md"]),
        library("GRPCTLS", ["GRPC", logging, nio[0]] + nioTLS),
        library("GRPCHealth", ["GRPC", "GRPCHealthV1"]),
        library("GRPCReflection", ["GRPC", "GoogleProtobuf", "Protobuf", "GRPCReflectionV1", "GRPCReflectionV1Alpha"]),
        library("EventLog", ["Postgres", "WallTime", logging, metrics, lifecycle], resources: [.embedInCode("Database")]),
        library(
            "ServiceRuntime",
            [
                "GRPC", "GRPCTLS", "GRPCHealth", "GRPCReflection", "Protobuf", "WallTime", "AccessV1", "GoogleProtobuf",
                "GoogleRPC",
                argumentParser, configuration, crypto, httpClient, hummingbird, jwt, lifecycle, logging, metrics,
            ] + nio),
        library(
            "ServiceDatabase",
            [
                "ServiceRuntime", "GRPC", "Protobuf", "GoogleProtobuf", "Postgres", "EventLog", "TenancyV1", "WallTime", crypto,
                lifecycle, logging,
            ], resources: [.embedInCode("Database")]),
    ]
    + contract("GRPCHealthV1", serves: true)
    + contract("GRPCReflectionV1", serves: true)
    + contract("GRPCReflectionV1Alpha", serves: true)

let contracts: [Target] =
    contract("GoogleAPI")
    + contract("AccessV1")
    + contract("TenancyV1", imports: ["GoogleProtobuf"], serves: true)
    + contract("ChannelsV1", imports: ["GoogleProtobuf"], serves: true)
    + contract("ContactsV1", imports: ["GoogleProtobuf"], serves: true)
    + contract("ConversationsV1", imports: ["GoogleProtobuf"], serves: true)
    + contract("RoutingV1", imports: ["GoogleProtobuf"], serves: true)
    + contract("TicketsV1", imports: ["GoogleProtobuf"], serves: true)
    + contract("TemplatesV1", imports: ["GoogleProtobuf"], serves: true)
    + contract("GRPCTesting", serves: true)
    + contract("Conformance")
    + contract("ProtobufTestMessagesProto3", imports: ["GoogleProtobuf"])

let directory: [Target] = [
    library(
        "TenantDirectory",
        ["ServiceDatabase", "ServiceRuntime", "EventLog", "Postgres", "GRPC", "RoutingV1", logging],
        resources: [.embedInCode("Database")])
]

let services: [Target] =
    service(
        "Channels", calls: ["Conversations", "Contacts"],
        watches: ["Conversations", "Contacts", "Templates", "Tickets", "Routing"],
        extra: [crypto, httpClient] + nio
    )
    + service("Contacts", watches: ["Conversations", "Routing"], extra: ["WorkingTime", crypto])
    + service(
        "Conversations", calls: ["Contacts", "Templates"], watches: ["Contacts", "Routing"], extra: ["WorkingTime", crypto])
    + service("Routing", calls: ["Conversations", "Contacts"], watches: ["Conversations"], extra: ["WorkingTime", crypto])
    + service("Templates", watches: ["Routing"])
    + service(
        "Tickets", calls: ["Contacts", "Conversations"], watches: ["Conversations", "Contacts", "Routing"],
        extra: ["WorkingTime", crypto])
    + [
        library(
            "Gateway",
            [
                "ServiceRuntime", "GRPC", "HTTP2", "Protobuf", "GoogleProtobuf", "GoogleRPC", "GoogleAPI", "AccessV1", "WallTime",
                "ChannelsV1",
                "ContactsV1",
                "ConversationsV1",
                "RoutingV1",
                "TicketsV1",
                "TemplatesV1",
                crypto, hummingbird, lifecycle, logging,
            ], resources: [.embedInCode("Web")]),
        program("switchboard-gateway", ["Gateway", "ServiceRuntime"]),
        program(
            "switchboard",
            [
                "ServiceRuntime", "Postgres", "GRPC", "GRPCTLS", "Protobuf", "GoogleProtobuf", "ConversationsV1", "RoutingV1",
                "TenancyV1", argumentParser, crypto, jwt,
            ]),
    ]

let tools: [Target] = [
    program("wiregen", ["WireGen"]),
    program("contract-check", ["ContractCheck", argumentParser]),
    library("ContractCheck", ["Protobuf", "GoogleProtobuf"]),
    program("grpc-interop-server", ["GRPC", "GRPCHealth", "GRPCReflection", "GRPCTesting", "GoogleProtobuf", "GoogleRPC"] + nio),
    program("grpc-interop-client", ["GRPC", "GRPCTesting"]),
    program("protobuf-conformance-testee", ["Protobuf", "GoogleProtobuf", "Conformance", "ProtobufTestMessagesProto3"]),
    library("WireGen", ["Protobuf", "GoogleProtobuf"], exclude: ["README.md"]),
]

/// The contract of what the README of GRPC shows.
let examples: [Target] = contract("NotesV1", serves: true, path: "Tests/Notes/Contracts")

let testSupport: [Target] = [
    library("Trials", []),
    library("CertificateTesting", []),
    library("PostgresTesting", ["Postgres", logging]),
    library("ConversationsTesting", ["ConversationsV1", "GoogleProtobuf", "Postgres", "ServiceRuntime", "WallTime"]),
    library(
        "EndToEndSupport",
        [
            "CertificateTesting", "GRPC", "GRPCTLS", "Postgres", "PostgresTesting", "ServiceRuntime", "WallTime", httpClient,
            hummingbird, logging,
        ] + nio),
    .executableTarget(
        name: "runtime-sample", dependencies: ["ServiceRuntime", "ContactsV1", "GRPC"],
        path: "Tests/RuntimeSample"),
    .executableTarget(
        name: "fault-sample", dependencies: ["ContactsV1", "EventLog", "GRPC", "Postgres", "WallTime", logging],
        path: "Tests/FaultSample"),
    .executableTarget(
        name: "event-log-sample", dependencies: ["EventLog", "Postgres", logging], path: "Tests/EventLogSample"),
]

let testTargets: [Target] = [
    tests("Architecture", [], exclude: ["allowlists"]),
    tests("ContractCheck", ["ContractCheck"]),
    tests("WallTime", ["WallTime"]),
    tests("WorkingTime", ["Trials", "WorkingTime", "WallTime"]),
    tests("WireGen", ["WireGen"], exclude: ["Golden", "Shapes"]),
    tests(
        "Protobuf",
        [
            "Protobuf", "GoogleProtobuf", "GoogleRPC", "Conformance", "ProtobufTestMessagesProto3", "protobuf-conformance-testee",
        ], exclude: ["conformance-not-claimed.txt"]),
    tests(
        "Fuzz",
        [
            "CProtobufC", "Protobuf", "ProtobufTestMessagesProto3", "HTTP2", "GRPC", "ChannelsV1", "ContactsV1",
            "ConversationsV1", "RoutingV1", "TemplatesV1", "TicketsV1", "EventLog", "ServiceRuntime", "Channels", "Contacts",
            "Conversations", "Gateway", "Templates",
        ]),
    tests("Postgres", ["Trials", "Postgres", "PostgresTesting", "WallTime", logging], exclude: ["first.sql"]),
    tests(
        "Channels",
        [
            "Trials", "Channels", "ChannelsV1", "Contacts", "ContactsV1", "Conversations", "ConversationsTesting",
            "ConversationsV1", "EndToEndSupport", "TemplatesV1", "TenantDirectory",
            "TicketsV1", "GRPC", "GoogleProtobuf",
            "GoogleRPC", "EventLog",
            "Postgres", "PostgresTesting", "Protobuf", "ServiceDatabase", "ServiceRuntime", "WallTime", crypto, httpClient,
            hummingbird, lifecycle, logging,
        ] + nio),
    tests(
        "Contacts",
        [
            "Trials", "Contacts", "ContactsV1", "ConversationsV1", "GRPC", "GoogleProtobuf", "GoogleRPC", "EventLog", "Postgres",
            "PostgresTesting", "TenantDirectory",
            "Protobuf", "ServiceDatabase", "ServiceRuntime", "WallTime", logging,
        ]),
    tests(
        "Conversations",
        [
            "Trials", "Conversations", "ContactsV1", "ConversationsV1", "GRPC", "GoogleProtobuf", "GoogleRPC", "EventLog",
            "Postgres",
            "PostgresTesting", "Protobuf", "RoutingV1", "ServiceDatabase", "ServiceRuntime", "TenancyV1", "WallTime",
            "WorkingTime",
            crypto,
            logging,
            // Starting and resuming by template, with the real services beside.
            "ConversationsTesting", "Contacts", "Routing", "Templates", "TemplatesV1", "Gateway", httpClient, nio[0],
        ], exclude: ["Rules/can-send.golden", "Rules/transitions.golden"]),
    tests(
        "Routing",
        [
            "Trials", "Routing", "Contacts", "Conversations", "ContactsV1", "ConversationsV1", "RoutingV1", "GRPC",
            "GoogleProtobuf",
            "GoogleRPC", "EventLog", "Postgres", "PostgresTesting", "Protobuf", "ServiceDatabase", "ServiceRuntime", "WallTime",
            "WorkingTime", crypto, lifecycle, logging,
        ]),
    tests(
        "Tickets",
        [
            "Trials", "Tickets", "TicketsV1", "TenantDirectory", "RoutingV1", "ContactsV1", "Conversations", "ConversationsV1",
            "GRPC", "GoogleProtobuf",
            "GoogleRPC",
            "EventLog", "Postgres", "PostgresTesting", "Protobuf", "ServiceDatabase", "ServiceRuntime", "WallTime", "WorkingTime",
            logging,
        ], exclude: ["Rules/statuses.golden"]),
    tests(
        "Templates",
        [
            "Trials", "Templates", "TemplatesV1", "TenantDirectory", "RoutingV1", "GRPC", "GoogleProtobuf", "GoogleRPC",
            "EventLog", "Postgres",
            "PostgresTesting",
            "Protobuf", "ServiceDatabase", "ServiceRuntime", "WallTime", logging,
        ], exclude: ["Rules/lifecycle.golden"]),
    tests("HTTP2", ["HTTP2"] + nio),
    tests("Notes", ["GRPC", "GRPCTLS", "NotesV1"]),
    tests(
        "GRPCTLS",
        [
            "Trials", "CertificateTesting", "GRPC", "GRPCTLS", "GoogleProtobuf", inMemoryLogging, logging, metricsTestKit,
        ]),
    tests("GRPCHealth", ["GRPC", "GRPCHealth", "GRPCHealthV1"]),
    tests(
        "GRPC",
        ["Trials", "GRPC", "GoogleProtobuf", "GoogleRPC", "HTTP2", "Protobuf", inMemoryLogging, logging, metrics, metricsTestKit]
            + nio),
    tests(
        "GRPCInterop",
        [
            "Gateway", "GRPC", "GRPCReflectionV1", "GRPCTesting", "GoogleProtobuf", "GoogleRPC", "grpc-interop-server",
            "grpc-interop-client",
        ]),
    tests(
        "Gateway",
        [
            "TicketsV1",
            "Gateway", "GRPC", "Protobuf", "ContactsV1", "ConversationsV1", "RoutingV1", "GoogleRPC", "GoogleProtobuf",
            "ServiceRuntime",
            "WallTime", hummingbird, httpClient, logging, lifecycle,
        ] + nio),
    tests(
        "ServiceRuntime",
        [
            "CertificateTesting", "ServiceDatabase", "ServiceRuntime", "ContactsV1", "EventLog", "GRPC", "GRPCHealthV1",
            "GRPCTLS", "GoogleProtobuf", "GoogleRPC", "Postgres", "PostgresTesting", "Protobuf", "Trials", "WallTime",
            "runtime-sample", crypto, cryptoExtras, hummingbird, jwt, lifecycle, logging, metrics,
        ]),
    tests(
        "EndToEnd",
        [
            "Trials", "ConversationsTesting", "EndToEndSupport", "ChannelsV1", "ContactsV1", "ConversationsV1", "RoutingV1",
            "TemplatesV1", "TenancyV1",
            "TicketsV1",
            "EventLog", "GRPC", "GoogleProtobuf", "Postgres", "PostgresTesting", "ServiceRuntime", "WallTime", nio[1],
            "fault-sample", "switchboard",
            "switchboard-contacts", "switchboard-conversations", "switchboard-gateway", "switchboard-routing",
            "switchboard-tickets", "switchboard-templates", "switchboard-channels", hummingbird, logging,
        ]),
    tests(
        "BadInput",
        [
            "Channels", "ChannelsV1", "ConversationsTesting", "Tickets", "TicketsV1", "Templates", "TemplatesV1",
            "Trials", "Contacts", "ContactsV1", "Conversations", "ConversationsV1", "GRPC", "Gateway", "GoogleProtobuf",
            "GoogleRPC",
            "Routing", "RoutingV1", "Postgres", "PostgresTesting", "Protobuf", "ServiceDatabase", "ServiceRuntime", "WallTime",
            httpClient, logging,
        ] + nio,
        exclude: [
            "answers.golden", "permissions.golden", "repetitions.golden", "fields.golden", "streams.golden", "routes.golden",
        ]),
    tests(
        "EventLog",
        [
            "Trials", "EventLog", "Postgres", "PostgresTesting", "EndToEndSupport", "ServiceRuntime", "WallTime",
            "event-log-sample",
            logging, metrics,
        ]),
]

let package = Package(
    name: "switchboard",
    products: [
        .library(name: "HTTP2", targets: ["HTTP2"]),
        .library(name: "Protobuf", targets: ["Protobuf", "GoogleProtobuf"]),
        .library(name: "GRPC", targets: ["GRPC", "GRPCHealth", "GRPCReflection"]),
        .library(name: "GRPCTLS", targets: ["GRPCTLS"]),
    ],
    dependencies: packages,
    targets: systemLibraries + foundations + runtime + contracts + directory + services + tools + examples
        + testSupport + testTargets,
    swiftLanguageModes: [.v6]
)

// A warning in our own Swift is an error, in whichever build it first appears.
for target in package.targets where target.type != .system {
    target.swiftSettings = (target.swiftSettings ?? []) + [.treatAllWarnings(as: .error)]
}
