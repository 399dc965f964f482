import WallTime

/// One statement of consent; it is never changed.
struct Consent: Sendable, Hashable {
    let id: ConsentID
    let contactID: ContactID
    /// A word of the tenant's.
    let purpose: String
    /// The kind of address it covers; `nil`: every kind.
    let identityKind: IdentityKind?
    let state: State
    let source: Source
    let evidence: String
    let lawfulBasis: LawfulBasis?
    /// When it was said.
    let statementTime: Instant
    /// When it lapses by itself.
    let expireTime: Instant?
    let recordedBy: String
    let recordTime: Instant

    /// The raw values stand in the database.
    enum State: String, Sendable, Hashable, CaseIterable {
        case granted, denied, withdrawn
    }

    static let evidenceLengthMax = 1_000
}

/// On what the tenant relies. The raw values stand in the database.
enum LawfulBasis: String, Sendable, Hashable, CaseIterable {
    case consent, contract
    case legalObligation = "legal_obligation"
    case vitalInterest = "vital_interest"
    case publicTask = "public_task"
    case legitimateInterest = "legitimate_interest"
}
