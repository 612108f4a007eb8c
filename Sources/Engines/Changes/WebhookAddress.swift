import Foundation
import Kernel
import Storage

/// Where a subscriber wants to be told. Nobody outside may make the platform knock at doors inside (trust.md, H8): only
/// public addresses are asked, and those of the networks that the installation names. What a name stands for is looked
/// up for each delivery, and the connection goes to the very address that was looked at.
struct WebhookAddress: Sendable {
    let url: String
    let host: String

    private static let workers = Workers<Void>(
        name: "suban.names",
        countMax: 2,
        lengthMax: 256,
        makeTool: {},
        dropTool: { _ in }
    )

    /// - Throws: `WebhookError.badAddress` for anything but `https://host[:port]/path`; `http` is for networks of one's own.
    init(_ text: String, inside networks: [NetworkRange]) throws(WebhookError) {
        guard (1...500).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
            parts.scheme == "https" || parts.scheme == "http" && !networks.isEmpty,
            parts.user == nil, parts.password == nil, parts.fragment == nil
        else { throw .badAddress }
        url = text
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    }

    /// One address behind the name, when all of them may be asked.
    /// - Throws: `WebhookError.unknownHost`, `.forbiddenAddress`.
    func resolved(inside networks: [NetworkRange]) async throws -> String {
        let host = host
        let found = try await Self.workers.run { _ in Self.lookUp(host) }
        guard let first = found.first else { throw WebhookError.unknownHost }
        let isPlain = url.hasPrefix("http://")
        for address in found {
            guard let bytes = NetworkRange.bytes(of: address) else { throw WebhookError.forbiddenAddress }
            let isInside = networks.contains { $0.contains(bytes) }
            guard isInside || !isPlain && NetworkRange.isPublic(bytes) else {
                throw WebhookError.forbiddenAddress
            }
        }
        return first
    }

    private static func lookUp(_ host: String) -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        var next = list
        while let one = next {
            var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let result = getnameinfo(
                one.pointee.ai_addr,
                one.pointee.ai_addrlen,
                &name,
                socklen_t(name.count),
                nil,
                0,
                NI_NUMERICHOST
            )
            let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            // A zone (`fe80::1%eth0`) is no address of the internet, and is refused as none.
            found.append(result == 0 ? text : "")
            next = one.pointee.ai_next
        }
        return found
    }
}
