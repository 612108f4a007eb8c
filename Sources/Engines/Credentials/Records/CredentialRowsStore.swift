public import Kernel
import Standards
public import Storage

/// Credentials that another system issued and that are taken over as they were. They have no signature of this
/// platform, and whoever looks one up is told so.
public struct CredentialRows: Sendable {
    private var records = Rows(
        """
        INSERT INTO credential_record (id, identifier, type, holder, seal_code, code, record, signature,
            certificates, state, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """
    )
    private var steps = Rows(CredentialStore.stepInsert)

    public init() {}

    public var all: [Rows] { [records, steps] }

    /// - Parameters:
    ///   - serial: unique for type and issuer.
    ///   - recordedAt: when it was taken over.
    public mutating func add(
        _ id: ID<Credential>,
        type: CredentialType,
        serial: String,
        name: String,
        holder: Holder,
        issuer: IssuingBody,
        sealCode: String?,
        code: VerificationCode,
        fields: JSON,
        issuedAt: Instant,
        validUntil: LocalDate?,
        recordedAt: Instant
    ) throws {
        let identifier = try LicenceIdentifier(
            type: type.code,
            issuer: issuer.code,
            serial: serial,
            version: 1
        )
        let record = CredentialRecord(
            id: id,
            identifier: identifier,
            type: type.key,
            name: name,
            holder: holder,
            issuer: issuer,
            sealCode: sealCode,
            code: code,
            fields: fields,
            issuedAt: issuedAt,
            validFrom: issuedAt.date,
            validUntil: validUntil,
            replaces: nil
        )
        records.add(
            id,
            identifier.description,
            type.key,
            holder.code,
            sealCode,
            code.rawValue,
            String(decoding: record.bytes, as: UTF8.self),
            [UInt8](),
            "",
            CredentialState.valid.rawValue,
            1
        )
        steps.add(id, 1, CredentialState.valid.rawValue, issuedAt, recordedAt, "taken-over")
    }
}
