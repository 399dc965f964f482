/// Which of the ready connections a call takes.
public enum LoadBalancing: Sendable, Hashable {
    /// One connection for all calls: the first address that can be reached, in the resolver's order or a shuffled one.
    case pickFirst(shuffles: Bool = false)
    /// Each replica in turn.
    case roundRobin
    /// Of `choices` replicas drawn at random, the one with the fewest open calls. 2...100. Source: gRPC, A48.
    case leastRequests(choices: Int = 2)
}

/// What a policy looks at in a connection.
protocol Loaded {
    /// Calls that are open on it.
    var openCalls: Int { get }
}
