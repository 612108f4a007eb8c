public import Kernel
import Standards
public import Storage

/// Complaints of named persons.
public enum ObjectionStore {
    static func insert(_ objection: Objection, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO case_objection (id, case_id, signer, roles, words, at, state, representative, phone, name)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            objection.id,
            objection.caseID,
            objection.signer,
            objection.roles.joined(separator: ","),
            PersonalText(objection.text),
            objection.at,
            objection.state.rawValue,
            PersonalText(objection.holder),
            PersonalText(objection.phone),
            PersonalText(objection.name)
        )
    }

    /// What was said last from the telephone of a link, settled or not, and whether somebody objects to the same place
    /// from another one. What is tied to no telephone counts for every link of the place.
    static func last(of link: LinkHolder, in reader: any Reader) throws -> (Objection?, hasOther: Bool) {
        let said = try of(link.signer.caseID, in: reader).filter {
            $0.signer == link.signer.key
                && ($0.holder == nil || link.holder == nil || $0.holder == link.holder)
        }
        let own = said.filter { $0.phone == nil || $0.phone == link.phone }
        let open = own.filter { $0.state == .open }
        let last = open.last { $0.phone == link.phone } ?? open.last ?? own.last
        return (last, said.contains { one in one.state == .open && !own.contains { $0.id == one.id } })
    }

    /// The open complaint of whoever holds the place now.
    static func open(of signer: Signer, in reader: any Reader) throws -> Objection? {
        try of(signer.caseID, in: reader).first {
            $0.state == .open && $0.signer == signer.key && signer.isHeld(by: $0.holder)
        }
    }

    /// The open complaint of whoever holds the place now that came from one telephone, or from none that is known.
    static func open(of signer: Signer, from phone: String?, in reader: any Reader) throws -> Objection? {
        try of(signer.caseID, in: reader).first {
            $0.state == .open && $0.signer == signer.key && signer.isHeld(by: $0.holder) && $0.phone == phone
        }
    }

    /// Open complaints of people whom the application still names: while there is one it is not handed in. No edit of
    /// the form closes one: who is dropped and named again objects still.
    public static func standing(of id: ID<Case>, in reader: any Reader) throws -> [Objection] {
        try concerning(id, in: reader).standing
    }

    /// Open complaints that speak against a registration as the application stands: those of people whom it names, and
    /// those that may be of one whom it names otherwise: under another document, or a firm through another human.
    /// Whether it is the same one is for a person to judge; the rules alone grant nothing over either.
    /// - Returns: `standing` as above, and `doubtful`, which are those others.
    public static func concerning(_ id: ID<Case>, in reader: any Reader) throws -> (
        standing: [Objection], doubtful: [Objection]
    ) {
        let open = try of(id, in: reader).filter { $0.state == .open }
        guard !open.isEmpty else { return ([], []) }
        let signers = try SignerStore.signers(of: id, in: reader)
        let named = signers.filter { $0.state != .dropped }
        var (standing, doubtful): ([Objection], [Objection]) = ([], [])
        for objection in open {
            let former = signers.first { $0.key == objection.signer }
            if named.contains(where: { $0.key == objection.signer && $0.isHeld(by: objection.holder) }) {
                standing.append(objection)
            } else if named.contains(where: { resembles($0, objection, former: former) }) {
                doubtful.append(objection)
            }
        }
        return (standing, doubtful)
    }

    /// Whether a named place may be that of somebody who objected as another: the same firm, a human of the same name,
    /// or the telephone of the complaint.
    /// - Parameter former: the place as which he objected; its name may have been edited since.
    private static func resembles(_ signer: Signer, _ objection: Objection, former: Signer?) -> Bool {
        if signer.key == objection.signer || (objection.phone != nil && objection.phone == signer.phone) {
            return true
        }
        let names = [objection.name, former?.kind == .person ? former?.name : nil].compactMap { $0 }
        let present = [signer.kind == .person ? signer.name : nil, signer.representative?.name]
        return !Set(names.map(folded)).isDisjoint(with: present.compactMap { $0 }.map(folded))
    }

    /// A name as it is compared; what is no name stands for itself.
    private static func folded(_ name: String) -> String {
        do { return try PersonName(name).nearKey } catch { return name }
    }

    /// What was said by people who are not in the registration is settled with it; what may be about somebody in it is
    /// not, and stays for the officers' list.
    static func closeUnnamed(of id: ID<Case>, at now: Instant, in tx: any Transaction) throws {
        let (standing, doubtful) = try concerning(id, in: tx)
        let kept = (standing + doubtful).map(\.id)
        for objection in try of(id, in: tx) where objection.state == .open && !kept.contains(objection.id) {
            try close(objection.id, as: .accepted, outcome: notNamed, at: now, in: tx)
        }
    }

    /// The outcome of an objection by somebody who is not in the registration that came out.
    public static let notNamed = "not-named"

    public static func of(_ id: ID<Case>, in reader: any Reader) throws -> [Objection] {
        try reader.query(
            """
            SELECT id, case_id, signer, roles, words, at, state, closed_at, outcome, representative, phone, name,
                take_back, take_back_until
            FROM case_objection WHERE case_id = $1 ORDER BY at, id
            """,
            id
        ).map(objection)
    }

    /// The objection that a secret takes back, or took back.
    static func find(takeBack digest: String, in reader: any Reader) throws -> Objection? {
        try reader.first(
            """
            SELECT id, case_id, signer, roles, words, at, state, closed_at, outcome, representative, phone, name,
                take_back, take_back_until
            FROM case_objection WHERE take_back = $1
            """,
            digest
        ).map(objection)
    }

    /// Another secret takes the place of the one before.
    static func setTakeBack(
        _ digest: String,
        until: Instant,
        of id: ID<Objection>,
        in tx: any Transaction
    ) throws {
        try tx.execute(
            "UPDATE case_objection SET take_back = $2, take_back_until = $3 WHERE id = $1",
            id,
            digest,
            until
        )
    }

    /// Takes who objected, and from where, out of a draft that nobody handed in.
    static func forget(_ id: ID<Case>, in tx: any Transaction) throws {
        try tx.execute(
            "UPDATE case_objection SET phone = NULL, name = NULL, take_back = NULL WHERE case_id = $1",
            id
        )
    }

    /// One row of the officers' list.
    public struct Listed: Sendable {
        public let objection: Objection
        public let caseNumber: String
        public let title: String
        /// The registration that came out; nil while the case is examined.
        public let code: String?
    }

    /// Complaints in reach that nobody has closed, about registrations and about cases under review, longest waiting
    /// first. Drafts are nobody's business but their applicants': the person whom they name stops them by himself.
    /// - Parameters:
    ///   - regions: six-digit codes from the first up to but not with the second.
    ///   - after: the last row of the page before, by time and identifier.
    public static func open(
        in regions: (low: String, high: String),
        after: (Instant, String)? = nil,
        limit: Int,
        _ reader: any Reader
    ) throws -> [Listed] {
        try reader.query(
            """
            SELECT o.id, o.case_id, o.signer, o.roles, o.words, o.at, o.state, o.closed_at, o.outcome,
                o.representative, o.phone, o.name, o.take_back, o.take_back_until, c.number, c.title, c.result
            FROM case_objection o JOIN case_case c ON c.id = o.case_id
            WHERE o.state = 'open' AND (c.result IS NOT NULL OR c.state IN ('received', 'accepted', 'review'))
                AND c.region >= $1 AND c.region < $2
                AND (o.at > $3 OR (o.at = $3 AND o.id > $4))
            ORDER BY o.at, o.id LIMIT $5
            """,
            regions.low,
            regions.high,
            after?.0.milliseconds ?? -1,
            after?.1 ?? "",
            limit
        ).map { row in
            Listed(
                objection: try objection(row),
                caseNumber: try row.text(14),
                title: try row.text(15),
                code: try row.optionalText(16)
            )
        }
    }

    public static func close(
        _ id: ID<Objection>,
        as state: Objection.State,
        outcome: String,
        at now: Instant,
        in tx: any Transaction
    ) throws {
        let changed = try tx.execute(
            "UPDATE case_objection SET state = $2, outcome = $3, closed_at = $4 WHERE id = $1 AND state = 'open'",
            id,
            state.rawValue,
            outcome,
            now
        )
        guard changed == 1 else { throw CaseError.notFound }
    }

    /// Closes every open complaint of a case, when the matter they are about is decided.
    public static func closeAll(
        of id: ID<Case>,
        as state: Objection.State,
        outcome: String,
        at now: Instant,
        in tx: any Transaction
    ) throws {
        for objection in try of(id, in: tx) where objection.state == .open {
            try close(objection.id, as: state, outcome: outcome, at: now, in: tx)
        }
    }

    private static func objection(_ row: Row) throws -> Objection {
        Objection(
            id: try row.id(0),
            caseID: try row.id(1),
            signer: try row.text(2),
            roles: try row.text(3).split(separator: ",").map(String.init),
            text: try row.text(4),
            at: try row.instant(5),
            state: try row.value(6),
            closedAt: try row.optionalInstant(7),
            outcome: try row.optionalText(8),
            holder: try row.optionalText(9),
            phone: try row.optionalText(10),
            name: try row.optionalText(11),
            takeBack: try row.optionalText(12),
            takeBackUntil: try row.optionalInstant(13)
        )
    }
}
