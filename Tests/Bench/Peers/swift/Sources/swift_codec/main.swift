import EchoMessages
import Foundation
import SwiftProtobuf

// swift_codec: what `codec` measures, with swift-protobuf.

let list = Bench_ListNotesResponse.with { list in
    list.nextPageToken = "b3BhcXVl"
    list.entries = (0..<20).map { index in
        .with { entry in
            entry.id = "0193a3f0-5c1e-7d2a-9b44-0000000000\(10 + index)"
            entry.authorID = "0193a3f0-5c1e-7d2a-9b44-1111111111\(10 + index)"
            entry.sequence = Int64(index) + 1_000
            entry.text = "When will the refund for order \(index) arrive? I have waited for two weeks now."
            entry.createTimeMs = 1_764_450_000_000 + Int64(index)
            entry.done = index % 2 == 0
            entry.labels = ["billing", "refunds"]
        }
    }
}
let bytes: [UInt8] = try list.serializedBytes()
let json: [UInt8] = try list.jsonUTF8Bytes()

measure("codec", "decode \(bytes.count) bytes, ns") { keep(try! Bench_ListNotesResponse(serializedBytes: bytes)) }
measure("codec", "encode, ns") { keep(try! list.serializedBytes() as [UInt8]) }
measure("codec", "decode + encode, ns") {
    keep(try! Bench_ListNotesResponse(serializedBytes: bytes).serializedBytes() as [UInt8])
}
measure("protojson", "from JSON, ns") { keep(try! Bench_ListNotesResponse(jsonUTF8Bytes: json)) }
measure("protojson", "to JSON, ns") { keep(try! list.jsonUTF8Bytes() as [UInt8]) }

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
