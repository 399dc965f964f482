extension Lint {
    /// The rules on a file's name, syntax and package.
    static func packageFindings(_ file: Schema.File) -> [Finding] {
        var findings: [Finding] = []
        func report(_ rule: String, _ message: String) { findings.append(Finding(rule, at: file.place, message)) }

        let fileName = file.path.split(separator: "/").last.map(String.init) ?? ""
        if !fileName.hasSuffix(".proto") || !NameCase.isLowerSnake(String(fileName.dropLast(".proto".count))) {
            report("FILE_LOWER_SNAKE_CASE", "\(fileName) is not lower_snake_case.proto")
        }
        if file.syntax != "proto3" {
            report("SYNTAX_SPECIFIED", "the file does not say syntax = \"proto3\"")
        }
        guard !file.package.isEmpty else {
            report("PACKAGE_DEFINED", "the file names no package")
            return findings
        }
        let words = file.package.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if !words.allSatisfy(NameCase.isLowerSnake) {
            report("PACKAGE_LOWER_SNAKE_CASE", "package \(file.package) is not lower_snake.case")
        }
        if !isVersion(words.last ?? "") {
            report("PACKAGE_VERSION_SUFFIX", "package \(file.package) does not end in a version such as v1 or v1beta1")
        }
        if file.directory != words.joined(separator: "/") {
            report("PACKAGE_DIRECTORY_MATCH", "package \(file.package) stands in \(file.directory)")
        }
        return findings
    }

    /// The rules on how files, directories and packages go together.
    static func layoutFindings(_ files: [Schema.File]) -> [Finding] {
        var findings: [Finding] = []
        for (directory, members) in Dictionary(grouping: files, by: \.directory) {
            let packages = Set(members.map(\.package)).sorted()
            guard packages.count > 1 else { continue }
            let what = "\(directory) holds the packages \(packages.joined(separator: ", "))"
            findings += members.map { Finding("DIRECTORY_SAME_PACKAGE", at: $0.place, what) }
        }
        for (package, members) in Dictionary(grouping: files, by: \.package) {
            let directories = Set(members.map(\.directory)).sorted()
            if directories.count > 1 {
                findings += members.map {
                    Finding("PACKAGE_SAME_DIRECTORY", at: $0.place, "\(package) stands in \(directories.joined(separator: ", "))")
                }
            }
            findings += languageFindings(package, members)
        }
        return findings
    }

    /// Files of one package say the same to other languages' generators.
    private static func languageFindings(_ package: String, _ members: [Schema.File]) -> [Finding] {
        var findings: [Finding] = []
        for option in Set(members.flatMap(\.languageOptions.keys)) {
            let values = Set(members.map { $0.languageOptions[option] })
            guard values.count > 1 else { continue }
            let name = option.uppercased()
            findings += members.map { Finding("PACKAGE_SAME_\(name)", at: $0.place, "files of \(package) differ in \(option)") }
        }
        return findings
    }

    /// `v1`, `v2`, `v1alpha`, `v1beta2`, `v1p1beta1`, `v1test`.
    private static func isVersion(_ word: String) -> Bool {
        word.wholeMatch(of: /v[1-9][0-9]*((p[1-9][0-9]*)?(alpha|beta)[0-9]*|test.*)?/) != nil
    }
}
