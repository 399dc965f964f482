import FoundationEssentials
import GRPC
import ServiceRuntime
import TicketsV1

extension TicketCatalogueService {
    func createCatalogueService(
        _ request: CreateCatalogueServiceRequest, _ context: ServerContext
    ) async throws -> CreateCatalogueServiceResponse {
        var violations = Violations()
        violations.require(request.service != nil, "service", "is required", reason: "REQUIRED")
        let wire = request.service ?? TicketsV1.CatalogueService()
        violations.line(wire.displayName, "service.display_name", 1...Self.nameMax)
        let categoryID = violations.optionalID(wire.categoryID, "service.category_id")
        let departmentID = violations.optionalID(wire.departmentID, "service.department_id")
        try violations.check()
        return try await surroundings.write(request, \.requestID, context) { work in
            _ = try await work.changingCatalogue()
            guard try await work.store.catalogue().count < TicketStore.servicesMax else {
                throw TicketsError.catalogueFull(max: TicketStore.servicesMax)
            }
            try await work.requireCategory(categoryID)
            try await work.checkDepartments(departmentID.map { [$0] } ?? [])
            let entry = CatalogueEntry(
                id: .v7(at: work.now), name: wire.displayName, categoryID: categoryID,
                departmentID: departmentID,
                isArchived: wire.archived)
            try await work.unique { try await work.store.put(entry) }
            work.audit(entry.id.text)
            return CreateCatalogueServiceResponse(service: entry.wire)
        }
    }

    func listCatalogueServices(
        _ request: ListCatalogueServicesRequest, _ context: ServerContext
    ) async throws -> ListCatalogueServicesResponse {
        try await surroundings.read(context) { work in
            let shown = try await work.store.catalogue().filter { request.archived || !$0.isArchived }
            return ListCatalogueServicesResponse(services: shown.map(\.wire))
        }
    }

    func updateCatalogueService(
        _ request: UpdateCatalogueServiceRequest, _ context: ServerContext
    ) async throws -> UpdateCatalogueServiceResponse {
        var violations = Violations()
        violations.require(request.service != nil, "service", "is required", reason: "REQUIRED")
        let wire = request.service ?? TicketsV1.CatalogueService()
        let id = violations.id(wire.serviceID, "service.service_id")
        violations.line(wire.displayName, "service.display_name", 0...Self.nameMax)
        let categoryID = violations.optionalID(wire.categoryID, "service.category_id")
        let departmentID = violations.optionalID(wire.departmentID, "service.department_id")
        try violations.check()
        var populated: Set<String> = []
        if !wire.displayName.isEmpty { populated.insert("display_name") }
        if categoryID != nil { populated.insert("category_id") }
        if departmentID != nil { populated.insert("department_id") }
        if wire.archived { populated.insert("archived") }
        let mask = try UpdateMask(
            request.updateMask, writable: ["display_name", "category_id", "department_id", "archived"],
            outputOnly: ["service_id", "etag"], populated: populated)
        try mask.requireName(wire.displayName, "service.display_name")
        let version = try ETag.expectedVersion(request.etag)
        return try await surroundings.write(request, \.requestID, context) { work in
            _ = try await work.changingCatalogue()
            guard var entry = try await work.store.catalogue().first(where: { $0.id == id }) else {
                throw TicketsError.notFound(.service, id)
            }
            try entry.version.check(version)
            let before = entry
            if mask.contains("display_name") { entry.name = wire.displayName }
            if mask.contains("department_id"), departmentID != entry.departmentID {
                try await work.checkDepartments(departmentID.map { [$0] } ?? [])
                entry.departmentID = departmentID
            }
            if mask.contains("archived") { entry.isArchived = wire.archived }
            if mask.contains("category_id"), categoryID != entry.categoryID {
                try await work.requireCategory(categoryID)
                entry.categoryID = categoryID
            }
            if entry != before {
                entry.version += 1
                try await work.unique { try await work.store.put(entry) }
                work.audit(id.text, paths: mask.paths.sorted())
            }
            return UpdateCatalogueServiceResponse(service: entry.wire)
        }
    }
}
