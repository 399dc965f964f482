import ContactsV1

/// What a contact is found by: his names and addresses, as contacts told of them.
struct Person: Sendable {
    var texts: [String] = []
    var words: [String] = []

    init(_ contact: ContactsV1.Contact) {
        texts = [contact.displayName]
        words = SearchText.plain(contact.displayName)
        for identity in contact.identities {
            texts += [identity.profileName, identity.username]
            words += SearchText.plain(identity.profileName) + SearchText.plain(identity.username)
            // A visitor's id is nothing that anybody would look for.
            if identity.kind == .webchat { continue }
            texts.append(identity.address)
            words += SearchText.words(
                ofAddress: identity.address, isNumber: identity.kind == .phone || identity.kind == .whatsapp)
        }
        texts = texts.filter { !$0.isEmpty }.distinct()
        words = words.distinct()
    }
}
