import Bench
import Foundation

// codec: nanoseconds to decode and encode a list of 20 entries and the echo's message, as a line of JSON for each figure.
// Peers/swift-protobuf measures the same with swift-protobuf.

let list = ListNotesResponse(
    entries: (0..<20).map { index in
        .init(
            id: "0193a3f0-5c1e-7d2a-9b44-0000000000\(10 + index)", authorID: "0193a3f0-5c1e-7d2a-9b44-1111111111\(10 + index)",
            sequence: Int64(index) + 1_000,
            text: "When will the refund for order \(index) arrive? I have waited for two weeks now.",
            createTimeMs: 1_764_450_000_000 + Int64(index), done: index % 2 == 0, labels: ["billing", "refunds"])
    }, nextPageToken: "b3BhcXVl")
let bytes = list.serialized()
let json = list.json()
guard try ListNotesResponse(serialized: bytes) == list, try ListNotesResponse(json: json) == list else {
    fatalError("the list does not come back")
}

measure("codec", "decode \(bytes.count) bytes, ns") { keep(try! ListNotesResponse(serialized: bytes)) }
measure("codec", "encode, ns") { keep(list.serialized()) }
measure("codec", "decode + encode, ns") { keep(try! ListNotesResponse(serialized: bytes).serialized()) }
measure("protojson", "from JSON, ns") { keep(try! ListNotesResponse(json: json)) }
measure("protojson", "to JSON, ns") { keep(list.json()) }

/// The least of several rounds, of CPU time.
func measure(_ name: String, _ metric: String, _ body: () -> Void) {
    let (rounds, repetitions) = (7, 2_000)
    var least = Double.infinity
    for _ in 0..<rounds {
        let begun = processorNanoseconds()
        for _ in 0..<repetitions { body() }
        least = min(least, (processorNanoseconds() - begun) / Double(repetitions))
    }
    print("{\"case\": \"\(name)\", \"metric\": \"\(metric)\", \"nanoseconds\": \(least)}")
}

func processorNanoseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// Keeps the optimiser from leaving the work out.
@inline(never) func keep<T>(_ value: T) {}
