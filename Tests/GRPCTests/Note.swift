import Protobuf

@testable import GRPC

/// A message whose wire format is its own bytes: these tests look at the calls, not at protobuf.
struct Note: Message, ExpressibleByStringLiteral {
    static let typeName = "test.Note"

    var bytes: [UInt8] = []
    var unknownFields = UnknownFields()

    init() {}
    init(_ text: String) { bytes = Array(text.utf8) }
    init(bytes: [UInt8]) { self.bytes = bytes }
    init(stringLiteral text: String) { self.init(text) }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    init(serialized bytes: UnsafeRawBufferPointer, limits: DecodingLimits) throws(DecodingError) {
        if bytes.elementsEqual("malformed".utf8) {
            throw DecodingError(.malformed, path: "", message: "as the test asked for")
        }
        self.bytes = Array(bytes)
    }

    func withSerialized<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R { try bytes.withUnsafeBytes(body) }

    init(json bytes: UnsafeRawBufferPointer, options: JSONDecodingOptions) throws(JSONDecodingError) {
        self.bytes = Array(bytes)
    }

    func json(options: JSONEncodingOptions) -> [UInt8] { bytes }
    func json(checking options: JSONEncodingOptions) throws(JSONEncodingError) -> [UInt8] { bytes }
}

extension MethodDescriptor {
    static func note(
        _ method: String, _ kind: MethodKind, idempotency: Idempotency = .unknown, carriesRequestID: Bool = false
    ) -> MethodDescriptor {
        MethodDescriptor(
            service: "test.Notes", method: method, kind: kind, idempotency: idempotency, carriesRequestID: carriesRequestID,
            request: Note.self, response: Note.self)
    }

    static let unary = note("Unary", .unary)
    static let read = note("Read", .unary, idempotency: .noSideEffects)
    static let server = note("Server", .serverStreaming)
    static let client = note("Client", .clientStreaming)
    static let both = note("Both", .bidirectionalStreaming)
}
