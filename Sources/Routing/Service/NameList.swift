import FoundationEssentials
import ServiceRuntime

/// A list by name, page by page: its tokens hold the last row's name and id.
struct NameList: Sendable {
    private let tokens: PageTokens
    private let arguments: [String]

    /// - Parameter arguments: every argument of the request that the next page must repeat, page size excepted.
    init(_ tokens: PageTokens, _ arguments: [String]) {
        self.tokens = tokens
        self.arguments = arguments
    }

    func place(_ token: String) throws(Failure) -> NamePlace? {
        guard let keys = try tokens.keys(of: token, count: 2, arguments: arguments) else { return nil }
        guard let id = UUID(id: keys[1]) else { throw .pageTokenInvalid }
        return NamePlace(name: keys[0], id: id)
    }

    /// The page of what was found, which is one more than asked for where there is a next one, and that one's token.
    func page<Row>(_ found: [Row], limit: Int, _ place: (Row) -> NamePlace) -> (page: ArraySlice<Row>, token: String) {
        let page = found.prefix(limit)
        guard found.count > limit, let last = page.last.map(place) else { return (page, "") }
        return (page, tokens.token(after: [last.name, last.id.text], arguments: arguments))
    }
}

/// A list by id, the newest first.
struct NewestFirst: Sendable {
    private let tokens: PageTokens
    private let arguments: [String]

    init(_ tokens: PageTokens, _ arguments: [String]) {
        self.tokens = tokens
        self.arguments = arguments
    }

    func place(_ token: String) throws(Failure) -> UUID? {
        guard let keys = try tokens.keys(of: token, count: 1, arguments: arguments) else { return nil }
        guard let id = UUID(id: keys[0]) else { throw .pageTokenInvalid }
        return id
    }

    func page<Row>(_ found: [Row], limit: Int, _ id: (Row) -> UUID) -> (page: ArraySlice<Row>, token: String) {
        let page = found.prefix(limit)
        guard found.count > limit, let last = page.last.map(id) else { return (page, "") }
        return (page, tokens.token(after: [last.text], arguments: arguments))
    }
}
