import Foundation
import GRPC
import NotesV1
import Testing

/// What the runtime's own page shows is Swift that compiles, and works.
@Suite("The README of GRPC", .timeLimit(.minutes(1)))
struct ReadmeTests {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: tests.appending(path: path), encoding: .utf8)
    }

    /// Lines without their indentation and what is remarked behind them.
    private static func lines(_ text: Substring) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let code = line.firstRange(of: " // ").map { line[..<$0.lowerBound] } ?? line
            return code.trimmingCharacters(in: .whitespaces)
        }
    }

    @Test("each paragraph of its Swift stands in what is compiled here, and its contract in the proto")
    func paragraphs() throws {
        let readme = try Self.text("../../Sources/GRPC/README.md")
        let compiled = Self.lines(try Self.text("Examples.swift")[...]).joined(separator: "\n")
        let blocks = readme.matches(of: /```swift\n(?<code>(?:.*\n)*?)```/).map(\.code)
        // The first one is Package.swift's.
        #expect(blocks.count == 4 && blocks[0].contains(".product(name: \"GRPC\""))
        for block in blocks.dropFirst() {
            for paragraph in Self.lines(block).split(separator: "") {
                let text = paragraph.joined(separator: "\n")
                #expect(compiled.contains(text), "\(text)")
            }
        }
        let proto = try Self.text("../Notes/Protos/notes.proto")
        for method in readme.matches(of: /rpc \w+\((stream )?\w+\) returns \((stream )?\w+\)/) {
            #expect(proto.contains(method.output.0), "\(method.output.0)")
        }
    }

    @Test("its server answers its client, in all four kinds")
    func works() async throws {
        let server = Server(services: [Notes()])
        let port = try await server.start().port ?? 0
        let channel = Channel(addresses: [ServerAddress(host: "127.0.0.1", port: port)])
        let drafts = [Note(text: "one"), Note(text: "two")]
        let (note, sum) = try await use(channel, NotesServiceClient(channel), drafts: drafts)
        #expect(note.text == "note 7")
        #expect(sum.count == 2)
        await server.drain(within: .zero)
    }
}
