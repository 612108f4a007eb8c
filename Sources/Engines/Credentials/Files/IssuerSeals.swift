import Audit
public import Cryptography
public import Documents
public import ElectronicSeals
public import Kernel
public import Storage
import Synchronization

/// The seals with which issuing bodies seal electronic licences (电子证照专用章). A body's seal is made when it issues its
/// first file, and stands in the register of seals like any other (decision 35); a renewed certificate or another name
/// brings a new seal under a new code, for codes are never used twice.
public final class IssuerSeals: Sendable {
    /// A seal of the register and the key that may sign with it.
    public struct Sealing: Sendable {
        public let id: ID<Seal>
        public let seal: ElectronicSeal
        public let signer: SigningIdentity
    }

    /// The key of their kind among the types of seal; no enterprise applies for one.
    public static let kind = "seal-licence"

    /// What stands under the star.
    static let line = "电子证照专用章"
    static let width = 40
    static let dpi = 600.0
    /// For how long a seal is taken for what it was when it was read. Where its use is written down it is asked again.
    private static let knownFor = Instant.minute

    private let authority: CredentialAuthority
    private let maker: IssuingBody
    private let press: DocumentPress
    private let figures: SealFigures
    private let database: any Database
    private let known = Mutex<[IssuingBody: (sealing: Sealing, readAt: Instant)]>([:])

    /// - Parameter maker: the body that makes seals: whoever runs the platform.
    public init(
        authority: CredentialAuthority,
        maker: IssuingBody,
        press: DocumentPress,
        figures: SealFigures,
        database: any Database
    ) {
        self.authority = authority
        self.maker = maker
        self.press = press
        self.figures = figures
        self.database = database
    }

    /// The seal of a body in force now.
    /// - Throws: `SealError.bodyNotInForce` while the desk stopped it: no other is made in its place.
    public func sealing(of body: IssuingBody, occasion: Occasion) async throws -> Sealing {
        let now = occasion.now
        let signer = try authority.identity(of: body, now: now)
        if let (kept, readAt) = known.withLock({ $0[body] }),
            abs(now.milliseconds - readAt.milliseconds) < Self.knownFor,
            kept.seal.lists(signer.certificate), now < kept.seal.content.validUntil
        {
            return kept
        }
        if let stored = try await database.read({ try Self.find(of: body, signer, at: now, in: $0) }) {
            return remember(stored, of: body, at: now)
        }
        let made = try await make(body, signer, occasion: occasion)
        let kept = try await database.write { tx in
            // Another node may have been faster: the first one counts for all.
            if let other = try Self.find(of: body, signer, at: now, in: tx) { return other }
            let seal = try Seals.enter(made, effective: now, reason: "set-up", occasion: occasion, in: tx)
            return Sealing(id: seal.id, seal: made.seal, signer: signer)
        }
        return remember(kept, of: body, at: now)
    }

    /// Takes the seals over that were made before the register knew any of issuing bodies. One that its maker did not sign
    /// stays where it lies.
    /// - Returns: how many came into the register.
    @discardableResult
    public func takeOver(occasion: Occasion) async throws -> Int {
        var count = 0
        for old in try await database.read({ try IssuerSealStore.unregistered(in: $0) }) {
            guard let (seal, certificate) = genuine(old) else { continue }
            let made = AuthoritySeal(
                seal: seal,
                certificate: certificate,
                body: old.body,
                record: try await record(of: old.body, seal.content, occasion: occasion)
            )
            let isNew = try await database.write { tx in
                guard try SealStore.find(code: seal.content.code, in: tx) == nil else { return false }
                try Seals.enter(made, effective: old.madeAt, reason: "taken-over", occasion: occasion, in: tx)
                return true
            }
            count += isNew ? 1 : 0
        }
        return count
    }

    /// Nil for one that its maker did not sign, or that says another thing than its row.
    private func genuine(_ old: IssuerSealStore.Old) -> (ElectronicSeal, Certificate)? {
        let trust = SealTrust(anchors: authority.anchors, moment: old.madeAt, toleranceMilliseconds: 0)
        do {
            let seal = try ElectronicSeal(der: old.bytes)
            guard case .certificates(let ders) = seal.content.signers, let own = ders.first,
                seal.content.code == old.code, seal.content.name == old.body.name + Self.line
            else { return nil }
            _ = try seal.check(trust)
            return (seal, try Certificate(der: own))
        } catch { return nil }
    }

    /// The figure of a body's seal, for files in which the picture is drawn by hand.
    func picture(of body: IssuingBody, code: String, by typesetter: Typesetter) throws(DocumentError)
        -> SealPicture
    {
        try figures.picture(
            "official",
            ["name": body.name, "line": Self.line, "code": code],
            by: typesetter
        )
    }

    private func make(_ body: IssuingBody, _ signer: SigningIdentity, occasion: Occasion) async throws
        -> AuthoritySeal
    {
        let now = occasion.now
        let code = try await authority.numbers.sealCode(region: Self.region(of: body))
        let png = try await press.make { [self] typesetter throws(DocumentError) in
            try picture(of: body, code: code, by: typesetter).png(dpi: Self.dpi, by: typesetter)
        }
        let content = ElectronicSeal.Content(
            vendor: "SUBAN",
            code: code,
            type: try authority.types.type(Self.kind).sealType ?? 0,
            name: body.name + Self.line,
            signers: .certificates([signer.certificate.der]),
            createdAt: now,
            validFrom: signer.certificate.validFrom,
            validUntil: signer.certificate.validUntil,
            picture: .init(type: "PNG", bytes: png, width: Self.width, height: Self.width)
        )
        return AuthoritySeal(
            seal: try ElectronicSeal(content, madeBy: try authority.identity(of: maker, now: now)),
            certificate: signer.certificate,
            body: body,
            record: try await record(of: body, content, occasion: occasion)
        )
    }

    /// The signed record that goes with a seal, and by whose code anybody looks it up.
    private func record(
        of body: IssuingBody,
        _ content: ElectronicSeal.Content,
        occasion: Occasion
    ) async throws -> PreparedCredential {
        try await authority.prepare(
            CredentialDraft(
                type: Self.kind,
                holder: Holder(.enterprise, code: body.code, name: body.name),
                issuer: maker,
                region: Self.region(of: body),
                fields: ["name": .string(content.name)],
                validUntil: max((content.validUntil + -1).date, occasion.now.date)
            ),
            sealCode: content.code,
            occasion: occasion
        )
    }

    private func remember(_ sealing: Sealing, of body: IssuingBody, at now: Instant) -> Sealing {
        known.withLock { $0[body] = (sealing, now) }
        return sealing
    }

    /// The seal of a body that names a certificate, whether or not it may be used.
    private static func find(
        of body: IssuingBody,
        _ signer: SigningIdentity,
        at now: Instant,
        in reader: any Reader
    ) throws -> Sealing? {
        for one in try SealStore.standing(of: body.code, kind: kind, in: reader)
        where one.owner.name == body.name {
            guard let made = one.made, now < made.validUntil else { continue }
            let seal = try read(made.bytes)
            guard seal.lists(signer.certificate) else { continue }
            guard one.state == .active else { throw SealError.bodyNotInForce(state: one.state) }
            return Sealing(id: one.id, seal: seal, signer: signer)
        }
        return nil
    }

    private static func read(_ der: [UInt8]) throws(CredentialError) -> ElectronicSeal {
        do { return try ElectronicSeal(der: der) } catch { throw .unknown }
    }

    /// Six digits: a body without a credit code is known by its region; in a credit code they follow two characters.
    static func region(of body: IssuingBody) -> String {
        body.code.utf8.count == 18 ? String(body.code.dropFirst(2).prefix(6)) : String(body.code.prefix(6))
    }
}
