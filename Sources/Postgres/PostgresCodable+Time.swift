package import WallTime

extension Instant: PostgresArrayElement {
    /// PostgreSQL counts microseconds from 2000-01-01T00:00:00Z (POSTGRES_EPOCH_JDATE).
    private static let postgresEpochMicroseconds: Int64 = 946_684_800_000_000

    package static var postgresType: PostgresType { .timestamptz }
    package static var postgresArrayType: PostgresType { .timestamptzArray }
    package var postgresParameter: PostgresParameter {
        PostgresParameter(.timestamptz, (microseconds - Self.postgresEpochMicroseconds).bigEndianBytes)
    }

    /// Exact to the microsecond. `infinity`, and years outside 1 to 9999, are errors.
    package init(postgres cell: PostgresCell) throws(PostgresCell.Mismatch) {
        guard cell.type == .timestamptz else { throw .type(cell.type) }
        let bytes = try cell.notNull()
        guard bytes.count == 8 else { throw .value("a timestamptz is 8 bytes") }
        let (unix, overflow) = Int64(bigEndianBytes: bytes).addingReportingOverflow(Self.postgresEpochMicroseconds)
        self.init(microseconds: unix)
        guard !overflow, microseconds == unix else { throw .value("the time lies outside years 1 to 9999") }
    }
}

extension Duration: PostgresArrayElement {
    package static var postgresType: PostgresType { .interval }
    package static var postgresArrayType: PostgresType { .intervalArray }

    /// As an interval of microseconds, rounded towards zero; clamped to what an interval can hold (292,000 years).
    package var postgresParameter: PostgresParameter {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, carried) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        let micros: Int64 = overflow || carried ? (seconds < 0 ? .min : .max) : sum
        return PostgresParameter(.interval, micros.bigEndianBytes + Int32(0).bigEndianBytes + Int32(0).bigEndianBytes)
    }

    /// Days count as 24 hours. An interval with months has no fixed length and is an error.
    package init(postgres cell: PostgresCell) throws(PostgresCell.Mismatch) {
        guard cell.type == .interval else { throw .type(cell.type) }
        let bytes = try cell.notNull()
        guard bytes.count == 16 else { throw .value("an interval is 16 bytes") }
        guard Int32(bigEndianBytes: .init(rebasing: bytes[12..<16])) == 0 else { throw .value("the interval has months") }
        let days = Int32(bigEndianBytes: .init(rebasing: bytes[8..<12]))
        self = .microseconds(Int64(bigEndianBytes: .init(rebasing: bytes[0..<8]))) + .seconds(Int64(days) * 86_400)
    }
}
