import Foundation

/// A place where `./dev mutate rules` switches a rule of Tests/SPEC.md off: an entry of Tests/Mutants/rules.txt.
struct Seam: Sendable, Hashable {
    /// The rules that this place decides.
    var numbers: [String]
    /// The file, below the root.
    var path: String
    /// The source as it stands.
    var source: String
    /// What takes its place, where `isOff("C18")` is true while that rule is switched off.
    var replacement: String
    /// The line of its entry, counted from 1.
    var line: Int
}

/// Tests/Mutants/rules.txt: seams, and numbers that have none, with the reason.
struct SeamList: Sendable, Hashable {
    static let path = "Tests/Mutants/rules.txt"

    var seams: [Seam] = []
    var exempt: [String: String] = [:]
    /// Lines that are neither.
    var unreadable: [Int] = []

    init(text: String) {
        var seam: Seam?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() where !line.hasPrefix("#")
        {
            if line.isEmpty {
                if let seam { seams.append(seam) }
                seam = nil
            } else if line.hasPrefix("- "), seam != nil {
                seam?.source.append(line: line.dropFirst(2))
            } else if line.hasPrefix("+ "), seam != nil {
                seam?.replacement.append(line: line.dropFirst(2))
            } else if let match = line.wholeMatch(of: /((?:[SCP][0-9]+ )+)(\S+)/), seam == nil {
                let numbers = match.output.1.split(separator: " ").map(String.init)
                seam = Seam(numbers: numbers, path: String(match.output.2), source: "", replacement: "", line: index + 1)
            } else if let match = line.wholeMatch(of: /([SCP][0-9]+): (\S.*)/), seam == nil {
                exempt[String(match.output.1)] = String(match.output.2)
            } else {
                unreadable.append(index + 1)
            }
        }
        if let seam { seams.append(seam) }
    }
}

extension String {
    fileprivate mutating func append(line: Substring) { self += (isEmpty ? "" : "\n") + line }
}

/// What holds the list of seams true while nobody runs it.
enum SeamRules {
    /// Every implemented number has a seam or a reason to have none, and no number is made up.
    static func missing(_ list: SeamList, spec: String) -> [Violation] {
        let planted = Set(list.seams.flatMap(\.numbers))
        let named = planted.union(list.exempt.keys)
        return SpecRules.implemented(in: spec).subtracting(named).sorted().map {
            Violation(SeamList.path, "\($0) is implemented, and has neither a seam nor a reason to have none")
        }
            + named.subtracting(SpecRules.numbers(in: spec)).sorted().map {
                Violation(SeamList.path, "\($0) is no behaviour of Tests/SPEC.md")
            }
            + planted.intersection(list.exempt.keys).sorted().map { Violation(SeamList.path, "\($0) has a seam and a reason") }
            + list.unreadable.map { Violation(SeamList.path, line: $0, "is neither a seam nor a reason") }
    }

    /// Every seam's source stands exactly once in its file, also when the seams before it are in place, and what takes its
    /// place asks for each of its numbers.
    static func misplaced(_ list: SeamList, _ files: [SourceFile]) -> [Violation] {
        var texts = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.text) })
        return list.seams.flatMap { seam -> [Violation] in
            func violation(_ message: String) -> Violation { Violation(SeamList.path, line: seam.line, message) }
            guard let text = texts[seam.path] else { return [violation("there is no \(seam.path)")] }
            let places = seam.source.isEmpty ? [] : text.ranges(of: seam.source)
            guard places.count == 1 else {
                return [violation("\(seam.path) has its source \(places.count) times")]
            }
            texts[seam.path] = text.replacingCharacters(in: places[0], with: seam.replacement)
            return seam.numbers.filter { !seam.replacement.contains("isOff(\"\($0)\")") }.map {
                violation("does not ask whether \($0) is off")
            }
        }
    }
}
