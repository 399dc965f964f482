import WallTime

/// One merge of two contacts, with all that undoing it takes.
struct Merge: Sendable, Hashable {
    let id: MergeID
    let survivingID: ContactID
    let mergedID: ContactID
    /// The survivor's version after the merge.
    let survivorVersion: Int64
    /// The identities that moved.
    let identityIDs: [IdentityID]
    /// The survivor's fields after the merge.
    let mergedFields: ContactFields
    let provenance: [FieldProvenance]
    /// Both contacts as they were, the survivor first, as bytes of the contract.
    let originals: [[UInt8]]
    let mergedBy: String
    let mergeTime: Instant
    /// Who undid it, and when.
    var unmergedBy = ""
    var unmergeTime: Instant?
    var version: Int64 = 1
}
