import Audit
import CompanyNames
import Jobs
import Kernel
import Standards
import Storage
import TestSupport
import Testing

/// What every suite of names needs: the rules from the shipped tables, people, and a library on an empty database.
enum Fixture {
    static let home = Result { try Home.find() }
    static let standards = Result { try Standards(home: home.get()) }
    static let rules = Result { try NameRules(standards: standards.get(), home: home.get()) }
    static let migrations = AuditMigrations.all + JobsMigrations.all + CompanyNamesMigrations.all

    static func day(_ text: String) throws -> Instant { try #require(Instant(parsing: text)) }

    static func occasion(_ now: Instant, _ who: String = "p-1") -> Occasion {
        Occasion(now: now, actor: Actor(.person, id: who, role: "founder"), request: "test")
    }

    static func parts(
        _ brand: String,
        _ trade: String = "科技",
        division: String = "呼和浩特市",
        form: String = "有限公司"
    ) -> NameParts { NameParts(division: division, brand: brand, trade: trade, form: form) }

    static func proposal(
        _ parts: NameParts,
        applicant: String = "p-1",
        scope: String = "150100",
        region: String = "150102",
        subject: NameSubject = .limitedCompany,
        kin: [String] = [],
        needsApproval: Bool = false
    ) -> NameProposal {
        NameProposal(
            parts: parts,
            subject: subject,
            scope: scope,
            region: region,
            applicant: applicant,
            kin: kin,
            needsApproval: needsApproval
        )
    }

    static func check(_ proposal: NameProposal, at now: Instant, on database: any Database) async throws
        -> NameReport
    {
        let rules = try rules.get()
        return try await database.read { try NameCheck.run(proposal, under: rules, now: now, in: $0) }
    }

    /// Checks, promises and reserves, as the page does.
    static func reserve(
        _ proposal: NameProposal,
        at now: Instant,
        on database: any Database
    ) async throws -> ReserveOutcome {
        let rules = try rules.get()
        let report = try await check(proposal, at: now, on: database)
        return try await database.write { tx in
            try ReserveName.run(
                report,
                promised: true,
                under: rules,
                occasion: occasion(now, proposal.applicant),
                in: tx
            )
        }
    }

    static func reserved(
        _ proposal: NameProposal,
        at now: Instant,
        on database: any Database
    ) async throws -> Reservation {
        let outcome = try await reserve(proposal, at: now, on: database)
        guard case .reserved(let reservation) = outcome else {
            Issue.record("not reserved: \(outcome)")
            throw NameError.unknown
        }
        return reservation
    }

    static func register(
        _ parts: NameParts,
        enterprise: String,
        scope: String = "150100",
        kin: [String] = [],
        at now: Instant,
        on database: any Database
    ) async throws {
        let rules = try rules.get()
        try await database.write { tx in
            try NameLibrary.record(
                parts,
                subject: .limitedCompany,
                scope: scope,
                region: "150102",
                enterprise: enterprise,
                kin: kin,
                under: rules,
                occasion: occasion(now),
                in: tx
            )
        }
    }

    static func runner(_ database: any Database, _ clock: ManualClock) throws -> JobRunner {
        let rules = try rules.get()
        return JobRunner(
            database: database,
            clock: clock,
            kinds: NameJobs.kinds(database: database, clock: clock, rules: { rules }),
            subscribers: []
        )
    }

    static func events(_ database: any Database, named name: String) async throws -> [Event] {
        try await database.read { try Outbox.events(after: 0, countMax: 500, in: $0) }.filter {
            $0.name == name
        }
    }
}
