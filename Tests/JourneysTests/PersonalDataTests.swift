import Cases
import Correspondence
import Foundation
import GRDB
import Kernel
import Server
import Storage
import StoragePostgres
import StorageSQLite
import TestSupport
import Testing

/// What somebody reads who holds a copy of the database and nothing else.
@Suite("personal data and secrets in the database")
struct PersonalDataTests {
    /// Where numbers stand that belong to nobody: published definitions hold sample values. Nothing else is excused: the
    /// register's public items bear names only, and the papers that the law wants signed are sealed like the rest.
    private static let samples = "catalogue_"

    private struct Bare: Sendable {
        let database: any Storage.Database
        /// Table, column and everything in it, as it lies there.
        let columns: @Sendable () async throws -> [(name: String, text: String)]
    }

    private func each(_ body: @Sendable (DemoTown, Bare, JSON, String) async throws -> Void) async throws {
        let home = try Home.find()
        let data = try JSON.read(
            Array(try Data(contentsOf: URL(fileURLWithPath: home.resource("demo/llc.json"))))
        )
        let start = try #require(Instant(parsing: "2026-03-02 10:00"))
        for engine in DatabaseEngine.allCases {
            try await withTemporaryFolder { folder in
                if engine == .sqlite {
                    let database = try SQLiteDatabase(path: "\(folder)/suban.sqlite")
                    let town = try await DemoTown(home: home, folder: folder, at: start) {
                        $0.database = database
                    }
                    let bare = Bare(database: database) { try Self.sqlite("\(folder)/suban.sqlite") }
                    try await body(town, bare, data, folder)
                    await database.close()
                } else {
                    try await withDatabase(.postgres) { database in
                        let town = try await DemoTown(home: home, folder: folder, at: start) {
                            $0.database = database
                        }
                        let bare = Bare(database: database) { try await Self.postgres(database) }
                        try await body(town, bare, data, folder)
                    }
                }
            }
        }
    }

    private static func sqlite(_ path: String) throws -> [(name: String, text: String)] {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { database in
            var columns: [(name: String, text: String)] = []
            let tables = try String.fetchAll(
                database,
                sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
            for table in tables {
                for column in try database.columns(in: table) where ["TEXT", "BLOB"].contains(column.type) {
                    let values = try GRDB.Row.fetchAll(
                        database,
                        sql: "SELECT \"\(column.name)\" FROM \"\(table)\""
                    )
                    let text = values.map { row -> String in
                        switch (row[0] as DatabaseValue).storage {
                        case .string(let text): text
                        case .blob(let data): String(decoding: data, as: UTF8.self)
                        case .null, .int64, .double: ""
                        }
                    }
                    columns.append(("\(table).\(column.name)", text.joined(separator: "\n")))
                }
            }
            return columns
        }
    }

    private static func postgres(_ database: any Storage.Database) async throws -> [(
        name: String, text: String
    )] {
        try await database.read { reader in
            try reader.query(
                """
                SELECT table_name::text, column_name::text, query_to_xml(format(
                    CASE data_type WHEN 'bytea' THEN 'SELECT encode(%I, ''escape'') AS v FROM %I'
                        ELSE 'SELECT %I AS v FROM %I' END, column_name, table_name), true, false, '')::text
                FROM information_schema.columns
                WHERE table_schema = current_schema() AND data_type IN ('text', 'bytea')
                """
            ).map { (name: "\(try $0.text(0)).\(try $0.text(1))", text: try $0.text(2)) }
        }
    }

    /// Every identity number and telephone of a form.
    private static func numbers(in value: JSON) -> Set<String> {
        switch value {
        case .object(let members):
            members.reduce(into: []) { found, member in
                if ["idNumber", "phone"].contains(member.key), let text = member.value.text, text.count >= 8 {
                    found.insert(text)
                }
                found.formUnion(numbers(in: member.value))
            }
        case .array(let elements): elements.reduce(into: []) { $0.formUnion(numbers(in: $1)) }
        case .null, .bool, .number, .string: []
        }
    }

    @Test("after an opening no column of any table holds an identity number or telephone in clear")
    func sweep() async throws {
        try await each { town, bare, data, folder in
            let numbers = Self.numbers(in: data)
            #expect(numbers.count >= 4)
            try await DemoJourney(town: town, say: { _ in }).openCompany(data, into: "\(folder)/out")
            let columns = try await bare.columns()
            #expect(columns.count > 200)
            #expect(columns.contains { $0.name == "case_case.data" && !$0.text.isEmpty })
            for (name, text) in columns where !name.hasPrefix(Self.samples) {
                for number in numbers where text.contains(number) {
                    Issue.record("\(bare.database.engine.rawValue): \(name) holds \(number) in clear")
                }
            }
            // The platform itself reads all of it.
            let subject = try #require(
                try await town.platform.database.read {
                    try CaseStore.mine("demo-founder", limit: 1, in: $0).first
                }
            )
            #expect(Self.numbers(in: subject.data) == numbers)
        }
    }

    @Test(
        "the secret of a signing link lies nowhere in clear, and nowhere at all once the link is replaced or over"
    )
    func links() async throws {
        try await each { town, bare, data, _ in
            let desk = town.platform.desk
            let founder = Occasion(
                now: town.clock.now,
                actor: Actor(.person, id: "founder", role: "person"),
                request: "test",
                entropy: town.platform.settings.entropy
            )
            let draft = try await desk.start(
                system: "company-opening",
                item: "llc",
                region: "150203",
                channel: .online,
                data: data,
                occasion: founder
            )
            let links = try await desk.askSignatures(draft.id, occasion: founder)
            #expect(links.count >= 2)
            func clear(_ moment: String) async throws {
                for (name, text) in try await bare.columns() {
                    for link in links where text.contains(link.secret) {
                        Issue.record("\(bare.database.engine.rawValue), \(moment): \(name) holds a secret")
                    }
                }
            }
            func kept() async throws -> [String] {
                let number = draft.number
                let messages = try await town.platform.database.read {
                    try CorrespondenceStore.messages(case: number, in: $0)
                }
                return messages.flatMap { [$0.link, $0.textZh, $0.textEn] }
            }
            try await clear("before the texts went out")
            try await town.settle()
            try await clear("after the texts went out")
            #expect(try await kept().contains { $0.contains(links[0].secret) })
            // A fresh link takes the old secret away.
            let again = try await desk.renewLink(draft.id, signer: links[0].signer, occasion: founder)
            #expect(try await kept().contains { $0.contains(links[0].secret) } == false)
            #expect(try await kept().contains { $0.contains(again.secret) })
            // One signs and one does not: when the time is over both secrets go.
            let anyone = Occasion(
                now: town.clock.now,
                actor: .anonymous,
                request: "test",
                entropy: town.platform.settings.entropy
            )
            let check = try await desk.verifyFace(again.secret, sample: "score:950", occasion: anyone)
            _ = try await desk.sign(again.secret, proof: check.proof, occasion: anyone)
            try await town.move(to: town.clock.now + 8 * Instant.day)
            for secret in links.map(\.secret) + [again.secret] {
                #expect(try await kept().contains { $0.contains(secret) } == false)
            }
        }
    }

    private func messages(of number: String, in town: DemoTown) async throws -> [Message] {
        try await town.platform.database.read { try CorrespondenceStore.messages(case: number, in: $0) }
    }

    @Test(
        "after a grant only the new links are kept: they lead to the objection, also when the papers are closed"
    )
    func granted() async throws {
        try await each { town, _, data, folder in
            let origin = town.platform.settings.origin
            try await DemoJourney(town: town, say: { _ in }).openCompany(data, into: "\(folder)/out")
            let subject = try #require(
                try await town.platform.database.read {
                    try CaseStore.mine("demo-founder", limit: 1, in: $0).first
                }
            )
            let before = try await messages(of: subject.number, in: town)
            let links = before.filter { $0.link.hasPrefix("/sign/") }
            #expect(links.count >= 2 && links.allSatisfy { $0.template == "named-person" })
            #expect(
                links.allSatisfy { $0.textZh.contains(origin + $0.link) && $0.link.hasSuffix("/objection") }
            )
            #expect(before.contains { $0.template == "sign-please" && $0.textZh.contains("（链接已失效）") })
            try await town.move(to: town.clock.now + 8 * Instant.day)
            let after = try await messages(of: subject.number, in: town)
            for message in links {
                let kept = try #require(after.first { $0.id == message.id })
                #expect(kept.link == message.link && kept.textZh == message.textZh)
                let secret = String(message.link.split(separator: "/")[1])
                let later = Occasion(now: town.clock.now, actor: .anonymous, request: "test")
                await #expect(throws: CaseError.linkExpired) {
                    try await town.platform.desk.openLink(secret, occasion: later)
                }
                #expect(try await town.platform.desk.objector(secret).isNamed)
            }
            for message in after {
                for text in [message.textZh, message.textEn] {
                    #expect(!text.contains("\(origin)（") && !text.contains("\(origin)("))
                }
            }
        }
    }

    @Test("with a draft that is deleted the secrets of its links go")
    func discarded() async throws {
        try await each { town, _, data, _ in
            let founder = Occasion(
                now: town.clock.now,
                actor: Actor(.person, id: "founder", role: "person"),
                request: "test",
                entropy: town.platform.settings.entropy
            )
            let draft = try await town.platform.desk.start(
                system: "company-opening",
                item: "llc",
                region: "150203",
                channel: .online,
                data: data,
                occasion: founder
            )
            let links = try await town.platform.desk.askSignatures(draft.id, occasion: founder)
            try await town.settle()
            let version = try await town.platform.desk.read(draft.id).version
            #expect(try await messages(of: draft.number, in: town).contains { $0.link.hasPrefix("/sign/") })
            try await town.platform.desk.discardDraft(draft.id, version: version, occasion: founder)
            for message in try await messages(of: draft.number, in: town) {
                for text in [message.link, message.textZh, message.textEn] {
                    #expect(!links.contains { text.contains($0.secret) })
                }
            }
        }
    }
}
