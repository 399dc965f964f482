import Conformance
import Foundation
import Protobuf
import ProtobufTestMessagesProto3

// A program under test of protobuf's conformance runner: requests and answers alternate on standard input and output, each behind
// its length in four bytes, the lowest first. What is not claimed stands in Tests/ProtobufTests/conformance-not-claimed.txt.

/// The next `count` bytes of standard input; nil at its end.
func read(_ count: Int) -> [UInt8]? {
    guard let data = try? FileHandle.standardInput.read(upToCount: count), data.count == count else { return nil }
    return Array(data)
}

while let length = read(4) {
    let count = length.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard let bytes = count == 0 ? [] : read(count) else { break }
    let answer = Testee.answer(bytes).serialized()
    let head = (0..<4).map { UInt8(truncatingIfNeeded: answer.count >> ($0 * 8)) }
    try FileHandle.standardOutput.write(contentsOf: Data(head + answer))
}
