/// A filter of AIP-160, read but not yet understood: nothing here knows which fields there are.
///
/// Grammar, the subset that is taken:
/// ```
/// expression  = factor { "AND" factor }
/// factor      = term { "OR" term }
/// term        = [ "NOT" | "-" ] ( restriction | "(" expression ")" )
/// restriction = member comparator value
/// member      = name { "." name }
/// comparator  = "=" | "!=" | "<" | "<=" | ">" | ">=" | ":"
/// value       = quoted text | word
/// ```
/// OR binds tighter than AND, as AIP-160 has it. Factors side by side without AND, bare values and functions are refused.
indirect enum FilterExpression: Sendable, Hashable {
    case all([FilterExpression])
    case any([FilterExpression])
    case not(FilterExpression)
    case restriction(FilterRestriction)
}

/// `member comparator value`.
struct FilterRestriction: Sendable, Hashable {
    var member: [String]
    var comparator: FilterComparator
    var value: FilterValue
    /// Where the member begins, in characters from 0.
    var position: Int
}

enum FilterComparator: String, Sendable, Hashable, CaseIterable {
    case equal = "="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case has = ":"
}

struct FilterValue: Sendable, Hashable {
    var text: String
    /// Written in quotes: then it is text, whatever it looks like.
    var quoted: Bool
    /// Where it begins, in characters from 0.
    var position: Int
}

/// Why a filter cannot be taken, and where.
struct FilterError: Error, Sendable, Hashable {
    let problem: String
    /// In characters from 0.
    let position: Int

    init(_ problem: String, at position: Int) {
        self.problem = problem
        self.position = position
    }
}

/// What keeps a filter from being an attack.
enum FilterLimits {
    static let lengthMax = 2_048
    static let termsMax = 50
    static let depthMax = 20
}
