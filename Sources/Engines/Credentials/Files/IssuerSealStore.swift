import Kernel
import Storage

/// Seals of issuing bodies as they lay before they were in the register. A program of then may still write there.
enum IssuerSealStore {
    struct Old: Sendable {
        let code: String
        let body: IssuingBody
        let bytes: [UInt8]
        let madeAt: Instant
    }

    /// Those whose code the register does not know, the oldest first.
    static func unregistered(in reader: any Reader) throws -> [Old] {
        try reader.query(
            """
            SELECT i.code, i.body, i.name, i.ses, i.made_at FROM credential_issuer_seal i
            WHERE NOT EXISTS (SELECT 1 FROM seal s WHERE s.code = i.code) ORDER BY i.made_at, i.code
            """
        ).map { row in
            Old(
                code: try row.text(0),
                body: IssuingBody(code: try row.text(1), name: try row.text(2)),
                bytes: try row.blob(3),
                madeAt: try row.instant(4)
            )
        }
    }
}
