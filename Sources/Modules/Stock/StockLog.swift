import Audit
import Kernel
import Storage

/// What the log says of an import as a whole; each row that was kept has its own entry of its engine.
enum StockLog {
    static func begun(
        _ id: ID<StockImport>,
        _ file: StockFile,
        _ mapping: StockMapping,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try append(
            "stock.begun",
            id,
            [
                "kind": .string(mapping.kind.rawValue), "source": .string(mapping.source),
                "file": .string(file.digest), "mapping": .string(mapping.digest),
            ],
            occasion,
            tx
        )
    }

    static func ended(
        _ id: ID<StockImport>,
        _ counts: [StockOutcome: Int],
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let facts = counts.map { ($0.key.rawValue, JSON($0.value)) }
        try append("stock.ended", id, .object(Dictionary(uniqueKeysWithValues: facts)), occasion, tx)
    }

    static func reconciled(
        _ id: ID<StockImport>,
        report digest: String,
        occasion: Occasion,
        in tx: any Transaction
    )
        throws
    {
        try append("stock.reconciled", id, ["report": .string(digest)], occasion, tx)
    }

    private static func append(
        _ act: String,
        _ id: ID<StockImport>,
        _ after: JSON,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws {
        try AuditLog.append(act, object: "stock:\(id)", after: after, occasion: occasion, in: tx)
    }
}
