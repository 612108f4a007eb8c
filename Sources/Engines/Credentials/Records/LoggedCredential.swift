import Audit
import Cryptography
public import Kernel
import Standards
public import Storage

/// A credential with its steps, as the log knows it: what was signed, and how each step left it.
struct LoggedCredential: LoggedThing {
    let record: CredentialRecord
    /// The bytes that were signed.
    let signed: [UInt8]
    /// The identifier of the version that took its place.
    let replacedBy: String?
    /// From the issue to today; never empty.
    private var steps: [CredentialStep]

    init(_ credential: Credential, steps: [CredentialStep]) {
        record = credential.record
        signed = credential.signed.record
        replacedBy = credential.replacedBy
        self.steps = steps
    }

    init(_ credential: Credential, in reader: any Reader) throws {
        self.init(credential, steps: try CredentialStore.steps(of: credential.id, in: reader))
    }

    var logged: JSON {
        let step = steps[steps.count - 1]
        var facts: JSON = [
            "record": .string(Hex.encode(SM3.digest(signed))), "version": JSON(steps.count),
            "state": .string(step.state.rawValue), "at": JSON(step.at.milliseconds),
            "recordedAt": JSON(step.recordedAt.milliseconds), "reason": .string(step.reason),
            "by": step.state == .replaced ? JSON(replacedBy) : .null,
        ]
        // Steps from before decisions had a place of their own were digested without one; who acted stands in the entry.
        if let decision = step.decision { facts["decision"] = .string(decision) }
        return facts
    }

    /// What was digested before the signed bytes and the moments were.
    var loggedBefore: JSON? {
        let step = steps[steps.count - 1]
        if steps.count == 1 { return Self.issued(record) }
        if step.state == .replaced { return Self.replaced(by: replacedBy ?? "") }
        return Self.changed(record, step)
    }

    /// Codes and copies are made of a licence, `licence.code-made`, and change nothing of it.
    static func isChange(_ act: String) -> Bool { act.hasPrefix("credential.") }

    func before(_ act: String) -> LoggedCredential? {
        guard steps.count > 1 else { return nil }
        var earlier = self
        earlier.steps.removeLast()
        return earlier
    }

    // MARK: What events say

    static func issued(_ record: CredentialRecord) -> JSON {
        var facts: JSON = [
            "identifier": .string(record.identifier.description), "type": .string(record.type),
            "holder": .string(record.holder.code), "code": .string(record.code.rawValue),
        ]
        if let seal = record.sealCode { facts["sealCode"] = .string(seal) }
        return facts
    }

    static func replaced(by identifier: String) -> JSON { ["by": .string(identifier)] }

    static func changed(_ record: CredentialRecord, _ step: CredentialStep) -> JSON {
        [
            "identifier": .string(record.identifier.description), "holder": .string(record.holder.code),
            "state": .string(step.state.rawValue), "reason": .string(step.reason),
        ]
    }
}

extension Credentials {
    /// Compares all credentials with the log: what was signed, each step with its moment and its reason, and the copies
    /// that were made of it.
    /// - Returns: how many were compared, and at most `max` that are not as they were logged.
    public static func compareWithLog(in database: any Database, max: Int) async throws -> (
        count: Int, altered: [String]
    ) {
        try await AuditLog.compare("credential", in: database, max: max) { id, entries, reader in
            let id = ID<Credential>(id)
            guard AuditLog.bearsOut(try CredentialStore.logged(id, in: reader), by: entries) else {
                return false
            }
            return try LicenceCopy.areBorneOut(id, by: entries, in: reader)
        }
    }

    /// Whether one credential is as it was logged.
    public static func isAsLogged(_ id: ID<Credential>, in reader: any Reader) throws -> Bool {
        try AuditLog.isBorneOut("credential:\(id)", in: reader) {
            try CredentialStore.logged(id, in: reader)
        }
    }
}
