import Cryptography
public import Kernel

/// One line of the log: who did what to which thing, when, in which role, to what purpose.
///
/// It holds identifiers and salted digests only, so that deleting a person's data leaves the tree whole.
public struct AuditEntry: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
        case done
        /// Somebody's personal data were looked at.
        case read
        /// Asked for by a known actor and refused, with the refusal's code.
        case refused(code: String)
    }

    public let id: ID<AuditEntry>
    public let at: Instant
    public let actor: Actor
    /// What was done, such as `case.submitted`.
    public let act: String
    /// To what, such as `case:01J…`.
    public let object: String
    public let outcome: Outcome
    /// Whose personal data were read: the identifier of the person.
    public let subject: String?
    /// A code or a reason from a list, at most 200 characters; never personal text.
    public let purpose: String?
    /// SM3 over salt and canonical JSON of the thing before and after, in hexadecimal.
    public let before: String?
    public let after: String?
    public let request: String

    /// The bytes that are hashed into the tree: canonical JSON with every key present (Docs/formats/log.md §1).
    public var bytes: [UInt8] {
        // Written key by key in their order, because a dictionary would cost more than the rest of an entry.
        var out: [UInt8] = []
        out.reserveCapacity(512)
        func put(_ key: StaticString, _ text: String?) {
            key.withUTF8Buffer { out.append(contentsOf: $0) }
            guard let text else { return out.append(contentsOf: "null".utf8) }
            out.append(UInt8(ascii: "\""))
            let isPlain = text.utf8.allSatisfy {
                $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
            }
            if isPlain {
                out.append(contentsOf: text.utf8)
            } else {
                out.append(contentsOf: Self.escaped(text))
            }
            out.append(UInt8(ascii: "\""))
        }
        put("{\"act\":", act)
        put(",\"actor\":", actor.id)
        put(",\"actorKind\":", actor.kind.rawValue)
        put(",\"after\":", after)
        out.append(contentsOf: ",\"at\":\(at.milliseconds)".utf8)
        put(",\"before\":", before)
        put(",\"id\":", id.rawValue)
        put(",\"object\":", object)
        put(",\"outcome\":", outcome.text)
        put(",\"purpose\":", purpose)
        put(",\"request\":", request)
        put(",\"role\":", actor.role)
        put(",\"subject\":", subject)
        out.append(contentsOf: ",\"v\":1}".utf8)
        return out
    }
}

extension AuditEntry.Outcome {
    /// As it stands in the entry.
    public var text: String {
        switch self {
        case .done: "done"
        case .read: "read"
        case .refused(let code): "refused:\(code)"
        }
    }

    init?(_ text: String) {
        switch text {
        case "done": self = .done
        case "read": self = .read
        default:
            guard text.hasPrefix("refused:") else { return nil }
            self = .refused(code: String(text.dropFirst("refused:".count)))
        }
    }
}

extension AuditEntry {
    /// Reads the bytes of one entry.
    /// - Returns: nil unless the bytes are exactly what `bytes` would write.
    public init?(bytes: [UInt8]) {
        guard let json = try? JSON.read(bytes, depthMax: 2, sizeBytesMax: 16_384),
            json["v"].int == 1, let id = json["id"].text, let at = json["at"].int,
            let actor = json["actor"].text,
            let kind = json["actorKind"].text.flatMap(Actor.Kind.init(rawValue:)),
            let role = json["role"].text, let act = json["act"].text, let object = json["object"].text,
            let outcome = json["outcome"].text.flatMap(Outcome.init(_:)), let request = json["request"].text
        else { return nil }
        self.init(
            id: ID(id),
            at: Instant(milliseconds: at),
            actor: Actor(kind, id: actor, role: role),
            act: act,
            object: object,
            outcome: outcome,
            subject: json["subject"].text,
            purpose: json["purpose"].text,
            before: json["before"].text,
            after: json["after"].text,
            request: request
        )
        guard self.bytes == bytes else { return nil }
    }

    /// The salted digest that stands for a thing: SM3 over the salt's 16 random bytes and the canonical JSON. The
    /// salt is kept beside the entry and erased with the personal data.
    public static func digest(of content: JSON, salt: [UInt8]) -> String {
        Hex.encode(SM3.digest(salt + content.canonicalBytes))
    }
}

extension AuditEntry {
    /// How canonical JSON writes a text, without the quotes around it.
    static func escaped(_ text: String) -> [UInt8] {
        Array(JSON.string(text).canonicalBytes.dropFirst().dropLast())
    }
}
