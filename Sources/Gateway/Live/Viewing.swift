/// One stream while it lasts: where it stands in each service's log, and so what its viewer has been told.
struct Viewing: Sendable {
    let listener: LiveStream.Listener
    private(set) var position: StreamPosition
    private var joins: [String: LiveJoin]
    /// The position that the browser has.
    private var told = ""

    /// - Parameters:
    ///   - present: where the live feed stood when the viewer subscribed.
    ///   - resumed: where his last stream ended; a service that it does not name is followed from the present on.
    init(_ listener: LiveStream.Listener, present: [String: String], resumed: StreamPosition?) {
        self.listener = listener
        let cursors = present.merging(resumed?.cursors ?? [:]) { $1 }
        position = StreamPosition(cursors: cursors.filter { listener.services.contains($0.key) })
        joins = Dictionary(
            uniqueKeysWithValues: listener.services.map { ($0, LiveJoin(replays: resumed?.cursors[$0] != nil)) })
    }

    /// Where the replay of a service begins; nil for one without a replay.
    func replayStart(_ service: String) -> String? {
        joins[service]?.isLive == false ? position.cursors[service] : nil
    }

    /// The text for a step of a service's replay; nil for nothing.
    mutating func replayed(_ step: FeedStep, of service: String) -> String? {
        position.cursors[service] = step.cursor
        var text: String?
        if let news = step.news, joins[service]?.replayed(news.eventID) == true {
            text = told(listener.render(FeedEvent(news, of: service, cursor: step.cursor)))
        }
        if step.isLive { joins[service]?.caughtUp() }
        return text
    }

    /// The text for an event of the live feed; nil for nothing.
    mutating func live(_ event: FeedEvent) -> String? {
        guard joins[event.service]?.live(event.eventID) == true else { return nil }
        position.cursors[event.service] = event.cursor
        return told(listener.render(event))
    }

    /// The text for what is in no log; nil for nothing.
    mutating func aside(_ event: FeedEvent) -> String? {
        guard listener.services.contains(event.service) else { return nil }
        return told(listener.render(event))
    }

    /// The replay is over: what the browser reads now is the present.
    mutating func ready() -> String { told(ServerSentEvent(name: "ready", data: "{}")) ?? "" }

    /// A service's replay cannot be had: the viewer goes on without it, and knows.
    mutating func lose(_ service: String) -> String {
        joins[service]?.caughtUp()
        position.cursors[service] = nil
        return stale(service)
    }

    /// News of a service may be missing: the browser reads anew what it shows of it.
    mutating func stale(_ service: String) -> String {
        told(ServerSentEvent(name: "stale", data: JSONValue.object(JSONObject([("service", .string(service))])).text)) ?? ""
    }

    /// Keeps a quiet stream open. It carries the position past what this viewer may not see; no event comes of that
    /// (HTML, section 9.2.6: an empty data buffer).
    mutating func ping() -> String {
        guard position.text != told else { return ServerSentEvent.ping }
        told = position.text
        return ": ping\nid: \(told)\n\n"
    }

    private mutating func told(_ event: ServerSentEvent?) -> String? {
        guard var event else { return nil }
        told = position.text
        event.id = told
        return event.text
    }
}
