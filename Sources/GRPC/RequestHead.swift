import GoogleProtobuf
import HTTP2
import Protobuf

/// What a request's header list says, read in one pass.
struct RequestHead {
    private(set) var method = ""
    private(set) var path = ""
    private(set) var contentType = ""
    private(set) var timeout: String?
    private(set) var encoding: String?
    private(set) var acceptEncoding = ""
    private(set) var previousAttempts = 0
    private(set) var metadata = Metadata()

    init(_ fields: [HeaderField]) {
        fields.withUnsafeBufferPointer { fields in
            for index in fields.indices {
                Lending.lend(fields.baseAddress! + index) { field in read(field.name, field.value) }
            }
        }
    }

    /// By the length of the name first: comparing it with each name in turn would cost more than all the rest.
    private mutating func read(_ name: borrowing String, _ value: borrowing String) {
        switch name.utf8.count {
        case 2 where name == "te": break
        case 5 where name == ":path": path = copy value
        case 7 where name == ":method": method = copy value
        case 7 where name == ":scheme": break
        case 10 where name == ":authority" || name == "user-agent": break
        case 12 where name == "content-type": contentType = copy value
        case 12 where name == "grpc-timeout": timeout = copy value
        case 13 where name == "grpc-encoding": encoding = copy value
        case 14 where name == "content-length": break
        case 20 where name == "grpc-accept-encoding": acceptEncoding = copy value
        case 26 where name == "grpc-previous-rpc-attempts": previousAttempts = UInt16(copy value).map { Int($0) } ?? 0
        default: metadata.add(received: HeaderField(copy name, copy value))
        }
    }

    /// `application/grpc`, also with a suffix or parameters; not `application/grpc-web`.
    var isGRPC: Bool {
        let type = "application/grpc"
        guard contentType.hasPrefix(type) else { return false }
        guard let next = contentType.utf8.dropFirst(type.utf8.count).first else { return true }
        return next == UInt8(ascii: "+") || next == UInt8(ascii: ";")
    }

    /// The method that the path names, for calls that pass through. Nil when it names none.
    var passThroughMethod: MethodDescriptor? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].isEmpty, !parts[1].isEmpty, !parts[2].isEmpty else { return nil }
        return MethodDescriptor(
            service: String(parts[1]), method: String(parts[2]), kind: .bidirectionalStreaming,
            request: GoogleProtobuf.Empty.self, response: GoogleProtobuf.Empty.self)
    }
}
