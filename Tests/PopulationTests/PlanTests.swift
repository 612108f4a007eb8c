import Audit
import Cases
import CompanyNames
import Credentials
import Foundation
import GRDB
import Jobs
import Kernel
import Population
import Registers
import Server
import Standards
import Storage
import StoragePostgres
import Synchronization
import TestSupport
import Testing

@testable import StorageSQLite

/// What pages, calls and timers ask of a loaded installation, and how each engine goes about it: nothing walks through a
/// table that grows with the region.
@Suite("query plans", .serialized)
struct PlanTests {
    /// Tables that have a row for each person, firm, case, licence, act or message.
    private static let large: Set<String> = [
        "audit_entry", "search_gram", "jobs_job", "jobs_event", "jobs_delivery", "jobs_idempotency",
        "case_case",
        "case_happening", "case_step", "case_decision", "case_times", "case_paper", "case_signer",
        "case_signature",
        "case_objection", "deadline_clock", "deadline_journal", "deadline_rung", "register_subject",
        "register_entry",
        "register_filing", "register_link", "register_note", "register_publication", "credential_record",
        "credential_step", "credential_signature", "identity_person", "identity_account", "identity_session",
        "identity_enterprise", "identity_authorisation", "exchange_line", "exchange_change",
        "exchange_message",
        "correspondence_paper", "correspondence_service", "correspondence_message", "company_name_entry",
        "company_name_key", "credential_taken", "licence_presentation", "licence_guess", "licence_use",
        "licence_copy", "licence_recognised", "attachment_file", "attachment_link", "opening_task",
        "draw_sample",
    ]

    /// Statements that read a whole index on purpose, each by how it begins and why that is right.
    private static let walks: [(begins: String, why: String)] = [
        ("SELECT count(*) FROM audit_tile", "once, by the verification of the whole log")
    ]

    @Test("on SQLite no listed statement walks through a large table")
    func sqlite() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/suban.sqlite"
            let recorded = try await record(Recording(try SQLiteDatabase(path: path)), in: folder)
            let queue = try DatabaseQueue(path: path)
            let plans = try await queue.read { database in
                try recorded.map { text -> Plan in
                    let places = text.matches(of: /\$(\d+)/).compactMap { Int($0.output.1) }.max() ?? 0
                    let lines = try GRDB.Row.fetchAll(
                        database,
                        sql: "EXPLAIN QUERY PLAN " + sqliteText(text),
                        arguments: StatementArguments(Array(repeating: nil as Int?, count: places))
                    ).map { $0["detail"] as String }
                    return Plan(statement: text, lines: lines)
                }
            }
            try queue.close()
            judge(plans, engine: "SQLite") { line in
                // `SCAN t`, `SCAN t USING INDEX i`: from one end to the other.
                guard line.hasPrefix("SCAN ") else { return nil }
                return String(line.dropFirst(5).prefix { $0 != " " })
            }
        }
    }

    @Test("on PostgreSQL neither")
    func postgres() async throws {
        try await withOwnDatabase("plans") { url in
            try await withTemporaryFolder { folder in
                let recorded = try await record(
                    Recording(try PostgresDatabase(url: url, connectionsMax: 4)),
                    in: folder
                )
                let plans = try explained(recorded, url: url)
                judge(plans, engine: "PostgreSQL") { line in
                    guard let match = line.firstMatch(of: /Seq Scan on (\w+)/) else { return nil }
                    return String(match.output.1)
                }
            }
        }
    }

    private struct Plan {
        let statement: String
        let lines: [String]
    }

    private func judge(_ plans: [Plan], engine: String, walked: (String) -> String?) {
        #expect(plans.count > 60)
        var wrong: [String] = []
        for plan in plans {
            let aliases = Self.aliases(in: plan.statement)
            for line in plan.lines {
                guard let name = walked(line), Self.large.contains(aliases[name] ?? name),
                    !Self.walks.contains(where: { plan.statement.hasPrefix($0.begins) })
                else { continue }
                wrong.append("\(line): \(plan.statement)")
            }
        }
        #expect(wrong.isEmpty, "\(engine):\n\(wrong.joined(separator: "\n"))")
        guard let folder = ProcessInfo.processInfo.environment["SUBAN_PLANS"] else { return }
        let text = plans.map {
            "    \($0.statement.split(whereSeparator: \.isWhitespace).joined(separator: " "))\n"
                + $0.lines.map { "        → \($0)" }.joined(separator: "\n")
        }.joined(separator: "\n\n")
        try? text.write(toFile: "\(folder)/\(engine).txt", atomically: true, encoding: .utf8)
    }

    /// What `FROM case_step s` calls its tables.
    private static func aliases(in statement: String) -> [String: String] {
        let found = statement.matches(of: /(?:FROM|JOIN|UPDATE|INTO)\s+(\w+)(?:\s+(\w+))?/)
        return Dictionary(
            found.compactMap { match in match.output.2.map { (String($0), String(match.output.1)) } }
        ) { first, _ in first }
    }

    /// The plans of PostgreSQL for values that it does not know yet. A sequential read is the last it may think of, so that
    /// it is seen where no index serves, however small the tables are here.
    private func explained(_ statements: [String], url: String) throws -> [Plan] {
        var script = "ANALYZE;\nSET enable_seqscan = off;\n"
        script += "SET plan_cache_mode = force_generic_plan;\n"
        for (number, text) in statements.enumerated() {
            let places = text.matches(of: /\$(\d+)/).compactMap { Int($0.output.1) }.max() ?? 0
            let nothing =
                places == 0 ? "" : "(" + Array(repeating: "NULL", count: places).joined(separator: ", ") + ")"
            script +=
                "\\echo ### \(number)\nPREPARE p\(number) AS \(text);\nEXPLAIN EXECUTE p\(number)\(nothing);\n"
        }
        let (text, complaint) = try psql(script, at: url)
        #expect(complaint == nil)
        return text.components(separatedBy: "### ").dropFirst().compactMap { part in
            let lines = part.split(separator: "\n").map(String.init)
            guard let number = lines.first.flatMap({ Int($0) }) else { return nil }
            return Plan(statement: statements[number], lines: Array(lines.dropFirst()))
        }
    }

    // MARK: what is asked

    /// Loads an installation, asks it everything and gives the statements that it was asked by.
    private func record(_ database: Recording, in folder: String) async throws -> [String] {
        var settings = PlatformSettings(home: try Home.find(), folder: folder)
        settings.database = database
        let platform = try await Platform.open(settings)
        let request = PopulationRequest(
            subjects: 300,
            cases: 3_000,
            licences: 600,
            seed: 5,
            day: platform.clock.now.date
        )
        _ = try await Population(request, in: platform).load { _ in }
        database.start()
        try await platform.database.read { try Self.desk($0, now: platform.clock.now) }
        try await platform.database.read { try Self.records($0, now: platform.clock.now, platform) }
        try await platform.runner.runUntilQuiet()
        _ = try await platform.runner.nextDue()
        _ = try await platform.housekeeping.run()
        try await platform.keeper.round()
        try await platform.refresh()
        _ = try await RegisterProof.all(in: platform.database, max: 1)
        _ = try await CaseLog.compare(in: platform.database, max: 1)
        _ = try await DecisionStore.compareWithLog(in: platform.database, max: 1)
        _ = try await Credentials.compareWithLog(in: platform.database, max: 1)
        let statements = database.statements
        await platform.database.close()
        return statements
    }

    /// The pages of staff and of applicants.
    private static func desk(_ reader: any Reader, now: Instant) throws {
        let scope = InboxScope(regionPrefix: "1502", agency: "SCJG150203", role: "registrar")
        let filters = [InboxFilter(), InboxFilter(assignee: "x"), InboxFilter(dueBefore: now)]
        for filter in filters {
            _ = try InboxStore.list(scope, filter: filter, after: (now, "x"), limit: 51, in: reader)
            _ = try InboxStore.count(scope, filter: filter, in: reader)
        }
        _ = try InboxStore.assignees(scope, in: reader)
        for words in ["商贸", "150203", "91150203MAB000000X"] {
            _ = try CaseSearchStore.find(words, regionPrefix: "1502", limit: 50, in: reader)
            _ = try RegisterStore.search(words, regionPrefix: "1502", limit: 50, in: reader)
        }
        _ = try RegisterStore.named("包头市", limit: 20, in: reader)
        _ = try CaseSearchStore.decided(
            from: now + -Instant.day,
            until: now,
            by: nil,
            regionPrefix: "1502",
            limit: 1_000,
            in: reader
        )
        let line = try CaseSearchStore.find("商贸", regionPrefix: "15", limit: 1, in: reader)
        let id = try #require(line.first).id
        let found = try CaseStore.find(id, in: reader)
        _ = try CaseStore.find(number: found.number, in: reader)
        _ = try CaseStore.mine(found.applicant, limit: 50, in: reader)
        _ = try CaseStore.granting("91150203MAB000000X", in: reader)
        _ = try StepStore.of(id, in: reader)
        _ = try StepStore.find(clock: "x", in: reader)
        _ = try DecisionStore.of(id, in: reader)
        _ = try DecisionStore.grants(after: "", limit: 100, in: reader)
        _ = try HappeningStore.timeline(of: id, publicOnly: true, in: reader)
        _ = try CaseTimesStore.of(id, in: reader)
    }

    /// What the licence library's desk, holders and other bodies ask.
    private static func library(_ reader: any Reader, now: Instant) throws {
        let reach = LibraryReach(from: "150000", upTo: "160000")
        for words in ["91150203MA0P1234X5", "1.2.3"] {
            _ = try LicenceLibrary.find(words, reach: reach, limit: 50, on: now.date, in: reader)
        }
        _ = try LicenceLibrary.inState(
            .revoked,
            reach: reach,
            after: nil,
            limit: 50,
            on: now.date,
            in: reader
        )
        _ = try LicenceUses.of(holder: "x", limit: 50, in: reader)
        _ = try LicenceUses.of(licence: "credential:x", limit: 50, in: reader)
        _ = try LicenceCopies.verify([], at: now, in: reader)
        _ = try Recognition.held(by: "x", in: reader)
        _ = try TakenLicences.held(by: "x", in: reader)
        _ = try TakenLicences.find(number: "1", type: "x", issuer: "y", in: reader)
    }

    /// What everybody and other systems look up, and the log.
    private static func records(_ reader: any Reader, now: Instant, _ platform: Platform) throws {
        let subject = try #require(RegisterStore.named("包头市", limit: 1, in: reader).first)
        _ = try RegisterStore.entries(of: subject.code, in: reader)
        _ = try RegisterStore.filings(of: subject.code, on: now.date, in: reader)
        _ = try RegisterProof.of(subject.code, in: reader)
        let held = try Credentials.held(by: subject.code, in: reader)
        let licence = try #require(held.first)
        _ = try Credentials.find(licence.id, in: reader)
        _ = try Credentials.find(code: licence.record.code, in: reader)
        _ = try Credentials.find(identifier: licence.record.identifier.description, in: reader)
        _ = try Credentials.find(sealCode: "15020300000001", in: reader)
        _ = try Credentials.history(of: licence.id, in: reader)
        try library(reader, now: now)
        _ = try Credentials.isAsLogged(licence.id, in: reader)
        _ = try NameLibrary.names(of: subject.code, in: reader)
        _ = try NameLibrary.reservations(of: "x", now: now, in: reader)
        _ = try AuditLog.kept(about: subject.object, in: reader)
    }
}

/// Keeps the statements that pass through it.
private final class Recording: Storage.Database {
    private let base: any Storage.Database
    private let kept = Mutex<(isOn: Bool, statements: Set<String>)>((false, []))
    var engine: DatabaseEngine { base.engine }

    init(_ base: any Storage.Database) { self.base = base }

    func start() { kept.withLock { $0 = (true, []) } }

    var statements: [String] {
        kept.withLock { $0.statements }.filter {
            ["SELECT", "UPDATE", "DELETE"].contains(where: $0.hasPrefix)
        }.sorted()
    }

    private func keep(_ sql: StaticString) {
        kept.withLock { if $0.isOn { $0.statements.insert("\(sql)") } }
    }

    private struct Reading: Reader {
        let base: any Reader
        let owner: Recording
        var unopened: any Reader { Reading(base: base.unopened, owner: owner) }

        func query(_ sql: StaticString, _ values: [any Bindable]) throws -> [Storage.Row] {
            owner.keep(sql)
            return try base.query(sql, values)
        }
    }

    private struct Writing: Transaction {
        let base: any Transaction
        let owner: Recording
        var writesAlone: Bool { base.writesAlone }
        var unopened: any Reader { Reading(base: base.unopened, owner: owner) }

        func query(_ sql: StaticString, _ values: [any Bindable]) throws -> [Storage.Row] {
            owner.keep(sql)
            return try base.query(sql, values)
        }

        func execute(_ sql: StaticString, _ values: [any Bindable]) throws -> Int {
            owner.keep(sql)
            return try base.execute(sql, values)
        }

        func insert(_ rows: Rows) throws { try base.insert(rows) }

        func afterCommit(_ work: @escaping @Sendable () -> Void) { base.afterCommit(work) }

        func ring() { base.ring() }
    }

    func rings() -> AsyncStream<Void> { base.rings() }

    func read<Answer: Sendable>(_ body: @escaping @Sendable (any Reader) throws -> Answer) async throws
        -> Answer
    {
        try await base.read { try body(Reading(base: $0, owner: self)) }
    }

    func write<Answer: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Answer) async throws
        -> Answer
    {
        try await base.write { try body(Writing(base: $0, owner: self)) }
    }

    func atEndOfGroup(_ work: @escaping @Sendable (any Transaction) throws -> Void) {
        base.atEndOfGroup { try work(Writing(base: $0, owner: self)) }
    }

    func migrate(_ migrations: [Migration]) async throws { try await base.migrate(migrations) }

    func close() async { await base.close() }
}
