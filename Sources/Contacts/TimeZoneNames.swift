import Synchronization
import WorkingTime

/// The time zones that this machine's tzdata has. A name that has been looked up is remembered: there are some 600.
enum TimeZoneNames {
    private static let known = Mutex<Set<String>>([])

    static func contains(_ name: String) -> Bool {
        if known.withLock({ $0.contains(name) }) { return true }
        guard (try? ZoneRules(name)) != nil else { return false }
        known.withLock { _ = $0.insert(name) }
        return true
    }
}
