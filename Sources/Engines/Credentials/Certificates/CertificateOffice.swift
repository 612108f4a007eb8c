public import Cryptography
import ElectronicSeals
public import Identity
public import Kernel
public import Storage

/// Issues certificates and signs with them: everything about them that needs keys, outside of any transaction.
public struct CertificateOffice: Sendable {
    let database: any Database
    let authority: CredentialAuthority
    let terms: @Sendable (LocalDate) throws -> CertificateTerms
    public let lists: RevocationLists
    /// The authorities of others, for whoever verifies.
    public let trust = TrustMemory()

    public init(
        database: any Database,
        authority: CredentialAuthority,
        terms: @escaping @Sendable (LocalDate) throws -> CertificateTerms
    ) {
        self.database = database
        self.authority = authority
        self.terms = terms
        lists = RevocationLists(database: database, keys: authority.keys, terms: terms)
    }

    /// Every list at hand for whoever checks: the platform's own as they are now, and those of recognised authorities.
    /// - Parameter limits: how large a list of others may be.
    public func revocations(at now: Instant, limits: RevocationLimits, in reader: any Reader) throws
        -> Revocations
    {
        let own = try lists.current(at: now, in: reader)
        let others = try trust.recognised(limits: limits, in: reader).revocation
        return own.adding(others)
    }

    // MARK: - Issuing

    /// Issues a certificate for a holder to the person who applies: himself, or whoever acts for the enterprise. Its key is
    /// made here.
    public func issue(to holder: Holder, by person: ID<Person>, occasion: Occasion) async throws
        -> HolderCertificate
    {
        let terms = try terms(occasion.now.date)
        return try await issue(to: holder, by: person, replacing: nil, terms, occasion: occasion) { tx in
            let open = try CertificateStore.open(of: holder.code, at: occasion.now, in: tx).filter {
                $0.agent == person.rawValue
            }
            guard open.count < terms.openMax else { throw CertificateError.tooMany(max: terms.openMax) }
        }
    }

    /// Whether a certificate is in the days in which it may be renewed.
    public func isRenewable(_ certificate: HolderCertificate, at now: Instant) throws -> Bool {
        let first = certificate.validUntil.date.adding(days: -(try terms(now.date).renewalDays))
        return certificate.state(at: now) == .valid && now.date >= first
    }

    /// Issues the next certificate before the present one ends: a new key, the same holder, both good meanwhile.
    public func renew(_ id: ID<HolderCertificate>, by person: ID<Person>, occasion: Occasion) async throws
        -> HolderCertificate
    {
        let terms = try terms(occasion.now.date)
        let holder = try await database.read { reader in
            guard let old = try CertificateStore.find(id, in: reader) else { throw CertificateError.unknown }
            return try Self.present(old.holder, in: reader)
        }
        return try await issue(to: holder, by: person, replacing: id, terms, occasion: occasion) { tx in
            guard let old = try CertificateStore.find(id, in: tx) else { throw CertificateError.unknown }
            try Certificates.requireHis(old, person, at: occasion.now, in: tx)
            // Renamed while the key was made: the next try names it so.
            guard try Self.present(old.holder, in: tx) == holder else { throw CertificateError.renamed }
            guard old.state(at: occasion.now) == .valid, try !CertificateStore.isReplaced(id, in: tx) else {
                throw CertificateError.notInForce
            }
            guard try isRenewable(old, at: occasion.now) else {
                throw CertificateError.notDue(days: terms.renewalDays)
            }
        }
    }

    /// The holder as he is called now: a certificate is renewed in no name that was given up.
    private static func present(_ holder: Holder, in reader: any Reader) throws -> Holder {
        let name =
            switch holder.kind {
            case .enterprise: try Enterprises.find(holder.code, in: reader)?.name
            case .person: try People.find(ID(holder.code), in: reader)?.name
            }
        return Holder(holder.kind, code: holder.code, name: name ?? holder.name)
    }

    /// - Parameter check: asked before the key is made, and again where the certificate is entered.
    private func issue(
        to holder: Holder,
        by person: ID<Person>,
        replacing old: ID<HolderCertificate>?,
        _ terms: CertificateTerms,
        occasion: Occasion,
        check: @escaping @Sendable (any Transaction) throws -> Void
    ) async throws -> HolderCertificate {
        let now = occasion.now
        let id: ID<HolderCertificate> = occasion.newID()
        let keys = authority.keys
        let identity = try keys.issuing.identity(
            CertificateRequest(
                subject: DistinguishedName(
                    organization: holder.kind == .enterprise ? holder.name : nil,
                    commonName: holder.name,
                    serialNumber: holder.code
                ),
                serial: occasion.entropy.bytes(16),
                // A minute back, so that a neighbour whose clock is slow does not refuse it.
                validFrom: now + -Instant.minute,
                validUntil: Instant(now.date.adding(months: 12 * terms.years))
            ),
            for: .signatures
        )
        let made = HolderCertificate(
            id: id,
            holder: holder,
            agent: person.rawValue,
            issuer: keys.issuerIDs.last { $0.hasPrefix(PlatformKeys.Family.sm2.rawValue) } ?? "",
            serial: Hex.encode(identity.certificate.serial),
            der: identity.certificate.der,
            validFrom: identity.certificate.validFrom,
            validUntil: identity.certificate.validUntil,
            issuedAt: now,
            replaces: old,
            revokedAt: nil,
            reason: nil
        )
        // A key without its row is never used; a row without its key would be believed.
        try keys.store.save(identity, named: made.keyName, of: .holder)
        do {
            try await database.write { tx in
                try CertificateStore.lock(holder.code, in: tx)
                try Certificates.requireHis(made, person, at: now, in: tx)
                try check(tx)
                try CertificateStore.insert(made, in: tx)
                let facts: JSON = [
                    "holder": .string(holder.code), "serial": .string(made.serial),
                    "issuer": .string(made.issuer), "until": JSON(made.validUntil.milliseconds),
                    "replaces": JSON(old?.rawValue),
                ]
                let what = old == nil ? "issued" : "renewed"
                try Certificates.tell(what, made.object, facts, occasion: occasion, in: tx)
            }
        } catch {
            try keys.store.destroy(named: made.keyName)
            throw error
        }
        return made
    }

    // MARK: - Signing

    /// Signs a document, with a time stamp: a detached signature by GB/T 35275 that anybody checks with the document. It is
    /// handed out, not kept; that it was made is written down.
    /// - Parameter name: what the owner calls the document, 1...200 characters.
    public func sign(
        _ document: [UInt8],
        named name: String,
        with id: ID<HolderCertificate>,
        by person: ID<Person>,
        occasion: Occasion
    ) async throws -> [UInt8] {
        guard !document.isEmpty, (1...200).contains(name.count) else { throw CertificateError.nothing }
        let now = occasion.now
        let found = try await database.read { reader in
            guard let found = try CertificateStore.find(id, in: reader) else {
                throw CertificateError.unknown
            }
            try Certificates.requireHis(found, person, at: now, in: reader)
            guard found.state(at: now) == .valid else { throw CertificateError.notInForce }
            return found
        }
        guard let identity = try authority.keys.store.identity(named: found.keyName, of: .holder),
            identity.certificate.der == found.der
        else { throw CertificateError.unknown }
        let stamps = authority.stamps(at: now)
        let signature = try SignedEnvelope.sign(document, by: identity, at: now) {
            value throws(CryptographyError) in try stamps.token(for: SM3.digest(value), .sm3, now: now)
        }
        let use = CertificateUse(
            id: occasion.newID(),
            certificate: id,
            digest: Hex.encode(SM3.digest(document)),
            name: name,
            at: now
        )
        try await database.write { tx in
            // Whoever revokes it waits for this, or this for him.
            try CertificateStore.lock(found.holder.code, in: tx)
            guard let kept = try CertificateStore.find(id, in: tx), kept.state(at: now) == .valid else {
                throw CertificateError.notInForce
            }
            try Certificates.requireHis(kept, person, at: now, in: tx)
            try CertificateStore.insert(use, in: tx)
            let facts: JSON = ["digest": .string(use.digest), "use": .string(use.id.rawValue)]
            try Certificates.tell("used", kept.object, facts, occasion: occasion, in: tx)
        }
        return signature
    }
}
