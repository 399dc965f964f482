import CertificateTesting
import Foundation
import GRPCTLS

extension Platform {
    private var tlsFolder: String { directory + "/tls" }
    private var isSecured: Bool { FileManager.default.fileExists(atPath: tlsFolder) }

    /// Has every process that is started from now on speak TLS: each shows who it is, asks those it calls who they are, and takes
    /// services only. At the gateway anybody may call.
    package func secure() throws {
        let authority = try Authority(in: URL(filePath: tlsFolder))
        for service in Self.keepers + ["gateway", "switchboard"] {
            try authority.issue(service, "IP:127.0.0.1", "URI:\(Self.identity(of: service))")
        }
    }

    /// For a client without a certificate.
    package func clientSecurity() throws -> TLSChannelSecurity {
        try TLSChannelSecurity(Credentials(files: .init(trustRoots: tlsFolder + "/ca.pem")))
    }

    private static func identity(of service: String) -> String { "spiffe://switchboard.test/\(service)" }

    func tlsVariables(of service: String) -> [String: String] {
        guard isSecured else { return [:] }
        var variables = [
            "SWITCHBOARD_GRPC_TLS": "tls", "SWITCHBOARD_CALLS_TLS": "tls",
            "SWITCHBOARD_TLS_CERTIFICATE": "\(tlsFolder)/\(service).pem", "SWITCHBOARD_TLS_KEY": "\(tlsFolder)/\(service).key",
            "SWITCHBOARD_TLS_ROOTS": tlsFolder + "/ca.pem",
        ]
        if service != "gateway" {
            let callers = Self.keepers + ["gateway", "switchboard"]
            variables["SWITCHBOARD_GRPC_TLS"] = "mutual"
            variables["SWITCHBOARD_TLS_CLIENTS"] = callers.map(Self.identity).joined(separator: ",")
        }
        for callee in Self.keepers { variables["SWITCHBOARD_\(callee.uppercased())_IDENTITY"] = Self.identity(of: callee) }
        return variables
    }

    /// Those of the program `switchboard`.
    var tlsArguments: [String] {
        guard isSecured else { return [] }
        let own = tlsFolder + "/switchboard"
        return ["--tls-roots", tlsFolder + "/ca.pem", "--tls-certificate", own + ".pem", "--tls-key", own + ".key"]
    }
}
