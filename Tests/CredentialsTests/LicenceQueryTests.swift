import Credentials
import Cryptography
import Foundation
import Kernel
import Storage
import TestSupport
import Testing

/// Certificates checked by number and name: the least is told, the holder sees it, guesswork ends.
@Suite("checking certificates by number and name")
struct LicenceQueryTests {
    private static let keys = Result {
        try PlatformKeys.openOrCreate(
            in: .open(
                folder: FileManager.default.temporaryDirectory.path + "/suban-keys-\(UUID().uuidString)"
            ),
            organization: "某省",
            now: start + -Instant.day
        )
    }

    private let policy = PresentationPolicy(
        life: 60_000,
        openMax: 5,
        guessesMax: 3,
        shortGuessesMax: 100,
        window: 600_000,
        keep: 600_000
    )

    private func ask(
        _ queries: LicenceQueries,
        _ number: String,
        _ name: String,
        from address: String = "192.0.2.1",
        purpose: String = "招聘",
        at minutes: Int64 = 1
    ) async -> Result<QueriedLicence, LicenceQueryError> {
        do {
            return .success(
                try await queries.ask(
                    LicenceQuery(
                        type: "professional-title",
                        number: number,
                        name: name,
                        organisation: "包头某机械公司",
                        operatorName: "",
                        purpose: purpose,
                        address: address
                    ),
                    occasion: occasion(minutes).by(.anonymous)
                )
            )
        } catch let error as LicenceQueryError { return .failure(error) } catch {
            Issue.record(error)
            return .failure(.question)
        }
    }

    @Test(
        "the right name is told the open fields of a valid one, a wrong one nothing; three misses and the place waits"
    )
    func own() async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let types = authority.types.licences
            let type = try #require(types["professional-title"])
            let kept = try await issue(sample(of: type, number: "ZC-1"), by: authority, on: database)
            let queries = LicenceQueries(types: types, roots: ForeignRoots([]), database: database) {
                [policy] _ in
                policy
            }
            #expect(queries.open.map(\.key) == ["professional-title"])
            let told = try await ask(queries, "ZC-1", "张晓晨").get()
            #expect(told.fields.map(\.field.key) == type.query && told.state == .valid && told.place == nil)
            let uses = try await database.read { try LicenceUses.of(holder: "01PERSON", limit: 9, in: $0) }
            #expect(uses.map(\.way) == [.query] && uses.first?.purpose == "招聘")
            #expect(await ask(queries, "ZC-1", "张晓晨", purpose: "") == .failure(.asker))
            #expect(await ask(queries, "ZC-1", "张晓") == .failure(.unknown))
            #expect(await ask(queries, "ZC-2", "张晓晨") == .failure(.unknown))
            #expect(await ask(queries, "ZC-1", "李四") == .failure(.unknown))
            #expect(await ask(queries, "ZC-1", "张晓晨") == .failure(.locked(minutes: 10)))
            // Another place is not held back, and this one only for a while.
            _ = try await ask(queries, "ZC-1", "张晓晨", from: "198.51.100.1").get()
            _ = try await ask(queries, "ZC-1", "张晓晨", at: 30).get()
            // One that does not stand is told to be so, with nothing of what is on it.
            _ = try await database.write { tx in
                try Credentials.apply(
                    .revoke,
                    to: kept.record.id,
                    reason: "样例",
                    occasion: occasion(31),
                    in: tx
                )
            }
            let revoked = try await ask(queries, "ZC-1", "张晓晨", at: 32).get()
            #expect(revoked.state == .revoked && revoked.fields.isEmpty)
        }
    }

    @Test(
        "one of another place is told as such while its root is trusted, and not found when it no longer is"
    )
    func recognised() async throws {
        try await forEachEngine(migrations) { database in
            let (keys, home) = (try Self.keys.get(), try Home.find())
            let theirs = try CredentialAuthority(home: home, keys: keys, database: database)
            let types = theirs.types.licences
            let type = try #require(types["professional-title"])
            let file = try await theirs.prepare(sample(of: type, number: "SX-7"), occasion: occasion()).signed
                .file
            let lines = keys.root.pem.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
            let day = start.date.adding(days: -1)
            let root = try ForeignRoots.Root(
                yaml: "name: 某省\nfrom: \(day)\ntypes: [professional-title]\nroot: |\n\(lines)\n",
                file: "some.yaml",
                types: types
            )
            let roots = ForeignRoots([root])
            _ = try await Recognition(types: types, roots: roots)
                .recognise(file, occasion: occasion(), in: database)
            func queries(_ roots: ForeignRoots) -> LicenceQueries {
                LicenceQueries(types: types, roots: roots, database: database) { [policy] _ in policy }
            }
            let told = try await ask(queries(roots), "SX-7", "张晓晨").get()
            #expect(told.place == "某省" && told.fields.map(\.field.key) == type.query)
            #expect(await ask(queries(roots), "SX-7", "李四") == .failure(.unknown))
            #expect(await ask(queries(ForeignRoots([])), "SX-7", "张晓晨") == .failure(.unknown))
        }
    }
}
