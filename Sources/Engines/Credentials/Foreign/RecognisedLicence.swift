import Audit
import Cryptography
import Jobs
public import Kernel
import Standards
public import Storage

/// A licence of another place that is recognised here: its file as it came, never signed again, and by whose root it was
/// found good.
public struct RecognisedLicence: Hashable, Sendable {
    public let id: ID<RecognisedLicence>
    public let record: CredentialRecord
    /// The key of the type here.
    public let type: String
    /// As it came.
    public let file: [UInt8]
    /// Whose root it leads to.
    public let root: String
    public let at: Instant
}

/// Why a licence of another place is not recognised.
public enum RecognitionError: Refusal, Equatable {
    /// Its signature, its certificates or its period do not hold under any root that is trusted for its type today.
    case notProven(String)
    /// This platform has no such type.
    case type
    /// This very licence was recognised before.
    case known

    public var code: String {
        switch self {
        case .notProven: "recognition.not-proven"
        case .type: "recognition.type"
        case .known: "recognition.known"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .notProven(let what): ["what": what]
        case .type, .known: [:]
        }
    }

    public var status: RefusalStatus { self == .known ? .notAllowedNow : .unacceptable }
}

/// Mutual recognition through trusted roots.
public struct Recognition: Sendable {
    private let types: LicenceTypes
    private let roots: ForeignRoots

    public init(types: LicenceTypes, roots: ForeignRoots) {
        self.types = types
        self.roots = roots
    }

    /// Verifies a file of another place at a moment, without keeping anything.
    /// - Parameters:
    ///   - revocation: lists of whomever; those of the authorities below a root count.
    ///   - toleranceMilliseconds: by how much the other place's clock may be ahead.
    /// - Throws: `RecognitionError`.
    public func verify(
        _ file: [UInt8],
        at now: Instant,
        revocation: Revocations = Revocations(),
        toleranceMilliseconds: Int64 = 0
    ) throws(RecognitionError) -> (record: CredentialRecord, type: LicenceType, root: ForeignRoots.Root) {
        guard let signed = SignedRecord(file: file), let record = CredentialRecord(bytes: signed.record)
        else {
            throw .notProven(CredentialProblem.format.code)
        }
        // Types of national definition bear one code everywhere.
        guard let type = types.type(code: record.identifier.type) else { throw .type }
        var problem = CredentialProblem.certificate(.untrusted)
        for root in roots.all where root.covers(type.key, on: now.date) {
            let verdict = CredentialVerifier(
                anchors: [root.certificate],
                revocation: revocation.national,
                toleranceMilliseconds: toleranceMilliseconds
            ).verify(file, at: now)
            guard let first = verdict.problems.first else { return (record, type, root) }
            problem = first
        }
        throw .notProven(problem.code)
    }

    /// Verifies a file and keeps it as it came.
    public func recognise(
        _ file: [UInt8],
        revocation: Revocations = Revocations(),
        toleranceMilliseconds: Int64 = 0,
        occasion: Occasion,
        in database: any Database
    ) async throws -> RecognisedLicence {
        let (record, type, root) = try verify(
            file,
            at: occasion.now,
            revocation: revocation,
            toleranceMilliseconds: toleranceMilliseconds
        )
        let licence = RecognisedLicence(
            id: occasion.newID(),
            record: record,
            type: type.key,
            file: file,
            root: root.id,
            at: occasion.now
        )
        try await database.write { tx in
            guard try RecognisedLicenceStore.insert(licence, number: type.number(in: record.fields), in: tx)
            else { throw RecognitionError.known }
            let object = "recognised-licence:\(licence.id)"
            let facts: JSON = [
                "identifier": .string(record.identifier.description), "root": .string(root.id),
                "digest": .string(Hex.encode(SM3.digest(file))),
            ]
            try AuditLog.append(
                "licence.recognised",
                object: object,
                after: facts,
                occasion: occasion,
                in: tx
            )
            try Outbox.emit("licence.recognised", object: object, payload: facts, occasion: occasion, in: tx)
        }
        return licence
    }

    /// Those of a holder, by the code that the other place names him by.
    public static func held(by holder: String, in reader: any Reader) throws -> [RecognisedLicence] {
        try RecognisedLicenceStore.of(holder: holder, in: reader)
    }
}
