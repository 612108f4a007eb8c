public import Audit
public import Kernel
import Search
public import Storage

/// Subjects that stood in another register and are taken over: each with the entry that its history begins with here,
/// logged like every entry. There is no event: nobody is told of what was there before.
public struct RegisterRows: Sendable {
    private let occasion: Occasion
    private var subjects = Rows(RegisterStore.subjectInsert)
    private var entries = Rows(RegisterStore.entryInsert)
    private var filings = Rows(
        """
        INSERT INTO register_filing (register, code, kind, from_date, number, value, is_confidential)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """
    )
    private var links = Rows(
        "INSERT INTO register_link (register, code, kind, key, from_at) VALUES ($1, $2, $3, $4, $5)"
    )

    private var search = SearchRows(kind: RegisterStore.kind)

    /// - Parameter occasion: in whose name they are taken over.
    public init(occasion: Occasion) { self.occasion = occasion }

    public var all: [Rows] { [subjects, entries, filings, links] + search.all }

    /// - Parameters:
    ///   - filings: one of a kind.
    ///   - at: when it was entered where it stood before.
    ///   - origin: what the entry names instead of a case.
    ///   - telling: what tells its name from others.
    public mutating func add(
        _ subject: RegisterSubject,
        filings filed: [RegisterFiling],
        links joined: [(kind: String, key: String)],
        at: Instant,
        origin: String,
        telling: String,
        log: inout AuditBatch
    ) {
        let items = subject.items.canonical
        subjects.add(
            subject.register,
            subject.code,
            subject.name,
            subject.state.rawValue,
            subject.region,
            subject.agency,
            subject.establishedOn,
            items,
            subject.isLegacy,
            subject.version,
            subject.updatedAt
        )
        func entry(_ digest: String, _ standing: String?) -> RegisterEntry {
            RegisterEntry(
                register: subject.register,
                code: subject.code,
                sequence: 1,
                act: .establish,
                changes: subject.items,
                items: subject.items,
                state: subject.state,
                at: at,
                caseID: origin,
                by: occasion.actor,
                digest: digest,
                standing: standing
            )
        }
        let sorted = filed.sorted { $0.kind < $1.kind }
        let written = entry(
            entry("", nil).digest(after: nil),
            RegisterProof.standing(of: subject, filings: sorted)
        )
        add(written, items: items)
        for filing in sorted {
            filings.add(
                subject.register,
                subject.code,
                filing.kind,
                filing.from,
                1,
                PersonalText(filing.value),
                filing.isConfidential
            )
        }
        search.put(telling, object: subject.code, region: subject.region, at: at)
        for link in joined { links.add(subject.register, subject.code, link.kind, link.key, at) }
        log.add("register.establish", object: subject.object, after: written.anchor)
    }

    private mutating func add(_ written: RegisterEntry, items: String) {
        entries.add(
            written.register,
            written.code,
            written.sequence,
            written.act.rawValue,
            items,
            items,
            written.state.rawValue,
            written.at,
            written.caseID,
            written.by.kind.rawValue,
            written.by.id,
            written.by.role,
            written.digest,
            written.standing
        )
    }
}
