import AsyncHTTPClient

extension HTTPClient {
    /// For requests to one known place: where nobody listens it says so at once, instead of trying again until the time is
    /// over, as the shared client does.
    package static let direct: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
}
