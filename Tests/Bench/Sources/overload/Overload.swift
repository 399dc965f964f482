import Bench
import Foundation
import GRPC
import NIOPosix
import Synchronization

// overload (limited|unlimited): what a server makes of three times the calls that its scarcest resource can serve.
//
// First as many callers as the resource keeps busy call one after the other: that is its capacity, and the usual time of a call.
// Then calls come at three times that rate, whether earlier ones have ended or not, each with a deadline. Prints the share of the
// capacity that ended well, and how many times the usual the slowest hundredth of them took.
@main
struct Overload {
    static let callers = 12
    static let seconds = 3.0

    static func main() async throws {
        let isLimited = CommandLine.arguments.dropFirst().first == "limited"
        let server = Server(
            configuration: ServerConfiguration(), services: [ScarceEcho()],
            interceptors: isLimited ? [ConcurrencyLimitInterceptor(callsMax: callers)] : [],
            eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1))
        let port = try await server.start().port ?? 0
        var configuration = ChannelConfiguration()
        configuration.retry.attemptsMax = 1
        let channel = Channel(
            addresses: [ServerAddress(host: "127.0.0.1", port: port)], configuration: configuration,
            eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1))
        let client = EchoServiceClient(channel)
        _ = await closedLoop(client, seconds: 0.5)
        let usual = await closedLoop(client, seconds: seconds)
        let capacity = Double(usual.count) / seconds
        let admitted = await openLoop(client, perSecond: capacity * 3)
        let (goodput, slowness) = (Double(admitted.count) / seconds / capacity, p99(admitted) / p99(usual))
        print("{\"goodput\": \(goodput), \"p99\": \(slowness)}")
        await channel.close()
        await server.drain(within: .zero)
    }

    /// Each caller begins its next call when its last one has ended. Answers the times of those that ended well.
    static func closedLoop(_ client: EchoServiceClient, seconds: Double) async -> [Duration] {
        let end = ContinuousClock.now + .seconds(seconds)
        return await withTaskGroup(of: [Duration].self) { group in
            for _ in 0..<callers {
                group.addTask {
                    var times: [Duration] = []
                    while ContinuousClock.now < end { times += await call(client).map { [$0] } ?? [] }
                    return times
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// Calls begin on a schedule of one millisecond.
    static func openLoop(_ client: EchoServiceClient, perSecond: Double) async -> [Duration] {
        await withTaskGroup(of: Duration?.self) { group in
            let begun = ContinuousClock.now
            var made = 0.0
            for tick in 1...Int(seconds * 1_000) {
                try? await Task.sleep(until: begun + .milliseconds(tick), clock: .continuous)
                while made < perSecond * Double(tick) / 1_000 {
                    group.addTask { await call(client) }
                    made += 1
                }
            }
            return await group.reduce(into: []) { times, time in if let time { times.append(time) } }
        }
    }

    /// How long the call took; nil where it was refused or too late.
    static func call(_ client: EchoServiceClient) async -> Duration? {
        let begun = ContinuousClock.now
        let answer = try? await client.echo(Note(text: "scarce"), CallOptions(timeout: .seconds(1)))
        return answer == nil ? nil : ContinuousClock.now - begun
    }

    static func p99(_ times: [Duration]) -> Double {
        times.isEmpty ? .infinity : times.sorted()[times.count * 99 / 100] / .milliseconds(1)
    }
}

/// An echo that needs one of eight places for ten milliseconds, as a handler needs a connection to its database.
private struct ScarceEcho: EchoServiceProtocol {
    private let places = Places(8)

    func echo(_ request: Note, _ context: ServerContext) async throws -> Note {
        await places.enter()
        try? await Task.sleep(for: .milliseconds(10))
        await places.leave()
        return request
    }
}

/// First come, first served. Who has lost interest is served all the same, as a database would.
private actor Places {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var head = 0

    init(_ count: Int) { free = count }

    func enter() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func leave() {
        guard head < waiting.count else { return free += 1 }
        waiting[head].resume()
        head += 1
        if head > 1_024, head * 2 > waiting.count {
            waiting.removeFirst(head)
            head = 0
        }
    }
}
