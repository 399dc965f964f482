/// The mistakes that this service can be told to make (RELIABILITY.md 4). M6, a client that repeats without its key, is the
/// tests' own.
enum PlantedBug: String {
    case none
    case acknowledgesBeforeCommit = "M1"
    case eventOutsideTransaction = "M2"
    case noDedupe = "M3"
    case cursorBySequence = "M4"
    case leaseWithoutToken = "M5"
}

/// How wide each window stands open in which a crash shows the mistake. The right way has to pass with the same windows.
enum Window {
    /// Between a commit and its answer, as on a slow network.
    static let answer: Duration = .milliseconds(300)
    /// Between the commits of a row and of its event, where they are two.
    static let event: Duration = .milliseconds(300)
    /// How long an early acknowledgement waits for its commit.
    static let commit: Duration = .milliseconds(500)
    /// Between taking a number and committing it.
    static let numberMilliseconds = 0...300
    /// A job's work.
    static let job: Duration = .milliseconds(150)
    static let lease: Duration = .milliseconds(500)
}
