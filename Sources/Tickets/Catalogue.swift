import FoundationEssentials
import ServiceRuntime

/// A node of the category tree.
struct Category: Sendable, Hashable {
    static let depthMax = 8

    var id: UUID
    var name: String
    var parentID: UUID?
    var isArchived = false
    var version: Int64 = 1
}

/// An entry of the service catalogue.
struct CatalogueEntry: Sendable, Hashable {
    var id: UUID
    var name: String
    var categoryID: UUID?
    var departmentID: UUID?
    var isArchived = false
    var version: Int64 = 1
}

/// One of the tenant's priorities.
struct TicketPriority: Sendable, Hashable {
    var id: UUID
    var name: String
    /// A greater one is more urgent.
    var rank: Int
    var isStandard = false
    var isArchived = false
    var version: Int64 = 1

    /// What a new tenant has: the four of conversations, the most urgent first (C57). Their ids follow from the tenant's, so that they
    /// can be told before anybody has written them down.
    static func first(of tenantID: UUID) -> [TicketPriority] {
        ["urgent", "high", "normal", "low"].enumerated().map { index, name in
            TicketPriority(
                id: .derived(from: "tickets/\(tenantID.text)/priority/\(name)"), name: name, rank: 400 - 100 * index,
                isStandard: name == "normal")
        }
    }
}

/// The whole tree of categories.
struct CategoryTree: Sendable {
    private(set) var nodes: [UUID: Category]

    init(_ categories: [Category]) {
        nodes = Dictionary(categories.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// A category and those above it, itself first. A tree is at most `Category.depthMax` deep, so the walk ends.
    func path(of id: UUID?) -> [UUID] {
        var path: [UUID] = []
        var next = id
        while let id = next, let node = nodes[id], path.count <= Category.depthMax, !path.contains(id) {
            path.append(id)
            next = node.parentID
        }
        return path
    }

    /// A category and all below it.
    func below(_ id: UUID) -> [UUID] { nodes.keys.filter { path(of: $0).contains(id) } }

    /// Each node after the one above it, siblings by name.
    var ordered: [Category] {
        let children = Dictionary(grouping: nodes.values, by: \.parentID)
        func walk(_ parent: UUID?) -> [Category] {
            (children[parent] ?? []).sorted { ($0.name, $0.id.text) < ($1.name, $1.id.text) }.flatMap {
                [$0] + walk($0.id)
            }
        }
        return walk(nil)
    }

    enum Misplacement: Error, Sendable, Hashable {
        case tooDeep, circle
    }

    /// The tree with a node put or moved.
    func with(_ category: Category) throws(Misplacement) -> CategoryTree {
        if let parent = category.parentID, path(of: parent).contains(category.id) { throw .circle }
        var tree = self
        tree.nodes[category.id] = category
        guard tree.below(category.id).allSatisfy({ tree.path(of: $0).count <= Category.depthMax })
        else { throw .tooDeep }
        return tree
    }
}
