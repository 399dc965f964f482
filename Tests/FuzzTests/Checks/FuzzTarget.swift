/// Something that reads bytes from outside, as fuzzing calls it.
struct FuzzTarget: Sendable {
    /// Also the folder of its corpus.
    let name: String
    /// Must come back for every input, within 100 ms. Answers whether the input was taken; a trap is a finding, and so is a
    /// promise that was not kept, which traps too.
    let check: @Sendable (_ input: [UInt8]) -> Bool

    static let all: [FuzzTarget] = [
        FuzzTarget(name: "ProtobufDecode") { Messages.decode(Messages.allTypes, $0) },
        FuzzTarget(name: "ProtobufFields") { Messages.decode(Messages.allTypes, FieldList.wire(of: Messages.allTypes, $0)) },
        FuzzTarget(name: "ProtobufJSON") { Messages.json(Messages.allTypes, $0) },
        FuzzTarget(name: "RequestDecode", check: Requests.decode),
        FuzzTarget(name: "RequestFields", check: Requests.fields),
        FuzzTarget(name: "RequestJSON", check: Requests.json),
        FuzzTarget(name: "MessageDeframer", check: Framing.deframe),
        FuzzTarget(name: "Headers", check: Headers.read),
        FuzzTarget(name: "GRPCTimeout", check: Headers.timeout),
        FuzzTarget(name: "StatusMessage", check: Headers.statusMessage),
        FuzzTarget(name: "BinaryMetadata", check: Headers.binary),
        FuzzTarget(name: "ServiceConfiguration", check: Peers.serviceConfiguration),
        FuzzTarget(name: "TargetName", check: Peers.target),
        FuzzTarget(name: "SPIFFEID", check: Peers.spiffeID),
        FuzzTarget(name: "PercentCoding", check: Edge.percent),
        FuzzTarget(name: "EntityTags", check: Edge.entityTags),
        FuzzTarget(name: "IdempotencyKey", check: Edge.idempotencyKey),
        FuzzTarget(name: "MediaTypes", check: Edge.mediaTypes),
        FuzzTarget(name: "StreamPosition", check: Edge.streamPosition),
        FuzzTarget(name: "GatewayJSON", check: Edge.json),
        FuzzTarget(name: "PageTokens", check: Tokens.page),
        FuzzTarget(name: "AccessToken", check: Tokens.access),
        FuzzTarget(name: "ResourceETag", check: Tokens.etag),
        FuzzTarget(name: "EventCursor", check: Cursors.read),
        FuzzTarget(name: "ContactFilter", check: ContactTexts.filter),
        FuzzTarget(name: "ContactAddress", check: ContactTexts.address),
        FuzzTarget(name: "TemplateText", check: TemplateTexts.read),
        FuzzTarget(name: "CSV", check: Files.csv),
        FuzzTarget(name: "WebhookURL", check: WebhookURLs.read),
        FuzzTarget(name: "SearchText", check: SearchTexts.read),
    ]
}
