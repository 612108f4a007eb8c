import HTTPTypes
public import Hummingbird

/// Machines before the server whose word about the caller's address counts. Nobody else's does: anybody can write
/// `X-Forwarded-For`.
public struct TrustedProxies: Sendable {
    private let addresses: Set<String>

    public init(_ addresses: Set<String> = []) { self.addresses = addresses }

    /// The address that asks: the peer's, or, when that is a trusted proxy, the last one named that is none.
    public func client(of request: Request, peer: String) -> String {
        guard addresses.contains(peer), let name = HTTPField.Name("X-Forwarded-For") else { return peer }
        let named = request.headers[values: name].joined(separator: ",").split(separator: ",").map {
            String($0.filter { !$0.isWhitespace }.prefix(64))
        }
        return named.last { !addresses.contains($0) } ?? peer
    }
}
