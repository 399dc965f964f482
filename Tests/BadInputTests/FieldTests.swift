import GRPC
import Testing

@testable import Gateway

/// Every field of every request, at any depth, with what is too much, of another kind, or meant for somebody's parser.
@Suite("Fields", .serialized)
struct FieldTests {
    /// What comes from a customer is not refused for what it contains (C48): a name is cut, a content stored as what it is.
    private static func isLenient(_ subject: Subject, _ field: RequestField) -> Bool {
        subject.method.method == "ReceiveMessage" && (field.name == "sender_name" || field.name.hasPrefix("content."))
    }

    @Test("every field of every request: what is too much or of no sense is refused by name, or stored as text; never INTERNAL")
    func everyField() async throws {
        try await Place.with { place in
            var lines: [String] = []
            var calls = 0
            for subject in try await Subject.all(of: [.unary], in: place) {
                let (own, count) = try await judged(subject)
                lines += own
                calls += count
            }
            try Golden.expect(lines, "fields.golden")
            print("fields: \(lines.count) fields, \(calls) calls")
        }
    }

    private func judged(_ subject: Subject) async throws -> (lines: [String], calls: Int) {
        var scene = try await subject.scene()
        var (lines, calls): ([String], Int) = ([], 0)
        for field in subject.fields where field.name != "request_id" {
            var words: [String] = []
            for wrong in FieldCase.all(for: field, in: subject.place.contract) {
                let request = field.setting(wrong.value, in: try subject.request(in: scene))
                let position = try await subject.place.position()
                let (answer, error) = try await subject.call(request, in: scene)
                calls += 1
                words += [wrong.name, subject.form.summary(error)]
                // A dry run tells in its answer what is wrong.
                let problems = answer["problems"]?.arrayValue?.compactMap { $0["field"]?.stringValue } ?? []
                // What its contract does not bound by number, it must bound by form.
                let isUnbounded = ["long", "many"].contains(wrong.name)
                #expect(
                    !isUnbounded || error != nil || !problems.isEmpty,
                    "\(subject.name) \(field.name) takes anything: \(wrong.name)")
                if wrong.isForbidden, !Self.isLenient(subject, field) || wrong.name == "nul" {
                    #expect(
                        error?.code == .invalidArgument || !problems.isEmpty,
                        "\(subject.name) \(field.name) \(wrong.name): \(subject.form.told(error))")
                    let names = error?.violations ?? problems
                    #expect(
                        names.contains { field.isNamed(by: $0) }, "\(subject.name) \(field.name) \(wrong.name) names \(names)")
                }
                guard subject.changes else { continue }
                if error == nil {
                    scene = try await subject.scene()
                } else if try await subject.place.position() != position {
                    // Something was written, if only what was rolled back or what a loop does: asked again, between two looks.
                    let before = try await subject.place.tables()
                    let again = try await subject.call(request, in: scene).error
                    let changed = try await subject.place.changes(since: before)
                    #expect(again != nil && changed == [], "\(subject.name) \(field.name) \(wrong.name)")
                }
            }
            if !words.isEmpty { lines.append("\(subject.name) \(field.name) \(words.joined(separator: " "))") }
        }
        return (lines, calls)
    }
}

extension RequestField {
    /// Services name a field from the request's top, or from the object it stands in.
    fileprivate func isNamed(by violation: String) -> Bool {
        let bare = name.replacing("[0]", with: "")
        let said = violation.replacing(/\[[0-9]+\]/, with: "")
        // The decoder knows a map's value by the name it has on the wire.
        if said == bare.replacing(".plan.", with: ".value.") { return true }
        // An object that the example does not have lacks more than this field.
        if let dot = bare.lastIndex(of: "."), said.hasPrefix(bare[..<dot]) { return true }
        return said == bare || bare.hasSuffix("." + said) || bare.hasPrefix(said + ".")
    }
}
