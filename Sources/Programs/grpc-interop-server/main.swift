#if canImport(Glibc)
    import Glibc
#endif

import GRPC
import GRPCHealth
import GRPCReflection
import GRPCTesting
import NIOPosix

/// Serves grpc.testing.TestService with health and reflection until it is interrupted.
///
///     grpc-interop-server [--port 0] [--threads 1]
///
/// Prints `listening on HOST:PORT` once it takes calls.
func value(_ name: String, or other: Int) -> Int {
    let arguments = CommandLine.arguments
    guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return other }
    return Int(arguments[index + 1]) ?? other
}

var configuration = ServerConfiguration()
configuration.port = value("--port", or: 0)
configuration.requestBytesMax = 64 << 20

let services: [any Service] = [TestService()]
let described = [TestService.descriptor]
let health = HealthService(services: described.map(\.name))
let server = Server(
    configuration: configuration,
    services: services + [health] + (try Reflection(of: described + [HealthService.descriptor])).services,
    eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: value("--threads", or: 1)))
let address = try await server.start()
print("listening on \(address.ipAddress ?? "?"):\(address.port ?? 0)")
fflush(nil)
try await server.run()
