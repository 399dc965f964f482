import ContactsV1
import EventLog
import FoundationEssentials
import GoogleProtobuf
import ServiceRuntime
import WallTime

// Values of the domain as values of the contract. The other way is RequestReading's.

extension Contact {
    var wire: ContactsV1.Contact {
        ContactsV1.Contact(
            contactID: id.description,
            state: state.wire,
            displayName: fields.displayName,
            ownerID: fields.ownerID?.text ?? "",
            locale: fields.locale,
            timeZone: fields.timeZone,
            attributes: fields.attributes.mapValues(\.wire),
            note: fields.note,
            identities: identities.map(\.wire),
            block: block?.wire,
            mergedIntoContactID: mergedInto?.description ?? "",
            lastActivityTime: lastActivityTime.map(Timestamp.init),
            createTime: Timestamp(createTime),
            updateTime: Timestamp(updateTime),
            etag: ETag(version).description)
    }
}

extension Contact.State {
    var wire: ContactsV1.ContactState {
        switch self {
        case .active: .active
        case .merged: .merged
        case .erased: .erased
        }
    }
}

extension AttributeValue {
    var wire: ContactsV1.AttributeValue {
        switch self {
        case .text(let text): .init(kind: .text(text))
        case .number(let number): .init(kind: .number(number))
        case .flag(let flag): .init(kind: .flag(flag))
        case .time(let instant): .init(kind: .time(Timestamp(instant)))
        case .texts(let texts): .init(kind: .texts(ContactsV1.TextList(values: texts)))
        }
    }
}

extension ChannelIdentity {
    var wire: ContactsV1.ChannelIdentity {
        ContactsV1.ChannelIdentity(
            identityID: id.description,
            contactID: contactID.description,
            kind: address.kind.wire,
            scope: address.scope,
            address: address.address,
            profileName: profile.name,
            username: profile.username,
            verified: verified,
            source: source.wire,
            block: block?.wire,
            createTime: Timestamp(createTime))
    }
}

extension IdentityKind {
    var wire: ContactsV1.IdentityKind {
        switch self {
        case .phone: .phone
        case .email: .email
        case .whatsapp: .whatsapp
        case .facebook: .facebook
        case .instagram: .instagram
        case .webchat: .webchat
        case .customer: .customer
        case .other: .other
        }
    }
}

extension Source {
    var wire: ContactsV1.Source {
        switch self {
        case .channel: .channel
        case .agent: .agent
        case .customer: .customer
        case .import: .import
        case .integration: .integration
        }
    }
}

extension Block {
    var wire: ContactsV1.Block {
        ContactsV1.Block(reason: reason, spam: spam, blockedBy: blockedBy, blockTime: Timestamp(blockTime))
    }
}

extension ContactMatch {
    var wire: ContactsV1.Match {
        ContactsV1.Match(rule: rule.wire, identity: identity.wire, matchKey: identity.address.matchKey)
    }
}

extension MatchRule {
    var wire: ContactsV1.MatchRule {
        switch self {
        case .exact: .exact
        case .emailCase: .emailCase
        case .phoneVariant: .phoneVariant
        case .furtherIdentity: .furtherIdentity
        }
    }
}

extension TimelineEntry {
    var wire: ContactsV1.TimelineEntry {
        ContactsV1.TimelineEntry(
            timelineEntryID: id.description, contactID: contactID.description, kind: subject.kind.wire,
            occurTime: Timestamp(occurTime), actor: actor, subject: subject.wire)
    }
}

extension TimelineEntry.Kind {
    var wire: ContactsV1.TimelineEntryKind {
        switch self {
        case .conversationOpened: .conversationOpened
        case .conversationClosed: .conversationClosed
        case .contactCreated: .contactCreated
        case .contactUpdated: .contactUpdated
        case .identityChanged: .identityChanged
        case .linkedObjectChanged: .linkedObjectChanged
        case .mergeChanged: .mergeChanged
        case .consentRecorded: .consentRecorded
        case .blockChanged: .blockChanged
        }
    }
}

extension TimelineEntry.Subject {
    var wire: ContactsV1.TimelineEntry.Subject {
        switch self {
        case .conversationOpened(let activity), .conversationClosed(let activity): .conversation(activity.wire)
        case .contactCreated: .contact(ContactsV1.ContactActivity())
        case .contactUpdated(let paths): .contact(ContactsV1.ContactActivity(changedPaths: paths))
        case .identityChanged(let id): .contact(ContactsV1.ContactActivity(relatedID: id.description))
        case .linkedObjectChanged(let id, let action):
            .contact(ContactsV1.ContactActivity(relatedID: id.description, action: action.rawValue))
        case .mergeChanged(let id, let action):
            .contact(ContactsV1.ContactActivity(relatedID: id.description, action: action.rawValue))
        case .consentRecorded(let id): .contact(ContactsV1.ContactActivity(relatedID: id.description))
        case .blockChanged(let id, let action):
            .contact(ContactsV1.ContactActivity(relatedID: id?.description ?? "", action: action.rawValue))
        }
    }
}

extension TimelineEntry.ConversationActivity {
    var wire: ContactsV1.ConversationActivity {
        ContactsV1.ConversationActivity(
            conversationID: conversationID.text, channel: channel, departmentID: departmentID?.text ?? "",
            assigneeID: assigneeID?.text ?? "", closeReason: closeReason, outcome: outcome)
    }
}

extension ContactEvent {
    /// The event of a row of the log, with the contact as it is now.
    func wire(_ event: Event, _ contact: Contact?) -> ContactsV1.ContactEvent {
        var wire = ContactsV1.ContactEvent(
            tenantID: event.tenantID.text, kind: kind.wire, contactID: event.subjectID.text,
            eventTime: Timestamp(event.time), contact: contact?.wire, eventID: event.eventID,
            traceparent: event.traceparent ?? "")
        switch self {
        case .updated(let paths): wire.changedPaths = paths
        case .merged(let survivor, let mergeID), .unmerged(let survivor, let mergeID):
            (wire.survivingContactID, wire.mergeID) = (survivor.description, mergeID.description)
        case .erased(let erasureID, let contactIDs):
            (wire.erasureID, wire.erasedContactIDs) = (erasureID.description, contactIDs.map(\.description))
            wire.contact = nil
        case .created, .identitiesChanged, .blockChanged: break
        }
        return wire
    }
}

extension ContactEvent.Kind {
    var wire: ContactsV1.ContactEventKind {
        switch self {
        case .created: .created
        case .updated: .updated
        case .identitiesChanged: .identitiesChanged
        case .merged: .merged
        case .unmerged: .unmerged
        case .blockChanged: .blockChanged
        case .erased: .erased
        }
    }
}
