import Foundation
import GRPC
import GRPCTLS

/// Whether the connections of gRPC are secured: those a process takes, and those it makes.
package struct TransportConfiguration: Sendable {
    /// What the listener speaks.
    private enum Listening: String, CaseIterable { case plaintext, tls, mutual }
    /// What the services speak that are called.
    private enum Calling: String, CaseIterable { case plaintext, tls }

    /// The listener's. Nil: plain text.
    package var server: (any ServerSecurity)?
    /// Those of the channels, by the service that is called. One that is missing is called in plain text.
    package var channels: [String: any ChannelSecurity] = [:]
    /// What both show and believe. Nil where there is no TLS.
    package var credentials: Credentials?
    /// How often its files are looked at.
    package var reloadInterval: Duration

    static func read(_ reader: inout ConfigurationReader, calls: [String]) -> TransportConfiguration {
        let listening = reader.choice(
            "GRPC_TLS", default: Listening.plaintext,
            "what the gRPC listener speaks; with tls callers show no certificate, with mutual they must")
        let calling = reader.choice("CALLS_TLS", default: Calling.plaintext, "what the services speak that are called")
        let files = Credentials.Files(
            certificateChain: reader.optionalString(
                "TLS_CERTIFICATE", "PEM file: this process's certificate, and those between it and its root"),
            privateKey: reader.optionalString("TLS_KEY", "PEM file: the certificate's private key"),
            trustRoots: reader.optionalString(
                "TLS_ROOTS",
                "PEM file: the authorities whose certificates are believed; for services that are called, default: the system's"))
        let clients = reader.identities(
            "TLS_CLIENTS", "SPIFFE IDs of those who may connect where GRPC_TLS is mutual; default: whoever TLS_ROOTS vouches for")
        var servers: [String: SPIFFEID] = [:]
        for callee in calls {
            servers[callee] = reader.identity(
                variable(of: callee), "SPIFFE ID that \(callee) must show; default: a certificate for its address's host")
        }
        let interval = reader.duration(
            "TLS_RELOAD", default: .seconds(30), in: .milliseconds(10)...(.seconds(86_400)),
            "how often these files are looked at; what has changed holds for new connections")
        var configuration = TransportConfiguration(reloadInterval: interval)
        let isUsable = check(&reader, listening, calling, files, clients, servers)
        guard isUsable, listening != .plaintext || calling != .plaintext else { return configuration }
        do {
            try configuration.secure(listening, calling, Credentials(files: files), clients, calls: calls, servers)
        } catch {
            // Each file by itself was looked at before.
            reader.problem(files.certificateChain == nil ? "TLS_ROOTS" : "TLS_KEY", "cannot be used: \(error)")
        }
        return configuration
    }

    private static func variable(of callee: String) -> String { "\(callee.uppercased())_IDENTITY" }

    private mutating func secure(
        _ listening: Listening, _ calling: Calling, _ credentials: Credentials, _ clients: Set<SPIFFEID>, calls: [String],
        _ servers: [String: SPIFFEID]
    ) throws {
        self.credentials = credentials
        switch listening {
        case .plaintext: server = nil
        case .tls: server = try TLSServerSecurity(credentials, clients: .anybody)
        case .mutual:
            server = try TLSServerSecurity(
                credentials, clients: clients.isEmpty ? .certified : .identified { clients.contains($0) })
        }
        guard calling == .tls else { return }
        for callee in calls {
            let expected = servers[callee]
            channels[callee] = try TLSChannelSecurity(
                credentials, server: expected.map { expected in .identified { $0 == expected } } ?? .ofItsHost)
        }
    }

    // MARK: - Problems

    /// Whether the settings go together, and each file can be used by itself.
    private static func check(
        _ reader: inout ConfigurationReader, _ listening: Listening, _ calling: Calling, _ files: Credentials.Files,
        _ clients: Set<SPIFFEID>, _ servers: [String: SPIFFEID]
    ) -> Bool {
        let before = reader.problems.count
        let isUsed = listening != .plaintext || calling != .plaintext
        let (chain, key, roots) = (files.certificateChain, files.privateKey, files.trustRoots)
        check(&reader, "TLS_CERTIFICATE", chain, .init(certificateChain: chain), isUsed: isUsed)
        check(&reader, "TLS_KEY", key, .init(privateKey: key), isUsed: isUsed)
        check(&reader, "TLS_ROOTS", roots, .init(trustRoots: roots), isUsed: isUsed)
        if listening != .plaintext {
            let needs = "is required where SWITCHBOARD_GRPC_TLS is \(listening.rawValue)"
            if chain == nil { reader.problem("TLS_CERTIFICATE", needs) }
            if key == nil { reader.problem("TLS_KEY", needs) }
            if listening == .mutual, roots == nil { reader.problem("TLS_ROOTS", needs) }
        } else if (chain == nil) != (key == nil) {
            reader.problem(chain == nil ? "TLS_CERTIFICATE" : "TLS_KEY", "is required where the other of the two is given")
        }
        if listening != .mutual, !clients.isEmpty {
            reader.problem("TLS_CLIENTS", "asks callers who they are: that needs SWITCHBOARD_GRPC_TLS=mutual")
        }
        if calling == .plaintext {
            for callee in servers.keys.sorted() {
                reader.problem(variable(of: callee), "asks \(callee) who it is: that needs SWITCHBOARD_CALLS_TLS=tls")
            }
        }
        return reader.problems.count == before
    }

    private static func check(
        _ reader: inout ConfigurationReader, _ name: String, _ path: String?, _ file: Credentials.Files, isUsed: Bool
    ) {
        guard path != nil else { return }
        if !isUsed {
            reader.problem(name, "is given and would not be used: say tls in SWITCHBOARD_GRPC_TLS or SWITCHBOARD_CALLS_TLS")
        }
        do {
            _ = try Credentials(files: file)
        } catch CredentialsError.chainWithoutKey {
            // Of the one file, the other one is not known here.
        } catch {
            reader.problem(name, "cannot be used: \(error)")
        }
    }
}

extension ConfigurationReader {
    /// A SPIFFE ID.
    fileprivate mutating func identity(_ name: String, _ meaning: String) -> SPIFFEID? {
        guard let text = optionalString(name, meaning) else { return nil }
        let identity = SPIFFEID(text)
        if identity == nil { problem(name, "must be a SPIFFE ID, such as spiffe://example.org/contacts") }
        return identity
    }

    /// SPIFFE IDs, with commas between.
    fileprivate mutating func identities(_ name: String, _ meaning: String) -> Set<SPIFFEID> {
        let texts = optionalString(name, meaning)?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } ?? []
        let identities = texts.map { SPIFFEID($0) }
        if identities.contains(nil) { problem(name, "must be SPIFFE IDs, separated by commas") }
        return Set(identities.compactMap(\.self))
    }
}
