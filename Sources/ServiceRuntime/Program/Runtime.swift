import GRPC
import Logging
import NIOCore

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

    /// The service's database. Nil for a service without SQL.
    package let storage: (any ServiceStorage)?
    let channels: [String: GRPC.Channel]

    /// The channel to a service named in the module's `calls`. Its calls carry the caller's token inside a handler, and
    /// the service's own elsewhere (``OutgoingIdentity``).
    package func channel(to service: String) -> GRPC.Channel {
        guard let channel = channels[service] else { preconditionFailure("\(name) does not name \(service) in its calls") }
        return channel
    }
}
