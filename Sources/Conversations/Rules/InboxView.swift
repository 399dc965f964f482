/// The lists of S1 and the views of S9, as C4 unites them.
enum InboxView: String, CaseIterable, Sendable {
    case queue, open, pending, expired, automated, closed
    /// Cuts across the others.
    case yours

    /// The lists of which every conversation is in exactly one for each viewer.
    static let statusLists: [InboxView] = [.queue, .open, .pending, .expired, .automated, .closed]

    /// Whether a conversation in this state, assigned to the viewer or not, is in the view. Whether he may read it at all is
    /// another question (`Viewer.reads`).
    func contains(_ state: ConversationState, assignedToViewer: Bool) -> Bool {
        switch self {
        case .queue: state == .queued || (state == .offered && !assignedToViewer)
        case .open: state == .open || (state == .offered && assignedToViewer)
        case .pending: state.name == "pending"
        case .expired: state.name == "expired"
        case .automated: state == .automated
        case .closed: state.isClosed
        case .yours: assignedToViewer && state != .queued && state != .automated && !state.isClosed
        }
    }
}
