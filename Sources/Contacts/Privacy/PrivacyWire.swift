import ContactsV1
import GoogleProtobuf
import ServiceRuntime
import WallTime

// Consents and erasures between domain and contract.

extension Consent {
    var wire: ContactsV1.Consent {
        ContactsV1.Consent(
            consentID: id.description, contactID: contactID.description, purpose: purpose,
            identityKind: identityKind?.wire ?? .unspecified, state: state.wire, source: source.wire, evidence: evidence,
            expireTime: expireTime.map(Timestamp.init), recordedBy: recordedBy, recordTime: Timestamp(recordTime),
            lawfulBasis: lawfulBasis?.wire ?? .unspecified, statementTime: Timestamp(statementTime))
    }
}

extension Consent.State {
    var wire: ContactsV1.ConsentState {
        switch self {
        case .granted: .granted
        case .denied: .denied
        case .withdrawn: .withdrawn
        }
    }
}

extension LawfulBasis {
    var wire: ContactsV1.LawfulBasis {
        switch self {
        case .consent: .consent
        case .contract: .contract
        case .legalObligation: .legalObligation
        case .vitalInterest: .vitalInterest
        case .publicTask: .publicTask
        case .legitimateInterest: .legitimateInterest
        }
    }
}

extension Erasure {
    var wire: ContactsV1.Erasure {
        ContactsV1.Erasure(
            erasureID: id.description, contactID: contactID.description, state: completeTime == nil ? .waiting : .complete,
            reason: reason, awaitedServices: missing, reports: reports.sorted { $0.service < $1.service }.map(\.wire),
            receipt: completeTime.map { time in
                ContactsV1.ErasureReceipt(counts: counts, digest: digest, completeTime: Timestamp(time))
            },
            requestedBy: requestedBy, createTime: Timestamp(createTime))
    }
}

extension Erasure.Report {
    var wire: ContactsV1.ErasureReport {
        ContactsV1.ErasureReport(service: service, counts: counts, reportTime: Timestamp(reportTime))
    }
}

extension RequestReading {
    mutating func consent(
        _ wire: ContactsV1.Consent?, _ field: String, of contactID: ContactID, by recorder: String, at now: Instant
    ) -> Consent {
        let said = wire ?? ContactsV1.Consent()
        require(wire != nil, field, "is required")
        let state = Consent.State.allCases.first { $0.wire == said.state }
        let source = Source.allCases.first { $0.wire == said.source }
        let kind = IdentityKind.allCases.first { $0.wire == said.identityKind }
        let basis = LawfulBasis.allCases.first { $0.wire == said.lawfulBasis }
        let statementTime = said.statementTime.map(Instant.init) ?? now
        if wire != nil {
            require(AttributeValue.isKey(said.purpose), "\(field).purpose", "must be of the form [a-z][a-z0-9_]{0,62}")
            require(state != nil, "\(field).state", "must be one of the states")
            require(source != nil, "\(field).source", "must be one of the sources")
            require(kind != nil || said.identityKind == .unspecified, "\(field).identity_kind", "must be one of the kinds")
            require(basis != nil || said.lawfulBasis == .unspecified, "\(field).lawful_basis", "must be one of the bases")
            require(
                said.evidence.unicodeScalars.count <= Consent.evidenceLengthMax && !said.evidence.unicodeScalars.contains("\0"),
                "\(field).evidence", "must have at most \(Consent.evidenceLengthMax) characters, none of them U+0000")
            require(statementTime <= now, "\(field).statement_time", "must not lie in the future")
        }
        return Consent(
            id: ConsentID(.v7(at: now)), contactID: contactID, purpose: said.purpose, identityKind: kind,
            state: state ?? .denied, source: source ?? .agent, evidence: said.evidence, lawfulBasis: basis,
            statementTime: statementTime, expireTime: said.expireTime.map(Instant.init), recordedBy: recorder, recordTime: now)
    }

    /// What a service says it erased.
    mutating func counts(_ report: ContactsV1.ErasureReport?, _ field: String) -> [String: Int32] {
        require(report != nil, field, "is required")
        let (counts, service) = (report?.counts ?? [:], report?.service ?? "")
        require(service.isEmpty || AttributeValue.isKey(service), "\(field).service", "must be the name of a service")
        require(counts.count <= Erasure.countsMax, "\(field).counts", "must be at most \(Erasure.countsMax)")
        require(
            counts.allSatisfy { AttributeValue.isKey($0.key) && $0.value >= 0 }, "\(field).counts",
            "must be words of the form [a-z][a-z0-9_]{0,62} with numbers from 0")
        return counts
    }
}
