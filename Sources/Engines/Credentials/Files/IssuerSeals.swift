import Audit
public import Cryptography
public import Documents
public import ElectronicSeals
public import Kernel
public import Storage
import Synchronization

/// The seals with which issuing bodies seal electronic licences (电子证照专用章). A body's seal is made when it issues its
/// first file; a renewed certificate or another name brings a new seal under a new code, for codes are never used twice.
public final class IssuerSeals: Sendable {
    /// A seal and the key that may sign with it.
    public struct Sealing: Sendable {
        public let seal: ElectronicSeal
        public let signer: SigningIdentity
    }

    /// What stands under the star.
    static let line = "电子证照专用章"
    /// Another business seal (GB/T 38540, as government bodies use the numbers).
    private static let type = 99
    static let width = 40
    static let dpi = 600.0

    private let authority: CredentialAuthority
    private let maker: IssuingBody
    private let press: DocumentPress
    private let figures: SealFigures
    private let database: any Database
    private let known = Mutex<[IssuingBody: Sealing]>([:])

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
    public func sealing(of body: IssuingBody, occasion: Occasion) async throws -> Sealing {
        let signer = try authority.identity(of: body, now: occasion.now)
        if let kept = known.withLock({ $0[body] }), Self.fits(kept.seal, signer, at: occasion.now) {
            return kept
        }
        let stored = try await database.read { try IssuerSealStore.newest(of: body, in: $0) }
        if let stored {
            let seal = try Self.read(stored)
            if Self.fits(seal, signer, at: occasion.now) {
                return remember(Sealing(seal: seal, signer: signer), body)
            }
        }
        let made = try await make(body, signer, now: occasion.now)
        // Another node may have been faster: the first one counts for all.
        let kept = try await database.write { tx in
            if let other = try IssuerSealStore.newest(of: body, in: tx), other != stored { return other }
            try IssuerSealStore.insert(made, of: body, at: occasion.now, in: tx)
            try AuditLog.append(
                "seal.of-issuer-made",
                object: "issuer-seal:\(made.content.code)",
                after: ["issuer": .string(body.code), "seal": .string(Hex.encode(SM3.digest(made.bytes)))],
                occasion: occasion,
                in: tx
            )
            return made.bytes
        }
        return remember(Sealing(seal: try Self.read(kept), signer: signer), body)
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

    private func make(_ body: IssuingBody, _ signer: SigningIdentity, now: Instant) async throws
        -> ElectronicSeal
    {
        let code = try await authority.numbers.sealCode(region: Self.region(of: body))
        let png = try await press.make { [self] typesetter throws(DocumentError) in
            try picture(of: body, code: code, by: typesetter).png(dpi: Self.dpi, by: typesetter)
        }
        let content = ElectronicSeal.Content(
            vendor: "SUBAN",
            code: code,
            type: Self.type,
            name: body.name + Self.line,
            signers: .certificates([signer.certificate.der]),
            createdAt: now,
            validFrom: signer.certificate.validFrom,
            validUntil: signer.certificate.validUntil,
            picture: .init(type: "PNG", bytes: png, width: Self.width, height: Self.width)
        )
        return try ElectronicSeal(content, madeBy: try authority.identity(of: maker, now: now))
    }

    private func remember(_ sealing: Sealing, _ body: IssuingBody) -> Sealing {
        known.withLock { $0[body] = sealing }
        return sealing
    }

    private static func fits(_ seal: ElectronicSeal, _ signer: SigningIdentity, at now: Instant) -> Bool {
        seal.lists(signer.certificate) && now < seal.content.validUntil
    }

    private static func read(_ der: [UInt8]) throws(CredentialError) -> ElectronicSeal {
        do { return try ElectronicSeal(der: der) } catch { throw .unknown }
    }

    /// Six digits: a body without a credit code is known by its region; in a credit code they follow two characters.
    private static func region(of body: IssuingBody) -> String {
        body.code.utf8.count == 18 ? String(body.code.dropFirst(2).prefix(6)) : String(body.code.prefix(6))
    }
}
