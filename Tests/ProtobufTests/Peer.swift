import Foundation

/// A program that answers blocks of bytes on its standard output: Google's protobuf in Python, or our own testee.
final class Peer {
    struct Failure: Error, CustomStringConvertible { let description: String }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ executable: URL, _ arguments: [String] = []) throws {
        process.executableURL = executable
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    func send(_ bytes: [UInt8]) throws {
        let head = (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> ($0 * 8)) }
        try input.fileHandleForWriting.write(contentsOf: Data(head + bytes))
    }

    func receiveNumber() throws -> Int {
        try receive(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    func receiveBlock() throws -> [UInt8] { try receive(receiveNumber()) }

    private func receive(_ count: Int) throws -> [UInt8] {
        guard count > 0 else { return [] }
        guard let data = try output.fileHandleForReading.read(upToCount: count), data.count == count else {
            throw Failure(description: "the peer ended")
        }
        return Array(data)
    }
}

/// `Tests/Peers/protobuf_peer.py`.
struct GooglePeer {
    private let peer: Peer

    /// The interpreter is `SWITCHBOARD_PYTHON`, or the one that `./dev` installs.
    init(descriptors: [UInt8]) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let python =
            ProcessInfo.processInfo.environment["SWITCHBOARD_PYTHON"]
            ?? root.appending(path: ".switchboard/venv/bin/python3").path
        let file = FileManager.default.temporaryDirectory.appending(path: "protobuf-peer-\(UUID().uuidString).binpb")
        try Data(descriptors).write(to: file)
        peer = try Peer(URL(filePath: python), [root.appending(path: "Tests/Peers/protobuf_peer.py").path, file.path])
        // The peer has read its descriptors when it answers.
        _ = try ask("W", [])
        try FileManager.default.removeItem(at: file)
    }

    /// A random message: its bytes and its JSON.
    func message(seed: Int) throws -> (wire: [UInt8], json: [UInt8]) {
        let blocks = try ask("G", Array(String(seed).utf8))
        return (blocks[0], blocks[1])
    }

    /// The same message as the peer writes it.
    func canonical(wire: [UInt8]) throws -> (wire: [UInt8], json: [UInt8]) {
        let blocks = try ask("W", wire)
        return (blocks[0], blocks[1])
    }

    func canonical(json: [UInt8]) throws -> [UInt8] { try ask("J", json)[0] }

    private func ask(_ operation: Character, _ payload: [UInt8]) throws -> [[UInt8]] {
        try peer.send([operation.asciiValue!] + payload)
        let blocks = try (0..<peer.receiveNumber()).map { _ in try peer.receiveBlock() }
        guard blocks[0] == Array("=".utf8) else { throw Peer.Failure(description: String(decoding: blocks[1], as: UTF8.self)) }
        return Array(blocks.dropFirst())
    }
}
