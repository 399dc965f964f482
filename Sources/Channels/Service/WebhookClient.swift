import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import ServiceRuntime

/// Sends events to places that tenants name, and to nowhere that is not public (RELIABILITY 2.3): the URL is read strictly,
/// its host is resolved once, the address is judged, and the connection goes to that address and no other. Redirects are not
/// followed, the answer's body is not read, and all of it ends after a while.
struct WebhookClient: Sendable {
    static let timeout: Duration = .seconds(10)

    /// What an attempt met where no 2xx came.
    struct Refusal: Error, Sendable, Hashable {
        enum Reason: String, Sendable, Hashable {
            case urlNotAllowed = "URL_NOT_ALLOWED"
            case hostNotFound = "HOST_NOT_FOUND"
            case addressNotPublic = "ADDRESS_NOT_PUBLIC"
            case connectionFailed = "CONNECTION_FAILED"
            case timeout = "TIMEOUT"
            case httpStatus = "HTTP_STATUS"
        }

        var reason: Reason
        /// 0: there was no answer.
        var status = 0
    }

    /// This host may be called, too: for local use and tests.
    var allowsLoopback: Bool
    /// The address of a host, as text. Blocking work is the resolver's own concern.
    var resolve: @Sendable (_ host: String, _ port: Int) async throws -> String
    var timeout: Duration = Self.timeout

    /// - Returns: the status, from 200 to 299.
    func post(_ body: [UInt8], to url: String, headers: [(String, String)]) async throws(Refusal) -> Int {
        let place: WebhookURL
        do { place = try WebhookURL(url, allowsLoopback: allowsLoopback) } catch { throw Refusal(reason: .urlNotAllowed) }
        let address = try await permittedAddress(of: place)
        var request = HTTPClientRequest(url: place.text)
        request.method = .POST
        request.headers = HTTPHeaders(headers)
        request.body = .bytes(ByteBuffer(bytes: body))
        let status = try await execute(request, at: address, of: place.host)
        guard (200...299).contains(status) else { throw Refusal(reason: .httpStatus, status: status) }
        return status
    }

    private func permittedAddress(of place: WebhookURL) async throws(Refusal) -> String {
        let text: String
        if IPAddress(place.host) != nil {
            text = place.host
        } else {
            do { text = try await resolve(place.host, place.port) } catch { throw Refusal(reason: .hostNotFound) }
        }
        guard let address = IPAddress(text), address.isPublic || (allowsLoopback && address.isLoopback) else {
            throw Refusal(reason: .addressNotPublic)
        }
        return text
    }

    /// A client of its own for each attempt: the address is pinned in it, and no connection is kept.
    private func execute(_ request: HTTPClientRequest, at address: String, of host: String) async throws(Refusal) -> Int {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.dnsOverride = [host: address]
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = TimeAmount(timeout / 2)
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result<Int, Refusal>
        do {
            result = .success(Int(try await client.execute(request, timeout: TimeAmount(timeout)).status.code))
        } catch let error as HTTPClientError where error == .deadlineExceeded || error == .connectTimeout {
            result = .failure(Refusal(reason: .timeout))
        } catch {
            result = .failure(Refusal(reason: .connectionFailed))
        }
        // What is left of the answer is cut off here.
        try? await client.shutdown()
        return try result.get()
    }
}

extension WebhookClient {
    /// Asks the system, on threads that may wait.
    init(allowsLoopback: Bool, offload: OffloadPool) {
        self.init(allowsLoopback: allowsLoopback) { host, port in
            try await offload.run("resolve") {
                guard let address = try SocketAddress.makeAddressResolvingHost(host, port: port).ipAddress else {
                    throw Refusal(reason: .hostNotFound)
                }
                return address
            }
        }
    }
}
