import Foundation
import Testing

/// The corpora of fuzzing, and small changes of what is in them. A trap in here ends the whole test run, as it would a service.
@Suite struct ReplayTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(
        path: "Fuzz/Corpora")
    private static let isLong = ProcessInfo.processInfo.environment["SWITCHBOARD_TEST_LONG"] == "1"

    private static func inputs(_ target: String) throws -> [[UInt8]] {
        let folder = folder.appending(path: target)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        return try names.map { Array(try Data(contentsOf: folder.appending(path: $0))) }
    }

    @Test(
        "every saved input, whole and with bytes changed, comes back; some are taken and some refused", arguments: FuzzTarget.all)
    func replay(_ target: FuzzTarget) throws {
        let inputs = try Self.inputs(target.name)
        var taken = 0
        for input in inputs {
            if target.check(input) { taken += 1 }
            for changed in changes(input, places: Self.isLong ? 200 : max(4, 400 / inputs.count)) { _ = target.check(changed) }
        }
        #expect(taken > 0 && taken < inputs.count, "\(taken) of \(inputs.count) inputs of \(target.name) are taken")
    }

    @Test("there is a corpus for each target, and no other")
    func corpora() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).sorted()
        #expect(names == FuzzTarget.all.map(\.name).sorted())
    }

    @Test("each request of each contract has inputs with all of its fields", arguments: ["RequestDecode", "RequestJSON"])
    func requests(_ target: String) throws {
        #expect(Requests.types.count >= 80)
        for type in Requests.types {
            let file = Self.folder.appending(path: "\(target)/\(type.typeName)")
            if ProcessInfo.processInfo.environment["SWITCHBOARD_WRITE_SNAPSHOTS"] == "1" {
                try Data(Requests.sample(type, as: target)).write(to: file)
            }
            #expect(Array(try Data(contentsOf: file)) == Requests.sample(type, as: target), "\(type.typeName)")
        }
    }

    private func changes(_ input: [UInt8], places: Int) -> [[UInt8]] {
        stride(from: 0, to: input.count, by: max(1, input.count / places)).flatMap { index in
            [0x00, 0x7F, 0x80, 0xFF, input[index] ^ 1].map { (byte: UInt8) in
                var changed = input
                changed[index] = byte
                return changed
            }
        }
    }
}

extension FuzzTarget: CustomTestStringConvertible {
    var testDescription: String { name }
}
