import GoogleProtobuf
import ServiceRuntime

/// One field that an update may name (AIP-161): its path, and how its value goes from one object to another. A table of them
/// is all that an update needs.
struct WritableField<Object: Sendable>: Sendable {
    let path: String
    let write: @Sendable (inout Object, Object) -> Void
    let differs: @Sendable (Object, Object) -> Bool

    init<Value: Equatable & Sendable>(_ path: String, _ member: WritableKeyPath<Object, Value> & Sendable) {
        self.path = path
        write = { target, source in target[keyPath: member] = source[keyPath: member] }
        differs = { $0[keyPath: member] != $1[keyPath: member] }
    }
}

extension Array {
    /// The object with the values of another where the mask names them.
    func applied<Object>(_ mask: UpdateMask, of values: Object, to object: Object) -> Object
    where Element == WritableField<Object> {
        reduce(into: object) { object, field in
            if mask.contains(field.path) { field.write(&object, values) }
        }
    }

    /// The paths whose values differ, for events and the trail.
    func changedPaths<Object>(from old: Object, to new: Object) -> [String] where Element == WritableField<Object> {
        filter { $0.differs(old, new) }.map(\.path)
    }

    /// The mask of a request. A path into one of the fields is refused: fields are written whole.
    func mask<Object>(
        _ mask: FieldMask?, populated: Set<String>, outputOnly: Set<String>
    ) throws(Failure) -> UpdateMask where Element == WritableField<Object> {
        let writable = Set(map(\.path))
        let paths = (mask?.paths ?? []).filter { $0 != "*" && !writable.contains($0) && !outputOnly.contains($0) }
        guard paths.isEmpty else {
            throw Failure(
                .invalidArgument, reason: "UPDATE_MASK_INVALID", "the update mask names what cannot be written",
                fields: paths.map { _ in UpdateMask.unknownPath("update_mask", writable: writable) })
        }
        return try UpdateMask(mask, writable: writable, outputOnly: outputOnly, populated: populated)
    }
}
