/// How far a message came. It only moves forward, and fails only from queued or sent: late and repeated reports change nothing
/// (CHANNELS 2.3).
enum OutboundStatus: String, Sendable, Hashable, CaseIterable {
    case queued, sent, delivered, read, failed

    /// The status after a report.
    func moved(to reported: OutboundStatus) -> OutboundStatus {
        switch (self, reported) {
        case (.failed, _): .failed
        case (.queued, .failed), (.sent, .failed): .failed
        case (_, .failed): self
        default: reported.height > height ? reported : self
        }
    }

    private var height: Int {
        switch self {
        case .queued: 0
        case .sent: 1
        case .delivered: 2
        case .read: 3
        case .failed: 4
        }
    }
}
