import Foundation
import Kernel
import Storage

/// Where a subscriber wants to be told. Nobody outside may make the platform knock at doors inside (trust.md, H8): only
/// public addresses are asked, and those of the networks that the installation names. What a name stands for is looked
/// up for each delivery, and the connection goes to the very address that was looked at.
struct WebhookAddress: Sendable {
    let url: String
    let host: String

    /// More than a node tells at once: a name that nobody answers for keeps its thread until the system's resolver gives
    /// up, which is longer than its delivery waits.
    private static let workers = Workers<Void>(
        name: "suban.names",
        countMax: 32,
        lengthMax: 256,
        makeTool: {},
        dropTool: { _ in }
    )

    /// - Throws: `WebhookError.badAddress` for anything but `https://host[:port]/path`; `http` is for networks of one's own.
    init(_ text: String, inside networks: [NetworkRange]) throws(WebhookError) {
        guard (1...500).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
            parts.scheme == "https" || parts.scheme == "http" && !networks.isEmpty,
            parts.user == nil, parts.password == nil, parts.fragment == nil,
            parts.port.map({ (1...65_535).contains($0) }) ?? true, parts.percentEncodedHost == host
        else { throw .badAddress }
        url = text
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        guard Self.isHost(self.host, isBracketed: host.hasPrefix("[")) else { throw .badAddress }
    }

    /// A name as the name system has it (RFC 1123, 2.1) or a plain address: whatever else is between the slashes, another
    /// reader of the same text may take for another host.
    private static func isHost(_ host: String, isBracketed: Bool) -> Bool {
        if isBracketed { return host.contains(":") && NetworkRange.bytes(of: host) != nil }
        return host.utf8.count <= 253
            && host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
            }
    }

    /// One address behind the name, when all of them may be asked.
    /// - Parameter within: milliseconds.
    /// - Throws: `WebhookError.unknownHost`, `.forbiddenAddress`, `.unreachable` when nobody says in time.
    func resolved(
        inside networks: [NetworkRange],
        within: Int64,
        lookUp: @escaping @Sendable (_ host: String) -> [String] = Self.lookUp
    ) async throws -> String {
        let found = try await Self.answer(of: host, within: within, lookUp: lookUp)
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

    /// What is looked up. Nobody can end a lookup; who asked for it need not wait for it.
    private static func answer(
        of host: String,
        within: Int64,
        lookUp: @escaping @Sendable (String) -> [String]
    ) async throws -> [String] {
        let (answers, answer) = AsyncStream<[String]>.makeStream()
        try workers.add { _ in
            answer.yield(lookUp(host))
            answer.finish()
        }
        let found = await withTaskGroup(of: [String]?.self) { group in
            group.addTask { await answers.first { _ in true } }
            group.addTask {
                try? await Task.sleep(for: .milliseconds(within))
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        guard let found else { throw WebhookError.unreachable }
        return found
    }

    @Sendable private static func lookUp(_ host: String) -> [String] {
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
