import Protobuf

/// Which side of a method streams.
public enum MethodKind: Sendable, Hashable {
    case unary
    case serverStreaming
    case clientStreaming
    case bidirectionalStreaming
}

/// The method option `idempotency_level` of descriptor.proto.
public enum Idempotency: Sendable, Hashable {
    case unknown
    case noSideEffects
    case idempotent
}

/// What the runtime knows about one RPC. Generated from the contract.
public struct MethodDescriptor: Sendable {
    /// The full service name, for example `switchboard.contacts.v1.ContactsService`.
    public let service: String
    /// The method's own name, for example `GetContact`.
    public let method: String
    /// `/service/method`, as it travels in `:path`.
    public let path: String
    public let kind: MethodKind
    public let idempotency: Idempotency
    /// True when the request has a `request_id` field (AIP-155), so that a repetition is the same request.
    public let carriesRequestID: Bool
    public let request: any Message.Type
    public let response: any Message.Type

    public init(
        service: String, method: String, kind: MethodKind, idempotency: Idempotency = .unknown,
        carriesRequestID: Bool = false, request: any Message.Type, response: any Message.Type
    ) {
        self.service = service
        self.method = method
        self.path = "/\(service)/\(method)"
        self.kind = kind
        self.idempotency = idempotency
        self.carriesRequestID = carriesRequestID
        self.request = request
        self.response = response
    }

    /// True when a call that ended UNAVAILABLE may be sent again although it may have happened.
    public var mayBeRepeated: Bool { carriesRequestID || idempotency != .unknown }
}

/// What the runtime knows about one service. Generated from the contract.
public struct ServiceDescriptor: Sendable {
    /// The full name, for example `switchboard.contacts.v1.ContactsService`.
    public let name: String
    public let methods: [MethodDescriptor]
    /// The serialized `google.protobuf.FileDescriptorSet` of the contract with all its imports (for reflection).
    public let fileDescriptorSet: @Sendable () -> [UInt8]

    public init(name: String, methods: [MethodDescriptor], fileDescriptorSet: @escaping @Sendable () -> [UInt8]) {
        self.name = name
        self.methods = methods
        self.fileDescriptorSet = fileDescriptorSet
    }
}
