import FoundationEssentials
import GRPC
import GoogleProtobuf
import RoutingV1
import ServiceRuntime
import WallTime

extension APIKey {
    /// Keys of a tenant that open at the same time.
    static let perTenantMax = 100
}

/// API keys (P8).
struct APIKeysService: ApiKeysServiceProtocol {
    let surroundings: Surroundings
    let secrets: APIKeySecrets

    func createApiKey(_ request: CreateApiKeyRequest, _ context: ServerContext) async throws -> CreateApiKeyResponse {
        var reading = RequestReading(request)
        reading.violations.text(request.displayName, "display_name", 1...100)
        let permissions = reading.permissions(request.permissions, "permissions")
        let expires = request.expireTime.map(Instant.init)
        reading.violations.require(expires.map { $0 > surroundings.clock.now } ?? true, "expire_time", "must lie ahead")
        try reading.finish()
        try context.principal.requireGrantable(permissions)
        var response = try await surroundings.write(request, \.requestID, context) { work in
            guard try await work.store.openAPIKeyCount(at: work.now) < APIKey.perTenantMax else { throw RoutingError.apiKeysMax }
            let id = APIKeyID(.v7(at: work.now))
            let key = APIKey(
                id: id, name: request.displayName, permissions: permissions,
                secretHash: APIKeySecrets.hash(try secrets.secret(of: id)), expires: expires, createTime: work.now,
                createdBy: work.actor, version: 1)
            try await work.store.insert(key)
            work.audit(subject: id.description)
            return CreateApiKeyResponse(apiKey: key.wire(at: work.now))
        }
        // Not inside: the stored answer holds no secret.
        if let id = response.apiKey.flatMap({ APIKeyID($0.apiKeyID) }) { response.secret = try secrets.text(of: id) }
        return response
    }

    func getApiKey(_ request: GetApiKeyRequest, _ context: ServerContext) async throws -> GetApiKeyResponse {
        var reading = RequestReading(request)
        let id: APIKeyID = reading.id(request.apiKeyID, "api_key_id")
        try reading.finish()
        let key = try await surroundings.read(context) { store in try await store.apiKey(id) }
        guard let key else { throw RoutingError.apiKeyNotFound(id) }
        return GetApiKeyResponse(apiKey: key.wire(at: surroundings.clock.now))
    }

    func listApiKeys(_ request: ListApiKeysRequest, _ context: ServerContext) async throws -> ListApiKeysResponse {
        let limit = try pageSize(request.pageSize)
        let list = NewestFirst(surroundings.pageTokens, ["ListApiKeys", try context.tenantID.text])
        let place = try list.place(request.pageToken)
        let found = try await surroundings.read(context) { store in
            try await store.apiKeys(before: place, limit: limit + 1)
        }
        let (page, token) = list.page(found, limit: limit, \.id.uuid)
        let now = surroundings.clock.now
        return ListApiKeysResponse(apiKeys: page.map { $0.wire(at: now) }, nextPageToken: token)
    }

    func revokeApiKey(_ request: RevokeApiKeyRequest, _ context: ServerContext) async throws -> RevokeApiKeyResponse {
        var reading = RequestReading(request)
        let id: APIKeyID = reading.id(request.apiKeyID, "api_key_id")
        try reading.finish()
        let version = try ETag.expectedVersion(request.etag)
        return try await surroundings.write(request, \.requestID, context) { work in
            guard var key = try await work.store.lockedAPIKey(id) else { throw RoutingError.apiKeyNotFound(id) }
            guard key.revokeTime == nil else { return RevokeApiKeyResponse(apiKey: key.wire(at: work.now)) }
            guard version == nil || version == key.version else { throw RoutingError.etagMismatch }
            key.revokeTime = work.now
            key.version += 1
            try await work.store.revoke(key)
            work.audit(subject: id.description, paths: ["revoke_time"])
            return RevokeApiKeyResponse(apiKey: key.wire(at: work.now))
        }
    }

    /// The one call without a token. Unknown, wrong, expired and revoked keys are answered alike.
    func exchangeApiKey(_ request: ExchangeApiKeyRequest, _ context: ServerContext) async throws -> ExchangeApiKeyResponse {
        var reading = RequestReading(request)
        reading.violations.text(request.secret, "secret", 1...200)
        try reading.finish()
        guard let (id, secret) = APIKeySecrets.parse(request.secret), let tenantID = try await surroundings.tenant(of: id) else {
            throw RoutingError.apiKeyInvalid
        }
        let now = surroundings.clock.now
        let key = try await surroundings.transaction(tenantID) { store -> APIKey? in
            guard let key = try await store.apiKey(id), key.state(at: now) == .active,
                constantTimeEqual(key.secretHash, APIKeySecrets.hash(secret))
            else { return nil }
            try await store.noteUse(of: id, at: now)
            return key
        }
        guard let key else { throw RoutingError.apiKeyInvalid }
        let (token, expires) = try await secrets.token(for: key, tenantID: tenantID, at: now)
        return ExchangeApiKeyResponse(accessToken: token, accessTokenExpireTime: Timestamp(expires))
    }
}
