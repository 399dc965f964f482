/// The three ways in which names are written in contracts.
enum NameCase {
    /// `ListContacts`, `UUID`: begins with a capital, letters and digits only.
    static func isPascal(_ name: String) -> Bool {
        guard let first = name.utf8.first, isUpper(first) else { return false }
        return name.utf8.allSatisfy { isUpper($0) || isLower($0) || isDigit($0) }
    }

    /// `page_size`, `line2`: words of small letters and digits, one underscore between.
    static func isLowerSnake(_ name: String) -> Bool {
        isSnake(name, letter: isLower)
    }

    /// `CONVERSATION_STATE_OPEN`.
    static func isUpperSnake(_ name: String) -> Bool {
        isSnake(name, letter: isUpper)
    }

    /// `ConversationState` becomes `CONVERSATION_STATE`; a run of capitals is one word (`SLAPolicy`: `SLA_POLICY`).
    static func upperSnake(_ pascal: String) -> String {
        let name = Array(pascal.utf8)
        var result: [UInt8] = []
        for (index, character) in name.enumerated() {
            let beginsWord =
                index > 0 && isUpper(character)
                && (!isUpper(name[index - 1]) || (index + 1 < name.count && isLower(name[index + 1])))
            if beginsWord { result.append(UInt8(ascii: "_")) }
            result.append(isLower(character) ? character - 32 : character)
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func isSnake(_ name: String, letter: (UInt8) -> Bool) -> Bool {
        guard let first = name.utf8.first, letter(first) else { return false }
        let words = name.utf8.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        return words.allSatisfy { word in !word.isEmpty && word.allSatisfy { letter($0) || isDigit($0) } }
    }

    private static func isUpper(_ character: UInt8) -> Bool { (65...90).contains(character) }
    private static func isLower(_ character: UInt8) -> Bool { (97...122).contains(character) }
    private static func isDigit(_ character: UInt8) -> Bool { (48...57).contains(character) }
}
