import Foundation

/// A certificate authority of one test, by the openssl command: real certificates, real files.
package struct Authority: Sendable {
    struct Failed: Error { let output: String }

    package let folder: URL
    private let name: String

    package init(_ name: String = "ca", in folder: URL? = nil) throws {
        self.name = name
        self.folder = folder ?? FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        try openssl("req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=\(name)", "-out", "\(name).pem")
    }

    package func remove() { try? FileManager.default.removeItem(at: folder) }

    package var certificate: String { path("\(name).pem") }
    package func path(_ file: String) -> String { folder.appending(path: file).path }

    /// Issues `FILE.pem` and `FILE.key` for these alternative names, such as `DNS:localhost` and `URI:spiffe://a/b`.
    package func issue(_ file: String, _ names: String...) throws {
        let extensions = path("\(file).ext")
        try "subjectAltName=\(names.joined(separator: ","))".write(toFile: extensions, atomically: true, encoding: .utf8)
        try openssl("req", "-nodes", "-subj", "/CN=\(file)", "-out", "\(file).csr", key: "\(file).key")
        try run(
            "x509", "-req", "-in", "\(file).csr", "-days", "2", "-CA", "\(name).pem", "-CAkey", "\(name).key", "-CAcreateserial",
            "-extfile", extensions, "-out", "\(file).pem")
    }

    private func openssl(_ arguments: String..., key: String? = nil) throws {
        try run(
            [arguments[0], "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-keyout", key ?? "\(name).key"]
                + arguments.dropFirst())
    }

    private func run(_ arguments: String...) throws { try run(arguments) }

    private func run(_ arguments: [String]) throws {
        let (status, output) = try Command.run("openssl", arguments, in: folder)
        guard status == 0 else { throw Failed(output: output) }
    }
}

/// A program of the system.
package enum Command {
    /// Runs it to its end. Returns its exit status and what it printed, errors included.
    package static func run(_ name: String, _ arguments: [String], in folder: URL) throws -> (status: Int32, output: String) {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/\(name)")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
