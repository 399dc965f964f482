/// What a map of a contract may be keyed by.
public protocol MapKey: Hashable, Sendable {
    /// The order in which entries are written.
    static func precedes(_ a: Self, _ b: Self) -> Bool
    /// From the name of a JSON member; nil where the name is none of this type's.
    init?(jsonKey: String)
    var jsonKey: String { get }
}

extension MapKey where Self: Comparable {
    @inlinable public static func precedes(_ a: Self, _ b: Self) -> Bool { a < b }
}

extension MapKey where Self: FixedWidthInteger {
    public init?(jsonKey: String) {
        // "+1" and "01" are numbers to Swift, not to JSON.
        guard let value = Self(jsonKey), String(value) == jsonKey else { return nil }
        self = value
    }
    public var jsonKey: String { String(self) }
}

extension Int32: MapKey {}
extension Int64: MapKey {}
extension UInt32: MapKey {}
extension UInt64: MapKey {}

extension String: MapKey {
    public init?(jsonKey: String) { self = jsonKey }
    public var jsonKey: String { self }
}

extension Bool: MapKey {
    public static func precedes(_ a: Bool, _ b: Bool) -> Bool { !a && b }
    public init?(jsonKey: String) {
        switch jsonKey {
        case "true": self = true
        case "false": self = false
        default: return nil
        }
    }
    public var jsonKey: String { self ? "true" : "false" }
}
