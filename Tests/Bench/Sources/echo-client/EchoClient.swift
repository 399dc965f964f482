import Bench
import Foundation
import GRPC
import HTTP2
import NIOPosix

// echo-client PORT unary COUNT CONCURRENCY: loads an echo server by our client on one event loop, as Peers/echo_client.cc does.
@main
struct EchoClient {
    static let note = Note(
        text: String(repeating: "x", count: 48), number: 1_764_450_000_000_00, labels: ["billing", "refunds", "premium"])

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, arguments[2] == "unary", let port = Int(arguments[1]), let count = Int(arguments[3]),
            let callers = Int(arguments[4])
        else { fatalError("echo-client PORT unary COUNT CONCURRENCY") }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let channel = Channel(addresses: [ServerAddress(host: "127.0.0.1", port: port)], eventLoopGroup: group)
        // Tasks that prefer the connection's event loop never change threads.
        let executor = EventLoopTaskExecutor.of(group.next())
        try await call(channel, executor, count: 1, callers: 1)

        let (begun, cpu) = (ContinuousClock.now, processorSeconds())
        try await call(channel, executor, count: count, callers: callers)
        let seconds = (ContinuousClock.now - begun) / .seconds(1)
        print("{\"count\": \(count), \"seconds\": \(seconds), \"cpu_seconds\": \(processorSeconds() - cpu)}")
        await channel.close()
    }

    static func call(_ channel: Channel, _ executor: EventLoopTaskExecutor, count: Int, callers: Int) async throws {
        let client = EchoServiceClient(channel)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<callers {
                group.addTask(executorPreference: executor) {
                    for _ in 0..<count / callers {
                        let answer = try await client.echo(note, CallOptions(timeout: .seconds(20)))
                        guard answer == note else { fatalError("the server answered \(answer)") }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
