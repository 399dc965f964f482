import Foundation
import GRPCReflectionV1
import GRPCTesting
import GoogleProtobuf
import GoogleRPC

/// A program beside the test: ours, or one of grpcio's in Tests/Peers.
final class Peer {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    private let process = Process()
    private let output = Pipe()
    private let input = Pipe()

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Python with the packages of Tests/Peers/requirements.txt: `SWITCHBOARD_PYTHON`, or the one that `./dev` makes.
    static var python: URL {
        ProcessInfo.processInfo.environment["SWITCHBOARD_PYTHON"].map { URL(filePath: $0) }
            ?? URL(filePath: FileManager.default.currentDirectoryPath).appending(path: ".switchboard/venv/bin/python3")
    }

    /// The program with gRPC C++: `SWITCHBOARD_INTEROP_PEER`, or the one that `./dev` compiles.
    static var cPlusPlus: URL {
        ProcessInfo.processInfo.environment["SWITCHBOARD_INTEROP_PEER"].map { URL(filePath: $0) }
            ?? URL(filePath: FileManager.default.currentDirectoryPath).appending(path: ".switchboard/peers/interop_peer")
    }

    /// The contracts, for peers that make their messages at run time.
    static func descriptorSet() throws -> URL {
        var set = FileDescriptorSet()
        let own = [
            GRPCTestingFileDescriptors.serialized, GoogleRPCFileDescriptors.serialized,
            GRPCReflectionV1FileDescriptors.serialized,
        ]
        for bytes in own {
            for file in try FileDescriptorSet(serialized: bytes).file
            where !set.file.contains(where: { $0.name == file.name }) { set.file.append(file) }
        }
        let url = FileManager.default.temporaryDirectory.appending(path: "interop-\(UUID().uuidString).binpb")
        try Data(set.serialized()).write(to: url)
        return url
    }

    static func script(_ name: String) -> String { root.appending(path: "Tests/Peers/\(name)").path }

    /// A program of this package, built beside the tests.
    static func program(_ name: String) -> URL {
        var folder = Bundle.main.executableURL?.deletingLastPathComponent() ?? URL(filePath: ".")
        // Some ways to run tests start a helper elsewhere and load the bundle.
        if !FileManager.default.isExecutableFile(atPath: folder.appending(path: name).path) {
            folder = Bundle(for: Peer.self).bundleURL.deletingLastPathComponent()
        }
        return folder.appending(path: name)
    }

    /// Starts the program; it ends when this object does.
    init(_ executable: URL, _ arguments: [String]) throws {
        process.executableURL = executable
        process.arguments = arguments
        process.standardOutput = output
        process.standardInput = input
        try process.run()
    }

    deinit {
        if process.isRunning { process.terminate() }
    }

    /// The address in the line `listening on HOST:PORT`.
    func address() throws -> String {
        var text = ""
        while let data = try output.fileHandleForReading.read(upToCount: 1), !data.isEmpty {
            text += String(decoding: data, as: UTF8.self)
            if text.hasSuffix("\n"), let range = text.range(of: "listening on ") {
                return text[range.upperBound...].trimmingCharacters(in: .whitespacesAndNewlines)
            }
        }
        throw Failed(description: "the program did not say where it listens: \(text)")
    }

    /// Everything that the program prints until it ends, with its exit status.
    func finish() throws -> (status: Int32, lines: [String]) {
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init))
    }
}
