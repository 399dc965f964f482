import FoundationEssentials
import GRPC
import TemplatesV1
import Testing
import Trials
import WallTime

@testable import Templates

@Suite("Snippets by RPC")
struct SnippetsServiceTests {
    @Test("S34, C26: what is typed after / finds by shortcut, then by title; what is used more comes first")
    func S34_search() async throws {
        try await withTemplates { templates in
            let hello = try await templates.snippet("hello", "Greeting")
            let help = try await templates.snippet("help", "Offer of help")
            _ = try await templates.snippet("sorry", "Apology, with hello")
            #expect(try await templates.search("/he") == ["hello", "help", "sorry"])
            for _ in 0..<2 { try await templates.use(help.snippetID) }
            try await templates.use(hello.snippetID)
            #expect(try await templates.search("/he") == ["help", "hello", "sorry"])
            #expect(try await templates.search("hello") == ["hello", "sorry"])
            #expect(try await templates.search("/") == ["help", "hello", "sorry"])
            #expect(try await templates.search("offer") == ["help"])
            #expect(try await templates.search("%") == [])
        }
    }

    @Test("a use counts once for its request_id, and changes no version")
    func uses() async throws {
        try await withTemplates { templates in
            let snippet = try await templates.snippet("hello")
            let requestID = UUID().text
            for _ in 0..<3 { #expect(try await templates.use(snippet.snippetID, requestID: requestID) == 1) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<16 { group.addTask { _ = try await templates.use(snippet.snippetID) } }
                try await group.waitForAll()
            }
            let request = GetSnippetRequest(snippetID: snippet.snippetID)
            let now = try await templates.snippets.getSnippet(request, templates.call(SnippetsServiceDescriptor.getSnippet))
                .snippet
            #expect(now?.useCount == 17 && now?.etag == snippet.etag && now?.lastUseTime != nil)
        }
    }

    @Test("S34: an agent sees his departments' snippets and those of all; others' are out of his scope, and not in his news")
    func S34_departments() async throws {
        try await withTemplates { templates in
            let (own, other) = (templates.people.departmentID, templates.people.otherDepartmentID)
            _ = try await templates.snippet("all")
            _ = try await templates.snippet("mine", departments: [own])
            let theirs = try await templates.snippet("theirs", departments: [other])
            #expect(try await templates.search("") == ["all", "mine"])
            #expect(try await templates.search("", by: .admin) == ["all", "mine", "theirs"])
            #expect(try await templates.search("", by: .stranger) == [])
            let context = templates.call(SnippetsServiceDescriptor.getSnippet, by: .agent)
            #expect(
                await refusal { _ = try await templates.snippets.getSnippet(.init(snippetID: theirs.snippetID), context) }
                    == "PERMISSION_DENIED OUT_OF_SCOPE")
            #expect(await refusal { try await templates.use(theirs.snippetID) } == "PERMISSION_DENIED OUT_OF_SCOPE")
            #expect(await refusal { try await templates.use(theirs.snippetID, by: .stranger) } == "NOT_FOUND SNIPPET_NOT_FOUND")
            var moved = theirs
            moved.departmentIDs = [own.text]
            _ = try await templates.update(moved)
            moved.departmentIDs = [other.text]
            _ = try await templates.update(moved)
            #expect(try await templates.events(by: .admin).count == 5)
            let told = try await templates.events(by: .agent)
            #expect(told.map(\.kind) == [.snippetCreated, .snippetCreated, .snippetUpdated, .snippetRemoved])
            // By now it is somebody else's: its content is not told.
            #expect(told.map { $0.snippet?.shortcut } == ["all", "mine", nil, nil])
            #expect(told.suffix(2).allSatisfy { $0.snippetID == theirs.snippetID })
        }
    }

    @Test("C59: a snippet speaks the contact's language, and names the variables that have no value")
    func C59_rendering() async throws {
        try await withTemplates { templates in
            let snippet = TemplatesV1.Snippet(
                shortcut: "hi", title: "Greeting",
                texts: [
                    .init(locale: "en", text: "Hi {{contact.first_name}}, {{agent.display_name}} here."),
                    .init(locale: "pt-br", text: "Oi {{contact.first_name}}!"),
                ])
            let request = CreateSnippetRequest(snippet: snippet, requestID: UUID().text)
            let created = try #require(
                try await templates.snippets.createSnippet(request, templates.call(SnippetsServiceDescriptor.createSnippet))
                    .snippet)
            #expect(created.texts.map(\.locale) == ["en", "pt-BR"])
            func render(_ locales: [String], _ variables: [String: String]) async throws -> String {
                try await templates.snippets.renderSnippet(
                    .init(snippetID: created.snippetID, locales: locales, variables: variables),
                    templates.call(SnippetsServiceDescriptor.renderSnippet, by: .agent)
                ).text
            }
            #expect(try await render(["pt-PT", "en"], ["contact.first_name": "Ana"]) == "Oi Ana!")
            #expect(
                await refusal { _ = try await render(["fr"], ["contact.first_name": "Ana"]) }
                    == "INVALID_ARGUMENT SNIPPET_VARIABLE_MISSING variables[agent.display_name]")
            #expect(
                await refusal { _ = try await render([], ["nonsense": "x"]) }
                    == "INVALID_ARGUMENT INVALID_FIELD variables[nonsense]")
        }
    }

    @Test("a shortcut is unique, also when several take it at once; a change needs the version that was read")
    func shortcuts() async throws {
        try await withTemplates { templates in
            let outcomes = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 { group.addTask { await refusal { _ = try await templates.snippet("hi") } } }
                return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            #expect(outcomes == ["": 1, "ALREADY_EXISTS SNIPPET_SHORTCUT_TAKEN": 7])
            var other = try await templates.snippet("ho")
            let etag = other.etag
            other.shortcut = "hi"
            #expect(await refusal { _ = try await templates.update(other) } == "ALREADY_EXISTS SNIPPET_SHORTCUT_TAKEN")
            other.shortcut = "hu"
            #expect(try await templates.update(other, etag: etag).shortcut == "hu")
            #expect(await refusal { _ = try await templates.update(other, etag: etag) } == "ABORTED ETAG_MISMATCH")
        }
    }

    @Test("the database's order is the rule's, over many snippets and queries")
    func sameOrder() async throws {
        try await withTemplates { templates in
            var random = SeededGenerator(seed: 7)
            let words = ["hello", "help", "hero", "order", "Ordem", "ação", "acao"]
            var all: [SnippetCandidate] = []
            for number in 0..<60 {
                let title = (0..<3).map { _ in words.randomElement(using: &random) ?? "" }.joined(separator: " ")
                let snippet = try await templates.snippet("\(["he", "hello", "or"][number % 3])-\(number)", title)
                for _ in 0..<Int.random(in: 0...2, using: &random) { try await templates.use(snippet.snippetID) }
                let rows = try await templates.snippets.getSnippet(
                    .init(snippetID: snippet.snippetID), templates.call(SnippetsServiceDescriptor.getSnippet))
                all.append(
                    SnippetCandidate(
                        id: try #require(SnippetID(snippet.snippetID)), shortcut: snippet.shortcut, title: title,
                        useCount: rows.snippet?.useCount ?? 0, lastUseTime: rows.snippet?.lastUseTime.map(Instant.init)))
            }
            for query in ["", "h", "he", "hello", "hello-4", "or", "acao", "ação hel", "order hero", "zzz", "-"] {
                let expected = SnippetRanking(query: query).ranked(all, limit: 50).map(\.candidate.shortcut)
                #expect(try await templates.search(query, by: .admin) == expected, "\(query)")
            }
        }
    }
}

extension TemplatesFixture {
    fileprivate func update(_ snippet: TemplatesV1.Snippet, etag: String = "") async throws -> TemplatesV1.Snippet {
        let request = UpdateSnippetRequest(snippet: snippet, updateMask: .init(paths: ["*"]), etag: etag, requestID: UUID().text)
        return try #require(try await snippets.updateSnippet(request, call(SnippetMethods.updateSnippet)).snippet)
    }
}
