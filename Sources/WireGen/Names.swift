/// The rules that lead from names of a contract to names in Swift.
enum SwiftNames {
    /// `switchboard.contacts.v1` is `ContactsV1`, `google.rpc` is `GoogleRPC`.
    static func module(ofPackage package: String) -> String {
        let parts = package.split(separator: ".").flatMap { $0.split(separator: "_") }.map(String.init)
        let own = parts.first == "switchboard" ? Array(parts.dropFirst()) : parts
        return own.map(moduleWord).joined()
    }

    private static func moduleWord(_ word: String) -> String {
        switch word {
        case "rpc", "grpc", "api": word.uppercased()
        case "v1alpha": "V1Alpha"
        case "v1beta": "V1Beta"
        default: capitalized(word)
        }
    }

    /// `conversation_id` is `conversationID`.
    static func property(_ protoName: String) -> String {
        let name = lowerCamel(protoName)
        return memberNames.contains(name) ? name + "_" : name
    }

    /// A type's own name; those that Swift keeps for itself get an ending.
    static func type(_ protoName: String) -> String {
        switch protoName {
        case "Type", "Protocol", "Self": protoName + "Type"
        case "Any": "`Any`"
        default: protoName
        }
    }

    /// The cases of an enumeration without the prefix they share with its name: `STATE_OPEN` of `State` is `open`.
    static func cases(ofEnum enumName: String, _ values: [String]) -> [String] {
        let prefix = upperSnake(enumName) + "_"
        let stripped = values.map { String($0.dropFirst(prefix.count)) }
        let strips =
            values.allSatisfy { $0.hasPrefix(prefix) } && stripped.allSatisfy { $0.first.map { !$0.isNumber } ?? false }
        var taken: Set<String> = ["unrecognized", "self", "init"]
        return (strips ? stripped : values).map { value in
            var name = lowerCamel(value)
            while !taken.insert(name).inserted { name += "_" }
            return name
        }
    }

    static func lowerCamel(_ protoName: String) -> String {
        let words = protoName.split(separator: "_").map(String.init)
        guard let first = words.first else { return "_" + protoName }
        let start = first.contains(where: \.isLowercase) ? lowercasedStart(first) : first.lowercased()
        let rest = words.dropFirst().map { word in
            let lower = word.contains(where: \.isLowercase) ? word : word.lowercased()
            return initialisms[lower] ?? capitalized(lower)
        }
        let name = start + rest.joined()
        return name.first!.isNumber ? "_" + name : name
    }

    /// With backticks where Swift keeps the word for itself.
    static func escaped(_ name: String) -> String {
        keywords.contains(name) ? "`\(name)`" : name
    }

    static func capitalized(_ word: String) -> String {
        word.prefix(1).uppercased() + word.dropFirst()
    }

    static func upperSnake(_ name: String) -> String {
        var result = ""
        var previousIsLower = false
        for character in name {
            if character.isUppercase, previousIsLower { result += "_" }
            previousIsLower = character.isLowercase || character.isNumber
            result += character.uppercased()
        }
        return result
    }

    private static func lowercasedStart(_ word: String) -> String {
        word.prefix(1).lowercased() + word.dropFirst()
    }

    private static let initialisms = ["id": "ID", "ids": "IDs", "url": "URL", "urls": "URLs"]

    /// What every message has already.
    private static let memberNames: Set<String> = [
        "unknownFields", "serialized", "json", "jsonString", "hashValue", "withSerialized", "self", "init", "wire", "fill",
    ]

    private static let keywords: Set<String> = [
        "as", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer", "deinit", "do", "else", "enum",
        "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard", "if", "import", "in", "inout", "internal",
        "is",
        "let", "nil", "operator", "precedencegroup", "private", "protocol", "public", "repeat", "rethrows", "return", "static",
        "struct", "subscript", "super", "switch", "throw", "throws", "true", "try", "typealias", "var", "where", "while",
    ]
}

/// The rules of protoc-gen-c, so that Swift finds what it wrote.
enum CNames {
    /// `switchboard.contacts.v1.Contact` is `Switchboard__Contacts__V1__Contact`.
    static func type(_ fullName: String) -> String {
        fullName.split(separator: ".").map { part in
            part.split(separator: "_").map { SwiftNames.capitalized(String($0)) }.joined()
        }.joined(separator: "__")
    }

    /// `switchboard.contacts.v1.Contact` is `switchboard__contacts__v1__contact__descriptor`.
    static func descriptor(_ fullName: String) -> String {
        fullName.split(separator: ".").map { lower(String($0)) }.joined(separator: "__") + "__descriptor"
    }

    /// The accessor of the pre-scan's table, which WireGen writes.
    static func wire(_ fullName: String) -> String {
        "wire__" + fullName.split(separator: ".").joined(separator: "__")
    }

    static func field(_ protoName: String) -> String {
        let name = protoName.lowercased()
        return cKeywords.contains(name) ? name + "_" : name
    }

    static func lower(_ camel: String) -> String {
        var result = ""
        var wasUpper = true
        for character in camel {
            if character.isUppercase, !wasUpper { result += "_" }
            wasUpper = character.isUppercase
            result += character.lowercased()
        }
        return result
    }

    private static let cKeywords: Set<String> = [
        "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char", "class", "compl", "const",
        "const_cast", "continue", "default", "delete", "do", "double", "dynamic_cast", "else", "enum", "explicit", "extern",
        "false",
        "float", "for", "friend", "goto", "if", "inline", "int", "long", "mutable", "namespace", "new", "not", "not_eq",
        "operator",
        "or", "or_eq", "private", "protected", "public", "register", "reinterpret_cast", "return", "short", "signed", "sizeof",
        "static", "static_cast", "struct", "switch", "template", "this", "throw", "true", "try", "typedef", "typeid", "typename",
        "union", "unsigned", "using", "virtual", "void", "volatile", "wchar_t", "while", "xor", "xor_eq",
    ]
}
