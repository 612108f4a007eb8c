import Audit
import Cases
import Credentials
import Cryptography
import Exchange
import Foundation
import Kernel
import Registers
import Server
import Storage
import StoragePostgres
import StorageSQLite

/// What the server left behind, opened after it has ended: every answer a founder got must stand in the tables.
struct OpeningProof {
    private let database: any Database
    private let keys: PlatformKeys
    private let peers: [String: PeerKey]
    private let limits: EnvelopeLimits
    private let mirror: HeadMirror

    /// Checking one opening's papers takes some fifty verifications; beyond so many openings every k-th is taken.
    private static let papersMax = 1_000
    private static let messagesMax: Int64 = 5_000

    /// Signatures made in the measured time, each found in the tables.
    struct Signed: Sendable {
        var credentials: Int64 = 0
        var questions: Int64 = 0
        var orders: Int64 = 0
        var receipts: Int64 = 0
        var heads: Int64 = 0
        /// Made by the outside parties on their answers and reports.
        var parties: Int64 = 0

        var platform: Int64 { credentials + questions + orders + receipts + heads }
    }

    struct Proven: Sendable {
        let signed: Signed
        let lines: Int64
        let note: String
    }

    init(home: Home, folder: String, databaseURL: String? = nil) async throws {
        let bare: any Database =
            if let databaseURL { try PostgresDatabase(url: databaseURL) } else {
                try SQLiteDatabase(path: "\(folder)/suban.sqlite")
            }
        database = try Platform.sealing(bare, folder: folder)
        let entropy = SystemEntropy()
        keys = try PlatformKeys.openOrCreate(
            in: try KeyStore.open(folder: "\(folder)/keys", entropy: entropy),
            organization: "bench",
            now: SystemClock().now,
            entropy: entropy
        )
        let parties = try Parties(home: home)
        let known = ExchangeKeyFolder(path: "\(folder)/exchange-keys")
        var peers: [String: PeerKey] = [:]
        for owner in parties.all.map(\.id) + ["platform"] {
            let peer = try known.peer(owner)
            peers[peer.keyID] = peer
        }
        self.peers = peers
        limits = parties.limits
        mirror = HeadMirror(path: "\(folder)/heads.jsonl")
    }

    func close() async { await database.close() }

    func prove(_ opened: [OpeningDriver.Opened], from start: Instant, until end: Instant) async throws
        -> Proven
    {
        guard Set(opened.map(\.code)).count == opened.count else {
            throw BenchFault("a credit code was given twice")
        }
        let every = max(1, (opened.count + Self.papersMax - 1) / Self.papersMax)
        let told = try await database.read { try BenchStore.grantedObjects(in: $0) }
        var papers = 0
        var signatures = 0
        for (place, opening) in opened.enumerated() {
            try await prove(opening, told: told)
            if place % every == 0 {
                papers += 1
                signatures += try await provePapers(opening)
            }
        }
        let messages = try await proveMessages(from: start, until: end)
        let verdict = try await LogVerifier(
            database: database,
            keys: [keys.log.key.publicKey],
            mirrored: try mirror.heads()
        ).verify()
        guard verdict.isWhole else { throw BenchFault("the log is not whole: \(verdict.problems)") }
        let counts = try await database.read { try BenchStore.counts(in: $0) }
        guard counts.unsealed == 0 else { throw BenchFault("\(counts.unsealed) log entries are not sealed") }
        let signed = try await database.read { try BenchStore.signed(from: start, until: end, in: $0) }
        return Proven(
            signed: signed,
            lines: counts.lines,
            note:
                "proven: \(opened.count) cases, decisions, register entries and their credentials equal to the answers and valid; \(signatures) signatures on the papers of \(papers) cases; \(messages) envelopes; \(counts.lines) lines; \(counts.events) events; a log of \(verdict.size) entries and \(verdict.heads) heads"
        )
    }

    private func prove(_ opening: OpeningDriver.Opened, told: Set<String>) async throws {
        let verifier = CredentialVerifier(anchors: [keys.root])
        let now = SystemClock().now
        let fault = try await database.read { reader -> String? in
            let subject = try CaseStore.find(ID(opening.id), in: reader)
            guard subject.state == .granted, subject.result == opening.code, subject.title == opening.title,
                subject.applicant == opening.applicant
            else { return "the case says something else" }
            guard let decision = try DecisionStore.of(subject.id, in: reader).last,
                decision.outcome == .grant,
                decision.instant, !decision.findings.isEmpty
            else { return "no instant decision" }
            guard let firm = try RegisterStore.find(opening.code, in: reader), firm.name == opening.title,
                firm.state == .active
            else { return "no entry in the register" }
            let held = try Credentials.held(by: opening.code, in: reader)
            guard Set(held.map(\.file)) == Set(opening.files),
                held.contains(where: { $0.record.sealCode != nil }),
                held.contains(where: { $0.record.type == "business-licence" })
            else { return "other credentials than were downloaded" }
            for file in opening.files {
                if let problem = try verifier.verify(file, at: now, in: reader).problems.first {
                    return "a credential does not verify: \(problem.code)"
                }
            }
            guard try !ExchangeStore.lines(of: opening.id, in: reader).isEmpty else { return "no lines" }
            guard told.contains(subject.object) else { return "events are missing" }
            let acts = Set(try AuditLog.history(of: subject.object, in: reader).map(\.act))
            let wanted: Set = ["case.submitted", "case.granted"]
            guard acts.isSuperset(of: wanted) else { return "log entries are missing: \(acts)" }
            return nil
        }
        if let fault { throw BenchFault("\(opening.code): \(fault)") }
    }

    /// Every signature on every paper of a case, against its text and the root.
    /// - Returns: how many there are.
    private func provePapers(_ opening: OpeningDriver.Opened) async throws -> Int {
        let (state, signatures) = try await database.read { reader in
            let state = try SignerStore.state(of: ID(opening.id), in: reader)
            let signatures = try state.papers.map { paper in
                (
                    paper,
                    try DocumentSignatures.on("\(opening.id)/\(paper.kind)", in: reader).filter { !$0.isVoid }
                )
            }
            return (state, signatures)
        }
        guard state.isComplete else {
            throw BenchFault("\(opening.code): a paper is not signed by everybody")
        }
        var count = 0
        for (paper, made) in signatures {
            let wanted = state.active.count { $0.papers.contains(paper.kind) }
            guard made.count == wanted else {
                throw BenchFault("\(opening.code): \(made.count) signatures on \(paper.kind), not \(wanted)")
            }
            for signature in made {
                if let problem = signature.problem(for: Array(paper.content.utf8), anchors: [keys.root]) {
                    throw BenchFault("\(opening.code): a signature on \(paper.kind) is bad: \(problem)")
                }
            }
            count += made.count
        }
        return count
    }

    /// The envelopes that travelled in the measured time, ours and theirs.
    private func proveMessages(from start: Instant, until end: Instant) async throws -> Int {
        let kept = try await database.read {
            try BenchStore.messages(from: start, until: end, limit: Self.messagesMax, in: $0)
        }
        for message in kept {
            do {
                if let request = WireRequest(bytes: message.bytes) {
                    _ = try Envelope.verify(request, now: message.at, limits: limits) { peers[$0] }
                } else if let response = WireResponse(bytes: message.bytes) {
                    _ = try Envelope.verify(
                        response,
                        answering: message.message,
                        now: message.at,
                        limits: limits
                    ) {
                        peers[$0]
                    }
                } else {
                    throw BenchFault("no message at all")
                }
            } catch {
                throw BenchFault("a kept message (\(message.kind)) does not verify: \(error)")
            }
        }
        return kept.count
    }
}
