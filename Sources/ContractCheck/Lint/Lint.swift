/// buf's STANDARD and COMMENTS rules over the contracts we own.
package enum Lint {
    /// Every finding, in the order of the files and their lines. `isOurs` tells our files from those of others, which are
    /// looked into but not judged.
    package static func findings(in schema: Schema, isOurs: (String) -> Bool) -> [Finding] {
        let ours = schema.files.filter { isOurs($0.path) }
        let fileRules = [packageFindings, messageFindings, enumFindings, serviceFindings, commentFindings]
        var findings: [Finding] = []
        for file in ours {
            for rule in fileRules { findings += rule(file) }
            findings += importFindings(file, in: schema)
        }
        findings += layoutFindings(ours)
        findings += importCycleFindings(schema, ours)
        findings += uniqueMessageFindings(ours)
        return findings.sorted { ($0.place.file, $0.place.line, $0.rule) < ($1.place.file, $1.place.line, $1.rule) }
    }
}
