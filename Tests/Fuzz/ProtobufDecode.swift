import Protobuf
import ProtobufTestMessagesProto3

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    FuzzEntry.decode(TestAllTypesProto3.self, Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}

/// libFuzzer's loop; SwiftPM gives every program a `main` of its own, so that libFuzzer's cannot be used.
@_silgen_name("LLVMFuzzerRunDriver")
private func run(
    _ count: UnsafeMutablePointer<Int32>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ target: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

@main
struct ProtobufDecode {
    static func main() {
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        _ = run(&count, &arguments) { fuzz($0, $1) }
    }
}
