import Foundation

/// What of an address counts as one asker, where tries and requests are counted.
///
/// An IPv4 address counts by itself. A customer of IPv6 holds at least a /64 (RFC 6177, section 2) and may ask from any
/// of its 2^64 addresses, so the whole block counts as one.
public enum AddressBlock {
    /// - Returns: `2001:db8:0:1::/64` for IPv6, the IPv4 address inside an IPv4-mapped one (RFC 4291, section 2.5.5.2),
    ///   and anything else as it stands.
    public static func of(_ address: String) -> String {
        guard address.utf8.contains(UInt8(ascii: ":")) else { return address }
        // A zone such as `%eth0` (RFC 4007) names the receiver's own interface, not the sender.
        let bare = address.prefix { $0 != "%" }
        var parsed = in6_addr()
        guard inet_pton(AF_INET6, String(bare), &parsed) == 1 else { return address }
        let bytes = withUnsafeBytes(of: parsed) { Array($0) }
        if bytes.starts(with: [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]) {
            return bytes[12...].map(String.init).joined(separator: ".")
        }
        let groups = stride(from: 0, to: 8, by: 2).map { place in
            String(Int(bytes[place]) << 8 | Int(bytes[place + 1]), radix: 16)
        }
        return "\(groups.joined(separator: ":"))::/64"
    }
}
