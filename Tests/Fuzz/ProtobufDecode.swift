import Protobuf
import ProtobufTestMessagesProto3

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    FuzzEntry.decode(TestAllTypesProto3.self, Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}
