import Cryptography
import ElectronicSeals
import Kernel
import Standards
import Storage

/// The only place that knows the credentials' tables.
enum CredentialStore {
    static func takeBlock(of scope: String, size: Int64, in tx: any Transaction) throws -> Int64 {
        let rows = try tx.query(
            """
            INSERT INTO credential_counter (scope, next) VALUES ($1, $2 + 1)
            ON CONFLICT (scope) DO UPDATE SET next = credential_counter.next + $2
            RETURNING next
            """,
            scope,
            size
        )
        guard let row = rows.first else { throw StorageError.noRow }
        return try row.integer(0) - size
    }

    // MARK: - Certificates

    /// Certificates that the transaction has kept already, with their digests.
    typealias KeptCertificates = [[UInt8]: String]

    /// Keeps each certificate once; gives the digests that stand for the chain.
    private static func keep(
        _ certificates: [[UInt8]],
        beside kept: inout KeptCertificates,
        in tx: any Transaction
    ) throws -> String {
        try certificates.map { der in
            if let digest = kept[der] { return digest }
            let digest = Hex.encode(SM3.digest(der))
            try tx.send(
                "INSERT INTO credential_certificate (digest, der) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING",
                digest,
                der
            )
            kept[der] = digest
            return digest
        }.joined(separator: " ")
    }

    private static func certificates(_ digests: String, in reader: any Reader) throws -> [[UInt8]] {
        try digests.split(separator: " ").map { digest in
            guard
                let row = try reader.first(
                    "SELECT der FROM credential_certificate WHERE digest = $1",
                    String(digest)
                )
            else { throw StorageError.noRow }
            return try row.blob(0)
        }
    }

    // MARK: - Credentials

    static func insert(
        _ prepared: PreparedCredential,
        beside kept: inout KeptCertificates,
        in tx: any Transaction
    ) throws {
        let record = prepared.record
        try tx.send(
            """
            INSERT INTO credential_record (id, identifier, type, holder, seal_code, code, record, signature,
                certificates, state, version, number, region)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'valid', 1, $10, $11)
            """,
            record.id,
            record.identifier.description,
            record.type,
            record.holder.code,
            record.sealCode,
            record.code.rawValue,
            text(of: prepared),
            prepared.signed.signature,
            try keep(prepared.signed.certificates, beside: &kept, in: tx),
            prepared.number,
            prepared.region
        )
    }

    private static func text(of prepared: PreparedCredential) -> any Bindable {
        let text = String(decoding: prepared.signed.record, as: UTF8.self)
        return prepared.holdsMasked ? PersonalText(text) : text
    }

    /// Of many taken over at once.
    static let stepInsert: StaticString = """
        INSERT INTO credential_step (credential, version, state, at, recorded_at, reason)
        VALUES ($1, $2, $3, $4, $5, $6)
        """

    static func addStep(
        _ credential: ID<Credential>,
        version: Int64,
        _ step: CredentialStep,
        in tx: any Transaction
    ) throws {
        try tx.send(
            """
            INSERT INTO credential_step (credential, version, state, at, recorded_at, reason, decision, actor)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            credential,
            version,
            step.state.rawValue,
            step.at,
            step.recordedAt,
            step.reason,
            step.decision,
            step.by
        )
    }

    static func setState(
        _ state: CredentialState,
        of credential: ID<Credential>,
        expecting version: Int64,
        replacedBy: String?,
        in tx: any Transaction
    ) throws {
        let changed = try tx.execute(
            """
            UPDATE credential_record SET state = $3, version = version + 1, replaced_by = coalesce($4, replaced_by)
            WHERE id = $1 AND version = $2
            """,
            credential,
            version,
            state.rawValue,
            replacedBy
        )
        guard changed == 1 else { throw CredentialError.stale }
    }

    static func find(_ id: ID<Credential>, in reader: any Reader) throws -> Credential? {
        try reader.first(
            """
            SELECT record, signature, certificates, state, version, replaced_by FROM credential_record WHERE id = $1
            """,
            id
        ).map { try credential($0, in: reader) }
    }

    static func find(identifier: String, in reader: any Reader) throws -> Credential? {
        try reader.first(
            """
            SELECT record, signature, certificates, state, version, replaced_by FROM credential_record
            WHERE identifier = $1
            """,
            identifier
        ).map { try credential($0, in: reader) }
    }

    static func find(sealCode: String, in reader: any Reader) throws -> Credential? {
        try reader.first(
            """
            SELECT record, signature, certificates, state, version, replaced_by FROM credential_record
            WHERE seal_code = $1
            """,
            sealCode
        ).map { try credential($0, in: reader) }
    }

    static func find(code: VerificationCode, in reader: any Reader) throws -> Credential? {
        try reader.first(
            """
            SELECT record, signature, certificates, state, version, replaced_by FROM credential_record WHERE code = $1
            """,
            code.rawValue
        ).map { try credential($0, in: reader) }
    }

    static func ofHolder(_ code: String, limit: Int, in reader: any Reader) throws -> [Credential] {
        try reader.query(
            """
            SELECT record, signature, certificates, state, version, replaced_by FROM credential_record
            WHERE holder = $1 ORDER BY id LIMIT $2
            """,
            code,
            limit
        ).map { try credential($0, in: reader) }
    }

    static func of(holder: String, type: String, limit: Int, in reader: any Reader) throws -> [Credential] {
        try reader.query(
            """
            SELECT record, signature, certificates, state, version, replaced_by FROM credential_record
            WHERE holder = $1 AND type = $2 ORDER BY id LIMIT $3
            """,
            holder,
            type,
            limit
        ).map { try credential($0, in: reader) }
    }

    static func steps(of credential: ID<Credential>, in reader: any Reader) throws -> [CredentialStep] {
        try reader.query(
            """
            SELECT state, at, recorded_at, reason, decision, actor FROM credential_step
            WHERE credential = $1 ORDER BY version
            """,
            credential
        ).map {
            CredentialStep(
                state: try $0.value(0),
                at: try $0.instant(1),
                recordedAt: try $0.instant(2),
                reason: try $0.text(3),
                decision: try $0.optionalText(4),
                by: try $0.optionalText(5)
            )
        }
    }

    /// With its steps, for the log; nil also when the columns contradict each other or what was signed.
    static func logged(_ id: ID<Credential>, in reader: any Reader) throws -> LoggedCredential? {
        guard
            let row = try reader.first(
                """
                SELECT record, signature, certificates, state, version, replaced_by, identifier, type, holder, code,
                    seal_code
                FROM credential_record WHERE id = $1
                """,
                id
            )
        else { return nil }
        let kept = try credential(row, in: reader)
        let record = kept.record
        let columns = [try row.text(6), try row.text(7), try row.text(8), try row.text(9)]
        let numbers = try reader.query(
            "SELECT version FROM credential_step WHERE credential = $1 ORDER BY version",
            id
        ).map { try $0.integer(0) }
        let steps = try Self.steps(of: id, in: reader)
        guard record.id == id, try row.optionalText(10) == record.sealCode,
            columns == [
                record.identifier.description, record.type, record.holder.code, record.code.rawValue,
            ],
            let first = steps.first, let last = steps.last, first.state == .valid, last.state == kept.state,
            first.at == record.issuedAt, kept.version == Int64(steps.count),
            numbers == steps.indices.map({ Int64($0) + 1 }),
            (last.state == .replaced) == (kept.replacedBy != nil)
        else { return nil }
        return LoggedCredential(kept, steps: steps)
    }

    /// What a column of signed words says.
    static func record(_ row: Row, _ column: Int) throws -> CredentialRecord {
        guard let record = CredentialRecord(bytes: Array(try row.text(column).utf8)) else {
            throw StorageError.unexpectedColumn(index: column, wanted: "credential record")
        }
        return record
    }

    private static func credential(_ row: Row, in reader: any Reader) throws -> Credential {
        let record = try record(row, 0)
        return Credential(
            record: record,
            signed: SignedRecord(
                record: Array(try row.text(0).utf8),
                signature: try row.blob(1),
                certificates: try certificates(try row.text(2), in: reader)
            ),
            state: try row.value(3),
            version: try row.integer(4),
            replacedBy: try row.optionalText(5)
        )
    }

    // MARK: - Signatures on documents

    static func insert(_ signature: DocumentSignature, in tx: any Transaction) throws {
        var kept: KeptCertificates = [:]
        try tx.send(
            """
            INSERT INTO credential_signature (id, document, signer, statement, signature, certificates, digest, at,
                envelope, authority)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            signature.id,
            signature.statement.document,
            signature.statement.signer.code,
            String(decoding: signature.statement.bytes, as: UTF8.self),
            signature.signature,
            // Certificates of others bear identity numbers: they rest in the envelope alone.
            signature.elsewhere == nil ? try keep(signature.certificates, beside: &kept, in: tx) : "",
            signature.statement.digest,
            signature.statement.at,
            signature.elsewhere.map { PersonalBytes($0.envelope) },
            signature.elsewhere?.authority
        )
    }

    static func signatures(on document: String, in reader: any Reader) throws -> [DocumentSignature] {
        try reader.query(
            """
            SELECT id, statement, signature, certificates, voided_at, void_reason, envelope, authority
            FROM credential_signature
            WHERE document = $1 ORDER BY at, id
            """,
            document
        ).map { row in
            guard let statement = SignatureStatement(bytes: Array(try row.text(1).utf8)) else {
                throw StorageError.unexpectedColumn(index: 1, wanted: "signature statement")
            }
            let elsewhere =
                row.isNull(6)
                ? nil
                : DocumentSignature.Elsewhere(
                    envelope: try row.blob(6),
                    authority: try row.optionalText(7)
                )
            return DocumentSignature(
                id: try row.id(0),
                statement: statement,
                signature: try row.blob(2),
                certificates: try elsewhere.map { try SignedEnvelope(der: $0.envelope).way }
                    ?? certificates(try row.text(3), in: reader),
                voidedAt: try row.optionalInstant(4),
                voidReason: try row.optionalText(5),
                elsewhere: elsewhere
            )
        }
    }

    /// Voids a signer's signatures on a document.
    static func void(
        on document: String,
        signer: String,
        at: Instant,
        reason: String,
        in tx: any Transaction
    ) throws {
        try tx.execute(
            """
            UPDATE credential_signature SET voided_at = $3, void_reason = $4
            WHERE document = $1 AND signer = $2 AND voided_at IS NULL
            """,
            document,
            signer,
            at,
            reason
        )
    }

    /// - Returns: the document that it was on; nil when it was void already.
    static func void(_ id: ID<DocumentSignature>, at: Instant, reason: String, in tx: any Transaction) throws
        -> String?
    {
        try tx.query(
            """
            UPDATE credential_signature SET voided_at = $2, void_reason = $3 WHERE id = $1 AND voided_at IS NULL
            RETURNING document
            """,
            id,
            at,
            reason
        ).first?.text(0)
    }

    static func forgetSignatures(under name: String, in tx: any Transaction) throws {
        // `0` follows `/`.
        try tx.execute(
            "DELETE FROM credential_signature WHERE document >= $1 AND document < $2",
            "\(name)/",
            "\(name)0"
        )
    }
}
