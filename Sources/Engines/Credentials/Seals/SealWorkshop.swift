import Audit
import Cryptography
public import Documents
import ElectronicSeals
public import Jobs
public import Kernel
import Standards
public import Storage

/// How long things take in the life of seals: dated data of `Systems/e-seal`.
public struct SealTerms: Sendable {
    /// Months after which a seal that nobody claimed ends, on a day.
    public let unclaimedMonths: @Sendable (LocalDate) throws -> Int
    /// Whether the owner's kind of firm needs no second person for a seal, on a day.
    public let standsAlone: @Sendable (Seal, LocalDate, any Reader) throws -> Bool

    public init(
        unclaimedMonths: @escaping @Sendable (LocalDate) throws -> Int,
        standsAlone: @escaping @Sendable (Seal, LocalDate, any Reader) throws -> Bool
    ) {
        self.unclaimedMonths = unclaimedMonths
        self.standsAlone = standsAlone
    }
}

/// Makes seals and signs with them: everything that needs keys, outside of any transaction.
public struct SealWorkshop: Sendable {
    static let makeJob = "seal.make"
    static let unclaimedJob = "seal.unclaimed"
    static let destroyJob = "seal.destroy-key"

    public let database: any Database
    public let authority: CredentialAuthority
    public let kinds: SealKinds
    /// In whose name seals are made and their certificates of making signed.
    public let maker: IssuingBody
    let terms: SealTerms
    let press: DocumentPress
    private let figures: SealFigures

    public init(
        database: any Database,
        authority: CredentialAuthority,
        kinds: SealKinds,
        maker: IssuingBody,
        terms: SealTerms,
        press: DocumentPress,
        figures: SealFigures
    ) {
        self.database = database
        self.authority = authority
        self.kinds = kinds
        self.maker = maker
        self.terms = terms
        self.press = press
        self.figures = figures
    }

    /// Approves an application: the record that goes with the seal is signed, and gives it its code.
    @discardableResult
    public func approve(
        _ id: ID<Seal>,
        issuer: IssuingBody,
        expecting version: Int64,
        occasion: Occasion
    ) async throws -> Seal {
        let seal = try await database.read { try Seals.require(id, expecting: version, in: $0) }
        // Asked before a code is spent.
        _ = try seal.state.after(.approve)
        var fields: [String: JSON] = ["name": .string(try name(of: seal))]
        if let line = seal.line { fields["line"] = .string(line) }
        if let mongolian = seal.mongolian { fields["mongolian"] = .string(mongolian) }
        let prepared = try await authority.prepare(
            CredentialDraft(
                type: seal.kind,
                holder: seal.owner,
                issuer: issuer,
                region: seal.region,
                fields: .object(fields)
            ),
            occasion: occasion
        )
        return try await database.write {
            try Seals.approve(id, with: prepared, expecting: version, occasion: occasion, in: $0)
        }
    }

    func name(of seal: Seal) throws -> String { seal.name(of: try authority.types.type(seal.kind)) }

    /// The key of a seal and its owner's certificate for it, made at the first call.
    private func signer(of seal: Seal, now: Instant) throws -> SigningIdentity {
        guard let code = seal.code else { throw SealError.noKey }
        return try authority.keys.identity(
            named: Self.keyName(code),
            subject: DistinguishedName(
                organization: seal.owner.name,
                unit: "ES \(code)",
                commonName: try name(of: seal),
                serialNumber: seal.owner.code
            ),
            for: .signatures,
            now: now
        )
    }

    static func keyName(_ code: String) -> String { "seal-\(code)" }

    /// The key of a seal that was made. A fresh one in place of one that is gone signs nothing.
    func keptSigner(of seal: Seal, now: Instant) throws -> SigningIdentity {
        let identity = try signer(of: seal, now: now)
        guard let made = seal.made, Hex.encode(identity.certificate.serial) == made.certificate else {
            throw SealError.noKey
        }
        return identity
    }

    // MARK: - Making

    /// Makes the SES seal of one that the police filed (GB/T 38540-2020): key, certificate, picture, the maker's
    /// signature, and the certificate of making.
    func make(_ id: ID<Seal>, occasion: Occasion) async throws {
        guard let seal = try await database.read({ try SealStore.find(id, in: $0) }), seal.state == .recorded,
            let code = seal.code, let credential = seal.credential,
            let record = try await database.read({ try Credentials.find(credential, in: $0)?.record })
        else { return }
        let now = occasion.now
        let kind = try kinds.kind(seal.kind)
        let signer = try signer(of: seal, now: now)
        // The last day of the record, or the certificate's end if that comes first.
        let last =
            record.validUntil.map { Instant($0.adding(days: 1)) + -1_000 } ?? signer.certificate.validUntil
        let until = min(last, signer.certificate.validUntil)
        let made = try ElectronicSeal(
            ElectronicSeal.Content(
                vendor: Self.vendor,
                code: code,
                type: kind.number,
                name: try name(of: seal),
                signers: .certificates([signer.certificate.der]),
                createdAt: now,
                validFrom: now,
                validUntil: until,
                picture: try await picture(of: seal, kind: kind)
            ),
            madeBy: try authority.identity(of: maker, now: now)
        )
        var next = seal
        next.made = Seal.Made(
            bytes: made.bytes,
            certificate: Hex.encode(signer.certificate.serial),
            at: now,
            validUntil: until
        )
        let paper = try paper(.making, of: next, at: now, reason: nil)
        let unclaimed = Instant(now.date.adding(months: try terms.unclaimedMonths(now.date)).adding(days: 1))
        let done = next
        try await database.write { tx in
            _ = try Seals.require(id, expecting: seal.version, in: tx)
            _ = try Seals.step(done, .make, reason: "made", occasion: occasion, in: tx)
            try SealStore.keep(SealPaper.making.rawValue, paper, of: id, in: tx)
            try Jobs.enqueue(
                kind: Self.unclaimedJob,
                key: seal.object,
                payload: ["seal": .string(id.rawValue)],
                at: unclaimed,
                in: tx
            )
        }
    }

    private static let vendor = "SUBAN"

    private static let dpi = 600.0

    /// Drawn on a thread of the press.
    private func picture(of seal: Seal, kind: SealKind, dpi: Double = dpi) async throws
        -> ElectronicSeal.Picture
    {
        var texts = ["name": seal.owner.name, "code": seal.code ?? "", "tax-number": seal.owner.code]
        switch kind.line {
        case .none: if kind.number != 1 { texts["line"] = try authority.types.type(seal.kind).nameZH }
        case .words: texts["line"] = seal.line
        case .person: texts["name"] = seal.line
        }
        if seal.number > 1 { texts["number"] = "(\(seal.number))" }
        texts["mongolian"] = seal.mongolian
        let shown = texts
        let figure = seal.mongolian == nil ? kind.figure : kind.bilingual ?? kind.figure
        return try await press.make { [figures] typesetter throws(DocumentError) in
            let picture = try figures.picture(figure, shown, by: typesetter)
            return ElectronicSeal.Picture(
                type: "PNG",
                bytes: try picture.png(dpi: dpi, by: typesetter),
                width: Int(picture.width.rounded()),
                height: Int(picture.height.rounded())
            )
        }
    }

    private static let previewDPI = 150.0

    /// What a seal would look like that is applied for, without its code, as a PNG. Nothing is kept.
    /// - Throws: what the application would be refused for.
    public func preview(_ application: SealApplication, occasion: Occasion) async throws -> [UInt8] {
        try application.check()
        let seal = Seal(application, id: occasion.newID(), number: 1)
        return try await picture(of: seal, kind: application.kind, dpi: Self.previewDPI).bytes
    }

    /// Destroys the key of a seal that ended, and certifies the end. That of an issuing body's goes on signing its records.
    func destroyKey(of id: ID<Seal>, occasion: Occasion) async throws {
        guard let seal = try await database.read({ try SealStore.find(id, in: $0) }), seal.state == .voided,
            let code = seal.code
        else { return }
        if !seal.isOfAuthority { try authority.keys.store.destroy(named: Self.keyName(code)) }
        let last = try await database.read { try SealStore.steps(of: id, in: $0).last { $0.event == .void } }
        let paper = try paper(.cancellation, of: seal, at: last?.at ?? occasion.now, reason: last?.reason)
        try await database.write { tx in
            guard try SealStore.noteKeyDestroyed(id, at: occasion.now, in: tx) else { return }
            try SealStore.keep(SealPaper.cancellation.rawValue, paper, of: id, in: tx)
            guard !seal.isOfAuthority else { return }
            let key = JSON.object(["key": .string(Self.keyName(code))])
            let entry = try AuditLog.append(
                "seal.key-destroyed",
                object: seal.object,
                after: key,
                occasion: occasion,
                in: tx
            )
            try Outbox.emit(
                "seal.key-destroyed",
                object: seal.object,
                payload: ["seal": .string(id.rawValue), "code": .string(code)],
                feed: FeedPlace(entry.id, region: seal.region),
                occasion: occasion,
                in: tx
            )
        }
    }

    // MARK: - Papers

    private func paper(_ paper: SealPaper, of seal: Seal, at moment: Instant, reason: String?) throws
        -> String
    {
        let text = paper.text(
            of: seal,
            name: try name(of: seal),
            type: try authority.types.type(seal.kind).sealType ?? 0,
            maker: maker,
            at: moment,
            reason: reason
        )
        return try authority.sign(text, by: maker, now: moment).json.canonical
    }
}

extension SealWorkshop {
    /// What the job runner has to know.
    public func jobKinds(clock: any Clock, entropy: any Entropy) -> [JobKind] {
        @Sendable func occasion(_ job: Job) -> Occasion {
            Occasion(
                now: max(clock.now, job.due),
                actor: .platform("seals"),
                request: "job:\(job.key)",
                entropy: entropy
            )
        }
        @Sendable func seal(_ job: Job) -> ID<Seal> { ID(job.payload["seal"].text ?? "") }
        return [
            JobKind(Self.makeJob) { job in
                try await make(seal(job), occasion: occasion(job))
                return .done
            },
            JobKind(Self.unclaimedJob) { job in
                let (id, occasion) = (seal(job), occasion(job))
                try await database.write { tx in
                    guard let seal = try SealStore.find(id, in: tx), seal.state == .made else { return }
                    _ = try Seals.end(seal, reason: "unclaimed", occasion: occasion, in: tx)
                }
                return .done
            },
            JobKind(Self.destroyJob) { job in
                try await destroyKey(of: seal(job), occasion: occasion(job))
                return .done
            },
        ]
    }
}
