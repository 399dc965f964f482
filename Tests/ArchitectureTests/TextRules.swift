/// Rules on what may stand in the text of a file. Each returns the places that break it.
enum TextRules {
    /// Longest file that a person writes, in lines.
    static let linesMax = 400

    static func tooLong(_ files: [SourceFile]) -> [Violation] {
        files.filter { $0.lines.count > linesMax + 1 }.map {
            Violation($0.path, "has \($0.lines.count - 1) lines, \(linesMax) are the most")
        }
    }

    /// A query names its columns: a new column must not change what old code reads.
    static func selectStar(_ files: [SourceFile]) -> [Violation] {
        files.flatMap { file in
            file.codeLines.filter { $0.text.utf8.contains(UInt8(ascii: "*")) }.filter {
                $0.text.contains(/(?i)\b(select|returning)\s+(distinct\s+)?(\w+\.)?\*/.wordBoundaryKind(.simple))
            }.map {
                Violation(file.path, line: $0.number, "selects * instead of naming columns")
            }
        }
    }

    /// What is asked of PostgreSQL at run time holds no pattern but LIKE's: a regular expression of a caller's can take for ever,
    /// and to_tsquery has a syntax to break.
    static func patterns(_ files: [SourceFile]) -> [Violation] {
        let signs = ["similar to", "tsquery(", "regexp_", "~"]
        return files.filter { file in signs.contains { file.text.contains($0) } }.flatMap { file in
            file.codeLines.filter {
                $0.text.contains(/\bsimilar to\b|\b(to|plainto|phraseto)_tsquery\(|\bregexp_\w+\(|\s!?~\*?\s/)
            }
            .map { Violation(file.path, line: $0.number, "has PostgreSQL match a pattern other than LIKE's") }
        }
    }

    /// Paths of one machine have no place in the project.
    static func machinePaths(_ files: [SourceFile]) -> [Violation] {
        let prefixes = ["work", "opt", "root", "home"].map { "/\($0)/" }
        return files.flatMap { file in
            file.lines.enumerated().filter { $0.element.utf8.contains(UInt8(ascii: "/")) }.flatMap { number, line in
                prefixes.filter { namesPath(line, $0) }.map {
                    Violation(file.path, line: number + 1, "names a machine's path below \($0)")
                }
            }
        }
    }

    /// Only where a path begins: `a/work/b` is none.
    private static func namesPath(_ line: Substring, _ prefix: String) -> Bool {
        line.ranges(of: prefix).contains { range in
            guard range.lowerBound > line.startIndex else { return true }
            let before = line[line.index(before: range.lowerBound)]
            return !(before.isLetter || before.isNumber || "._-}*/".contains(before))
        }
    }

    /// What is left to do stands in an issue.
    static func leftovers(_ files: [SourceFile]) -> [Violation] {
        let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X:"]
        return files.flatMap { file in
            file.lines.enumerated().flatMap { number, line in
                marks.filter { line.contains($0) }.map { Violation(file.path, line: number + 1, "carries \($0)") }
            }
        }
    }

    /// Time is an `Instant`, so that its source is always a choice.
    static func foundationDates(_ files: [SourceFile]) -> [Violation] {
        files.flatMap { file in
            file.codeLines.filter { $0.text.contains("Date") && $0.text.contains(/(^|[^\w.])Date(\(|\.now|\?|,|\)| =|$)/) }.map {
                Violation(file.path, line: $0.number, "uses Foundation's Date")
            }
        }
    }

    /// Names that say nothing about what they name.
    static let emptyWords: Set<String> = [
        "Common", "Core", "Shared", "Utils", "Utilities", "Helper", "Helpers", "Manager", "Base", "Impl", "Kit", "Models",
    ]

    static func emptyNames(_ names: [String]) -> [Violation] {
        names.compactMap { name in
            let words = name.matches(of: /[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+/).map { String($0.output) }
            let found = words.filter { emptyWords.contains($0) && !["Base64"].contains(name) }
            return found.isEmpty ? nil : Violation(name, "is named with \(found.joined(separator: ", "))")
        }
    }

    /// Words of support work, which a shared target must not know.
    static func supportWords(_ files: [SourceFile]) -> [Violation] {
        let words = ["conversation", "customer", "inbox", "department", "webchat", "whatsapp"]
        let suspects = files.filter { file in
            let text = file.text.lowercased()
            return words.contains { text.contains($0) }
        }
        return suspects.flatMap { file in
            file.lines.enumerated().compactMap { number, line in
                guard
                    let match = line.firstMatch(
                        of: /(?i)\b(conversation|customer|inbox|department|webchat|whatsapp)s?\b/.wordBoundaryKind(.simple)
                    )
                else {
                    return nil
                }
                return Violation(file.path, line: number + 1, "knows the word \"\(match.output.0)\"")
            }
        }
    }
}
