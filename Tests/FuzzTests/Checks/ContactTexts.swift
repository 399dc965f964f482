@testable import Contacts

/// What callers of contacts write in text.
enum ContactTexts {
    /// The input as a filter and as an order.
    static func filter(_ input: [UInt8]) -> Bool {
        let text = String(decoding: input, as: UTF8.self)
        let order = ContactOrder(text)
        return (try? ContactFilter(text)) != nil || order != nil
    }

    /// The first byte chooses the kind; an even one gives the address a scope.
    static func address(_ input: [UInt8]) -> Bool {
        guard let first = input.first else { return false }
        let text = String(decoding: input.dropFirst(), as: UTF8.self)
        if let number = PhoneNumber(international: text) ?? PhoneNumber(digits: text) {
            precondition(number.canonical.canonical == number.canonical, "a number has two canonical forms")
        }
        let kind = IdentityKind.allCases[Int(first >> 1) % IdentityKind.allCases.count]
        let scope = first & 1 == 0 ? "page" : ""
        guard let address = try? ChannelAddress(kind: kind, scope: scope, address: text) else { return false }
        let again = try? ChannelAddress(kind: kind, scope: scope, address: address.address)
        precondition(again == address, "a stored address is another one when it is read again")
        return true
    }
}
