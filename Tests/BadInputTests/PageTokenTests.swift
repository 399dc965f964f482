import GRPC
import Testing

@testable import Gateway

/// A page's token is good for the one list, the one tenant and the one set of arguments that it was made for.
@Suite("Page tokens", .serialized)
struct PageTokenTests {
    @Test("every list refuses a token of another list, of another tenant, and one that was touched", .timeLimit(.minutes(2)))
    func everyList() async throws {
        try await Place.with { place in
            var tokens: [String: String] = [:]
            let lists = try await Subject.all(of: [.unary], in: place).filter { subject in
                subject.fields.contains { $0.name == "page_token" }
            }
            #expect(lists.count >= 8)
            for list in lists {
                // Two rows at least, whatever the list is of.
                _ = try await list.scene()
                let scene = try await list.scene()
                let size = try #require(list.fields.first { $0.name == "page_size" })
                let token = try #require(list.fields.first { $0.name == "page_token" })
                let request = size.setting(1, in: try list.request(in: scene))
                let first = try await list.call(request, in: scene)
                let own = try #require(first.answer["nextPageToken"]?.stringValue, "\(list.name) has one page: \(first)")
                let second = try await list.call(token.setting(.string(own), in: request), in: scene)
                #expect(second.error == nil && second.answer != first.answer, "\(list.name): \(second)")

                _ = try await list.scene(of: People.other)
                let other = try await list.scene(of: People.other)
                let theirs = try await list.call(size.setting(1, in: try list.request(in: other)), in: other)
                let foreign = try #require(theirs.answer["nextPageToken"]?.stringValue, "\(list.name): \(theirs)")
                let last = own.hasSuffix("A") ? "B" : "A"
                var wrong = [
                    ("another tenant's", foreign), ("touched at its end", own.dropLast() + last),
                    ("cut", String(own.dropLast(4))),
                    ("longer", own + "AAAA"), ("touched at its beginning", "B" + own.dropFirst()), ("padded", own + "="),
                ]
                wrong += tokens.map { ("\($0.key)'s", $0.value) }
                for (name, text) in wrong {
                    let error = try await list.call(token.setting(.string(text), in: request), in: scene).error
                    #expect(
                        error?.reason == "PAGE_TOKEN_INVALID" && error?.violations == ["page_token"],
                        "\(list.name), \(name): \(list.form.told(error))")
                }
                tokens[list.name] = own
            }
            print("page tokens: \(lists.count) lists")
        }
    }
}
