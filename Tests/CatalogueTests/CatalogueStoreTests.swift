import Audit
import Catalogue
import Forms
import Foundation
import Jobs
import Kernel
import Storage
import TestSupport
import Testing

@Suite("published versions")
struct CatalogueStoreTests {
    private static let migrations = AuditMigrations.all + JobsMigrations.all + CatalogueMigrations.all

    private static func folder(_ promise: String = "1 d", extra: [String: [UInt8]] = [:]) -> SystemFolder {
        let system = """
            id: small
            name: {zh: 小系统, en: Small}
            source: S0
            owner: 某局
            engines: [case]
            clauses: [{must_do: 1, text: one}]
            items:
              - id: one
                item: 一件事项
                title: {zh: 事项, en: Item}
                procedure: filing
                for: person
                agency: 某局
                limits: {promise: promise}
            """
        let limits = """
            limits:
              - {name: promise, label: {zh: 承诺, en: Promise}, values: [{from: 2022-01-01, value: \(promise)}]}
            """
        let files = ["system.yaml": Array(system.utf8), "limits.yaml": Array(limits.utf8)]
        return SystemFolder(files: files.merging(extra) { $1 })
    }

    private static func day(_ text: String) throws -> LocalDate { try #require(LocalDate(parsing: text)) }

    private static func occasion(_ day: String) throws -> Occasion {
        Occasion(
            now: Instant(try self.day(day), hour: 9),
            actor: Actor(.staff, id: "staff-1", role: "catalogue-editor"),
            request: "r1",
            entropy: SeededEntropy(seed: 7)
        )
    }

    @Test(
        "the version in force is the last that took effect and is not withdrawn; each act is logged and told"
    )
    func versions() async throws {
        try await forEachEngine(Self.migrations) { database in
            let systems = PublishedSystems()
            let world = CatalogueWorld()
            let first = try await systems.publish(
                Self.folder("2 d"),
                effective: Self.day("2026-01-10"),
                note: "first",
                world: world,
                occasion: Self.occasion("2026-01-05"),
                database: database
            )
            let second = try await systems.publish(
                Self.folder("1 d"),
                effective: Self.day("2026-02-01"),
                note: "faster",
                world: world,
                occasion: Self.occasion("2026-01-06"),
                database: database
            )
            #expect(first.number == 1)
            #expect(second.number == 2)
            func number(_ day: String) async throws -> Int? {
                let date = try Self.day(day)
                return try await database.read {
                    try CatalogueStore.current("small", on: date, in: $0)?.number
                }
            }
            #expect(try await number("2026-01-09") == nil)
            #expect(try await number("2026-01-10") == 1)
            #expect(try await number("2026-02-01") == 2)
            let withdrawal = try Self.occasion("2026-02-03")
            let withdrawn = try await database.write {
                try CatalogueStore.withdraw(second.id, why: "a mistake", occasion: withdrawal, in: $0)
            }
            #expect(withdrawn.withdrawnWhy == "a mistake")
            #expect(try await number("2026-02-04") == 1)
            await #expect(throws: CatalogueError.alreadyWithdrawn(number: 2)) {
                try await database.write {
                    try CatalogueStore.withdraw(second.id, why: "again", occasion: withdrawal, in: $0)
                }
            }
            try await JobRunner(
                database: database,
                clock: ManualClock(withdrawal.now),
                kinds: [],
                subscribers: []
            ).runUntilQuiet()
            let (events, entries) = try await database.read { reader in
                (
                    try Outbox.events(after: 0, in: reader).map(\.name),
                    try reader.number("SELECT count(*) FROM catalogue_version")
                )
            }
            #expect(events == ["catalogue.published", "catalogue.published", "catalogue.withdrawn"])
            #expect(entries == 2)
        }
    }

    @Test("a running case reads the version it started with, byte for byte")
    func kept() async throws {
        try await forEachEngine(Self.migrations) { database in
            let occasion = try Self.occasion("2026-01-05")
            let day = try Self.day("2026-01-05")
            let folder = Self.folder("2 d", extra: ["guide.zh.md": Array("# 指南".utf8)])
            let version = try await database.write {
                try CatalogueStore.publish(
                    folder,
                    system: "small",
                    effective: day,
                    note: "",
                    occasion: occasion,
                    in: $0
                )
            }
            let later = try await database.write {
                try CatalogueStore.publish(
                    Self.folder("1 d"),
                    system: "small",
                    effective: day,
                    note: "",
                    occasion: occasion,
                    in: $0
                )
            }
            let systems = PublishedSystems()
            let (old, new, bytes) = try await database.read { reader in
                (
                    try systems.definition(of: version.id, in: reader),
                    try systems.definition(of: later.id, in: reader),
                    try CatalogueStore.folder(of: version.id, in: reader)
                )
            }
            #expect(bytes == folder)
            #expect(old.limits.value("promise", region: "150203", on: day)?.text == "2 d")
            #expect(new.limits.value("promise", region: "150203", on: day)?.text == "1 d")
            #expect(old.guides["zh"] == "# 指南")
        }
    }

    @Test("a league's version stands before the region's, there only")
    func regions() async throws {
        try await forEachEngine(Self.migrations) { database in
            let occasion = try Self.occasion("2026-01-05")
            let day = try Self.day("2026-01-05")
            for (region, promise) in [("150000", "3 d"), ("150200", "2 d")] {
                _ = try await database.write {
                    try CatalogueStore.publish(
                        Self.folder(promise),
                        system: "small",
                        region: region,
                        effective: day,
                        note: "",
                        occasion: occasion,
                        in: $0
                    )
                }
            }
            for (place, number) in [("150203", 2), ("150200", 2), ("150102", 1), ("150000", 1)] {
                let found = try await database.read {
                    try CatalogueStore.current("small", region: place, on: day, in: $0)?.number
                }
                #expect(found == number)
            }
        }
    }

    @Test("the same files twice, a day in the past and a broken folder are refused and leave nothing")
    func refused() async throws {
        try await forEachEngine(Self.migrations) { database in
            let systems = PublishedSystems()
            let occasion = try Self.occasion("2026-01-05")
            let today = try Self.day("2026-01-05")
            let yesterday = try Self.day("2026-01-04")
            func publish(_ folder: SystemFolder, _ day: LocalDate) async throws {
                _ = try await systems.publish(
                    folder,
                    effective: day,
                    note: "",
                    world: CatalogueWorld(engines: ["case"]),
                    occasion: occasion,
                    database: database
                )
            }
            try await publish(Self.folder(), today)
            await #expect(throws: CatalogueError.unchanged(system: "small", number: 1)) {
                try await publish(Self.folder(), today)
            }
            await #expect(throws: CatalogueError.effectiveInThePast(yesterday)) {
                try await publish(Self.folder("5 d"), yesterday)
            }
            await #expect(throws: DefinitionError.self) {
                try await publish(Self.folder("soon"), today)
            }
            let rows = try await database.read { try $0.number("SELECT count(*) FROM catalogue_version") }
            #expect(rows == 1)
        }
    }

    @Test("bytes that changed in the database are noticed")
    func damaged() async throws {
        try await forEachEngine(Self.migrations) { database in
            let occasion = try Self.occasion("2026-01-05")
            let version = try await database.write {
                try CatalogueStore.publish(
                    Self.folder(),
                    system: "small",
                    effective: occasion.now.date,
                    note: "",
                    occasion: occasion,
                    in: $0
                )
            }
            _ = try await database.write {
                try $0.execute("UPDATE catalogue_blob SET content = $1", Array("id: other".utf8))
            }
            await #expect(throws: CatalogueError.self) {
                try await database.read { try CatalogueStore.folder(of: version.id, in: $0) }
            }
        }
    }

    @Test("two versions compare value by value")
    func compared() {
        let changes = VersionComparison.changes(from: Self.folder("2 d"), to: Self.folder("1 d"))
        #expect(changes.map(\.file) == ["limits.yaml"])
        #expect(changes.map(\.path) == ["limits[promise].values[0].value"])
        #expect(changes.first?.before == "2 d")
        #expect(changes.first?.after == "1 d")
        #expect(VersionComparison.changes(from: Self.folder(), to: Self.folder()).isEmpty)
    }
}
