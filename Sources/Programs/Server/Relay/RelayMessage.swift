import Cryptography
import Exchange
import Foundation
import Kernel

/// One message between the zones: a head of canonical JSON that is signed, and behind it the sealed content, whose digest
/// the head names (Docs/formats/relay.md). What a gate or a folder shows of it is when and how much.
struct RelayMessage: Sendable {
    enum Kind: String { case request, answer }

    /// Bytes of a message beside its body: the two heads and the signature.
    static let headMax = 65_536

    let kind: Kind
    /// What joins a request with its answer: chosen by who asks, used once, and not to be guessed.
    let id: String
    let at: Instant
    /// Method, target and address; or status, or why there is none.
    let content: JSON
    /// As they travelled; a name may come more than once.
    let headers: [(name: String, value: String)]
    let body: [UInt8]

    /// Moments sort as text for a hundred thousand years.
    var fileName: String {
        let moment = String(at.milliseconds)
        return "\(String(repeating: "0", count: max(0, 15 - moment.count)))\(moment)-\(id).msg"
    }

    /// A head of its own, a line feed, and the body.
    private var inside: [UInt8] {
        let json: JSON = [
            "content": content,
            "headers": .array(headers.map { .array([.string($0.name), .string($0.value)]) }),
        ]
        return json.canonicalBytes + [0x0A] + body
    }

    /// Ties what is sealed to its head, so that it opens under no other.
    private static func label(_ kind: Kind, _ id: String, _ at: Int64) -> String {
        "suban-relay-2 \(kind.rawValue) \(id) \(at)"
    }

    /// Sealed for `receiver` and signed.
    func bytes(from sender: RelayKeys, to receiver: RelayPeer, entropy: any Entropy) throws -> [UInt8] {
        let key = entropy.bytes(32)
        let sealed = try Self.seal(inside, key, Self.label(kind, id, at.milliseconds), entropy)
        let head: JSON = [
            "at": JSON(at.milliseconds), "digest": .string(Hex.encode(SM3.digest(sealed))),
            "from": .string(sender.name), "id": .string(id),
            "key": .string(Hex.encode(try receiver.sealing.key.encrypt(key))),
            "kind": .string(kind.rawValue), "to": .string(receiver.sealing.keyID), "version": 2,
        ]
        let line = head.canonicalBytes
        return line + [0x0A] + Array(Hex.encode(try sender.signing.sign(line)).utf8) + [0x0A] + sealed
    }

    private static func seal(
        _ inside: [UInt8],
        _ key: [UInt8],
        _ label: String,
        _ entropy: some Entropy
    ) throws -> [UInt8] {
        try SealedBox(masterKey: key).seal(inside, label: label, entropy: entropy)
    }

    /// Reads what the other side has signed and sealed for this one.
    /// - Throws: `RelayRefusal.unreadable`, `.notSigned`.
    init(_ bytes: [UInt8], kind: Kind, for receiver: RelayKeys, from peer: RelayPeer) throws {
        let parts = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count <= 4_096,
            let signature = Hex.decode(String(decoding: parts[1], as: UTF8.self))
        else { throw RelayRefusal.unreadable }
        let head = Array(parts[0])
        guard peer.signing.key.verify(signature: signature, of: head) else { throw RelayRefusal.notSigned }
        let sealed = Array(parts[2])
        guard let json = try? JSON.read(head, depthMax: 2, sizeBytesMax: head.count),
            json["version"].int == 2, json["from"].text == peer.signing.keyID,
            json["to"].text == receiver.sealingName, json["kind"].text == kind.rawValue,
            json["digest"].text == Hex.encode(SM3.digest(sealed)), let at = json["at"].int,
            let id = json["id"].text, id.utf8.count == 32, id.utf8.allSatisfy(Self.isOfIdentifier),
            let key = json["key"].text.flatMap({ Hex.decode($0) })
                .flatMap({ try? receiver.sealing.decrypt($0) }), key.count == 32,
            let inside = try? SealedBox(masterKey: key).open(sealed, label: Self.label(kind, id, at)),
            let end = inside.firstIndex(of: 0x0A),
            let opened = try? JSON.read(Array(inside[..<end]), depthMax: 4, sizeBytesMax: end)
        else { throw RelayRefusal.unreadable }
        self.init(
            kind: kind,
            id: id,
            at: Instant(milliseconds: at),
            content: opened["content"],
            headers: opened["headers"].elements.compactMap { pair in
                guard let name = pair.elements.first?.text, let value = pair.elements.last?.text else {
                    return nil
                }
                return (name, value)
            },
            body: Array(inside[(end + 1)...])
        )
    }

    init(
        kind: Kind,
        id: String,
        at: Instant,
        content: JSON,
        headers: [(name: String, value: String)],
        body: [UInt8]
    ) {
        self.kind = kind
        self.id = id
        self.at = at
        self.content = content
        self.headers = headers
        self.body = body
    }

    /// Digits and capital letters: it becomes a part of a file's name.
    private static func isOfIdentifier(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
    }
}

/// Why a message is not taken. Told to the operator; the other zone is told nothing.
enum RelayRefusal: String, Error, CaseIterable {
    case unreadable = "relay.unreadable"
    case tooLarge = "relay.too-large"
    /// A link, a pipe, a folder, or a file of somebody else.
    case notAFile = "relay.not-a-file"
    /// Changed on the way, or of somebody else.
    case notSigned = "relay.not-signed"
    /// It was taken before.
    case replayed = "relay.replayed"
    /// Of a time of which nobody knows any more what was taken.
    case forgotten = "relay.forgotten"
    /// Signed too long ago, or in the future.
    case expired = "relay.expired"
    /// For something that the outer zone has no business with.
    case notPublic = "relay.not-public"
    /// No method of a browser.
    case badMethod = "relay.bad-method"
    /// Nobody asked for this answer, or nobody waits for it any more.
    case unasked = "relay.unasked"
    /// There is no room in memory for this answer.
    case noRoom = "relay.no-room"
}

/// Sizes and times of the relay, from `operating-limits.tsv`.
struct RelayLimits: Sendable {
    /// Bytes of a message.
    var size: Int
    /// Milliseconds between signing and taking.
    var age: Int64
    /// Milliseconds for which a page waits before it says that the request was received.
    var wait: Int64
    /// Milliseconds after which that page looks again.
    var look: Int64
    /// Milliseconds for which an answer is kept after its owner has last asked for it.
    var keep: Int64
    /// Milliseconds after which a request without an answer is given up.
    var lost: Int64
    /// Milliseconds without any answer after which people are told that nobody answers inside.
    var silent: Int64
    /// Requests that may be open at once, of all and of one address.
    var open: Int
    var openOfAddress: Int
    /// Bytes of bodies and answers in memory, of all and of one address.
    var memory: Int
    var memoryOfAddress: Int
    /// Bytes of `memory` for bodies of addresses that hold nothing yet.
    var memoryReserve: Int
    /// Bytes of files that may wait for the gate.
    var disk: Int
    /// Requests that the inner side asks at once.
    var parallel: Int
    /// Milliseconds for which the inner side waits for one answer.
    var answer: Int64
}
