/// C57: what a conversation gets by the words that it begins with.
struct LabelRule: Hashable, Sendable {
    static let countMax = 50
    static let wordsMax = 50
    static let wordCharactersMax = 60

    /// One of them must stand in the message or its subject, in any case; none: it holds for every one.
    var words: [String]
    var labels: [String]
    /// 1 to 4; 0: this rule gives none.
    var priority: Int16

    func holds(for text: String, subject: String) -> Bool {
        if words.isEmpty { return true }
        let said = [text.lowercased(), subject.lowercased()]
        return words.contains { word in said.contains { $0.contains(word.lowercased()) } }
    }
}

extension [LabelRule] {
    /// Labels of all rules that hold, each once and in their order, and the priority of the first that gives one.
    func verdict(on text: String, subject: String) -> (labels: [String], priority: Int16?) {
        let holding = filter { $0.holds(for: text, subject: subject) }
        var seen: Set<String> = []
        return (
            holding.flatMap(\.labels).filter { seen.insert($0).inserted }, holding.map(\.priority).first { $0 != 0 }
        )
    }
}
