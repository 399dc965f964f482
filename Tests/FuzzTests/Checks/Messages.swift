import Protobuf
import ProtobufTestMessagesProto3

/// Bytes from anywhere give a message or an error, and a message survives its own coding.
enum Messages {
    static let allTypes = TestAllTypesProto3.self

    static func decode<M: Message>(_ type: M.Type, _ bytes: [UInt8]) -> Bool {
        guard let message = try? M(serialized: bytes) else { return false }
        let again = try? M(serialized: message.serialized())
        precondition(again?.serialized() == message.serialized(), "a decoded message changes when it is coded again")
        _ = message.json()
        return true
    }

    static func json<M: Message>(_ type: M.Type, _ text: [UInt8]) -> Bool {
        guard let message = try? M(json: text) else { return false }
        guard let written = try? message.json(checking: .default) else { return true }
        let again = try? M(json: written)
        precondition(again?.serialized() == message.serialized(), "a message changes when it is written as JSON")
        return true
    }
}
