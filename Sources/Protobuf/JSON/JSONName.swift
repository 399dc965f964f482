import Glibc

/// The name of a member as it stands in the input, so that no string is made of it. Valid while the input is.
public struct JSONName {
    @usableFromInline let bytes: UnsafeBufferPointer<UInt8>
    /// What the name says where it has escapes or is not ASCII; `bytes` are empty then.
    private let unusual: String?

    init(ascii bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        unusual = nil
    }

    init(unusual: String) {
        bytes = UnsafeBufferPointer(start: nil, count: 0)
        self.unusual = unusual
    }

    public var text: String { unusual ?? String(checked: bytes, isASCII: true) }

    /// For a `switch` over the names of a message.
    @inlinable public static func ~= (name: StaticString, this: JSONName) -> Bool {
        guard this.bytes.count == name.utf8CodeUnitCount, let start = this.bytes.baseAddress else {
            return this.bytes.isEmpty && this.isUnusual(name)
        }
        return memcmp(start, name.utf8Start, this.bytes.count) == 0
    }

    @usableFromInline func isUnusual(_ name: StaticString) -> Bool { unusual == "\(name)" }
}
