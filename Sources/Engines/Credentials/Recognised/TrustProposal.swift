public import Cryptography
public import Kernel

/// What one official proposes and another confirms about whom this platform trusts.
public enum TrustAct: String, Sendable, CaseIterable, Codable {
    /// Revoke a certificate that this platform issued.
    case revoke
    /// Recognise another authority, suspend, resume, end that.
    case recognise, suspend, resume, withdraw
}

public struct TrustProposal: Hashable, Sendable {
    public enum State: String, Sendable, CaseIterable {
        case waiting, confirmed, refused
    }

    public let id: ID<TrustProposal>
    public let act: TrustAct
    /// The certificate or the authority; for one that is to be recognised what it shall be called.
    public let subject: String
    public let content: JSON
    public let reason: String
    public let proposedBy: String
    public let at: Instant
    public let state: State
    public let decidedBy: String?
    public let decidedAt: Instant?

    /// How the authority shall be recognised; nil for other acts.
    public var draft: AuthorityDraft? { act == .recognise ? AuthorityDraft(content) : nil }

    /// Why a certificate shall be revoked; nil for other acts.
    public var revocation: RevocationReason? {
        act == .revoke ? content["reason"].int.flatMap { RevocationReason(rawValue: Int($0)) } : nil
    }

    var object: String { "trust-proposal:\(id)" }
}

/// How an authority shall be recognised.
public struct AuthorityDraft: Hashable, Sendable {
    public let name: String
    public let certificates: String
    public let holders: Set<Holder.Kind>
    public let areas: [String]
    public let makers: [SealMaker]
    public let from: LocalDate
    public let until: LocalDate?

    public init(
        name: String,
        certificates: String,
        holders: Set<Holder.Kind>,
        areas: [String],
        makers: [SealMaker] = [],
        from: LocalDate,
        until: LocalDate?
    ) {
        self.name = name
        self.certificates = certificates
        self.holders = holders
        self.areas = areas
        self.makers = makers
        self.from = from
        self.until = until
    }

    /// Subject and SM3 of each certificate: what whoever confirms compares with the authority's own word.
    public var fingerprints: [String] { Self.fingerprints(of: certificates) }

    static func fingerprints(of certificates: String) -> [String] {
        func lines<Scheme: SignatureScheme>(_ scheme: Scheme.Type) -> [String] {
            // What was proposed could be read; certificates of the other schemes are passed over.
            ((try? X509Certificate<Scheme>.all(pem: certificates, skippingOthers: true)) ?? []).map {
                "\($0.subject.commonName) \(Hex.encode(SM3.digest($0.der)))"
            }
        }
        return lines(SM2.self) + lines(P256.self) + lines(RSA.self)
    }

    var json: JSON {
        [
            "name": .string(name), "certificates": .string(certificates),
            "holders": .array(holders.map(\.rawValue).sorted().map(JSON.string)),
            "areas": .array(areas.map(JSON.string)), "makers": .array(makers.map(\.json)),
            "from": .string(from.description),
            "until": JSON(until?.description),
        ]
    }

    init?(_ json: JSON) {
        guard let name = json["name"].text, let certificates = json["certificates"].text,
            let from = json["from"].text.flatMap({ LocalDate(parsing: $0) })
        else { return nil }
        self.init(
            name: name,
            certificates: certificates,
            holders: Set(
                json["holders"].elements.compactMap { $0.text.flatMap(Holder.Kind.init(rawValue:)) }
            ),
            areas: json["areas"].elements.compactMap(\.text),
            makers: json["makers"].elements.compactMap { SealMaker($0) },
            from: from,
            until: json["until"].text.flatMap { LocalDate(parsing: $0) }
        )
    }
}
