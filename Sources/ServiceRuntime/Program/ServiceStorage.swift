import GRPC
import Logging
import ServiceLifecycle

/// A service's database, as far as running the service goes. What it is, the target ServiceDatabase knows; a program
/// without SQL links neither it nor libpq.
package protocol ServiceStorage: Sendable {
    /// The loops that keep it, the outermost first.
    func loops(clock: ProductClock, logger: Logger) -> [any ServiceLifecycle.Service]
    /// What it serves beside the module.
    var services: [any GRPC.Service] { get }
    /// What must come to rest before `POST /test/settle` answers.
    func settlers(clock: ProductClock, logger: Logger) -> [any Settler]
    /// Throws when it cannot be reached.
    func check() async throws
    func close() async
}

/// How a service's storage is opened and brought up to date, and how its errors are told.
package protocol ServiceStorageKind: Sendable {
    func open(_ url: Secret, service: String, connectionsMax: Int, pollInterval: Duration, logger: Logger) -> any ServiceStorage
    /// Brings the schema up to date, as its owner; answers the number of steps it consists of.
    func migrate(_ ownerURL: Secret, logger: Logger) async throws -> Int
    /// To be called once the schema has been restored to an earlier moment: cursors given out before are refused (P4).
    func restored(_ ownerURL: Secret, logger: Logger) async throws
    /// What callers are told of an error of the storage; nil for one that is not its own.
    func failure(_ error: any Error) -> StorageFailure?
}

package struct StorageFailure: Sendable {
    package var failure: Failure
    /// The surroundings failed: the whole error belongs into the log.
    package var isLogged: Bool

    package init(_ failure: Failure, isLogged: Bool) {
        self.failure = failure
        self.isLogged = isLogged
    }
}
