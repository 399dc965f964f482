/// Tests carry the numbers of the behaviours they prove, and Tests/SPEC.md holds these behaviours.
enum SpecRules {
    /// The numbers of SPEC.md: `- **C18 uniqueness.** ...`.
    static func numbers(in spec: String) -> Set<String> {
        Set(spec.matches(of: /(?m)^- \*\*([SCP][0-9]+)\b/.wordBoundaryKind(.simple)).map { String($0.output.1) })
    }

    /// The numbers that SPEC.md says are implemented: those in the line that begins with "Implemented:".
    static func implemented(in spec: String) -> Set<String> {
        let line = spec.split(separator: "\n").first { $0.hasPrefix("Implemented:") } ?? ""
        return Set(line.matches(of: /\b([SCP][0-9]+)\b/.wordBoundaryKind(.simple)).map { String($0.output.1) })
    }

    /// What is implemented and carried by no test, and what is said to be implemented and is no behaviour.
    static func untested(_ files: [SourceFile], spec: String) -> [Violation] {
        let tested = files.reduce(into: Set<String>()) { $0.formUnion(named(in: $1)) }
        let implemented = implemented(in: spec)
        return implemented.subtracting(tested).sorted().map {
            Violation("Tests/SPEC.md", "\($0) is implemented, and no test carries it")
        }
            + implemented.subtracting(numbers(in: spec)).sorted().map { Violation("Tests/SPEC.md", "\($0) is no behaviour") }
    }

    /// Numbers that a file's tests carry, in a display name or in the name of a function.
    static func named(in file: SourceFile) -> Set<String> {
        var found: Set<String> = []
        for match in file.text.matches(of: /@(?:Test|Suite)\(\s*"([^"]*)"/) {
            found.formUnion(match.output.1.matches(of: /\b([SCP][0-9]+)\b/.wordBoundaryKind(.simple)).map { String($0.output.1) })
        }
        for match in file.text.matches(of: /func ([SCP][0-9]+(?:_[SCP][0-9]+)*)_\w+/) {
            found.formUnion(match.output.1.split(separator: "_").map(String.init))
        }
        return found
    }

    static func unknown(_ files: [SourceFile], spec: String) -> [Violation] {
        let known = numbers(in: spec)
        return files.flatMap { file in
            named(in: file).subtracting(known).sorted().map {
                Violation(file.path, "carries \($0), which Tests/SPEC.md does not have")
            }
        }
    }
}
