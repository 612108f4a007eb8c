import Cryptography
import Exchange
import Foundation
import Kernel

/// One message between the zones: a head of canonical JSON, a line feed, the signature over the head in hexadecimal
/// digits, a line feed, and the body, whose digest the head names (Docs/formats/relay.md).
struct RelayMessage: Sendable, Equatable {
    enum Kind: String { case request, answer }

    let kind: Kind
    /// Rises with every message of a sender and is used once.
    let number: Int64
    /// What joins a request with its answer: chosen by who asks, and not to be guessed.
    let id: String
    let at: Instant
    /// Method and target, or status.
    let content: JSON
    /// As they travelled; a name may come more than once.
    let headers: [(name: String, value: String)]
    let body: [UInt8]

    static func == (left: Self, right: Self) -> Bool {
        left.head(from: "") == right.head(from: "") && left.body == right.body
    }

    private func head(from sender: String) -> [UInt8] {
        let json: JSON = [
            "at": JSON(at.milliseconds), "content": content, "digest": .string(Hex.encode(SM3.digest(body))),
            "from": .string(sender),
            "headers": .array(headers.map { .array([.string($0.name), .string($0.value)]) }),
            "id": .string(id), "kind": .string(kind.rawValue), "number": JSON(number), "version": 1,
        ]
        return json.canonicalBytes
    }

    func bytes(signedBy key: SM2PrivateKey, named sender: String) throws -> [UInt8] {
        let head = head(from: sender)
        return head + [0x0A] + Array(Hex.encode(try key.sign(head)).utf8) + [0x0A] + body
    }

    /// Reads what the other side has signed.
    /// - Throws: `RelayRefusal.unreadable`, `.notSigned`.
    init(_ bytes: [UInt8], kind: Kind, from peer: PeerKey) throws {
        let parts = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let signature = Hex.decode(String(decoding: parts[1], as: UTF8.self)) else {
            throw RelayRefusal.unreadable
        }
        let head = Array(parts[0])
        guard peer.key.verify(signature: signature, of: head) else { throw RelayRefusal.notSigned }
        body = Array(parts[2])
        guard let json = try? JSON.read(head, depthMax: 4, sizeBytesMax: head.count),
            json["version"].int == 1, json["from"].text == peer.keyID, json["kind"].text == kind.rawValue,
            json["digest"].text == Hex.encode(SM3.digest(body)), let number = json["number"].int, number > 0,
            let id = json["id"].text, let at = json["at"].int
        else { throw RelayRefusal.unreadable }
        self.kind = kind
        self.number = number
        self.id = id
        self.at = Instant(milliseconds: at)
        content = json["content"]
        headers = json["headers"].elements.compactMap { pair in
            guard let name = pair.elements.first?.text, let value = pair.elements.last?.text else {
                return nil
            }
            return (name, value)
        }
    }

    init(
        kind: Kind,
        number: Int64,
        id: String,
        at: Instant,
        content: JSON,
        headers: [(name: String, value: String)],
        body: [UInt8]
    ) {
        self.kind = kind
        self.number = number
        self.id = id
        self.at = at
        self.content = content
        self.headers = headers
        self.body = body
    }
}

/// Why a message is not taken. Told to the operator; the other zone is told nothing.
enum RelayRefusal: String, Error, CaseIterable {
    case unreadable = "relay.unreadable"
    case tooLarge = "relay.too-large"
    /// Changed on the way, or of somebody else.
    case notSigned = "relay.not-signed"
    /// Its number was used before.
    case replayed = "relay.replayed"
    /// So far behind the newest number that nobody can tell any more.
    case tooFarBehind = "relay.too-far-behind"
    /// Signed too long ago, or in the future.
    case expired = "relay.expired"
    /// For something that the outer zone has no business with.
    case notPublic = "relay.not-public"
    /// Nobody asked for this answer, or nobody waits for it any more.
    case unasked = "relay.unasked"
}

/// Sizes and times of the relay, from `operating-limits.tsv`.
struct RelayLimits: Sendable {
    /// Bytes of a message.
    let size: Int
    /// Numbers behind the newest that are still told apart.
    let window: Int
    /// Milliseconds between signing and taking.
    let age: Int64
    /// Milliseconds for which a page waits before it says that the request was received.
    let wait: Int64
    /// Milliseconds for which an answer is kept for whoever asked.
    let keep: Int64
    /// Requests that may be open at once.
    let open: Int
}
