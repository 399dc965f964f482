import ContactsV1
import GRPC

extension ContactsService {
    func createContact(_ request: CreateContactRequest, _ context: ServerContext) async throws -> CreateContactResponse {
        var reading = RequestReading()
        let fields = reading.fields(request.contact, "contact")
        let candidates = reading.identities(request.identities, "identities", max: ChannelIdentity.perContactMax)
        try reading.finish()

        return try await changing(request, requestID: \.requestID, context) { changes in
            try await changes.checkAttributes(of: fields, "contact")
            var contact = try await changes.create(fields)
            if let holder = try await changes.add(candidates, to: &contact).first {
                throw ContactsError.identityTaken(by: holder)
            }
            return CreateContactResponse(contact: try await shown(contact, changes.store, context).wire)
        }
    }
}
