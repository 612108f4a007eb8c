import Cryptography
public import Documents
import ElectronicSeals
public import Identity
public import Kernel
import Storage

/// A document with a seal, and its line in the ledger.
public struct SealedDocument: Sendable {
    public let bytes: [UInt8]
    public let use: SealUse
}

extension SealWorkshop {
    /// Puts the seal to the document that was approved: an OFD package. Everything is asked when the ledger is written, in
    /// that transaction; the signature is made before it and handed out only after it.
    /// - Parameters:
    ///   - places: where the picture stands; nil is to the right at the foot of the last page.
    ///   - isLocking: whether no seal may follow.
    public func sign(
        _ id: ID<SealRequest>,
        document: [UInt8],
        places: [OFDSigner.Place]? = nil,
        isLocking: Bool,
        limits: PackageLimits,
        by person: ID<Person>,
        occasion: Occasion
    ) async throws -> SealedDocument {
        let now = occasion.now
        let (request, seal) = try await database.read { reader in
            let request = try SealRequests.require(id, in: reader)
            let seal = try Seals.require(request.seal, in: reader)
            try SealRequests.check(request, of: seal, at: now, in: reader)
            if request.confirmation != nil, try !standsAlone(seal, on: now.date, in: reader) {
                throw SealError.fourEyes
            }
            return (request, seal)
        }
        guard person.rawValue == request.requester else { throw SealError.noPermit }
        guard Hex.encode(SM3.digest(document)) == request.subject.digest else {
            throw SealError.documentChanged
        }
        guard let made = seal.made else { throw SealError.notInForce(state: seal.state) }
        let package = try await package(document, for: seal, limits: limits)
        let stamps = authority.stamps(at: now)
        let sealed = try OFDSigner.seal(
            package.package,
            with: OFDSigner.Stamp(
                seal: try ElectronicSeal(der: made.bytes),
                signer: try keptSigner(of: seal, now: now),
                places: try places ?? seal.places(in: package)
            ),
            at: now,
            isLocking: isLocking,
            timestamp: { value throws(CryptographyError) in
                try stamps.token(for: SM3.digest(value), .sm3, now: now)
            }
        ).zipped()
        let use = SealUse(
            seal: seal.id,
            request: id,
            permit: request.permit,
            signer: person.rawValue,
            approver: request.decidedBy ?? "",
            confirmation: request.confirmation,
            subject: request.subject,
            result: Hex.encode(SM3.digest(sealed)),
            certificate: made.certificate,
            at: now
        )
        try await database.write { tx in
            try Self.enter(use, of: request, expecting: seal.version, occasion: occasion, in: tx)
        }
        return SealedDocument(bytes: sealed, use: use)
    }

    /// Whether a seal can be put to a file at all: asked when it is handed in, and again when it is sealed.
    /// - Throws: `unreadable`, `locked`, `broken`, `licence` or `noPlace`.
    @discardableResult
    public func package(_ document: [UInt8], for seal: Seal, limits: PackageLimits) async throws
        -> OFDDocument
    {
        // Whom a seal leads to is asked by whoever verifies; here only that nothing was changed under it.
        let trust = SealTrust(anchors: [], moment: Instant(milliseconds: 0), toleranceMilliseconds: 0)
        let verdict = try await press.make { _ in OFDVerifier(trust: trust, limits: limits).verify(document) }
        guard let package = verdict.document else {
            throw SealError.unreadable(verdict.problem?.kind.rawValue ?? "")
        }
        let changes: Set<VerificationClass> = [
            .format, .algorithm, .documentHash, .fileHash, .coverage, .signatureValue, .sealMismatch,
        ]
        let isBroken = verdict.signatures.contains { one in
            if let problem = one.problem, changes.contains(problem.kind) { return true }
            // The order of checks may end before its maker's signature is looked at.
            do { _ = try one.signature?.seal.checkValue() } catch { return true }
            return false
        }
        guard !isBroken else { throw SealError.broken }
        guard !verdict.signatures.contains(where: \.isLocking) else { throw SealError.locked }
        guard !FileVerifier.isLicence(package.bodies.flatMap(\.fields)) else { throw SealError.licence }
        _ = try seal.places(in: package)
        return package
    }

    /// Writes the ledger, unless anything on which the signature rests is not so any more.
    private static func enter(
        _ use: SealUse,
        of request: SealRequest,
        expecting version: Int64,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        // Whoever suspends or ends the seal or its record waits for this, or this for him.
        try SealStore.lock(use.seal, in: tx)
        let seal = try Seals.require(use.seal, in: tx)
        if let credential = seal.credential { try SealStore.lock(credential, in: tx) }
        let kept = try SealRequests.require(request.id, in: tx)
        try SealRequests.check(kept, of: seal, at: occasion.now, in: tx)
        guard seal.version == version, kept.version == request.version else { throw SealError.stale }
        if let permit = request.permit, try !SealUseStore.spend(permit, in: tx) { throw SealError.usedUp }
        try SealUseStore.move(
            kept,
            to: .signed,
            by: use.approver,
            reason: nil,
            at: occasion.now,
            in: tx
        )
        try SealUseStore.insert(use, in: tx)
        try SealPermits.tell(
            "used",
            seal,
            LoggedSeal.usingBefore(use),
            logged: LoggedSeal.using(use),
            occasion: occasion,
            in: tx
        )
    }
}
