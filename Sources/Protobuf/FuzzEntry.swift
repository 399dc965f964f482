/// What fuzzing calls: bytes from anywhere must give a message or an error, and a message must survive its own coding.
package enum FuzzEntry {
    /// Answers whether the bytes were a message.
    @discardableResult
    package static func decode<M: Message>(_ type: M.Type, _ bytes: [UInt8]) -> Bool {
        guard let message = try? M(serialized: bytes) else { return false }
        let again = try? M(serialized: message.serialized())
        precondition(again?.serialized() == message.serialized(), "a decoded message changes when it is coded again")
        _ = message.json()
        return true
    }

    /// Answers whether the text was ProtoJSON of a message.
    @discardableResult
    package static func json<M: Message>(_ type: M.Type, _ text: [UInt8]) -> Bool {
        guard let message = try? M(json: text) else { return false }
        guard let written = try? message.json(checking: .default) else { return true }
        let again = try? M(json: written)
        precondition(again?.serialized() == message.serialized(), "a message changes when it is written as JSON")
        return true
    }
}
