/// The version of a row as the contracts carry it: the quoted number, a strong tag of RFC 9110 8.8.3.
package struct ETag: Sendable, Hashable, CustomStringConvertible {
    package var version: Int64

    package init(_ version: Int64) {
        self.version = version
    }

    /// - Returns: nil for what no service gives out.
    package init?(_ text: String) {
        guard text.hasPrefix("\""), text.hasSuffix("\""), text.utf8.count > 2,
            let version = Int64(text.dropFirst().dropLast()), version >= 0, text == "\"\(version)\""
        else { return nil }
        self.version = version
    }

    package var description: String { "\"\(version)\"" }

    /// Which version a request expects: nil when its `etag` is empty.
    /// - Throws: INVALID_ARGUMENT for what is no etag; ABORTED ETAG_MISMATCH for one that cannot be of this resource.
    package static func expectedVersion(_ text: String, required: Bool = false) throws(Failure) -> Int64? {
        if text.isEmpty {
            if required { throw .invalid("etag", "is required", reason: "REQUIRED") }
            return nil
        }
        guard let tag = ETag(text) else { throw .etagMismatch }
        return tag.version
    }
}
