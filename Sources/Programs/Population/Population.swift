import Audit
import Cases
import Catalogue
import CompanyNames
import CompanyOpening
import Credentials
import Deadlines
import Foundation
import Identity
import Kernel
import Registers
public import Server
import Standards
import Storage

/// Fills an installation with made-up subjects, cases and licences of real shape. The installation says of itself that
/// it was loaded; one in which anything real has happened is left alone.
public struct Population: Sendable {
    private let platform: Platform
    private let request: PopulationRequest
    private let subjects: SubjectMaker
    private let applications: ApplicationMaker
    private let licences: LicenceMaker
    private let occasion: Occasion
    private let batch: Int

    /// - Parameter batch: how many of a kind are made and written at a time.
    /// - Throws: `LoadError` when the installation has cases of its own or another population, or nobody registers in the
    ///   region that is asked for.
    public init(_ asked: PopulationRequest, in platform: Platform, batch: Int = 2_000) async throws {
        self.platform = platform
        self.batch = batch
        // A load that goes on belongs to the day on which it began.
        let begun = try await platform.database.read { try LoadRun.find(in: $0) }
        var request = asked
        if let begun { request.day = begun.day }
        self.request = request
        let now = platform.clock.now
        occasion = Occasion(
            now: now,
            actor: .platform("population"),
            request: "load:\(request.seed)",
            purpose: "made-up population",
            entropy: platform.settings.entropy
        )
        let tables = try await PopulationTables(platform, of: asked.region, on: now.date)
        let version = try await platform.database.read {
            try CatalogueStore.current("company-opening", on: now.date, in: $0)
        }
        guard let version else { throw LoadError.noSystem }
        let limits = try await platform.database.read { [published = platform.published] in
            try published.definition(of: version, in: $0).limits
        }
        guard let term = limits.value("decision", region: "150000", on: now.date)?.period else {
            throw LoadError.noSystem
        }
        subjects = SubjectMaker(tables: tables, request: request)
        applications = ApplicationMaker(
            subjects: subjects,
            request: request,
            definition: version.id,
            calendar: platform.standards.calendar,
            term: try Period(term.text),
            law: limits["decision"]?.law ?? ""
        )
        let types = try CredentialTypes(home: platform.settings.home)
        licences = LicenceMaker(
            subjects: subjects,
            request: request,
            types: [try types.type("business-licence")] + types.seals,
            now: now
        )
    }

    /// Makes and writes what is missing. What one batch wrote stays when the next fails; the same request goes on there.
    /// - Parameter progress: told how many subjects, cases and licences there are; what it throws ends the load there.
    /// - Returns: rows written by this call.
    public func load(progress: @escaping @Sendable (LoadRun) throws -> Void) async throws -> Int {
        let wanted = LoadRun(
            seed: Int64(bitPattern: request.seed),
            region: request.region,
            day: request.day,
            subjects: request.subjects,
            cases: request.cases,
            licences: request.licences
        )
        let begun = try await platform.database.write { [occasion] in
            try LoadRun.begin(wanted, occasion: occasion, in: $0)
        }
        let rows = try await withThrowingTaskGroup(of: Void.self) { group in
            try await write(from: begun, into: &group, progress: progress)
        }
        try await platform.keeper.round()
        try await platform.keeper.check(.whole)
        return rows
    }

    /// The next batch is made while the one before is written.
    private func write(
        from begun: LoadRun,
        into group: inout ThrowingTaskGroup<Void, any Error>,
        progress: @escaping @Sendable (LoadRun) throws -> Void
    ) async throws -> Int {
        var run = begun
        var written = 0
        while let batch = try make(after: &run) {
            try await group.next()
            try Task.checkCancellation()
            let (now, platform) = (run, platform)
            written += batch.count
            group.addTask {
                try await platform.database.write { tx in
                    for rows in batch.rows { try tx.insert(rows) }
                    try batch.log.append(in: tx, on: platform.database.engine)
                    try LoadRun.reached(now, in: tx)
                }
                try progress(now)
            }
        }
        try await group.next()
        return written
    }

    private struct Batch: Sendable {
        let rows: [Rows]
        let log: AuditBatch
        var count: Int { rows.reduce(log.count) { $0 + $1.count } }
    }

    private func make(after run: inout LoadRun) throws -> Batch? {
        var log = AuditBatch(occasion: occasion)
        let rows: [Rows]
        if run.subjectsDone < request.subjects {
            let end = min(run.subjectsDone + batch, request.subjects)
            rows = try subjectRows(run.subjectsDone..<end, &log)
            run.subjectsDone = end
        } else if run.casesDone < request.cases {
            let end = min(run.casesDone + batch, request.cases)
            var (cases, clocks) = (CaseRows(), DeadlineRows())
            for index in run.casesDone..<end { try applications.add(index, to: &cases, clocks: &clocks) }
            rows = cases.all + clocks.all
            run.casesDone = end
        } else if run.licencesDone < request.licences {
            let end = min(run.licencesDone + 2 * batch, request.licences)
            var credentials = CredentialRows()
            for index in run.licencesDone..<end { try licences.add(index, to: &credentials) }
            rows = credentials.all
            run.licencesDone = end
        } else {
            return nil
        }
        return Batch(rows: try rows.map(platform.database.sealed), log: log)
    }

    private func subjectRows(_ range: Range<Int>, _ log: inout AuditBatch) throws -> [Rows] {
        var register = RegisterRows(occasion: occasion)
        var identity = IdentityRows(keys: platform.identityKeys, occasion: occasion)
        var names = NameRows(under: platform.nameRules)
        for index in range {
            let subject = try subjects.subject(index)
            let key = platform.personKeys.person(idKind: "resident-id", idNumber: subject.document)
            let (name, region) = (subject.name.text, subject.place.region.code)
            register.add(
                RegisterSubject(
                    register: subject.register,
                    code: subject.code,
                    name: name,
                    state: .active,
                    region: region,
                    agency: subject.authority.code,
                    establishedOn: subject.at.date,
                    items: subject.items,
                    isLegacy: false,
                    version: 1,
                    updatedAt: subject.at
                ),
                filings: filings(of: subject, key: key),
                links: [
                    ("address", platform.personKeys.address(subject.address)), ("person", key),
                    ("legal-representative", key),
                ],
                at: subject.at,
                origin: "population",
                telling: subject.telling,
                log: &log
            )
            try identity.add(
                subject.person,
                name: subject.personName,
                document: platform.standards.identityDocument(
                    kind: "resident-id",
                    number: subject.document,
                    on: request.day
                ),
                phone: PhoneNumber.mobile(subject.phone),
                at: subject.at
            )
            identity.add(
                enterprise: subject.code,
                name: name,
                representative: subject.person,
                region: region,
                agency: subject.authority.code
            )
            guard subject.isCompany else { continue }
            var dice = Dice(seed: request.seed, .log, index)
            names.add(
                NameLibrary.Borne(
                    parts: subject.name,
                    subject: .limitedCompany,
                    scope: subject.authority.nameScope,
                    region: region,
                    enterprise: subject.code,
                    industry: nil
                ),
                id: dice.id(at: subject.at),
                since: subject.at
            )
        }
        return register.all + identity.all + names.all
    }

    private func filings(of subject: Subject, key: String) -> [RegisterFiling] {
        guard subject.isCompany else { return [] }
        return ["director", "liaison"].map { kind in
            RegisterFiling(
                kind: kind,
                value: ["name": .string(subject.personName), "key": .string(key)],
                isConfidential: kind == "liaison",
                from: subject.at.date
            )
        }
    }
}
