import Audit
public import Cryptography
public import Identity
import Jobs
public import Kernel
public import Storage

/// Certificates of holders in the register: who has which, and how they end.
public enum Certificates {
    static let shownMax = 200

    /// All of a holder, the newest first, also those that ended.
    public static func held(by holder: String, in reader: any Reader) throws -> [HolderCertificate] {
        try CertificateStore.held(by: holder, limit: shownMax, in: reader)
    }

    public static func find(_ id: ID<HolderCertificate>, in reader: any Reader) throws -> HolderCertificate? {
        try CertificateStore.find(id, in: reader)
    }

    /// - Parameter serial: hexadecimal digits.
    public static func find(serial: String, in reader: any Reader) throws -> HolderCertificate? {
        try CertificateStore.find(serial: serial.lowercased(), in: reader)
    }

    /// What was signed with it, the newest first.
    public static func uses(of id: ID<HolderCertificate>, in reader: any Reader) throws -> [CertificateUse] {
        try CertificateStore.uses(of: id, limit: shownMax, in: reader)
    }

    /// The holder's own act: whoever may sign with the certificate, or the legal representative of the enterprise.
    public static func revoke(
        _ id: ID<HolderCertificate>,
        _ reason: RevocationReason,
        by person: ID<Person>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard let found = try CertificateStore.find(id, in: tx) else { throw CertificateError.unknown }
        try requireHis(found, person, at: occasion.now, orRepresentative: true, in: tx)
        guard found.state(at: occasion.now) == .valid else { throw CertificateError.notInForce }
        try revoke(found, reason, because: "holder", occasion: occasion, in: tx)
    }

    /// - Throws: `notHis` unless the person applied for it and still is, or acts for, its holder.
    static func requireHis(
        _ certificate: HolderCertificate,
        _ person: ID<Person>,
        at now: Instant,
        orRepresentative: Bool = false,
        in reader: any Reader
    ) throws {
        switch certificate.holder.kind {
        case .person:
            guard certificate.holder.code == person.rawValue, certificate.agent == person.rawValue else {
                throw CertificateError.notHis
            }
        case .enterprise:
            let code = certificate.holder.code
            guard let acting = try Enterprises.acting(person, for: code, at: now, in: reader),
                certificate.agent == person.rawValue || (orRepresentative && acting.isLegalRepresentative)
            else { throw CertificateError.notHis }
        }
    }

    /// Ends a certificate for good: its row, the line of the list and the list itself, the log and the event.
    /// - Parameter cause: a code, or the words of whoever ordered it.
    static func revoke(
        _ certificate: HolderCertificate,
        _ reason: RevocationReason,
        because cause: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard try CertificateStore.revoke(certificate.id, at: occasion.now, reason, in: tx) else {
            throw CertificateError.notInForce
        }
        try list(
            serial: certificate.serial,
            of: certificate.issuer,
            reason,
            object: certificate.object,
            because: cause,
            occasion: occasion,
            in: tx
        )
    }

    /// Enters what ended into the revocation list of its authority, once.
    /// - Parameters:
    ///   - serial: hexadecimal digits.
    ///   - object: whose key it is: a certificate, a seal.
    static func list(
        serial: String,
        of issuer: String,
        _ reason: RevocationReason,
        object: String,
        because cause: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let entry = RevokedCertificate(
            serial: Hex.decode(serial) ?? [],
            revokedAt: occasion.now,
            reason: reason
        )
        guard try CertificateStore.list(entry, of: issuer, object: object, in: tx) else { return }
        let facts: JSON = [
            "serial": .string(serial), "issuer": .string(issuer), "reason": JSON(reason.rawValue),
            "cause": .string(cause),
        ]
        try tell("revoked", object, facts, occasion: occasion, in: tx)
        try RevocationLists.hasten(issuer, at: occasion.now, in: tx)
    }

    static func tell(
        _ what: String,
        _ object: String,
        _ facts: JSON,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try AuditLog.append("certificate.\(what)", object: object, after: facts, occasion: occasion, in: tx)
        try Outbox.emit("certificate.\(what)", object: object, payload: facts, occasion: occasion, in: tx)
    }
}
