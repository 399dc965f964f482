/// Reads a filter into an expression, by recursive descent. Time and memory are linear in the text, and the text is short.
struct FilterParser {
    private let tokens: [FilterToken]
    private var next = 0
    private var terms = 0
    private var depth = 0

    /// - Returns: `nil` for an empty filter, which lets everything pass.
    static func expression(of text: String) throws(FilterError) -> FilterExpression? {
        var parser = FilterParser(tokens: try FilterLexer.tokens(of: text))
        if parser.current.kind == .end { return nil }
        let expression = try parser.conjunction()
        guard parser.current.kind == .end else { throw parser.unexpected("AND, OR or the end") }
        return expression
    }

    private init(tokens: [FilterToken]) {
        self.tokens = tokens
    }

    // MARK: - Rules of the grammar

    private mutating func conjunction() throws(FilterError) -> FilterExpression {
        var factors = [try disjunction()]
        while takeKeyword("AND") { factors.append(try disjunction()) }
        return factors.count == 1 ? factors[0] : .all(factors)
    }

    private mutating func disjunction() throws(FilterError) -> FilterExpression {
        var terms = [try term()]
        while takeKeyword("OR") { terms.append(try term()) }
        return terms.count == 1 ? terms[0] : .any(terms)
    }

    private mutating func term() throws(FilterError) -> FilterExpression {
        if takeKeyword("NOT") || take(.minus) { return .not(try simple()) }
        return try simple()
    }

    private mutating func simple() throws(FilterError) -> FilterExpression {
        guard take(.open) else { return .restriction(try restriction()) }
        depth += 1
        guard depth <= FilterLimits.depthMax else {
            throw FilterError("more than \(FilterLimits.depthMax) levels of parentheses", at: tokens[next - 1].position)
        }
        let expression = try conjunction()
        guard take(.close) else { throw unexpected("\")\"") }
        depth -= 1
        return expression
    }

    private mutating func restriction() throws(FilterError) -> FilterRestriction {
        let position = current.position
        terms += 1
        guard terms <= FilterLimits.termsMax else {
            throw FilterError("more than \(FilterLimits.termsMax) terms", at: position)
        }
        var member = [try name()]
        while take(.dot) { member.append(try name()) }
        guard case .comparator(let comparator) = current.kind else { throw unexpected("a comparison") }
        next += 1
        return FilterRestriction(member: member, comparator: comparator, value: try value(), position: position)
    }

    private mutating func name() throws(FilterError) -> String {
        guard case .word(let word) = current.kind, !Self.keywords.contains(word) else { throw unexpected("a field") }
        next += 1
        return word
    }

    private mutating func value() throws(FilterError) -> FilterValue {
        let position = current.position
        switch current.kind {
        case .word(let word) where !Self.keywords.contains(word):
            next += 1
            return FilterValue(text: word, quoted: false, position: position)
        case .quoted(let text):
            next += 1
            return FilterValue(text: text, quoted: true, position: position)
        default:
            throw unexpected("a value")
        }
    }

    // MARK: - Tokens

    private static let keywords: Set<String> = ["AND", "OR", "NOT"]

    private var current: FilterToken { tokens[next] }

    private mutating func take(_ kind: FilterToken.Kind) -> Bool {
        guard current.kind == kind else { return false }
        next += 1
        return true
    }

    private mutating func takeKeyword(_ keyword: String) -> Bool {
        take(.word(keyword))
    }

    private func unexpected(_ expected: String) -> FilterError {
        FilterError("expected \(expected)", at: current.position)
    }
}
