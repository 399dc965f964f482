import Glibc

/// What this process may have open at once: its soft limit, RLIMIT_NOFILE.
package enum FileDescriptors {
    /// Beside connections there are files, the database, other servers, and at least one to close what is too much with.
    private static let othersMin = 32

    /// How many a server's connections may take: three quarters, or fewer of few. Without a descriptor left nobody can even be
    /// refused: the listener would only ask again and again.
    static let forConnections = connections(of: limits.map { Int(clamping: $0.rlim_cur) } ?? .max)

    /// The same of so many in all.
    static func connections(of count: Int) -> Int { max(1, count - max(othersMin, count / 4)) }

    /// Asks for as many as the process may ask for. To be called before anything listens.
    package static func raiseLimit() {
        guard var limits else { return }
        limits.rlim_cur = limits.rlim_max
        setrlimit(resource, &limits)
    }

    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    private static var limits: rlimit? {
        var limits = rlimit()
        return getrlimit(resource, &limits) == 0 ? limits : nil
    }
}
