import FoundationEssentials
import GRPC
import ServiceRuntime
import TicketsV1

/// Categories, the service catalogue and priorities.
struct TicketCatalogueService: TicketCatalogueServiceProtocol {
    static let nameMax = 100

    let surroundings: Surroundings
}

extension TicketCatalogueService {
    func createCategory(_ request: CreateCategoryRequest, _ context: ServerContext) async throws
        -> CreateCategoryResponse
    {
        var violations = Violations()
        violations.require(request.category != nil, "category", "is required", reason: "REQUIRED")
        let wire = request.category ?? TicketsV1.Category()
        violations.line(wire.displayName, "category.display_name", 1...Self.nameMax)
        let parentID = violations.optionalID(wire.parentCategoryID, "category.parent_category_id")
        try violations.check()
        return try await surroundings.write(request, \.requestID, context) { work in
            _ = try await work.changingCatalogue()
            let tree = CategoryTree(try await work.store.categories())
            guard tree.nodes.count < TicketStore.categoriesMax else {
                throw TicketsError.catalogueFull(max: TicketStore.categoriesMax)
            }
            try await work.requireCategory(parentID)
            let category = Category(
                id: .v7(at: work.now), name: wire.displayName, parentID: parentID, isArchived: wire.archived
            )
            let grown = try tree.placing(category)
            try await work.unique { try await work.store.put(category) }
            work.audit(category.id.text)
            return CreateCategoryResponse(category: category.wire(in: grown))
        }
    }

    func listCategories(_ request: ListCategoriesRequest, _ context: ServerContext) async throws
        -> ListCategoriesResponse
    {
        try await surroundings.read(context) { work in
            let tree = CategoryTree(try await work.store.categories())
            let shown = tree.ordered.filter { request.archived || !$0.isArchived }
            return ListCategoriesResponse(categories: shown.map { $0.wire(in: tree) })
        }
    }

    func updateCategory(_ request: UpdateCategoryRequest, _ context: ServerContext) async throws
        -> UpdateCategoryResponse
    {
        var violations = Violations()
        violations.require(request.category != nil, "category", "is required", reason: "REQUIRED")
        let wire = request.category ?? TicketsV1.Category()
        let id = violations.id(wire.categoryID, "category.category_id")
        violations.line(wire.displayName, "category.display_name", 0...Self.nameMax)
        let parentID = violations.optionalID(wire.parentCategoryID, "category.parent_category_id")
        try violations.check()
        var populated: Set<String> = []
        if !wire.displayName.isEmpty { populated.insert("display_name") }
        if parentID != nil { populated.insert("parent_category_id") }
        if wire.archived { populated.insert("archived") }
        let mask = try UpdateMask(
            request.updateMask, writable: ["display_name", "parent_category_id", "archived"],
            outputOnly: ["category_id", "etag", "ancestor_category_ids"], populated: populated)
        try mask.requireName(wire.displayName, "category.display_name")
        let version = try ETag.expectedVersion(request.etag)
        return try await surroundings.write(request, \.requestID, context) { work in
            _ = try await work.changingCatalogue()
            let tree = CategoryTree(try await work.store.categories())
            guard var category = tree.nodes[id] else { throw TicketsError.notFound(.category, id) }
            try category.version.check(version)
            let before = category
            if mask.contains("display_name") { category.name = wire.displayName }
            if mask.contains("archived") { category.isArchived = wire.archived }
            if mask.contains("parent_category_id"), parentID != category.parentID {
                try await work.requireCategory(parentID)
                category.parentID = parentID
            }
            guard category != before else {
                return UpdateCategoryResponse(category: category.wire(in: tree))
            }
            category.version += 1
            let changed = try tree.placing(category)
            try await work.unique { try await work.store.put(category) }
            work.audit(category.id.text, paths: mask.paths.sorted())
            if category.parentID != before.parentID {
                work.remeasure("category", "\(id.text)/\(category.version)")
            }
            return UpdateCategoryResponse(category: category.wire(in: changed))
        }
    }
}

extension CategoryTree {
    fileprivate func placing(_ category: Category) throws(TicketsError) -> CategoryTree {
        do {
            return try with(category)
        } catch {
            switch error {
            case .tooDeep: throw .categoryTooDeep
            case .circle: throw .categoryCircle
            }
        }
    }
}

extension UpdateMask {
    /// - Throws: INVALID_FIELD where a name would be taken away.
    func requireName(_ name: String, _ field: String) throws(Failure) {
        if contains("display_name"), name.isEmpty {
            throw .invalid(field, "is required", reason: "REQUIRED")
        }
    }
}
