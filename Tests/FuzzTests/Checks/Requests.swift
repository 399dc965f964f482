import ChannelsV1
import ContactsV1
import ConversationsV1
import Protobuf
import RoutingV1
import TemplatesV1
import TicketsV1

/// Every request of every contract. An input names its message on the first line; where it names none, its first byte chooses.
enum Requests {
    static let types: [any GeneratedMessage.Type] =
        [
            ChannelsV1Messages.all, ContactsV1Messages.all, ConversationsV1Messages.all, RoutingV1Messages.all,
            TemplatesV1Messages.all,
            TicketsV1Messages.all,
        ]
        .joined()
        .compactMap { $0 as? any GeneratedMessage.Type }
        .filter { $0.typeName.hasSuffix("Request") }

    private static let byName = Dictionary(uniqueKeysWithValues: types.map { ($0.typeName, $0) })

    static func decode(_ input: [UInt8]) -> Bool {
        let (type, content) = split(input)
        return Messages.decode(type, content)
    }

    /// The content chooses fields of the message, and what is wrong with them.
    static func fields(_ input: [UInt8]) -> Bool {
        let (type, content) = split(input)
        return Messages.decode(type, FieldList.wire(of: type, content))
    }

    static func json(_ input: [UInt8]) -> Bool {
        let (type, content) = split(input)
        return Messages.json(type, content)
    }

    /// An input that holds every field.
    static func sample(_ type: any GeneratedMessage.Type, as target: String) -> [UInt8] {
        let wire = FieldList.everything(in: type)
        let content = target == "RequestJSON" ? (try? type.init(serialized: wire))?.json() ?? [] : wire
        return Array("\(type.typeName)\n".utf8) + content
    }

    private static func split(_ input: [UInt8]) -> (any GeneratedMessage.Type, [UInt8]) {
        guard let first = input.first else { return (types[0], []) }
        let line = input.prefix { $0 != UInt8(ascii: "\n") }
        let content = Array(input.dropFirst(line.count + 1))
        return (byName[String(decoding: line, as: UTF8.self)] ?? types[Int(first) % types.count], content)
    }
}
