import Audit
import Jobs
public import Kernel
public import Storage

/// Every signature with a seal: who, for which case, what document, when, on whose authority. It goes when
/// its term is over after the end of the seal, never before.
public enum SealLedger {
    /// The newest first.
    public static func uses(of seal: ID<Seal>, limit: Int = 500, in reader: any Reader) throws -> [SealUse] {
        try SealUseStore.uses(of: seal, limit: limit, in: reader)
    }

    /// Takes away the ledgers and requests of seals that ended before a moment; the log says of each that it was.
    /// - Returns: how many rows went.
    public static func forget(
        endedBefore moment: Instant,
        countMax: Int,
        occasion: Occasion,
        in tx: any Transaction
    )
        throws -> Int
    {
        var gone = 0
        for id in try SealUseStore.ended(before: moment, limit: countMax, in: tx) {
            let seal = try Seals.require(id, in: tx)
            let count = try SealUseStore.forget(id, in: tx)
            gone += count
            let facts: JSON = ["rows": JSON(count)]
            try AuditLog.append(
                LoggedSeal.forgotten,
                object: seal.object,
                after: facts,
                occasion: occasion,
                in: tx
            )
            try Outbox.emit(
                LoggedSeal.forgotten,
                object: seal.object,
                payload: facts,
                occasion: occasion,
                in: tx
            )
        }
        return gone
    }

    /// The newest for a case.
    public static func last(of seal: ID<Seal>, for caseNumber: String, in reader: any Reader) throws
        -> SealUse?
    {
        try SealUseStore.use(of: seal, for: caseNumber, in: reader)
    }

    /// As a table file (RFC 4180). Persons are identifiers of their accounts.
    public static func csv(_ uses: [SealUse], code: String) -> String {
        let head = [
            "esID", "time", "document", "kind", "purpose", "case", "digest", "result", "signer", "approver",
            "permit",
            "certificate", "confirmation",
        ]
        let lines = uses.map { use in
            [
                code, use.at.description, use.subject.name, use.subject.kind, use.subject.purpose,
                use.subject.caseNumber, use.subject.digest, use.result, use.signer, use.approver,
                use.permit?.rawValue ?? "", use.certificate, use.confirmation?.rawValue ?? "",
            ]
        }
        return ([head] + lines).map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
    }

    /// A field that begins as a formula does gets a quote before it: spreadsheets would run it.
    private static func field(_ value: String) -> String {
        let plain = value.first.map { "=+-@\t\r".contains($0) } == true ? "'" + value : value
        return "\"" + plain.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            + "\""
    }
}
