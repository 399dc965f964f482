import GoogleProtobuf
import HTTP2

/// What a request's header list says, read in one pass.
struct RequestHead {
    private(set) var method = ""
    private(set) var path = ""
    private(set) var contentType = ""
    private(set) var timeout: String?
    private(set) var encoding: String?
    private(set) var acceptsGzip = false
    private(set) var metadata = Metadata()

    init(_ fields: [HeaderField]) {
        for field in fields {
            switch field.name {
            case ":method": method = field.value
            case ":path": path = field.value
            case "content-type": contentType = field.value
            case "grpc-timeout": timeout = field.value
            case "grpc-encoding": encoding = field.value
            case "grpc-accept-encoding": acceptsGzip = field.value.contains("gzip")
            case ":scheme", ":authority", "te", "user-agent": break
            default: metadata.add(received: field)
            }
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
