import ContactsV1
import GRPC
import ServiceRuntime
import WallTime

// Blocking (C53): of one address, or of the whole contact. Who did it and when stays in the timeline.
extension ContactsService {
    func blockContact(_ request: BlockContactRequest, _ context: ServerContext) async throws -> BlockContactResponse {
        var reading = RequestReading()
        let id: ContactID = reading.id(request.contactID, "contact_id")
        let identityID = reading.optionalID(request.identityID, "identity_id") as IdentityID?
        let reason = reading.blockReason(request.block, "block")
        try reading.finish()
        let version = try ETag.expectedVersion(request.etag)

        return try await changing(request, requestID: \.requestID, context) { changes in
            let block = Block(
                reason: reason, spam: request.block?.spam ?? false, blockedBy: changes.actor, blockTime: changes.now)
            var contact = try await changes.activeContact(id, version: version)
            try contact.block(identityID, block)
            try await changes.storeBlocks(of: &contact, .blocked, identityID)
            changes.audit(id.description, paths: ["block"])
            return BlockContactResponse(contact: try await shown(contact, changes.store, context).wire)
        }
    }

    func unblockContact(_ request: UnblockContactRequest, _ context: ServerContext) async throws -> UnblockContactResponse {
        var reading = RequestReading()
        let id: ContactID = reading.id(request.contactID, "contact_id")
        let identityID = reading.optionalID(request.identityID, "identity_id") as IdentityID?
        try reading.finish()
        let version = try ETag.expectedVersion(request.etag)

        return try await changing(request, requestID: \.requestID, context) { changes in
            var contact = try await changes.activeContact(id, version: version)
            let before = contact
            try contact.unblock(identityID)
            if contact != before {
                try await changes.storeBlocks(of: &contact, .unblocked, identityID)
                changes.audit(id.description, paths: ["block"])
            }
            return UnblockContactResponse(contact: try await shown(contact, changes.store, context).wire)
        }
    }
}

extension Contact {
    /// Blocks one address, or the contact with every address it has and gets. A new block takes an old one's place.
    mutating func block(_ identityID: IdentityID?, _ block: Block) throws(ContactsError) {
        guard let identityID else { return self.block = block }
        guard let index = identities.firstIndex(where: { $0.id == identityID }) else { throw .identityNotFound }
        identities[index].block = block
    }

    /// Takes the block of one address back, or the contact's and those of all addresses.
    mutating func unblock(_ identityID: IdentityID?) throws(ContactsError) {
        guard let identityID else {
            block = nil
            for index in identities.indices { identities[index].block = nil }
            return
        }
        guard let index = identities.firstIndex(where: { $0.id == identityID }) else { throw .identityNotFound }
        identities[index].block = nil
    }
}

extension ContactChanges {
    fileprivate func storeBlocks(
        of contact: inout Contact, _ action: TimelineEntry.Action, _ identityID: IdentityID?
    ) async throws {
        try await store(&contact)
        try await store.updateBlocks(of: contact.identities)
        try await note(.blockChanged(identityID, action), .blockChanged, of: &contact)
    }
}

extension RequestReading {
    fileprivate mutating func blockReason(_ block: ContactsV1.Block?, _ field: String) -> String {
        guard let block else {
            note(field, "is required")
            return ""
        }
        require(
            (1...Block.reasonLengthMax).contains(block.reason.unicodeScalars.count), "\(field).reason",
            "must have 1 to \(Block.reasonLengthMax) characters")
        require(!block.reason.unicodeScalars.contains("\0"), "\(field).reason", "must not contain U+0000")
        return block.reason
    }
}
