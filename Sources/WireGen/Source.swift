/// Swift or C text in the making, with its indentation.
struct Source {
    private(set) var text = ""
    private var depth = 0

    mutating func line(_ line: String = "") {
        text += line.isEmpty ? "\n" : String(repeating: "    ", count: depth) + line + "\n"
    }

    /// A line that ends in a brace, what stands between the braces, and the closing one.
    mutating func block(_ head: String, close: String = "}", _ body: (inout Source) -> Void) {
        line(head + " {")
        // The cases of a switch stand where the switch stands.
        let isSwitch = head.hasPrefix("switch ")
        depth += isSwitch ? 0 : 1
        body(&self)
        depth -= isSwitch ? 0 : 1
        line(close)
    }

    mutating func indented(_ body: (inout Source) -> Void) {
        depth += 1
        body(&self)
        depth -= 1
    }

    /// A comment of the contract as a doc comment.
    mutating func doc(_ comment: String) {
        var lines = comment.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
        for text in lines {
            let bare = text.first == " " ? text.dropFirst() : text[...]
            line(bare.allSatisfy(\.isWhitespace) ? "///" : "/// \(bare)")
        }
    }
}
