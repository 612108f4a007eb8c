public import Cryptography
public import Kernel

/// The names of the headers that carry the signature.
enum EnvelopeHeader {
    static let key = "suban-key"
    static let time = "suban-time"
    static let nonce = "suban-nonce"
    static let message = "suban-message"
    static let digest = "suban-digest"
    static let signature = "suban-signature"
    static let type = "content-type"
    static let json = "application/json"
}

/// One party's signing key, known to the other side by `keyID`.
public struct EnvelopeSigner: Sendable {
    public let keyID: String
    private let key: any SM2Signing

    public init(keyID: String, key: any SM2Signing) {
        self.keyID = keyID
        self.key = key
    }

    /// What the other side checks with.
    public var publicKey: SM2PublicKey { key.publicKey }

    /// Signs a request. `nonce` is fresh for each sending; `message` stays the same when it is sent again.
    public func sign(
        path: String,
        body: JSON,
        message: String,
        at: Instant,
        nonce: String
    ) throws -> WireRequest {
        var request = WireRequest(
            method: "POST",
            path: path,
            headers: [EnvelopeHeader.type: EnvelopeHeader.json],
            body: body.canonicalBytes
        )
        request.headers = try sealed(
            request.headers,
            body: request.body,
            message: message,
            at: at,
            nonce: nonce
        ) {
            Envelope.signedText(of: request, headers: $0)
        }
        return request
    }

    /// Signs the answer to the request `message`.
    public func sign(
        status: Int,
        body: JSON,
        answering message: String,
        at: Instant,
        nonce: String
    ) throws -> WireResponse {
        var response = WireResponse(
            status: status,
            headers: [EnvelopeHeader.type: EnvelopeHeader.json],
            body: body.canonicalBytes
        )
        response.headers = try sealed(
            response.headers,
            body: response.body,
            message: message,
            at: at,
            nonce: nonce
        ) {
            Envelope.signedText(of: response, headers: $0)
        }
        return response
    }

    private func sealed(
        _ headers: [String: String],
        body: [UInt8],
        message: String,
        at: Instant,
        nonce: String,
        text: ([String: String]) -> String
    ) throws -> [String: String] {
        var headers = headers
        headers[EnvelopeHeader.key] = keyID
        headers[EnvelopeHeader.time] = String(at.milliseconds)
        headers[EnvelopeHeader.nonce] = nonce
        headers[EnvelopeHeader.message] = message
        headers[EnvelopeHeader.digest] = Hex.encode(SM3.digest(body))
        headers[EnvelopeHeader.signature] = Hex.encode(try key.sign(Array(text(headers).utf8)))
        return headers
    }
}

/// The public key of the other side.
public struct PeerKey: Sendable {
    public let keyID: String
    /// A party's identifier, or `platform`.
    public let owner: String
    public let key: SM2PublicKey
    public let validFrom: Instant
    public let validUntil: Instant?
    public let revokedAt: Instant?

    public init(
        keyID: String,
        owner: String,
        key: SM2PublicKey,
        validFrom: Instant,
        validUntil: Instant? = nil,
        revokedAt: Instant? = nil
    ) {
        self.keyID = keyID
        self.owner = owner
        self.key = key
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.revokedAt = revokedAt
    }

    func isValid(at moment: Instant) -> Bool {
        guard validFrom <= moment else { return false }
        if let validUntil, validUntil <= moment { return false }
        if let revokedAt, revokedAt <= moment { return false }
        return true
    }
}

/// What a signature vouches for: method, path, query, content type, the body's digest, time, nonce, message and
/// key (trust.md §6). Each stands on its own line, so that no two messages give the same text.
public enum Envelope {
    /// A message whose signature holds. That its nonce is new is for the store to say.
    public struct Verified: Sendable {
        public let owner: String
        public let keyID: String
        public let message: String
        public let nonce: String
        public let time: Instant
        public let body: JSON
    }

    /// The text that is signed in a request.
    public static func signedText(of request: WireRequest) -> String {
        signedText(of: request, headers: request.headers)
    }

    /// The text that is signed in an answer.
    public static func signedText(of response: WireResponse) -> String {
        signedText(of: response, headers: response.headers)
    }

    static func signedText(of request: WireRequest, headers: [String: String]) -> String {
        text(["request", request.method, request.path, request.query], headers)
    }

    static func signedText(of response: WireResponse, headers: [String: String]) -> String {
        text(["answer", String(response.status)], headers)
    }

    private static func text(_ first: [String], _ headers: [String: String]) -> String {
        let names = [
            EnvelopeHeader.type, EnvelopeHeader.digest, EnvelopeHeader.time, EnvelopeHeader.nonce,
            EnvelopeHeader.message, EnvelopeHeader.key,
        ]
        return (["suban-exchange-v1"] + first + names.map { headers[$0] ?? "" }).joined(separator: "\n")
            + "\n"
    }

    /// Checks a request from the other side; `keys` finds its key by identifier.
    public static func verify(
        _ request: WireRequest,
        now: Instant,
        limits: EnvelopeLimits,
        keys: (String) -> PeerKey?
    ) throws(EnvelopeError) -> Verified {
        try verify(
            headers: request.headers,
            body: request.body,
            text: signedText(of: request),
            now: now,
            limits: limits,
            keys: keys
        )
    }

    /// Checks the answer to the request `message`.
    public static func verify(
        _ response: WireResponse,
        answering message: String,
        now: Instant,
        limits: EnvelopeLimits,
        keys: (String) -> PeerKey?
    ) throws(EnvelopeError) -> Verified {
        let verified = try verify(
            headers: response.headers,
            body: response.body,
            text: signedText(of: response),
            now: now,
            limits: limits,
            keys: keys
        )
        guard verified.message == message else { throw .otherMessage }
        return verified
    }

    private static func verify(
        headers: [String: String],
        body: [UInt8],
        text: String,
        now: Instant,
        limits: EnvelopeLimits,
        keys: (String) -> PeerKey?
    ) throws(EnvelopeError) -> Verified {
        guard body.count <= limits.bodyBytesMax else { throw .tooLarge }
        guard let keyID = headers[EnvelopeHeader.key], let timeText = headers[EnvelopeHeader.time],
            let nonce = headers[EnvelopeHeader.nonce], let message = headers[EnvelopeHeader.message],
            let digest = headers[EnvelopeHeader.digest],
            let signatureText = headers[EnvelopeHeader.signature],
            headers[EnvelopeHeader.type] != nil
        else { throw .headerMissing }
        for value in [keyID, timeText, nonce, message, digest, headers[EnvelopeHeader.type] ?? ""] {
            guard !value.isEmpty, value.utf8.count <= 128,
                value.utf8.allSatisfy({ (0x20..<0x7F).contains($0) })
            else { throw .headerMalformed }
        }
        // Only one way to write each value, so that no byte of a message can change unnoticed.
        guard nonce.utf8.count >= 16, let milliseconds = Int64(timeText), String(milliseconds) == timeText,
            milliseconds >= 0, signatureText.utf8.count <= 200, let signature = Hex.decode(signatureText),
            Hex.encode(signature) == signatureText
        else { throw .headerMalformed }
        let time = Instant(milliseconds: milliseconds)
        guard abs(now - time) <= limits.skewMost else { throw .skew }
        guard let peer = keys(keyID) else { throw .keyUnknown }
        guard peer.isValid(at: now) else { throw .keyNotValid }
        guard digest == Hex.encode(SM3.digest(body)) else { throw .digest }
        guard peer.key.verify(signature: signature, of: Array(text.utf8)) else { throw .signature }
        let content: JSON
        do { content = try JSON.read(body, depthMax: 16, sizeBytesMax: limits.bodyBytesMax) } catch {
            throw .body
        }
        return Verified(
            owner: peer.owner,
            keyID: keyID,
            message: message,
            nonce: nonce,
            time: time,
            body: content
        )
    }
}
