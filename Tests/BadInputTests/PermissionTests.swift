import Foundation
import GRPC
import GoogleProtobuf
import ServiceRuntime
import Testing

/// Who may call what, read from the contracts' method options, kept as text, and shown on real sockets for every RPC.
@Suite("Permissions", .serialized)
struct PermissionTests {
    private static let golden = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "permissions.golden")
    private static let notLetIn: Set<String> = ["PERMISSION_DENIED", "CALLER_DENIED"]

    /// `SWITCHBOARD_WRITE_SNAPSHOTS=1` rewrites the file.
    @Test(
        "C22, C34, S19: every RPC lets in exactly whom the matrix names; the others get PERMISSION_DENIED, nobody UNAUTHENTICATED",
        .timeLimit(.minutes(5)))
    func C34_everyRPCAgainstEveryCaller() async throws {
        try await Place.with { place in
            let table = try AccessTable(place.sides.flatMap(\.services))
            if ProcessInfo.processInfo.environment["SWITCHBOARD_WRITE_SNAPSHOTS"] != nil {
                try (table.matrix.joined(separator: "\n") + "\n").write(to: Self.golden, atomically: true, encoding: .utf8)
            }
            let kept = try String(contentsOf: Self.golden, encoding: .utf8).split(separator: "\n").map(String.init)
            #expect(table.matrix == kept)
            let letIn = Dictionary(
                uniqueKeysWithValues: kept.map { line in
                    let words = line.split(separator: " ").map(String.init)
                    return (words[0], Set(words.dropFirst()))
                })
            var calls = 0
            for (side, _, method) in place.methods {
                let allowed = try #require(letIn[method.path])
                let isOpen = allowed == ["anyone"]
                let bare = await side.call(method, [], Metadata())
                calls += 1
                if !isOpen {
                    #expect(bare?.code == .unauthenticated && bare?.reason == "UNAUTHENTICATED", "\(method.path) without a token")
                }
                for caller in place.callers.names {
                    // A stream that is let in would stay open; what cannot be decoded ends it.
                    let passes = isOpen || allowed.contains(caller)
                    let body: [UInt8] = passes && method.kind != .unary ? [0xFF] : []
                    let error = await side.call(
                        method, body, try await place.callers.metadata(caller, to: side.name))
                    let isRefused = error?.code == .permissionDenied && Self.notLetIn.contains(error?.reason ?? "")
                    #expect(isRefused == !passes, "\(method.path) by \(caller): \(error.map { "\($0)" } ?? "OK")")
                    #expect(error?.code != .unauthenticated, "\(method.path) by \(caller)")
                    calls += 1
                }
            }
            #expect(calls == place.methods.count * (place.callers.names.count + 1))
            print("permissions: \(place.methods.count) RPCs, \(calls) calls")
        }
    }

    @Test("no method of the contracts is missing from the modules, and so from these tests")
    func everyMethodIsServed() async throws {
        try await Place.with { place in
            for side in place.sides {
                let contract = "switchboard.\(side.name).v1"
                let files = try FileDescriptorSet(serialized: side.services[0].fileDescriptorSet()).file
                let inContract = files.filter { $0.package == contract }.flatMap { file in
                    file.service.flatMap { service in
                        service.method.map { "/\(contract).\(service.name ?? "")/\($0.name ?? "")" }
                    }
                }
                #expect(Set(inContract) == Set(side.services.flatMap(\.methods).map(\.path)))
            }
        }
    }

    @Test("S19, C34: a Viewer and a person without a role change nothing")
    func S19_viewersChangeNothing() async throws {
        let kept = try String(contentsOf: Self.golden, encoding: .utf8).split(separator: "\n")
        for line in kept where line.contains(" viewer") {
            let method = line.split(separator: " ")[0].split(separator: "/")[1]
            // Which notifications somebody has seen is his own: it changes nothing in the inbox.
            let reads = [
                "MarkNotificationsRead", "Get", "BatchGet", "List", "Lookup", "Count", "Search", "CanSend", "Explain", "Watch",
                "Download",
            ]
            #expect(reads.contains { method.hasPrefix($0) }, "\(method) is open to a Viewer")
        }
        #expect(!kept.contains { $0.contains(" nobody") || $0.contains(" integrator") })
    }
}
