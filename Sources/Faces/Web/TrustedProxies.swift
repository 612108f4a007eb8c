import HTTPTypes
public import Hummingbird

/// Machines before the server whose word about the caller's address counts. Nobody else's does: anybody can write
/// `X-Forwarded-For`.
public struct TrustedProxies: Sendable {
    private static let forwarded = HTTPField.Name("X-Forwarded-For")
    private let addresses: Set<String>

    public init(_ addresses: Set<String> = []) { self.addresses = addresses }

    /// The address that asks: the peer's, or, when that is a trusted proxy, the last one named that is none.
    public func client(of request: Request, peer: String) -> String {
        guard !addresses.isEmpty, addresses.contains(peer), let name = Self.forwarded else { return peer }
        for line in request.headers[values: name].reversed() {
            // One alone is the rule.
            if (1...64).contains(line.utf8.count),
                line.utf8.allSatisfy({ $0 != 0x2C && $0 != 0x20 && $0 != 0x09 })
            {
                if !addresses.contains(line) { return line }
                continue
            }
            for part in line.utf8.split(separator: UInt8(ascii: ",")).reversed() {
                let bare = part.filter { $0 != 0x20 && $0 != 0x09 }.prefix(64)
                let address = String(decoding: bare, as: UTF8.self)
                if !addresses.contains(address) { return address }
            }
        }
        return peer
    }
}
