import Foundation
import Testing

@testable import WireGen

/// The generated text of every shape, compared with `Golden`. `SWITCHBOARD_UPDATE_GOLDEN=1` writes it anew.
@Suite struct GoldenTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    private static let golden = folder.appending(path: "Golden")

    private func generate(into output: URL) throws {
        _ = try Generator(protos: Self.folder.appending(path: "Shapes").path, output: output.path).run()
    }

    /// The text of each file of the contract, without the embedded descriptors.
    private func texts(below folder: URL) throws -> [String: String] {
        var texts: [String: String] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted() {
            guard path.contains("ShapesV1/"), !path.hasSuffix("descriptors.c") else { continue }
            if let data = try? Data(contentsOf: folder.appending(path: path)) {
                texts[path] = String(decoding: data, as: UTF8.self)
            }
        }
        return texts
    }

    private func withScratch(_ body: (URL) throws -> Void) throws {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "wiregen-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        try body(scratch)
    }

    @Test("every shape is generated as its golden file has it")
    func golden() throws {
        try withScratch { scratch in
            try generate(into: scratch)
            let texts = try texts(below: scratch)
            if ProcessInfo.processInfo.environment["SWITCHBOARD_UPDATE_GOLDEN"] == "1" {
                try? FileManager.default.removeItem(at: Self.golden)
                for (path, text) in texts {
                    let file = Self.golden.appending(path: path)
                    try FileManager.default.createDirectory(
                        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                    try Data(text.utf8).write(to: file)
                }
            }
            let golden = try self.texts(below: Self.golden)
            #expect(texts.keys.sorted() == golden.keys.sorted())
            for (path, text) in texts { #expect(text == golden[path], "\(path)") }
        }
    }

    @Test("a second run changes nothing, and a file that no contract asks for goes")
    func deterministicAndTidy() throws {
        try withScratch { scratch in
            try generate(into: scratch)
            let first = try texts(below: scratch)
            let stale = scratch.appending(path: "ShapesV1/Stale.swift")
            let staleModule = scratch.appending(path: "GoneV1/Gone.swift")
            try FileManager.default.createDirectory(
                at: staleModule.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data().write(to: stale)
            try Data().write(to: staleModule)
            let touched = try modification(of: scratch.appending(path: "ShapesV1/Scalars.swift"))
            try generate(into: scratch)
            #expect(try texts(below: scratch) == first)
            #expect(!FileManager.default.fileExists(atPath: staleModule.deletingLastPathComponent().path))
            #expect(try modification(of: scratch.appending(path: "ShapesV1/Scalars.swift")) == touched)
        }
    }

    private func modification(of file: URL) throws -> Date? {
        try FileManager.default.attributesOfItem(atPath: file.path)[.modificationDate] as? Date
    }
}
