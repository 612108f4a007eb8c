import Foundation

/// A block of addresses, such as `10.1.0.0/16` or `fd00::/8` (RFC 4632, RFC 4291).
public struct NetworkRange: Sendable, Hashable, CustomStringConvertible {
    private let bytes: [UInt8]
    private let bits: Int
    public let description: String

    /// - Returns: nil for what is no address, or no block of it.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let bytes = Self.bytes(of: String(parts[0])) else { return nil }
        let bits = parts.count == 2 ? Int(parts[1]) : bytes.count * 8
        guard let bits, (0...bytes.count * 8).contains(bits) else { return nil }
        self.bytes = bytes
        self.bits = bits
        description = text
    }

    func contains(_ address: [UInt8]) -> Bool {
        guard address.count == bytes.count else { return false }
        return (0..<bits).allSatisfy { bit in
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            return address[bit / 8] & mask == bytes[bit / 8] & mask
        }
    }

    /// 4 or 16 bytes; nil for a name. An IPv4 address inside an IPv6 one counts as itself (RFC 4291, 2.5.5.2).
    static func bytes(of text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
        var sixteen = in6_addr()
        guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        let bytes = withUnsafeBytes(of: sixteen) { Array($0) }
        let isMapped = bytes.starts(with: [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF])
        return isMapped ? Array(bytes[12...]) : bytes
    }

    /// Whether an address is one of the public internet: what the registries of special purposes hold (RFC 6890) is not.
    static func isPublic(_ address: [UInt8]) -> Bool {
        if address.count == 16, !global.contains(address) { return false }
        return !special.contains { $0.contains(address) }
    }

    /// What is given out as unicast (RFC 4291, 2.4).
    private static let global = known(["2000::/3"])[0]
    private static let special = known([
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "2001::/23", "2001:db8::/32",
        "2002::/16", "3fff::/20",
    ])

    private static func known(_ texts: [String]) -> [NetworkRange] {
        texts.map { text in
            guard let range = NetworkRange(text) else { preconditionFailure("\(text) is no block") }
            return range
        }
    }
}
