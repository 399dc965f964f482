import EndToEndSupport
import Testing

@Suite("Processes", .serialized)
struct ProcessesTests {
    @Test("Each service is its own process on its own port, and uses the three C libraries")
    func eachServiceIsAProcess() async throws {
        try await Platform.with { platform in
            try await platform.running(["contacts", "conversations"]) { services in
                #expect(Set(services.values.compactMap(\.process?.pid)).count == services.count)
                #expect(Set(services.values.map(\.listen.grpc)).count == services.count)
                for (name, service) in services {
                    let libraries = try #require(try service.process?.mappedLibraries())
                    for library in ["libnghttp2.so", "libprotobuf-c.so", "libpq.so"] {
                        #expect(libraries.contains { $0.hasPrefix(library) }, "\(name) without \(library)")
                    }
                }
            }
        }
    }
}
