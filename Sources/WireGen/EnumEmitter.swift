/// Writes an enumeration as a Swift enum that keeps numbers it does not know.
enum EnumEmitter {
    static func emit(_ model: EnumModel, _ out: inout Source) {
        out.line()
        out.doc(model.comment)
        out.block("public enum \(model.swiftName): ProtobufEnum") { out in
            for value in model.distinct {
                out.doc(value.comment)
                out.line("case \(SwiftNames.escaped(value.swiftName))")
            }
            out.line("/// A number that this contract does not name.")
            out.line("case unrecognized(Int32)")
            for value in model.cases where value.isAlias {
                let first = model.cases.first { $0.number == value.number }!
                out.line()
                out.line(
                    "public static var \(SwiftNames.escaped(value.swiftName)): Self { .\(SwiftNames.escaped(first.swiftName)) }")
            }
        }
    }

    /// Numbers and names, beside the type so that its reader is not made to read them.
    static func emitNames(_ model: EnumModel, _ out: inout Source) {
        out.line()
        out.block("extension \(model.swiftPath)") { out in
            let all = model.distinct.map { "." + SwiftNames.escaped($0.swiftName) }.joined(separator: ", ")
            out.line("public static var allCases: [Self] { [\(all)] }")
            emitSwitch(
                "public init(rawValue: Int32)", over: "rawValue", &out,
                model.distinct.map { "case \($0.number): self = .\(SwiftNames.escaped($0.swiftName))" }
                    + ["default: self = .unrecognized(rawValue)"])
            emitSwitch(
                "public var rawValue: Int32", over: "self", &out,
                model.distinct.map { "case .\(SwiftNames.escaped($0.swiftName)): \($0.number)" }
                    + ["case .unrecognized(let number): number"])
            emitSwitch(
                "public init?(name: String)", over: "name", &out,
                model.cases.map { "case \"\($0.protoName)\": self = .\(SwiftNames.escaped($0.swiftName))" }
                    + ["default: return nil"])
            emitSwitch(
                "public var name: String?", over: "self", &out,
                model.distinct.map { "case .\(SwiftNames.escaped($0.swiftName)): \"\($0.protoName)\"" }
                    + ["case .unrecognized: nil"])
            if model.fullName == "google.protobuf.NullValue" {
                out.line()
                for line in WellKnownJSON.nullValue.split(separator: "\n", omittingEmptySubsequences: false) {
                    out.line(String(line))
                }
            }
        }
    }

    private static func emitSwitch(_ head: String, over subject: String, _ out: inout Source, _ cases: [String]) {
        out.line()
        out.block(head) { out in
            out.block("switch \(subject)") { out in
                for line in cases { out.line(line) }
            }
        }
    }
}
