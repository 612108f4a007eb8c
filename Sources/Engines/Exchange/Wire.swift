internal import Foundation

/// A request as it travels: what HTTP carries and what is handed over in process are these same bytes.
public struct WireRequest: Hashable, Sendable {
    /// Upper case, `POST`.
    public var method: String
    /// Begins with `/`, without query.
    public var path: String
    /// What stands after `?`, without it; mostly empty.
    public var query: String
    /// Names in lower case. Values hold no control characters.
    public var headers: [String: String]
    public var body: [UInt8]

    public init(method: String, path: String, query: String = "", headers: [String: String], body: [UInt8]) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The whole message as one run of bytes: request line, headers by name, an empty line, the body.
    public var bytes: [UInt8] {
        let target = query.isEmpty ? path : "\(path)?\(query)"
        return Wire.frame(first: "\(method) \(target)", headers: headers, body: body)
    }

    /// - Returns: nil when the bytes are no framed request.
    public init?(bytes: [UInt8]) {
        guard let (first, headers, body) = Wire.unframe(bytes) else { return nil }
        let parts = first.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].hasPrefix("/") else { return nil }
        let target = parts[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(
            method: String(parts[0]),
            path: String(target[0]),
            query: target.count == 2 ? String(target[1]) : "",
            headers: headers,
            body: body
        )
    }
}

/// The answer to a `WireRequest`.
public struct WireResponse: Hashable, Sendable {
    /// As RFC 9110, section 15.
    public var status: Int
    public var headers: [String: String]
    public var body: [UInt8]

    public init(status: Int, headers: [String: String], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The whole message as one run of bytes.
    public var bytes: [UInt8] { Wire.frame(first: String(status), headers: headers, body: body) }

    /// - Returns: nil when the bytes are no framed response.
    public init?(bytes: [UInt8]) {
        guard let (first, headers, body) = Wire.unframe(bytes), let status = Int(first),
            String(status) == first
        else { return nil }
        self.init(status: status, headers: headers, body: body)
    }
}

enum Wire {
    static func frame(first: String, headers: [String: String], body: [UInt8]) -> [UInt8] {
        var bytes = Array("\(first)\n".utf8)
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            bytes.append(contentsOf: "\(name): \(value)\n".utf8)
        }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: body)
        return bytes
    }

    static func unframe(_ bytes: [UInt8]) -> (first: String, headers: [String: String], body: [UInt8])? {
        var lines: [String] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            guard let line = String(validating: rest[..<end], as: UTF8.self) else { return nil }
            rest = rest[(end + 1)...]
            if line.isEmpty {
                guard let first = lines.first else { return nil }
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    guard let colon = line.range(of: ": ") else { return nil }
                    let name = String(line[..<colon.lowerBound])
                    guard headers.updateValue(String(line[colon.upperBound...]), forKey: name) == nil else {
                        return nil
                    }
                }
                return (first, headers, Array(rest))
            }
            lines.append(line)
        }
        return nil
    }
}

extension WireResponse {
    /// Whether it carries a signature, whoever made it.
    public var isSigned: Bool { headers[EnvelopeHeader.signature] != nil }
}
