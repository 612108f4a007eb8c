import ElectronicSeals
import Kernel
import Storage

/// Seals of issuing bodies: SQL in, bytes out.
enum IssuerSealStore {
    static func newest(of body: IssuingBody, in reader: any Reader) throws -> [UInt8]? {
        try reader.first(
            "SELECT ses FROM credential_issuer_seal WHERE body = $1 AND name = $2 ORDER BY made_at DESC, code DESC LIMIT 1",
            body.code,
            body.name
        ).map { try $0.blob(0) }
    }

    static func insert(_ seal: ElectronicSeal, of body: IssuingBody, at now: Instant, in tx: any Transaction)
        throws
    {
        try tx.execute(
            "INSERT INTO credential_issuer_seal (code, body, name, ses, made_at) VALUES ($1, $2, $3, $4, $5)",
            seal.content.code,
            body.code,
            body.name,
            seal.bytes,
            now
        )
    }
}
