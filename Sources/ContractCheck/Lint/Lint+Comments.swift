extension Lint {
    /// Everything that callers see says what it is, in a comment above it.
    static func commentFindings(_ file: Schema.File) -> [Finding] {
        var findings: [Finding] = []
        func require(_ rule: String, _ label: Schema.Label) {
            guard label.comment.allSatisfy(\.isWhitespace) else { return }
            findings.append(Finding(rule, at: label.place, "\(label.name) has no comment above it"))
        }
        for (_, message) in file.allMessages {
            require("COMMENT_MESSAGE", message.label)
            for field in message.fields { require("COMMENT_FIELD", field.label) }
            for oneof in message.oneofs { require("COMMENT_ONEOF", oneof) }
        }
        for (_, declaration) in file.allEnums {
            require("COMMENT_ENUM", declaration.label)
            for value in declaration.values { require("COMMENT_ENUM_VALUE", value.label) }
        }
        for service in file.services {
            require("COMMENT_SERVICE", service.label)
            for method in service.methods { require("COMMENT_RPC", method.label) }
        }
        return findings
    }
}
