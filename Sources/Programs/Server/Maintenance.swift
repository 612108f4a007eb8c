import Audit
public import Catalogue
import CompanyNames
import Correspondence
import Credentials
import Deadlines
import Exchange
import Foundation
public import Kernel
public import Standards
import Storage

/// Who gives a command: the account of the operating system, and the account in the platform that he says is his.
public struct Operator: Sendable {
    public let user: String
    /// Nobody checks it; it says whom to ask.
    public let account: String?

    public init(user: String, account: String? = nil) {
        self.user = user
        self.account = account
    }

    /// As the log names him: `os:root` or `os:root/zhangsan`.
    var actor: Actor {
        Actor(.staff, id: "os:\(user)" + (account.map { "/\($0)" } ?? ""), role: "operator")
    }
}

/// What an operator does to an installation from the command line, beside a server that may be running.
public struct Maintenance: Sendable {
    public let standards: Standards
    let settings: PlatformSettings
    let database: any Database
    private let actor: Actor

    /// Opens the database and brings its schema up to date.
    /// - Parameter by: in whose name everything is logged.
    public init(_ settings: PlatformSettings, by person: Operator) async throws {
        self.settings = settings
        actor = person.actor
        standards = try settings.standards ?? Standards(home: settings.home)
        database = try await Platform.open(database: settings)
    }

    /// Brings the schema up to date, and begins an installation where there is none.
    /// - Returns: how many steps were applied.
    public static func migrate(_ settings: PlatformSettings) async throws -> Int {
        let bare = try Platform.bare(settings)
        let engine = bare.engine
        do {
            let before = try await bare.read { try CheckStore.applied(of: engine, in: $0) }
            let database = try await Platform.open(database: settings)
            await database.close()
            let after = try await bare.read { try CheckStore.applied(of: engine, in: $0) }
            await bare.close()
            return Int(after - before)
        } catch {
            await bare.close()
            throw error
        }
    }

    public func close() async { await database.close() }

    func occasion(_ part: String, purpose: String) -> Occasion {
        Occasion(
            now: settings.clock.now,
            actor: actor,
            request: "command:\(part)",
            purpose: purpose,
            entropy: settings.entropy
        )
    }

    /// Reads a table that a bureau supplies and puts it in force from a day on; a running server takes it over.
    /// - Parameters:
    ///   - kind: of `ReferenceSchema.importable`.
    ///   - effective: today or later; earlier days keep the table they had.
    ///   - isTrial: only reads and checks.
    /// - Returns: how many rows it has.
    /// - Throws: `ReferenceRejected` with everything that is wrong; nothing is kept then.
    public func importTable(
        _ bytes: [UInt8],
        kind: String,
        effective: LocalDate?,
        source: String,
        isTrial: Bool
    ) async throws -> Int {
        let table = try ReferenceImport.read(bytes, kind: kind, standards: standards)
        guard !isTrial else { return table.rows.count }
        let occasion = occasion("import", purpose: source)
        let day = effective ?? occasion.now.date
        guard day >= occasion.now.date else { throw CatalogueError.effectiveInThePast(day) }
        try await database.write { tx in
            try ReferenceImport.store(table, effective: day, source: source, occasion: occasion, in: tx)
            try AuditLog.append(
                "reference.imported",
                object: "reference:\(kind)",
                after: [
                    "rows": JSON(table.rows.count), "effective": .string(day.description),
                    "fingerprint": .string(table.fingerprint), "source": .string(source),
                ],
                occasion: occasion,
                in: tx
            )
        }
        return table.rows.count
    }

    /// Publishes the holidays and make-up days of a year; a running server derives its open clocks anew.
    /// - Parameters:
    ///   - text: tab-separated, with the columns `date`, `kind` (`holiday`, `workday`) and `name`.
    ///   - source: the State Council's notice.
    ///   - isTrial: only reads and checks.
    /// - Returns: how many days differ from their weekday.
    /// - Throws: `StandardsError` for a bad row, `DeadlineError.badCalendar` for a gap or a day of another year.
    public func publishCalendar(
        _ year: Int,
        text: String,
        file: String,
        source: String,
        isTrial: Bool
    ) async throws -> Int {
        let days = try CalendarDay.days(of: text, file: file)
        let base = standards.calendar
        guard !isTrial else {
            let current = try await database.read { try Calendars.load(base: base, in: $0) }
            guard current.publishing(year, days) != nil else { throw DeadlineError.badCalendar(year: year) }
            return days.count
        }
        let occasion = occasion("calendar", purpose: source)
        try await database.write { tx in
            try Calendars.publish(year, days, source: source, base: base, occasion: occasion, in: tx)
            try AuditLog.append(
                "calendar.published",
                object: "calendar:\(year)",
                after: ["days": JSON(days.count), "source": .string(source)],
                occasion: occasion,
                in: tx
            )
        }
        return days.count
    }

    /// Publishes the folder of a system as a new version; new cases start with it, running ones keep theirs.
    /// - Parameter isTrial: only checks that it can run.
    /// - Returns: the version, or nil after a trial.
    public func publish(
        folder path: String,
        effective: LocalDate?,
        note: String,
        isTrial: Bool
    ) async throws -> CatalogueVersion? {
        let folder = try SystemFolder(at: path)
        let publisher = SystemPublisher(
            home: settings.home,
            standards: standards,
            parties: try settings.parties(),
            papers: try PaperLibrary(home: settings.home),
            types: try CredentialTypes(home: settings.home),
            published: PublishedSystems(),
            modules: SystemPublisher.modules
        )
        guard !isTrial else {
            _ = try PublishedSystems.prepare(folder, in: publisher.world)
            return nil
        }
        let occasion = occasion("publish", purpose: note)
        return try await publisher.published.publish(
            folder,
            effective: effective ?? occasion.now.date,
            note: note,
            world: publisher.world,
            occasion: occasion,
            database: database
        )
    }
}
