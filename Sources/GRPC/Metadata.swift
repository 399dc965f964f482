/// The key-value pairs of a call besides its messages: an ordered multimap.
///
/// Names are lower-case `[0-9a-z_.-]`; those ending in `-bin` carry bytes (base64 on the wire), all others printable
/// ASCII (0x20-0x7E). `grpc-` names and pseudo-headers belong to the protocol and never appear here.
/// Source: gRPC over HTTP/2, "Custom-Metadata".
public struct Metadata: Sendable, Hashable {
    /// Bytes only where the name ends in `-bin`.
    public enum Content: Sendable, Hashable {
        case ascii(String)
        case binary([UInt8])
    }

    public struct Entry: Sendable, Hashable {
        public let name: String
        public let value: Content
    }

    public private(set) var entries: [Entry] = []

    public init() {}

    /// The first ASCII value of `name`; setting replaces every value of that name.
    public subscript(name: String) -> String? {
        get {
            for entry in entries where entry.name == name {
                if case .ascii(let value) = entry.value { return value }
            }
            return nil
        }
        set {
            remove(name)
            if let newValue { add(newValue, for: name) }
        }
    }

    /// Every ASCII value of `name`, in order.
    public func strings(_ name: String) -> [String] {
        entries.compactMap {
            guard $0.name == name, case .ascii(let value) = $0.value else { return nil }
            return value
        }
    }

    /// How many values `name` has.
    public func count(of name: String) -> Int {
        entries.count { $0.name == name }
    }

    /// Every value of the `-bin` name, in order.
    public func binaries(_ name: String) -> [[UInt8]] {
        entries.compactMap {
            guard $0.name == name, case .binary(let value) = $0.value else { return nil }
            return value
        }
    }

    /// Adds an ASCII value. The name is lowered; a `-bin` name or an unprintable value is a programmer's mistake.
    public mutating func add(_ value: String, for name: String) {
        let name = name.lowercased()
        precondition(Self.isName(name) && !name.hasSuffix("-bin"), "not a name for ASCII metadata: \(name)")
        precondition(value.utf8.allSatisfy { (0x20...0x7E).contains($0) }, "metadata \(name) holds more than printable ASCII")
        entries.append(Entry(name: name, value: .ascii(value)))
    }

    /// Adds bytes under a name that ends in `-bin`.
    public mutating func add(_ value: [UInt8], for name: String) {
        let name = name.lowercased()
        precondition(Self.isName(name) && name.hasSuffix("-bin"), "not a name for binary metadata: \(name)")
        entries.append(Entry(name: name, value: .binary(value)))
    }

    public mutating func add(contentsOf other: Metadata) {
        entries.append(contentsOf: other.entries)
    }

    /// Adds the pairs whose names are not there yet.
    mutating func addMissing(from other: Metadata) {
        let names = Set(entries.map(\.name))
        entries.append(contentsOf: other.entries.filter { !names.contains($0.name) })
    }

    public mutating func remove(_ name: String) {
        entries.removeAll { $0.name == name }
    }

    public var isEmpty: Bool { entries.isEmpty }

    /// Adds what came from the network, where a wrong value is the peer's mistake and not a trap.
    mutating func addUnchecked(name: String, value: Content) {
        entries.append(Entry(name: name, value: value))
    }

    static func isName(_ name: String) -> Bool {
        !name.isEmpty && !isReserved(name) && name.utf8.allSatisfy(isNameByte)
    }

    /// Names of the protocol, which are never an application's metadata.
    static func isReserved(_ name: String) -> Bool {
        name.utf8.first == UInt8(ascii: ":") || name.hasPrefix("grpc-") || protocolNames.contains(name)
    }

    private static let protocolNames: Set<String> = ["content-type", "te", "user-agent", "connection", "host", "content-length"]

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }
}

extension Metadata: ExpressibleByDictionaryLiteral {
    /// `["name": "value"]`, ASCII values only.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { add(value, for: name) }
    }
}
