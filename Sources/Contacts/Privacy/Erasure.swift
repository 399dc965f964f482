import Crypto
import WallTime

/// The erasure of everything held about one person, here and in every other service (guarantee 20).
struct Erasure: Sendable, Hashable {
    let id: ErasureID
    let contactID: ContactID
    /// Why, for the record; names nobody.
    let reason: String
    let requestedBy: String
    let createTime: Instant
    /// Who shall report.
    let awaited: [String]
    /// What those who have report, by service.
    var reports: [Report] = []
    /// When the last report came; `nil` while one is missing.
    var completeTime: Instant?

    /// What one service erased: words such as "messages", and how many.
    struct Report: Sendable, Hashable {
        let service: String
        let counts: [String: Int32]
        let reportTime: Instant
    }

    static let reasonLengthMax = 500
    static let countsMax = 100

    /// The other services that hold something of a contact. One that begins to adds itself here, and answers the event of an
    /// erasure with ReportErasure.
    static let holders = ["channels", "conversations", "tickets"]
}

extension Erasure {
    /// Who has not reported yet.
    var missing: [String] {
        let reported = Set(reports.map(\.service))
        return awaited.filter { !reported.contains($0) }
    }

    /// Everything touched, summed over the services.
    var counts: [String: Int32] {
        reports.reduce(into: [:]) { sums, report in
            sums.merge(report.counts) { Int32(clamping: Int64($0) + Int64($1)) }
        }
    }

    /// SHA-256 over the reports in the order of the services' names, hexadecimal.
    var digest: String {
        let text = reports.sorted { $0.service < $1.service }.map { report in
            let counts = report.counts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined()
            return "\(report.service) \(report.reportTime.microseconds)\n\(counts)"
        }
        return SHA256.hash(data: Array(text.joined().utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
