public import AsyncHTTPClient
internal import Kernel
internal import NIOCore
internal import NIOHTTP1

/// Carries messages over HTTP/1.1 to the addresses in the settings.
public struct HTTPTransport: Transport {
    private let client: HTTPClient
    private let addresses: [String: String]
    private let bodyBytesMax: Int

    /// `addresses` maps a party's identifier to its base address, `http://127.0.0.1:9101`, without a slash at its
    /// end. A party without address is down. The caller shuts the client down.
    public init(client: HTTPClient, addresses: [String: String], bodyBytesMax: Int = 1_048_576) {
        self.client = client
        self.addresses = addresses
        self.bodyBytesMax = bodyBytesMax
    }

    public func carry(
        _ request: WireRequest,
        to party: Party,
        within: Int64
    ) async throws(TransportError) -> WireResponse {
        guard let address = addresses[party.id] else { throw .down }
        return try await Self.post(
            request,
            to: address,
            within: within,
            client: client,
            bodyBytesMax: bodyBytesMax
        )
    }

    /// For signed messages with personal data: it goes where it was sent to and nowhere else, and unpacks nothing, so
    /// that a small answer cannot become a big one. It lives as long as the process.
    public static let ownClient = HTTPClient(
        eventLoopGroupProvider: .singleton,
        configuration: HTTPClient.Configuration(redirectConfiguration: .disallow, decompression: .disabled)
    )

    /// Sends a message to an address and gives the answer, whatever its status. All of it is there after `within`
    /// milliseconds, its body too, or it counts as slow.
    public static func post(
        _ message: WireRequest,
        to address: String,
        within: Int64,
        client: HTTPClient,
        bodyBytesMax: Int
    ) async throws(TransportError) -> WireResponse {
        var request = HTTPClientRequest(
            url: address + message.path + (message.query.isEmpty ? "" : "?\(message.query)")
        )
        request.method = .RAW(value: message.method)
        for (name, value) in message.headers { request.headers.add(name: name, value: value) }
        request.body = .bytes(message.body)
        let sent = request
        do {
            // The client's own limit ends with the head: a party that drips its body would be heard for ever.
            return try await Self.within(within) {
                try await Self.answer(to: sent, within: within, client: client, bodyBytesMax: bodyBytesMax)
            }
        } catch let error as TransportError {
            throw error
        } catch let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout {
            throw .slow
        } catch {
            throw .down
        }
    }

    /// Gives work up that is not done after so many milliseconds.
    /// - Throws: `TransportError.slow`; what `work` throws.
    public static func within<Answer: Sendable>(
        _ milliseconds: Int64,
        _ work: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        try await withThrowingTaskGroup(of: Answer?.self) { race in
            defer { race.cancelAll() }
            race.addTask { try await work() }
            race.addTask {
                try await Task.sleep(for: .milliseconds(milliseconds))
                return nil
            }
            guard let first = try await race.next(), let whole = first else { throw TransportError.slow }
            return whole
        }
    }

    private static func answer(
        to request: HTTPClientRequest,
        within: Int64,
        client: HTTPClient,
        bodyBytesMax: Int
    ) async throws -> WireResponse {
        let response = try await client.execute(request, timeout: .milliseconds(within))
        let body = try await response.body.collect(upTo: bodyBytesMax)
        var headers: [String: String] = [:]
        for (name, value) in response.headers { headers[name.lowercased()] = value }
        return WireResponse(
            status: Int(response.status.code),
            headers: headers,
            body: Array(body.readableBytesView)
        )
    }
}
