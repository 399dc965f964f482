import FoundationEssentials
import Logging
import NIOSSL
import Synchronization

/// The certificates of a process: what it shows, and whom it believes. Read from PEM files, and read again when those change.
///
/// Connections made after a change use what is new; those that are open stay as they are.
public final class Credentials: Sendable {
    /// Where the certificates are.
    public struct Files: Sendable, Hashable {
        /// The own certificate, and those between it and its root, in this order. Nil for a client that shows none.
        public var certificateChain: String?
        public var privateKey: String?
        /// Certificates of those whose signature is believed. Nil: the system's.
        public var trustRoots: String?

        public init(certificateChain: String? = nil, privateKey: String? = nil, trustRoots: String? = nil) {
            self.certificateChain = certificateChain
            self.privateKey = privateKey
            self.trustRoots = trustRoots
        }
    }

    /// What was read, and how often something else was read before.
    struct Material: Sendable {
        var version = 0
        var contents = Contents()
        var chain: [NIOSSLCertificate] = []
        var key: NIOSSLPrivateKey?
        var roots: [NIOSSLCertificate]?
    }

    /// The files as they were.
    struct Contents: Sendable, Equatable {
        var chain: [UInt8]?
        var key: [UInt8]?
        var roots: [UInt8]?
    }

    private let files: Files
    private let logger: Logger
    private let state: Mutex<Material>

    /// Reads the files. Throws ``CredentialsError``.
    public init(files: Files, logger: Logger = Logger(label: "grpc.tls")) throws {
        self.files = files
        self.logger = logger
        state = Mutex(try Material(files.read()))
    }

    var material: Material { state.withLock { $0 } }

    /// Reads the files again. True when they are others than before. Where they cannot be used, the old ones stay in use and
    /// ``CredentialsError`` is thrown.
    @discardableResult
    public func reload() throws -> Bool {
        let contents = try files.read()
        guard contents != material.contents else { return false }
        var new = try Material(contents)
        state.withLock { old in
            new.version = old.version + 1
            old = new
        }
        return true
    }

    /// Looks at the files at an interval until the task is cancelled. A change, and one that cannot be used, is logged.
    public func run(every interval: Duration = .seconds(30)) async {
        var complaint: String?
        while (try? await Task.sleep(for: interval)) != nil {
            do {
                if try reload() { logger.info("certificates were read again") }
                complaint = nil
            } catch {
                let text = String(describing: error)
                if text != complaint { logger.error("new certificates cannot be used", metadata: ["error": "\(text)"]) }
                complaint = text
            }
        }
    }
}

/// Certificates or keys that cannot be used.
public enum CredentialsError: Error, Sendable, Hashable, CustomStringConvertible {
    case unreadable(path: String)
    /// The file holds no PEM, or not what is expected.
    case malformed(String)
    case chainWithoutKey
    /// The private key is not the first certificate's.
    case keyOfAnotherCertificate
    case serverWithoutCertificate

    public var description: String {
        switch self {
        case .unreadable(let path): "the file \(path) cannot be read"
        case .malformed(let what): "the \(what) cannot be parsed"
        case .chainWithoutKey: "a certificate chain needs a private key, and the other way round"
        case .keyOfAnotherCertificate: "the private key does not belong to the certificate"
        case .serverWithoutCertificate: "a server needs a certificate"
        }
    }
}

extension Credentials.Files {
    fileprivate func read() throws(CredentialsError) -> Credentials.Contents {
        Credentials.Contents(
            chain: try Self.read(certificateChain), key: try Self.read(privateKey), roots: try Self.read(trustRoots))
    }

    private static func read(_ path: String?) throws(CredentialsError) -> [UInt8]? {
        guard let path else { return nil }
        guard let data = try? Data(contentsOf: URL(filePath: path)) else { throw .unreadable(path: path) }
        return Array(data)
    }
}

extension Credentials.Material {
    fileprivate init(_ contents: Credentials.Contents) throws(CredentialsError) {
        self.contents = contents
        if let bytes = contents.chain { chain = try Self.certificates(bytes, "certificate chain") }
        if let bytes = contents.roots { roots = try Self.certificates(bytes, "trust roots") }
        if let bytes = contents.key {
            guard let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else { throw .malformed("private key") }
            self.key = key
        }
        guard (contents.chain == nil) == (contents.key == nil) else { throw .chainWithoutKey }
        guard isConsistent else { throw .keyOfAnotherCertificate }
    }

    private static func certificates(_ bytes: [UInt8], _ what: String) throws(CredentialsError) -> [NIOSSLCertificate] {
        guard let list = try? NIOSSLCertificate.fromPEMBytes(bytes), !list.isEmpty else { throw .malformed(what) }
        return list
    }

    /// BoringSSL takes a key only beside its certificate.
    private var isConsistent: Bool {
        guard let key else { return true }
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        return (try? NIOSSLContext(configuration: configuration)) != nil
    }
}
