/// What an address is. The raw values stand in the database and in match keys; they never change.
enum IdentityKind: String, Sendable, Hashable, CaseIterable {
    case phone, email, whatsapp, facebook, instagram, webchat, customer, other
}

/// An address in the form in which it is stored: where a message comes from or goes to.
struct ChannelAddress: Hashable, Sendable {
    let kind: IdentityKind
    /// Where the address is unique: a page, an account, a portfolio; empty where it is unique everywhere.
    let scope: String
    /// As messages are sent to it.
    let address: String
    /// Addresses with equal keys are the same person's (guarantee 16): a total function of kind, scope and address.
    let matchKey: String

    static let addressLengthMax = 320
    static let scopeLengthMax = 200

    init(kind: IdentityKind, scope: String = "", address: String) throws(InvalidAddress) {
        guard (1...Self.addressLengthMax).contains(address.unicodeScalars.count) else {
            throw InvalidAddress("address", "must have 1 to \(Self.addressLengthMax) characters")
        }
        guard scope.unicodeScalars.count <= Self.scopeLengthMax else {
            throw InvalidAddress("scope", "must have at most \(Self.scopeLengthMax) characters")
        }
        for (field, text) in [("address", address), ("scope", scope)] where text.unicodeScalars.contains(where: \.isControl) {
            throw InvalidAddress(field, "must not contain control characters")
        }
        let normalised = try Self.normalised(kind, scope, address)
        guard scope.isEmpty != normalised.isScoped else {
            let problem =
                normalised.isScoped ? "is required for an address of this kind" : "must be empty for an address of this kind"
            throw InvalidAddress("scope", problem)
        }
        self.kind = kind
        self.scope = scope
        self.address = normalised.address
        self.matchKey = normalised.matchKey
    }

    /// Why an address cannot be one, by field of ChannelIdentity.
    struct InvalidAddress: Error, Hashable {
        let field: String
        let problem: String

        init(_ field: String, _ problem: String) {
            self.field = field
            self.problem = problem
        }
    }
}

extension ChannelAddress {
    private typealias Normalised = (address: String, matchKey: String, isScoped: Bool)

    private static func normalised(
        _ kind: IdentityKind, _ scope: String, _ address: String
    ) throws(InvalidAddress) -> Normalised {
        switch kind {
        case .phone:
            guard let number = PhoneNumber(international: address) else {
                throw InvalidAddress("address", "must be an international telephone number, such as +5511987654321")
            }
            return (number.e164, "tel:" + number.canonical.e164, false)
        case .email:
            guard let email = EmailAddress(address) else { throw InvalidAddress("address", "must be an e-mail address") }
            return (email.address, "mailto:" + email.canonical, false)
        case .whatsapp:
            if let number = PhoneNumber(digits: address) { return (address, "tel:" + number.canonical.e164, false) }
            guard isBusinessScopedUserID(address) else {
                throw InvalidAddress("address", "must be the digits of a wa_id or a business-scoped user id")
            }
            return (address, opaqueKey(kind, scope, address), true)
        case .customer:
            return (address, opaqueKey(kind, scope, address), false)
        case .facebook, .instagram, .webchat, .other:
            return (address, opaqueKey(kind, scope, address), true)
        }
    }

    /// "US.13491208655302741918", "US.ENT.11815799212886844830": a country, then at most 128 letters and digits.
    private static func isBusinessScopedUserID(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2 || (parts.count == 3 && parts[1] == "ENT"), let id = parts.last else { return false }
        guard parts[0].utf8.count == 2, parts[0].allSatisfy({ $0.isASCII && $0.isUppercase }) else { return false }
        return (1...128).contains(id.utf8.count) && id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }

    /// `kind:scope:address`, where the scope's own colons are escaped: two different pairs never give one key.
    private static func opaqueKey(_ kind: IdentityKind, _ scope: String, _ address: String) -> String {
        let escaped = scope.flatMap { $0 == ":" ? "%3A" : $0 == "%" ? "%25" : String($0) }
        return "\(kind.rawValue):\(String(escaped)):\(address)"
    }
}
