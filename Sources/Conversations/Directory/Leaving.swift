import EventLog
import FoundationEssentials

/// What somebody leaves behind who is there no more (C41, C44): a job, for it may be much.
enum Leaving: Sendable, Hashable {
    /// He was deactivated.
    case agent(UUID)
    /// It was archived.
    case department(UUID)
    /// It is connected no more.
    case bot(UUID)

    static let kinds = ["directory.agent_left", "directory.department_left", "directory.bot_left"]
}

extension Leaving {
    func job(of tenantID: UUID) -> NewJob {
        let (kind, id) =
            switch self {
            case .agent(let id): (Self.kinds[0], id)
            case .department(let id): (Self.kinds[1], id)
            case .bot(let id): (Self.kinds[2], id)
            }
        return NewJob(tenantID: tenantID, kind: kind, cause: id.text, payload: Array(id.text.utf8), orderingKey: id)
    }

    /// `nil` for a job of a newer release.
    init?(_ job: Job) {
        guard let id = UUID(id: String(decoding: job.payload, as: UTF8.self)) else { return nil }
        switch job.kind {
        case Self.kinds[0]: self = .agent(id)
        case Self.kinds[1]: self = .department(id)
        case Self.kinds[2]: self = .bot(id)
        default: return nil
        }
    }
}
