import Audit
import Cryptography
import Foundation
import Kernel
import Server
import Storage
import StorageSQLite

/// Every answer to a call that wrote must stand in the tables, and nothing else.
struct CallProof {
    let home: Home
    let folder: String

    /// - Returns: what was found, in words.
    func prove(_ bodies: [[UInt8]], of callers: [CallCourse.Caller]) async throws -> String {
        let (database, keys) = try open()
        let answered = Set(try bodies.map { try JSON.read($0, sizeBytesMax: 1 << 20)["id"].text ?? "" })
        guard answered.count == bodies.count else { throw BenchFault("two answers name one case") }
        let applicants = Set(callers.map(\.applicant))
        let found = try await database.read { try BenchStore.begun(in: $0) }
        guard Set(found.rows.keys) == answered else {
            throw BenchFault("\(found.rows.count) cases are there, \(answered.count) were answered")
        }
        guard Set(found.rows.values).isSubset(of: applicants) else {
            throw BenchFault("a case is a stranger's")
        }
        let objects = Set(answered.map { "case:\($0)" })
        guard found.entries.isSuperset(of: objects) else { throw BenchFault("log entries are missing") }
        guard found.events.isSuperset(of: objects) else { throw BenchFault("events are missing") }
        guard found.keys == answered else {
            throw BenchFault("idempotency keys are missing, or name another case")
        }
        let size = try await provenLog(database, keys)
        await database.close()
        return
            "proven: \(answered.count) cases with their log entries, events and keys, a log of \(size) entries"
    }

    /// - Returns: what was found, in words.
    func prove(saved count: Int, of callers: [CallCourse.Caller]) async throws -> String {
        let (database, keys) = try open()
        let drafts = Set(callers.map(\.draft))
        let found = try await database.read { try BenchStore.saved(in: $0) }
        guard Set(found.versions.keys) == drafts else { throw BenchFault("forms are missing") }
        guard found.versions.values.reduce(0, { $0 + $1 - 1 }) == count, found.entries == count else {
            throw BenchFault("\(found.entries) log entries and the versions do not fit \(count) answers")
        }
        let size = try await provenLog(database, keys)
        await database.close()
        return
            "proven: \(count) savings in the versions of \(drafts.count) forms and in a log of \(size) entries"
    }

    /// How many licences were shown, by their uses and by the log.
    func presented() async throws -> (uses: Int, entries: Int) {
        let (database, keys) = try open()
        let found = try await database.read { try BenchStore.presented(in: $0) }
        _ = try await provenLog(database, keys)
        await database.close()
        return found
    }

    private func open() throws -> (any Database, PlatformKeys) {
        let database = try Platform.sealing(SQLiteDatabase(path: "\(folder)/suban.sqlite"), folder: folder)
        let entropy = SystemEntropy()
        let keys = try PlatformKeys.openOrCreate(
            in: try KeyStore.open(folder: "\(folder)/keys", entropy: entropy),
            organization: "bench",
            now: SystemClock().now,
            entropy: entropy
        )
        return (database, keys)
    }

    /// - Returns: how many entries the log has.
    private func provenLog(_ database: any Database, _ keys: PlatformKeys) async throws -> Int64 {
        let verdict = try await LogVerifier(
            database: database,
            keys: [keys.log.key.publicKey],
            mirrored: try HeadMirror(path: "\(folder)/heads.jsonl").heads()
        ).verify()
        guard verdict.isWhole else { throw BenchFault("the log is not whole: \(verdict.problems)") }
        let counts = try await database.read { try BenchStore.counts(in: $0) }
        guard counts.unsealed == 0 else { throw BenchFault("\(counts.unsealed) log entries are not sealed") }
        return verdict.size
    }
}
