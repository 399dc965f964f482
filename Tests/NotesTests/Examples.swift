import GRPC
import GRPCTLS
import NotesV1

// What Sources/GRPC/README.md shows, paragraph by paragraph, and what its paragraphs rest on.

struct Notes: NotesServiceProtocol {
    let store = NoteStore()

    func get(_ request: Id, _ context: ServerContext) async throws -> Note {
        guard let note = await store[request.id] else { throw RPCError(code: .notFound, message: "no such note") }
        return note
    }

    func list(_ request: Filter, _ responses: ResponseWriter<Note>, _ context: ServerContext) async throws {
        for note in await store.matching(request) { try await responses.write(note) }
    }

    func add(_ requests: RequestStream<Note>, _ context: ServerContext) async throws -> Sum {
        var count: Int32 = 0
        for try await note in requests {
            await store.add(note)
            count += 1
        }
        return Sum(count: count)
    }

    func chat(_ requests: RequestStream<Note>, _ responses: ResponseWriter<Note>, _ context: ServerContext) async throws {
        for try await note in requests { try await responses.write(note) }
    }
}

actor NoteStore {
    private var notes = (1...7).map { Note(text: "note \($0)") }

    subscript(id: Int64) -> Note? { (1...Int64(notes.count)).contains(id) ? notes[Int(id - 1)] : nil }
    func matching(_ filter: Filter) -> [Note] { notes.filter { filter.text.isEmpty || $0.text.contains(filter.text) } }
    func add(_ note: Note) { notes.append(note) }
}

func serve() async throws {
    let server = Server(configuration: ServerConfiguration(host: "0.0.0.0", port: 9000), services: [Notes()])
    try await server.run()
}

func connect() -> NotesServiceClient {
    let channel = Channel(target: .dns(host: "notes.internal", port: 9000))
    let notes = NotesServiceClient(channel)
    return notes
}

/// One call of each kind.
/// - Returns: the note that was read, and how many were added.
func use(_ channel: Channel, _ notes: NotesServiceClient, drafts: [Note]) async throws -> (Note, Sum) {
    let note = try await notes.get(Id(id: 7), CallOptions(timeout: .seconds(1)))
    for try await note in notes.list(Filter()) { print(note) }
    let sum = try await notes.add { requests in
        for note in drafts { try await requests.write(note) }
    }
    try await notes.chat { requests, responses in
        try await requests.write(Note(text: "hello"))
        requests.finish()
        for try await note in responses { print(note) }
    }
    await channel.close()
    return (note, sum)
}

func secure(_ configuration: inout ServerConfiguration, _ channelConfiguration: inout ChannelConfiguration) async throws {
    let credentials = try Credentials(files: .init(certificateChain: "tls.crt", privateKey: "tls.key", trustRoots: "ca.crt"))
    configuration.security = try TLSServerSecurity(credentials)
    channelConfiguration.security = try TLSChannelSecurity(credentials, server: .identified { $0.path == "/notes" })
    await credentials.run()
}
