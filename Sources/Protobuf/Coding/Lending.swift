/// Values of an array where they stand.
///
/// A loop over the array copies each value and counts its references up and down, which took a fifth of encoding.
@usableFromInline package enum Lending {
    /// The type of the value is not known to be copyable here, so it cannot be copied.
    @inlinable package static func lend<T: ~Copyable, R>(_ value: UnsafePointer<T>, _ body: (borrowing T) -> R) -> R {
        body(value.pointee)
    }
}
