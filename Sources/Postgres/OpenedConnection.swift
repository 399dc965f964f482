import CLibPQ
import Glibc

/// An open libpq connection on its way to its owner.
struct OpenedConnection: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Connects, blocking: names are resolved, and each host of the string is tried in turn. PQconnectdbParams
    static func open(_ configuration: PostgresConfiguration) throws(PostgresError) -> OpenedConnection {
        try open(configuration.connectionParameters)
    }

    /// Connects and enters pipeline mode.
    static func openPipelined(_ configuration: PostgresConfiguration) throws(PostgresError) -> OpenedConnection {
        let opened = try open(configuration)
        guard PQsetnonblocking(opened.pointer, 1) == 0, PQenterPipelineMode(opened.pointer) == 1 else {
            PQfinish(opened.pointer)
            throw PostgresError(.connectionFailure, message: "no pipeline mode")
        }
        return opened
    }

    private static func open(_ parameters: [(String, String)]) throws(PostgresError) -> OpenedConnection {
        var keywords: [UnsafePointer<CChar>?] = parameters.map { UnsafePointer(strdup($0.0)) }
        var values: [UnsafePointer<CChar>?] = parameters.map { UnsafePointer(strdup($0.1)) }
        defer { for pointer in keywords + values { free(UnsafeMutablePointer(mutating: pointer)) } }
        keywords.append(nil)
        values.append(nil)
        guard let pointer = PQconnectdbParams(keywords, values, 1) else {
            throw PostgresError(.outOfMemory, category: .unavailable, message: "no memory for a connection")
        }
        guard PQstatus(pointer) == CONNECTION_OK else {
            defer { PQfinish(pointer) }
            throw PostgresError(
                .connectionFailure, category: .unavailable, message: String(cString: PQerrorMessage(pointer)))
        }
        // Notices would go to standard error.
        PQsetNoticeReceiver(pointer, { _, _ in }, nil)
        return OpenedConnection(pointer: pointer)
    }
}

extension PostgresConfiguration {
    /// For PQconnectdbParams: the url comes last but one, so that what it says wins.
    var connectionParameters: [(String, String)] {
        var parameters = [
            ("connect_timeout", "\(max(2, connectTimeout.components.seconds))"),
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "2"),
            ("tcp_user_timeout", "20000"),
        ]
        if sessionState {
            let options = [
                "statement_timeout=\(statementTimeout.wholeMilliseconds)",
                "lock_timeout=\(lockTimeout.wholeMilliseconds)",
                "idle_in_transaction_session_timeout=\(idleInTransactionTimeout.wholeMilliseconds)",
                // A statement whose client was killed ends soon, and lets go of its locks.
                "client_connection_check_interval=\(clientCheckInterval.wholeMilliseconds)",
            ]
            parameters.append(("options", options.map { "-c \($0)" }.joined(separator: " ")))
        }
        return parameters + [
            ("dbname", url), ("fallback_application_name", applicationName), ("client_encoding", "UTF8"),
        ]
    }
}

extension Duration {
    /// Rounded up, so that a positive bound never becomes 0, which PostgreSQL takes for "none".
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}

/// Owner of one `PGcancel`, which may be used from any thread, also after its connection is gone.
final class CancelHandle: @unchecked Sendable {
    private let raw: OpaquePointer?

    init(_ connection: OpaquePointer) {
        raw = PQgetCancel(connection)
    }

    deinit {
        PQfreeCancel(raw)
    }

    /// Opens a connection of its own, sends the request and waits until the server has taken it. PQcancel
    func cancel() {
        var message = [CChar](repeating: 0, count: 256)
        PQcancel(raw, &message, Int32(message.count))
    }
}
