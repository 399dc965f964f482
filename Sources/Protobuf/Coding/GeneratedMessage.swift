/// What WireGen writes for a message beside its properties. Only generated code and this module call it.
///
/// Pointers are untyped here, so that no type of C is part of a contract's public face.
public protocol GeneratedMessage: Message, JSONValue {
    /// The message's `WireMessage`.
    static var wire: UnsafeRawPointer { get }

    /// Copies a message of protobuf-c.
    mutating func load(_ c: UnsafeRawPointer)

    /// Fills in a zeroed message of protobuf-c whose parts live in `arena`.
    func fill(_ c: UnsafeMutableRawPointer, _ arena: Arena)

    /// Whether the JSON form is something else than an object of the fields. An `Any` holds such a form as `value`.
    static var ownsJSON: Bool { get }

    /// Writes the fields as members of an object that is open already.
    func writeMembers(to json: inout JSONWriter)

    /// Reads the member `name`; answers its field's number, 0 where there is no such field.
    mutating func readMember(_ name: JSONName, from json: inout JSONReader) throws(JSONDecodingError) -> Int32
}

extension GeneratedMessage {
    @inlinable public init(c: UnsafeRawPointer) {
        self.init()
        load(c)
    }

    public static var ownsJSON: Bool { false }
    public func writeMembers(to json: inout JSONWriter) {}
    public mutating func readMember(_ name: JSONName, from json: inout JSONReader) throws(JSONDecodingError) -> Int32 { 0 }
}

/// An enumeration of a contract; it keeps numbers that the contract does not name.
public protocol ProtobufEnum: RawRepresentable<Int32>, CaseIterable, Sendable, Hashable, JSONValue {
    init(rawValue: Int32)
    init?(name: String)
    /// As in the contract; nil for a number that it does not name.
    var name: String? { get }
}

extension ProtobufEnum {
    @inlinable public init(c number: some BinaryInteger) {
        self.init(rawValue: Int32(truncatingIfNeeded: number))
    }
}

/// Holds a value behind a reference, for messages that contain themselves.
public final class Box<Value: Sendable & Hashable>: Sendable, Hashable {
    public let value: Value

    public init(_ value: Value) { self.value = value }

    public static func == (a: Box, b: Box) -> Bool { a.value == b.value }
    public func hash(into hasher: inout Hasher) { value.hash(into: &hasher) }
}
