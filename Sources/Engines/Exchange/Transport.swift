internal import Kernel

/// Why nothing came back.
public enum TransportError: String, Error, Sendable, CaseIterable {
    /// Nobody listens there, or no address is known.
    case down
    /// The time was over before the answer was whole.
    case slow
}

/// Carries a request to a party's address and the answer back. The bytes are the same whether they go over a
/// socket (`HTTPTransport`) or to a simulator in the same process (`LoopTransport`).
public protocol Transport: Sendable {
    func carry(_ request: WireRequest, to party: Party, within: Int64) async throws(TransportError)
        -> WireResponse
}

/// Hands the bytes of a message to a function in this process: for the scenario runner and for tests.
public struct LoopTransport: Transport {
    /// Takes the bytes of a `WireRequest`, gives those of a `WireResponse`.
    public typealias Handler = @Sendable (_ bytes: [UInt8]) async -> Result<[UInt8], TransportError>

    private let handlers: [String: Handler]

    public init(_ handlers: [String: Handler]) { self.handlers = handlers }

    public func carry(
        _ request: WireRequest,
        to party: Party,
        within: Int64
    ) async throws(TransportError) -> WireResponse {
        guard let handler = handlers[party.id] else { throw .down }
        guard let response = WireResponse(bytes: try await handler(request.bytes).get()) else { throw .down }
        return response
    }
}
