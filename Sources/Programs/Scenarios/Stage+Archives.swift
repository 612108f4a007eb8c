import ArchivePackages
import CaseArchive
import Cases
import Forms
import Identity
import Kernel
import Server
import Storage

/// What is done with the archive of the case.
struct ArchiveAct: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        /// By the applicant.
        case copy
        /// By staff.
        case read, hold, lift, propose, agree, deny
    }

    var kind: Kind
    var words = "样例"
}

extension Scenario {
    static func archiveAct(_ node: SourceNode) throws(DefinitionError) -> ArchiveAct {
        let map = try node.map(["act", "words"])
        var act = ArchiveAct(kind: try map.needed("act").one(of: ArchiveAct.Kind.self))
        if let words = map["words"] { act.words = try words.text() }
        return act
    }
}

extension Stage {
    private func archive() async throws -> Archive {
        let id = try current()
        let archives = platform.archives
        guard let last = try await platform.database.read({ try archives.of(id, in: $0) }).last else {
            throw ArchiveError.none
        }
        return last
    }

    func archives(_ name: String, _ act: ArchiveAct) async throws {
        let (archive, archives) = (try await archive(), platform.archives)
        let occasion = occasion(cast.staff[name] ?? actor(name))
        switch act.kind {
        case .copy: handedOut = try await archives.copy(archive, occasion: occasion)
        case .read:
            handedOut = try await archives.take(archive, purpose: act.words, occasion: occasion)
        case .hold, .lift, .propose, .agree, .deny:
            try await platform.database.write { tx in
                switch act.kind {
                case .hold: try archives.hold(archive.id, reason: act.words, occasion: occasion, in: tx)
                case .lift: try archives.lift(archive.id, reason: act.words, occasion: occasion, in: tx)
                case .propose:
                    try archives.propose(archive.id, reason: act.words, occasion: occasion, in: tx)
                case .agree:
                    try archives.decide(archive.id, true, words: act.words, occasion: occasion, in: tx)
                case .deny:
                    try archives.decide(archive.id, false, words: act.words, occasion: occasion, in: tx)
                case .copy, .read: return
                }
            }
        }
    }

    /// `state` (`none`, `waits`, `kept`, `disposed`), `packages`, `until` (a day or `for-ever`), `reads` and `due` of the
    /// case's archive.
    func checkArchive(_ expected: Expectation) async throws -> [String] {
        guard !expected.archive.isEmpty else { return [] }
        let subject = try await platform.desk.read(current(expected.of))
        let (archives, day) = (platform.archives, now.date)
        let found: [String: String] = try await platform.database.read { reader in
            guard let last = try archives.of(subject.id, in: reader).last else {
                switch try archives.progress(of: subject, in: reader) {
                case .waits: return ["state": "waits"]
                case .running: return ["state": "running"]
                case .failed(let why): return ["state": "failed: \(why)"]
                case .none, .made: return ["state": "none"]
                }
            }
            let due = try archives.due(low: "", high: "~", on: day, limit: 100, in: reader)
            return [
                "state": last.state.rawValue, "packages": String(last.index.version),
                "until": archives.keptUntil(last, on: day)?.description ?? "for-ever",
                "reads": String(try archives.reads(of: last, in: reader).count),
                "due": String(due.contains { $0.id == last.id }),
            ]
        }
        return expected.archive.sorted { $0.key < $1.key }.compactMap { key, wanted in
            let value = found[key] ?? "none"
            return value == wanted ? nil : "archive \(key): expected \(wanted), found \(value)"
        }
    }
}
