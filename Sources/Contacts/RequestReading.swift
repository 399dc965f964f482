import ContactsV1
import FoundationEssentials
import ServiceRuntime
import WallTime

/// Reads values of the contract into values of the domain and notes everything that is wrong, so that a caller learns all
/// of it at once. A value that is wrong is replaced by a stand-in, which `finish` keeps from being used.
struct RequestReading {
    private(set) var violations: [FieldViolation] = []

    /// - Throws: what has been noted, if anything.
    func finish() throws(ContactsError) {
        guard violations.isEmpty else { throw .invalid(violations) }
    }

    mutating func note(_ field: String, _ description: String) {
        violations.append(FieldViolation(field, description))
    }

    mutating func require(_ condition: Bool, _ field: String, _ description: String) {
        if !condition { note(field, description) }
    }

    mutating func id<Subject>(_ text: String, _ field: String) -> Identifier<Subject> {
        guard let id = Identifier<Subject>(text) else {
            note(field, text.isEmpty ? "is required" : "must be a UUID")
            return Identifier(UUID())
        }
        return id
    }

    mutating func optionalID<Subject>(_ text: String, _ field: String) -> Identifier<Subject>? {
        text.isEmpty ? nil : id(text, field)
    }

    mutating func optionalID(_ text: String, _ field: String) -> UUID? {
        if text.isEmpty { return nil }
        let id = UUID(id: text)
        require(id != nil, field, "must be a UUID")
        return id
    }
}

// MARK: - Contacts

extension RequestReading {
    /// The fields people may write. What only the service writes is ignored.
    mutating func fields(_ contact: ContactsV1.Contact?, _ field: String) -> ContactFields {
        guard let contact else {
            note(field, "is required")
            return ContactFields()
        }
        var fields = ContactFields(
            displayName: contact.displayName, locale: contact.locale, timeZone: contact.timeZone, note: contact.note)
        if !contact.ownerID.isEmpty {
            fields.ownerID = UUID(id: contact.ownerID)
            require(fields.ownerID != nil, "\(field).owner_id", "must be a UUID")
        }
        require(
            fields.timeZone.isEmpty || TimeZoneNames.contains(fields.timeZone), "\(field).time_zone",
            "must be an IANA time zone, such as America/Sao_Paulo")
        for (key, value) in contact.attributes {
            fields.attributes[key] = attribute(value, "\(field).attributes.\(key)")
        }
        for violation in fields.violations.map({ $0.inside(field) }) where !violations.contains(violation) {
            violations.append(violation)
        }
        return fields
    }

    private mutating func attribute(_ value: ContactsV1.AttributeValue, _ field: String) -> AttributeValue? {
        switch value.kind {
        case .text(let text): return .text(text)
        case .number(let number): return .number(number)
        case .flag(let flag): return .flag(flag)
        case .time(let timestamp): return .time(Instant(timestamp))
        case .texts(let list): return .texts(list.values)
        case nil:
            note(field, "has no value")
            return nil
        }
    }
}

// MARK: - Identities

extension RequestReading {
    /// Several addresses; one given twice counts once.
    mutating func identities(
        _ identities: [ContactsV1.ChannelIdentity], _ field: String, max: Int, source: Source = .agent, verified: Bool = false
    ) -> [IdentityCandidate] {
        require(identities.count <= max, field, "must be at most \(max)")
        var seen: Set<ChannelAddress> = []
        return identities.prefix(max).enumerated()
            .map { index, wire in identity(wire, "\(field)[\(index)]", source: source, verified: verified) }
            .filter { seen.insert($0.address).inserted }
    }

    mutating func identity(
        _ identity: ContactsV1.ChannelIdentity?, _ field: String, source: Source = .agent, verified: Bool = false
    ) -> IdentityCandidate {
        guard let identity else {
            note(field, "is required")
            return .standIn
        }
        let prefix = field.isEmpty ? "" : "\(field)."
        guard let kind = IdentityKind(identity.kind) else {
            note("\(prefix)kind", "must be one of the kinds of identities")
            require(!identity.address.isEmpty, "\(prefix)address", "is required")
            return .standIn
        }
        for (name, text) in [("profile_name", identity.profileName), ("username", identity.username)] {
            if let problem = text.problem(asLineOf: ContactFields.displayNameLengthMax) { note(prefix + name, problem) }
        }
        do {
            return IdentityCandidate(
                address: try ChannelAddress(kind: kind, scope: identity.scope, address: identity.address),
                profile: ChannelProfile(name: identity.profileName, username: identity.username),
                verified: verified, source: source)
        } catch {
            note(prefix + error.field, error.problem)
            return .standIn
        }
    }

    mutating func resolution(_ request: ResolveContactRequest) -> Resolution {
        let source = Source(request.source) ?? .channel
        let asked = identity(request.identity, "identity", source: source, verified: request.verified)
        let further = identities(
            request.furtherIdentities, "further_identities", max: IdentityCandidate.perRequestMax, source: source)
        let defaults = request.defaults == nil ? ContactFields() : fields(request.defaults, "defaults")
        return Resolution(candidates: [asked] + further.filter { $0.address != asked.address }, defaults: defaults)
    }
}

extension IdentityCandidate {
    fileprivate static var standIn: IdentityCandidate {
        guard let address = try? ChannelAddress(kind: .customer, address: "?") else { preconditionFailure() }
        return IdentityCandidate(address: address)
    }
}

// MARK: - Words

extension RequestReading {
    static let kindsMax = 20

    mutating func timelineKinds(_ kinds: [ContactsV1.TimelineEntryKind], _ field: String) -> [TimelineEntry.Kind] {
        require(kinds.count <= Self.kindsMax, field, "must be at most \(Self.kindsMax)")
        require(!kinds.contains(.unspecified), field, "must not be unspecified")
        // A kind that nothing here writes has no entries; asking for it alone must not mean asking for all.
        let known = TimelineEntry.Kind.allCases.filter { kinds.contains($0.wire) }
        require(kinds.isEmpty || !known.isEmpty, field, "names no kind that this release writes")
        return known
    }

    mutating func eventKinds(_ kinds: [ContactsV1.ContactEventKind], _ field: String) -> [ContactEvent.Kind] {
        require(kinds.count <= Self.kindsMax, field, "must be at most \(Self.kindsMax)")
        require(!kinds.contains(.unspecified), field, "must not be unspecified")
        let known = ContactEvent.Kind.allCases.filter { kinds.contains($0.wire) }
        require(kinds.isEmpty || !known.isEmpty, field, "names no kind that this release writes")
        return known
    }
}

extension IdentityKind {
    /// `nil` for what no address is: unspecified, or of a newer release.
    fileprivate init?(_ wire: ContactsV1.IdentityKind) {
        guard let kind = Self.allCases.first(where: { $0.wire == wire }) else { return nil }
        self = kind
    }
}

extension Source {
    /// `nil` for unspecified and for what a newer release knows.
    fileprivate init?(_ wire: ContactsV1.Source) {
        guard let source = Self.allCases.first(where: { $0.wire == wire }) else { return nil }
        self = source
    }
}
