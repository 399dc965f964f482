/// How much of the connection's window is given back, and when.
///
/// One stream that is not read must not stop the others, so credit is normally given back as soon as bytes arrive; but
/// what the applications of the connection leave untaken, plus what the peer may still send, never exceeds `bytesMax`.
struct ReceiveCredit {
    let windowBytes: Int
    let bytesMax: Int
    /// Arrived and not yet taken by the applications.
    private(set) var untaken = 0
    /// Arrived and not yet given back to the peer.
    private(set) var owed = 0

    init(windowBytes: Int, bytesMax: Int) {
        self.windowBytes = windowBytes
        self.bytesMax = max(windowBytes, bytesMax)
    }

    mutating func arrived(_ count: Int) {
        untaken += count
        owed += count
    }

    mutating func taken(_ count: Int) {
        untaken = max(0, untaken - count)
    }

    /// The credit that may be given back now.
    mutating func release() -> Int {
        let withheld = max(0, untaken + windowBytes - bytesMax)
        let grant = max(0, owed - withheld)
        owed -= grant
        return grant
    }
}
