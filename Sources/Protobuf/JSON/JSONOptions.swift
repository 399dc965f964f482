/// How ProtoJSON is read.
public struct JSONDecodingOptions: Sendable {
    /// Skips members that the message does not have, instead of refusing them.
    public var ignoresUnknownFields: Bool
    /// The deepest nesting of objects and arrays.
    public var depthMax: Int
    /// The longest text, in bytes.
    public var messageBytesMax: Int
    /// Whether strings may hold U+0000.
    public var allowsNUL: Bool
    /// What an `Any` may hold beside the well-known types.
    public var types: TypeRegistry

    public init(
        ignoresUnknownFields: Bool = false, depthMax: Int = 64, messageBytesMax: Int = 4 << 20, allowsNUL: Bool = false,
        types: TypeRegistry = TypeRegistry()
    ) {
        self.ignoresUnknownFields = ignoresUnknownFields
        self.depthMax = depthMax
        self.messageBytesMax = messageBytesMax
        self.allowsNUL = allowsNUL
        self.types = types
    }

    public static let `default` = JSONDecodingOptions()
}

/// How ProtoJSON is written.
public struct JSONEncodingOptions: Sendable {
    /// Writes scalars, enumerations, lists and maps that hold their default too; never messages that are unset.
    public var emitsDefaults: Bool
    /// What an `Any` may hold beside the well-known types.
    public var types: TypeRegistry

    public init(emitsDefaults: Bool = false, types: TypeRegistry = TypeRegistry()) {
        self.emitsDefaults = emitsDefaults
        self.types = types
    }

    public static let `default` = JSONEncodingOptions()
    /// For readers that take a missing member for a mistake.
    public static let emitDefaults = JSONEncodingOptions(emitsDefaults: true)
}

/// Message types by their full names.
public struct TypeRegistry: Sendable {
    private var types: [String: any Message.Type]

    public init(_ types: [any Message.Type] = []) {
        self.types = Dictionary(types.map { ($0.typeName, $0) }, uniquingKeysWith: { first, _ in first })
    }

    public subscript(typeName: String) -> (any Message.Type)? { types[typeName] }
}
