import FoundationEssentials
import ServiceRuntime
import WallTime

@testable import Routing

// Values that the rules' tests are made of.

let noon = Instant(seconds: 1_790_000_000)

extension Identifier {
    /// An id that is smaller the smaller the number.
    static func number(_ number: Int) -> Self {
        let digits = String(number, radix: 16)
        return Self("00000000-0000-7000-8000-\(String(repeating: "0", count: 12 - digits.utf8.count))\(digits)")!
    }
}

extension AgentFacts {
    /// Somebody to whom nothing stands in the way.
    static func ready(_ number: Int, load: Int = 0, loadMax: Int = 5, lastAssigned: Instant? = nil) -> AgentFacts {
        AgentFacts(
            id: .number(number), departments: [.number(1)], slots: [.chat: Slot(load: load, loadMax: loadMax)],
            lastAssigned: lastAssigned)
    }
}

extension Eligibility {
    static let plain = Eligibility(
        department: .number(1), isOpen: true, neededSkills: [], pool: .chat, weight: 1, lapsed: nil, now: noon)
}

extension Distribution {
    static func plain(_ method: DistributionMethod, seed: UInt64 = 1) -> Distribution {
        Distribution(method: method, eligibility: .plain, queuedSince: noon, seed: seed)
    }
}

/// A generator that repeats, for properties over many values.
struct Dice {
    var draw: SeededDraw

    init(_ seed: UInt64) { draw = SeededDraw(seed: seed) }

    mutating func int(_ range: ClosedRange<Int>) -> Int { range.lowerBound + draw.index(below: range.count) }
    mutating func flag() -> Bool { draw.index(below: 2) == 1 }
    mutating func element<Element>(_ elements: [Element]) -> Element { elements[draw.index(below: elements.count)] }
}
