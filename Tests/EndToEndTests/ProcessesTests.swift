import EndToEndSupport
import Testing

@Suite("Processes", .serialized)
struct ProcessesTests {
    @Test("Each service is its own process on its own port, and uses the three C libraries")
    func eachServiceIsAProcess() async throws {
        try await Platform.with { platform in
            try await platform.running(["contacts", "conversations"]) { services in
                #expect(Set(services.all.compactMap(\.process?.pid)).count == services.all.count)
                #expect(Set(services.all.map(\.listen.grpc)).count == services.all.count)
                for service in services.all {
                    let name = service.service
                    let libraries = try #require(try service.process?.mappedLibraries())
                    for library in ["libnghttp2.so", "libprotobuf-c.so", "libpq.so"] {
                        #expect(libraries.contains { $0.hasPrefix(library) }, "\(name) without \(library)")
                    }
                }
            }
        }
    }
}
