/// By which of routing's methods a bot has a conversation distributed (C6, S23).
enum RouteMethod: String, CaseIterable, Sendable {
    case manual, owner
    case leastBusy = "least_busy"
    case random
}
