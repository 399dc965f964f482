extension Lint {
    /// The rules on messages, fields and oneofs.
    static func messageFindings(_ file: Schema.File) -> [Finding] {
        var findings: [Finding] = []
        for (_, message) in file.allMessages {
            if !NameCase.isPascal(message.label.name) {
                let what = "\(message.label.name) is not PascalCase"
                findings.append(Finding("MESSAGE_PASCAL_CASE", at: message.label.place, what))
            }
            findings += message.fields.flatMap(fieldFindings)
            for oneof in message.oneofs where !NameCase.isLowerSnake(oneof.name) {
                findings.append(Finding("ONEOF_LOWER_SNAKE_CASE", at: oneof.place, "\(oneof.name) is not lower_snake_case"))
            }
        }
        return findings + file.extensions.map(\.field).flatMap(fieldFindings)
    }

    private static func fieldFindings(_ field: Schema.Field) -> [Finding] {
        var findings: [Finding] = []
        let (name, place) = (field.label.name, field.label.place)
        if !NameCase.isLowerSnake(name) {
            findings.append(Finding("FIELD_LOWER_SNAKE_CASE", at: place, "\(name) is not lower_snake_case"))
        }
        switch field.cardinality {
        case .required: findings.append(Finding("FIELD_NOT_REQUIRED", at: place, "\(name) is required"))
        case .optional:
            let why = "\(name) is proto3 optional, which protoc-gen-c 1.4.1 refuses: use a message, a oneof or a wrapper"
            findings.append(Finding("SWITCHBOARD_NO_OPTIONAL", at: place, why))
        case .singular, .repeated, .map: break
        }
        return findings
    }

    /// The rules on enums and their values.
    static func enumFindings(_ file: Schema.File) -> [Finding] {
        var findings: [Finding] = []
        for (_, declaration) in file.allEnums {
            let (name, place) = (declaration.label.name, declaration.label.place)
            if !NameCase.isPascal(name) {
                findings.append(Finding("ENUM_PASCAL_CASE", at: place, "\(name) is not PascalCase"))
            }
            if declaration.allowsAlias {
                findings.append(Finding("ENUM_NO_ALLOW_ALIAS", at: place, "\(name) gives two names to one number"))
            }
            if declaration.values.first?.number != 0 {
                findings.append(Finding("ENUM_FIRST_VALUE_ZERO", at: place, "the first value of \(name) is not zero"))
            }
            findings += declaration.values.flatMap { valueFindings($0, of: name) }
        }
        return findings
    }

    private static func valueFindings(_ value: Schema.EnumValue, of enumName: String) -> [Finding] {
        var findings: [Finding] = []
        let (name, place, prefix) = (value.label.name, value.label.place, NameCase.upperSnake(enumName) + "_")
        if !NameCase.isUpperSnake(name) {
            findings.append(Finding("ENUM_VALUE_UPPER_SNAKE_CASE", at: place, "\(name) is not UPPER_SNAKE_CASE"))
        }
        if !name.hasPrefix(prefix) {
            findings.append(Finding("ENUM_VALUE_PREFIX", at: place, "\(name) does not begin with \(prefix)"))
        }
        if value.number == 0, !name.hasSuffix("_UNSPECIFIED") {
            findings.append(Finding("ENUM_ZERO_VALUE_SUFFIX", at: place, "\(name) is zero and does not end in _UNSPECIFIED"))
        }
        return findings
    }
}
