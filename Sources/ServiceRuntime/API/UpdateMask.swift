import GoogleProtobuf

/// An update mask (AIP-134, AIP-161), read once against the fields a caller may write.
package struct UpdateMask: Sendable, Hashable {
    /// The paths to write, each one of `writable`, without repetition.
    package let paths: Set<String>

    /// - Parameters:
    ///   - mask: nil or empty means every populated field; `*` means all of them.
    ///   - writable: what may be written. A path below a writable one (`attributes.size`) is accepted as it stands.
    ///   - outputOnly: paths that are ignored.
    ///   - populated: which of `writable` hold a value in the request.
    /// - Throws: INVALID_ARGUMENT UPDATE_MASK_INVALID naming every unknown path.
    package init(
        _ mask: FieldMask?, writable: Set<String>, outputOnly: Set<String> = [], populated: Set<String>,
        field: String = "update_mask"
    ) throws(Failure) {
        let asked = mask?.paths ?? []
        if asked.isEmpty {
            paths = populated.intersection(writable)
            return
        }
        if asked.contains("*") {
            guard asked.count == 1 else { throw Self.failure([.init(field, "`*` stands alone")]) }
            paths = writable
            return
        }
        var accepted: Set<String> = []
        var violations: [Failure.FieldViolation] = []
        for path in asked where !Self.isCovered(path, by: outputOnly) {
            if Self.isCovered(path, by: writable) {
                accepted.insert(path)
            } else {
                violations.append(Self.unknownPath(field, writable: writable))
            }
        }
        guard violations.isEmpty else { throw Self.failure(violations) }
        paths = accepted
    }

    package func contains(_ path: String) -> Bool { Self.isCovered(path, by: paths) }

    /// The paths below `parent`, without it: `attributes.size` gives `size`.
    package func paths(below parent: String) -> Set<String> {
        Set(paths.compactMap { $0.hasPrefix(parent + ".") ? String($0.dropFirst(parent.count + 1)) : nil })
    }

    /// A path that cannot be written is the caller's text, and not repeated: what may stand there is told instead.
    package static func unknownPath(_ field: String, writable: Set<String>) -> Failure.FieldViolation {
        Failure.FieldViolation(
            field, "names a field that cannot be written; those that can are \(writable.sorted().joined(separator: ", "))",
            reason: "UNKNOWN_PATH")
    }

    /// INVALID_ARGUMENT UPDATE_MASK_INVALID.
    package static func failure(_ violations: [Failure.FieldViolation]) -> Failure {
        Failure(
            .invalidArgument, reason: "UPDATE_MASK_INVALID", "the update mask names what cannot be written",
            fields: violations)
    }

    private static func isCovered(_ path: String, by known: Set<String>) -> Bool {
        if known.contains(path) { return true }
        var prefix = path[...]
        while let dot = prefix.lastIndex(of: ".") {
            prefix = prefix[..<dot]
            if known.contains(String(prefix)) { return true }
        }
        return false
    }
}
