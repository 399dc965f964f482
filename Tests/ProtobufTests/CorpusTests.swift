import Foundation
import ProtobufTestMessagesProto3
import Testing

@testable import Protobuf

/// Replays the corpora of fuzzing.
@Suite struct CorpusTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(
        path: "Fuzz/Corpora")

    private func inputs(_ target: String) throws -> [[UInt8]] {
        let folder = Self.folder.appending(path: target)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        return try names.map { Array(try Data(contentsOf: folder.appending(path: $0))) }
    }

    @Test("saved inputs of the decoder, and all their one-byte changes at a few places")
    func protobufDecode() throws {
        let inputs = try inputs("ProtobufDecode")
        #expect(inputs.count >= 10)
        for input in inputs {
            FuzzEntry.decode(TestAllTypesProto3.self, input)
            for changed in changes(input) { FuzzEntry.decode(TestAllTypesProto3.self, changed) }
        }
    }

    @Test("saved inputs of the JSON reader, and all their one-byte changes at a few places")
    func protobufJSON() throws {
        let inputs = try inputs("ProtobufJSON")
        #expect(inputs.count >= 10)
        for input in inputs {
            FuzzEntry.json(TestAllTypesProto3.self, input)
            for changed in changes(input) { FuzzEntry.json(TestAllTypesProto3.self, changed) }
        }
    }

    private func changes(_ input: [UInt8]) -> [[UInt8]] {
        stride(from: 0, to: input.count, by: max(1, input.count / 40)).flatMap { index in
            [0x00, 0x7F, 0x80, 0xFF, input[index] ^ 1].map { (byte: UInt8) in
                var changed = input
                changed[index] = byte
                return changed
            }
        }
    }
}
