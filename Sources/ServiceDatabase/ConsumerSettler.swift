import EventLog
import ServiceRuntime

/// Lets `POST /test/settle` wait until a consumer has applied all that the log it follows held when it was asked.
package struct ConsumerSettler<RemoteEvent: Sendable>: Settler {
    static var pollInterval: Duration { .milliseconds(5) }

    let consumer: EventConsumer<RemoteEvent>
    let head: @Sendable () async throws -> String

    /// - Parameter head: the cursor behind the last event of the log that the consumer follows.
    package init(_ consumer: EventConsumer<RemoteEvent>, head: @escaping @Sendable () async throws -> String) {
        self.consumer = consumer
        self.head = head
    }

    package var settlerName: String { consumer.name }

    package func settle() async throws -> Bool {
        let head = try await head()
        if try await consumer.hasCaughtUp(with: head) { return false }
        repeat { try await Task.sleep(for: Self.pollInterval) } while try await !consumer.hasCaughtUp(with: head)
        return true
    }
}
