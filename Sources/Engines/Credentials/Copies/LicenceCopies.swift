import Audit
import Cryptography
import Jobs
public import Kernel
import Standards
public import Storage

/// Making and checking annotated copies. The file is drawn by others; here it is known by its digest.
public enum LicenceCopies {
    private static let lengthMax = 200

    /// Looks whether a copy may be made, and says what its file has to show.
    /// - Parameter daysMax: for how many days a copy may count, of the rules in force.
    public static func order(
        _ wish: CopyWish,
        daysMax: Int,
        occasion: Occasion,
        in reader: any Reader
    ) throws -> CopyOrder {
        for text in [wish.forWhom, wish.purpose, wish.caseNumber] {
            guard (1...lengthMax).contains(text.count) else { throw CopyError.purpose }
        }
        let today = occasion.now.date
        let last = today.adding(days: daysMax)
        let until = wish.validUntil ?? last
        guard until >= today else { throw CopyError.past }
        guard until <= last else { throw CopyError.tooLong(days: daysMax) }
        guard let original = try CredentialStore.find(wish.original, in: reader) else {
            throw CredentialError.unknown
        }
        let state = original.state(on: today)
        guard state == .valid else { throw CopyError.state(state) }
        return CopyOrder(
            id: occasion.newID(),
            original: original,
            wish: wish,
            validUntil: until,
            madeAt: occasion.now
        )
    }

    /// Keeps a copy whose file was made, and enters the seal on it in the ledger: refused when the original does not stand
    /// any more.
    @discardableResult
    static func keep(
        _ order: CopyOrder,
        drawn: LicencePress.Pressed,
        use: LicenceUse,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> LicenceCopy {
        guard let original = try CredentialStore.find(order.original.id, in: tx) else {
            throw CredentialError.unknown
        }
        let state = original.state(on: occasion.now.date)
        guard state == .valid else { throw CopyError.state(state) }
        let digest = Hex.encode(SM3.digest(drawn.bytes))
        let copy = LicenceCopy(
            id: order.id,
            original: original.id,
            identifier: original.record.identifier.description,
            forWhom: order.wish.forWhom,
            purpose: order.wish.purpose,
            caseNumber: order.wish.caseNumber,
            madeBy: occasion.by,
            madeAt: order.madeAt,
            validUntil: order.validUntil,
            digest: digest
        )
        try LicenceCopyStore.insert(copy, in: tx)
        try LicenceUses.enter(use, occasion: occasion, in: tx)
        if let mark = drawn.mark {
            try SealLedger.enterCopy(
                mark,
                digest: digest,
                caseNumber: copy.caseNumber,
                occasion: occasion,
                in: tx
            )
        }
        let object = "credential:\(original.id)"
        let facts: JSON = ["copy": .string(copy.id.rawValue), "digest": .string(digest)]
        try AuditLog.append(
            LicenceCopy.made,
            object: object,
            after: copy.logged,
            occasion: occasion,
            in: tx
        )
        try Outbox.emit(LicenceCopy.made, object: object, payload: facts, occasion: occasion, in: tx)
        return copy
    }

    /// What is known of a copy's file: whether it was made here, for what, until when, and how its original stands.
    public static func verify(_ file: [UInt8], at now: Instant, in reader: any Reader) throws -> CopyVerdict {
        try verify(digest: Hex.encode(SM3.digest(file)), at: now, in: reader)
    }

    /// - Parameter digest: SM3 of the file, in hexadecimal.
    public static func verify(digest: String, at now: Instant, in reader: any Reader) throws -> CopyVerdict {
        guard let copy = try LicenceCopyStore.find(digest: digest, in: reader),
            let original = try CredentialStore.find(copy.original, in: reader)
        else { return CopyVerdict(copy: nil, state: nil, problems: [.unknown]) }
        let state = original.state(on: now.date)
        var problems: [CopyVerdict.Problem] = []
        if now.date > copy.validUntil { problems.append(.expired) }
        if state != .valid { problems.append(.state) }
        return CopyVerdict(copy: copy, state: state, problems: problems)
    }
}
