import FoundationEssentials
import ServiceRuntime

/// A draw that its seed repeats: the same conversation in the same version draws the same, here and in a dry run.
///
/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
struct SeededDraw: Sendable, Hashable {
    private(set) var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// The seed of one decision about one conversation.
    static func seed(_ conversation: ConversationID, version: Int64) -> UInt64 {
        // FNV-1a over both: neighbouring ids and versions lie far apart after the generator's own mixing.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in "\(conversation)/\(version)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return hash
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// 0 to `count` - 1, each as likely: what would favour the first ones is drawn again.
    mutating func index(below count: Int) -> Int {
        precondition(count > 0)
        let bound = UInt64(count)
        let unfair = (UInt64.max % bound + 1) % bound
        while true {
            let drawn = next()
            if drawn <= UInt64.max - unfair { return Int(drawn % bound) }
        }
    }
}
