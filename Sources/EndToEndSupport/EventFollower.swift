import GRPC
import Synchronization

/// One message of an event stream.
package struct StreamMessage: Sendable {
    /// Where the stream stands behind it.
    package let cursor: String
    /// The write it tells of; nil where it only moves the cursor.
    package let write: Write?
    /// Everything that had happened when the call began has been sent.
    package let isLive: Bool

    package init(cursor: String, write: Write?, isLive: Bool) {
        self.cursor = cursor
        self.write = write
        self.isLive = isLive
    }
}

/// Opens an event stream behind a cursor (empty: at the beginning) and hands each message on, until `take` says that it is
/// enough.
package typealias WatchCall = @Sendable (_ after: String, _ take: (StreamMessage) -> Bool) async throws -> Void

/// A subscriber: follows an event stream from its beginning, and resumes behind the last cursor where the stream breaks.
package final class EventFollower: Sendable {
    private let watch: WatchCall
    private let state = Mutex((cursor: "", writes: [Write](), resumed: 0))

    package init(_ watch: @escaping WatchCall) {
        self.watch = watch
    }

    package var cursor: String { state.withLock { $0.cursor } }
    package var writes: [Write] { state.withLock { $0.writes } }
    package var resumed: Int { state.withLock { $0.resumed } }

    /// Follows until it is cancelled.
    /// - Parameter leaves: whether it goes away behind a message, to come back at once.
    package func run(leaving leaves: @Sendable (StreamMessage) -> Bool = { _ in false }) async throws {
        while !Task.isCancelled {
            do {
                try await watch(cursor) { message in
                    state.withLock { state in
                        state.cursor = message.cursor
                        if let write = message.write { state.writes.append(write) }
                    }
                    return leaves(message)
                }
            } catch let error as RPCError where error.code == .unavailable {
                try? await Task.sleep(for: .milliseconds(20))
            } catch let error as RPCError where error.code == .cancelled {
                return
            }
            state.withLock { $0.resumed += 1 }
        }
    }

    /// Everything there is, read anew from the beginning.
    package static func replay(_ watch: WatchCall) async throws -> (writes: [Write], cursor: String) {
        let seen = Mutex((writes: [Write](), cursor: ""))
        try await watch("") { message in
            seen.withLock { seen in
                seen.cursor = message.cursor
                if let write = message.write { seen.writes.append(write) }
            }
            return message.isLive
        }
        return seen.withLock { $0 }
    }

    /// Waits until it stands where a replay ends.
    /// - Returns: what the replay brought.
    package func caughtUp(within limit: Duration = .seconds(60)) async throws -> [Write] {
        let deadline = ContinuousClock.now + limit
        while true {
            let (writes, end) = try await Self.replay(watch)
            if cursor == end { return writes }
            guard .now < deadline else { throw ChildProcessError("the follower stands at \(cursor), the log at \(end)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
