/// Swift's structs cannot hold themselves. Fields that lead back to their own message are put behind a reference.
enum Recursion {
    static func box(_ messages: [MessageModel]) {
        for message in messages {
            for index in message.fields.indices where leadsBack(message.fields[index], to: message) {
                message.fields[index].isBoxed = true
            }
            for oneof in message.oneofs.indices {
                for index in message.oneofs[oneof].members.indices
                where leadsBack(message.oneofs[oneof].members[index], to: message) {
                    message.oneofs[oneof].members[index].isBoxed = true
                }
            }
        }
    }

    private static func leadsBack(_ field: FieldModel, to message: MessageModel) -> Bool {
        guard let first = held(field) else { return false }
        var seen: Set<String> = []
        var open = [first]
        while let next = open.popLast() {
            if next.fullName == message.fullName { return true }
            guard seen.insert(next.fullName).inserted else { continue }
            open += next.fields.compactMap(held)
        }
        return false
    }

    /// The message that lies inside the field's own message; lists and maps hold theirs elsewhere.
    private static func held(_ field: FieldModel) -> MessageModel? {
        switch (field.type, field.cardinality) {
        case (.message(let message), .singular), (.message(let message), .oneof): message
        default: nil
        }
    }
}
