/// The part of a `FileDescriptorSet` that the rules judge, as plain values: a test breaks a copy of a contract by changing one
/// of them.
package struct Schema: Sendable, Hashable {
    package var files: [File]

    package init(files: [File]) {
        self.files = files
    }
}

extension Schema {
    /// Where an element stands in its source.
    package struct Place: Sendable, Hashable {
        package var file: String
        /// Counted from 1; 0 where the descriptor set carries no source information.
        package var line: Int

        package init(file: String, line: Int) {
            self.file = file
            self.line = line
        }
    }

    /// What every element has: its name, where it stands, and the comment above it.
    package struct Label: Sendable, Hashable {
        package var name: String
        package var comment: String
        package var place: Place

        package init(name: String, comment: String, place: Place) {
            self.name = name
            self.comment = comment
            self.place = place
        }
    }

    package struct File: Sendable, Hashable {
        /// Below the root of the contracts: `switchboard/contacts/v1/contacts.proto`.
        package var path: String
        package var package: String
        /// Empty where the file names none.
        package var syntax: String
        package var imports: [String] = []
        package var publicImports: [String] = []
        /// The options that other languages' generators read (`go_package`, ...), by name.
        package var languageOptions: [String: String] = [:]
        /// The option extensions used anywhere in the file: `google.protobuf.MethodOptions#72295728`.
        package var optionsUsed: Set<String> = []
        package var messages: [Message] = []
        package var enums: [Enum] = []
        package var services: [Service] = []
        package var extensions: [Extension] = []

        package init(path: String, package: String, syntax: String) {
            self.path = path
            self.package = package
            self.syntax = syntax
        }
    }

    package struct Message: Sendable, Hashable {
        package var label: Label
        package var fields: [Field] = []
        package var oneofs: [Label] = []
        package var messages: [Message] = []
        package var enums: [Enum] = []
        package var isMapEntry = false
        package var reserved = Reserved()

        package init(label: Label) {
            self.label = label
        }
    }

    package struct Field: Sendable, Hashable {
        package var label: Label
        package var number: Int32
        package var jsonName: String
        package var cardinality: Cardinality
        package var type: FieldType
        /// The name of its `oneof`, where it stands in one.
        package var oneof: String?

        package init(
            label: Label, number: Int32, jsonName: String, cardinality: Cardinality, type: FieldType, oneof: String? = nil
        ) {
            self.label = label
            self.number = number
            self.jsonName = jsonName
            self.cardinality = cardinality
            self.type = type
            self.oneof = oneof
        }
    }

    package enum Cardinality: String, Sendable, Hashable {
        case singular
        /// proto3's `optional`, which protoc-gen-c 1.4.1 refuses.
        case optional
        case required, repeated, map
    }

    package enum FieldType: Sendable, Hashable {
        /// As the language writes it: `int32`, `string`, ...
        case scalar(String)
        /// A full name without the leading dot.
        case message(String)
        case `enum`(String)
    }

    package struct Enum: Sendable, Hashable {
        package var label: Label
        package var values: [EnumValue] = []
        package var allowsAlias = false
        package var reserved = Reserved()

        package init(label: Label) {
            self.label = label
        }
    }

    package struct EnumValue: Sendable, Hashable {
        package var label: Label
        package var number: Int32

        package init(label: Label, number: Int32) {
            self.label = label
            self.number = number
        }
    }

    /// Numbers and names that may not be used again.
    package struct Reserved: Sendable, Hashable {
        package var names: Set<String> = []
        package var ranges: [ClosedRange<Int32>] = []

        package init() {}

        package func contains(number: Int32) -> Bool {
            ranges.contains { $0.contains(number) }
        }
    }

    package struct Service: Sendable, Hashable {
        package var label: Label
        package var methods: [Method] = []

        package init(label: Label) {
            self.label = label
        }
    }

    package struct Method: Sendable, Hashable {
        package var label: Label
        /// Full names without the leading dot.
        package var request: String
        package var response: String
        package var clientStreams = false
        package var serverStreams = false
        package var idempotency: Int32 = 0
        /// The serialized `google.api.HttpRule`; empty without one.
        package var httpRule: [UInt8] = []

        package init(label: Label, request: String, response: String) {
            self.label = label
            self.request = request
            self.response = response
        }
    }

    package struct Extension: Sendable, Hashable {
        /// The extended message's full name without the leading dot.
        package var extendee: String
        package var field: Field

        package init(extendee: String, field: Field) {
            self.extendee = extendee
            self.field = field
        }
    }
}
