import EventLog
import GRPC
import Logging
import NIOCore
import Postgres

/// What a service is given to work with.
package struct Runtime: Sendable {
    /// The service's name.
    package let name: String
    package let environment: DeploymentEnvironment
    package let logger: Logger
    package let clock: ProductClock
    package let eventLoopGroup: any EventLoopGroup
    /// For work that would hold an event loop for over a millisecond.
    package let offload: OffloadPool
    package let pageTokens: PageTokens
    package let serviceCredentials: ServiceCredentials
    package let tokenVerifier: TokenVerifier
    package let settlement: Settlement

    let database: PostgresPool?
    let channels: [String: GRPC.Channel]

    /// The service's connections to its own schema. A module without migrations has none.
    package var pool: PostgresPool {
        guard let database else { preconditionFailure("\(name) has no migrations, and so no database") }
        return database
    }

    /// The service's own event log.
    package var eventLog: EventLog { EventLog(schema: name, pool: pool, logger: logger) }

    /// The service's own record of answered requests.
    package var requests: RequestStore { RequestStore(schema: name) }

    /// The channel to a service named in the module's `calls`. Its calls carry the caller's token inside a handler, and
    /// the service's own elsewhere (``OutgoingIdentity``).
    package func channel(to service: String) -> GRPC.Channel {
        guard let channel = channels[service] else { preconditionFailure("\(name) does not name \(service) in its calls") }
        return channel
    }
}
