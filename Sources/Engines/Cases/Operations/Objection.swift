import Audit
import Jobs
public import Kernel
public import Storage

/// "I did not agree": a person named in a registration says it was done without him.
public struct Objection: Sendable {
    public enum State: String, Sendable, CaseIterable, Codable {
        case open, accepted, dismissed
    }

    public let id: ID<Objection>
    public let caseID: ID<Case>
    public let signer: String
    public let roles: [String]
    public let text: String
    public let at: Instant
    public var state: State
    public var closedAt: Instant?
    public var outcome: String?
}

extension CaseDesk {
    /// Opens the complaint of a named person, known by his own link.
    @discardableResult
    public func object(_ secret: String, text: String, occasion: Occasion) async throws -> Objection {
        let text = try Self.checked(text)
        let digest = SigningLink.digest(secret)
        return try await database.write { tx in
            guard let signer = try SignerStore.find(link: digest, in: tx) else { throw CaseError.linkUnknown }
            let subject = try CaseStore.lock(signer.caseID, in: tx)
            if let open = try ObjectionStore.open(of: subject.id, signer: signer.key, in: tx) { return open }
            let objection = Objection(
                id: occasion.newID(), caseID: subject.id, signer: signer.key, roles: signer.roles, text: text,
                at: occasion.now, state: .open, closedAt: nil, outcome: nil)
            try ObjectionStore.insert(objection, in: tx)
            try note("objected", on: subject, isPublic: false, occasion: occasion, in: tx)
            return objection
        }
    }
}

public enum ObjectionStore {
    static func insert(_ objection: Objection, in tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO case_objection (id, case_id, signer, roles, text, at, state)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            objection.id, objection.caseID, objection.signer, objection.roles.joined(separator: ","), objection.text,
            objection.at, objection.state.rawValue)
    }

    static func open(of id: ID<Case>, signer: String, in reader: any Reader) throws -> Objection? {
        try of(id, in: reader).first { $0.signer == signer && $0.state == .open }
    }

    public static func of(_ id: ID<Case>, in reader: any Reader) throws -> [Objection] {
        try reader.query(
            """
            SELECT id, case_id, signer, roles, text, at, state, closed_at, outcome FROM case_objection
            WHERE case_id = $1 ORDER BY at
            """, id
        ).map(objection)
    }

    /// Complaints that nobody has closed, oldest first.
    public static func open(limit: Int, in reader: any Reader) throws -> [Objection] {
        try reader.query(
            """
            SELECT id, case_id, signer, roles, text, at, state, closed_at, outcome FROM case_objection
            WHERE state = 'open' ORDER BY at LIMIT $1
            """, limit
        ).map(objection)
    }

    public static func close(
        _ id: ID<Objection>, as state: Objection.State, outcome: String, at now: Instant, in tx: any Transaction
    ) throws {
        let changed = try tx.execute(
            "UPDATE case_objection SET state = $2, outcome = $3, closed_at = $4 WHERE id = $1 AND state = 'open'", id,
            state.rawValue, outcome, now)
        guard changed == 1 else { throw CaseError.notFound }
    }

    private static func objection(_ row: Row) throws -> Objection {
        Objection(
            id: try row.id(0), caseID: try row.id(1), signer: try row.text(2),
            roles: try row.text(3).split(separator: ",").map(String.init), text: try row.text(4),
            at: try row.instant(5), state: try row.value(6), closedAt: try row.optionalInstant(7),
            outcome: try row.optionalText(8))
    }
}
