import Audit
import Cryptography
import Foundation
import Kernel
import Storage
import TestSupport
import Testing

@Suite("receipts")
struct ReceiptTests {
    /// A receipt of either kind; without sealing on PostgreSQL the promise, after it the proof.
    static func receipts() async throws -> (promise: Receipt?, proof: Receipt?) {
        let content: JSON = ["名称": "包头市某某商贸有限公司", "编号": "150200202611210001"]
        var promise: Receipt?
        var proof: Receipt?
        let box = Box()
        try await withDatabase(.postgres, AuditMigrations.all) { database in
            let keeper = try keeper(of: database)
            try await fill(database, keeper, count: 5)
            let entry = try await database.write { tx in
                try AuditLog.append(
                    "case.submitted",
                    object: "case:1",
                    after: content,
                    occasion: occasion(9),
                    in: tx
                )
            }
            box.promise = try await keeper.receipt(for: entry.id, disclosing: content)
            try await fill(database, keeper, count: 5, from: 20)
            box.proof = try await keeper.receipt(for: entry.id, disclosing: content)
        }
        promise = box.promise
        proof = box.proof
        return (promise, proof)
    }

    final class Box: @unchecked Sendable {
        // Unchecked: one test writes and reads it, one after the other.
        var promise: Receipt?
        var proof: Receipt?
    }

    @Test("a promise at once, a proof once sealed; each says which it is")
    func kinds() async throws {
        let (promise, proof) = try await Self.receipts()
        let verifier = ReceiptVerifier(anchors: [try Keys.shared.get().root.certificate], latest: start)
        guard let promise, let proof else { return }
        guard case .promised(let entry, let at) = verifier.verify(promise.file) else {
            Issue.record("\(verifier.verify(promise.file))")
            return
        }
        #expect(entry.object == "case:1" && at == start)
        guard case .sealed(let sealed, let sequence, let head) = verifier.verify(proof.file) else {
            Issue.record("\(verifier.verify(proof.file))")
            return
        }
        #expect(sealed == entry && sequence == 5 && head.size == 11)
        let stranger = try CertificateAuthority.root(
            .init(
                subject: DistinguishedName(commonName: "root"),
                serial: [1],
                validFrom: start + -Instant.day,
                validUntil: start + Instant.day
            )
        )
        for receipt in [promise, proof] {
            #expect(
                ReceiptVerifier(anchors: [stranger.certificate], latest: start).verify(receipt.file)
                    == .invalid(.certificate(.badSignature))
            )
            #expect(
                ReceiptVerifier(anchors: [], latest: start).verify(receipt.file)
                    == .invalid(.certificate(.untrusted))
            )
            // Each receipt has one text: nothing may be left over that nobody has checked.
            let root = try Keys.shared.get().root.certificate.der
            for more in [receipt.certificates[0], root, stranger.certificate.der] {
                let longer = Receipt(
                    entry: receipt.entry,
                    evidence: receipt.evidence,
                    content: receipt.content,
                    certificates: receipt.certificates + [more]
                )
                #expect(verifier.verify(longer.file) == .invalid(.certificate(.untrusted)))
            }
        }
    }

    /// A head of one entry that somebody with another certificate under the root has signed himself.
    private static func forged(for purpose: Certificate.Purpose, at: Instant = start) throws -> (
        receipt: Receipt, certificate: Certificate
    ) {
        let root = try Keys.shared.get().root
        let person = try root.identity(
            .init(
                subject: DistinguishedName(commonName: "张三"),
                serial: SystemEntropy().bytes(16),
                validFrom: start + -Instant.day,
                validUntil: start + Instant.day
            ),
            for: purpose
        )
        let entry = JSON.object([
            "act": "case.granted", "actor": "p1", "actorKind": "person", "after": nil,
            "at": JSON(at.milliseconds), "before": nil, "id": "01J0000000000000000000FORG",
            "object": "case:1", "outcome": "done", "purpose": nil, "request": "r1", "role": "founder",
            "subject": nil, "v": 1,
        ]).canonicalBytes
        let head = try SignedHead(size: 1, root: SM3.digest([0] + entry), at: at, by: person.key)
        return (
            Receipt(
                entry: entry,
                evidence: .proof(sequence: 0, path: [], head: head),
                content: nil,
                certificates: [person.certificate.der]
            ), person.certificate
        )
    }

    @Test("a certificate of a person or an authority signs no head, whoever issued it")
    func stranger() throws {
        let root = try Keys.shared.get().root.certificate
        for purpose in [Certificate.Purpose.signatures, .licences] {
            let (receipt, certificate) = try Self.forged(for: purpose)
            let verdict = ReceiptVerifier(anchors: [root], latest: start).verify(receipt.file)
            #expect(verdict == .invalid(.notTheLog))
            // Whoever trusts that very certificate has chosen to.
            #expect(ReceiptVerifier(anchors: [certificate], latest: start).verify(receipt.file).isValid)
        }
        let (receipt, _) = try Self.forged(for: .log)
        #expect(ReceiptVerifier(anchors: [root], latest: start).verify(receipt.file).isValid)
    }

    @Test("a head from the future is not valid yet")
    func future() throws {
        let root = try Keys.shared.get().root.certificate
        let (receipt, _) = try Self.forged(for: .log, at: start + 1)
        #expect(
            ReceiptVerifier(anchors: [root], latest: start).verify(receipt.file) == .invalid(.future)
        )
        #expect(ReceiptVerifier(anchors: [root], latest: start + 1).verify(receipt.file).isValid)
    }

    @Test("a head's time is the log's own word: its certificate may not be revoked by the moment asked about")
    func revoked() throws {
        let root = try Keys.shared.get().root
        let (receipt, certificate) = try Self.forged(for: .log)
        let day = start + Instant.day / 2
        let list = try RevocationList<SM2>(
            der: root.revocationList(
                [.init(serial: certificate.serial, revokedAt: day, reason: .keyCompromise)],
                number: 1,
                thisUpdate: day,
                nextUpdate: day + Instant.day
            ),
            limits: .unlimited
        )
        func verdict(_ asked: Instant) -> ReceiptVerdict {
            ReceiptVerifier(
                anchors: [root.certificate],
                revocation: [list],
                asked: asked,
                latest: asked + Instant.minute
            ).verify(receipt.file)
        }
        #expect(verdict(day + -1).isValid, "not yet, whatever clocks may differ by")
        #expect(verdict(day) == .invalid(.certificate(.revoked)))
    }

    @Test("each changed, added and removed byte is refused")
    func changedBytes() async throws {
        let (promise, proof) = try await Self.receipts()
        let verifier = ReceiptVerifier(anchors: [try Keys.shared.get().root.certificate], latest: start)
        let seed = UInt64.random(in: 0 ... .max)
        let entropy = SeededEntropy(seed: seed)
        for receipt in [promise, proof].compactMap(\.self) {
            let file = receipt.file
            #expect(verifier.verify(file).isValid)
            for index in file.indices {
                for change in [0x01, UInt8(entropy.number(below: 255) + 1)] {
                    var changed = file
                    changed[index] ^= change
                    #expect(!verifier.verify(changed).isValid, "byte \(index) ^ \(change), seed \(seed)")
                }
                if index.isMultiple(of: 7) {
                    var shorter = file
                    shorter.remove(at: index)
                    #expect(!verifier.verify(shorter).isValid, "without byte \(index)")
                    var longer = file
                    longer.insert(0x20, at: index)
                    #expect(!verifier.verify(longer).isValid, "a space at \(index)")
                }
            }
            #expect(!verifier.verify(file + [0x0A]).isValid)
        }
    }

    @Test("Tools/verify-receipt.py agrees, with the standard library and openssl alone")
    func script() async throws {
        let (promise, proof) = try await Self.receipts()
        let home = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        try await withTemporaryFolder { folder in
            let root = "\(folder)/root.pem"
            try Data(try Keys.shared.get().root.certificate.pem.utf8).write(to: URL(fileURLWithPath: root))
            // The tests' moment may lie ahead of this machine's clock.
            let ahead = String(10 * 365 * 86_400)
            func run(_ file: [UInt8], tolerance: String = ahead, _ more: [String] = []) throws -> (
                Int32, String
            ) {
                let path = "\(folder)/receipt.json"
                try Data(file).write(to: URL(fileURLWithPath: path))
                let process = Process()
                let output = Pipe()
                process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
                process.arguments =
                    [
                        "\(home.path)/Tools/verify-receipt.py", path, "--trust", root, "--tolerance",
                        tolerance,
                    ] + more
                process.standardOutput = output
                try process.run()
                let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                process.waitUntilExit()
                return (process.terminationStatus, text)
            }
            for purpose in [Certificate.Purpose.signatures, .licences] {
                let (status, text) = try run(try Self.forged(for: purpose).receipt.file)
                #expect(status == 1 && text.contains("not one of a log"), "\(text)")
            }
            // A head of the log whose certificate is on a list, then on one that is for another.
            let (head, certificate) = try Self.forged(for: .log)
            for (serial, isGood) in [(certificate.serial, false), ([1], true)] {
                let list = try Keys.shared.get().root.revocationList(
                    [.init(serial: serial, revokedAt: start, reason: .keyCompromise)],
                    number: 1,
                    thisUpdate: start,
                    nextUpdate: start + 900 * Instant.day
                )
                try Data(list).write(to: URL(fileURLWithPath: "\(folder)/list.crl"))
                let (status, text) = try run(head.file, ["--crl", "\(folder)/list.crl"])
                #expect(status == (isGood ? 0 : 1) && text.contains("revoked") != isGood, "\(text)")
            }
            let deep = String(repeating: "[", count: 200_000) + String(repeating: "]", count: 200_000)
            let nested = try run(Array(deep.utf8))
            #expect(nested.0 == 1 && nested.1.hasPrefix("invalid:"), "\(nested.1.prefix(200))")
            let coming = try Self.forged(for: .log, at: start + 20 * 365 * Instant.day).receipt.file
            let early = try run(coming, tolerance: "300")
            #expect(early.0 == 1, "\(early.1)")
            for (receipt, word) in [(promise, "promise"), (proof, "sealed")] {
                guard let receipt else { continue }
                let (status, text) = try run(receipt.file)
                #expect(status == 0 && text.contains(word), "\(text)")
                let seed = UInt32.random(in: 0 ... .max)
                let flipped = Process()
                flipped.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
                flipped.arguments = [
                    "\(home.path)/Tests/Fuzzing/flip.py", "\(home.path)/Tools/verify-receipt.py", "\(seed)",
                    "150",
                    "\(folder)/receipt.json", "FILE", "--trust", root, "--tolerance", ahead,
                ]
                try flipped.run()
                flipped.waitUntilExit()
                #expect(flipped.terminationStatus == 0, "seed \(seed)")
                let file = receipt.file
                for index in stride(from: 3, to: file.count, by: file.count / 40) {
                    var changed = file
                    changed[index] ^= 1
                    let (status, text) = try run(changed)
                    #expect(status != 0, "byte \(index): \(text)")
                }
            }
        }
    }

    @Test(
        "what was signed before a rotation is shown with the certificate of its time",
        arguments: DatabaseEngine.allCases
    )
    func rotated(engine: DatabaseEngine) async throws {
        try await withTemporaryFolder { folder in
            try await withDatabase(engine, AuditMigrations.all) { database in
                func keys(at now: Instant) throws -> PlatformKeys {
                    try PlatformKeys.openOrCreate(in: .open(folder: folder), organization: "速办", now: now)
                }
                func keeper(_ keys: PlatformKeys, _ earlier: [[Certificate]], at now: Instant) -> LogKeeper {
                    LogKeeper(
                        database: database,
                        identity: keys.log,
                        earlier: earlier,
                        mirror: nil,
                        clock: ManualClock(now),
                        pace: pace
                    )
                }
                let first = try keys(at: start)
                try await fill(database, keeper(first, [], at: start), count: 3)
                _ = try first.rotate(.sm2, now: start + 30 * Instant.day)
                let due = first.log.certificate.validUntil + -Instant.day
                let second = try keys(at: due)
                #expect(second.log.certificate != first.log.certificate)
                let verifier = ReceiptVerifier(anchors: [first.root], latest: due + Instant.day)
                let entry = try #require(
                    try await database.read { try AuditLog.history(of: "case:1", in: $0).first }
                )
                func verdict(_ keeper: LogKeeper) async throws -> ReceiptVerdict {
                    verifier.verify(try await keeper.receipt(for: entry.id).file)
                }
                let forgetful = try await verdict(keeper(second, [], at: due))
                #expect(forgetful == .invalid(.certificate(.notYetValid)))
                let whole = keeper(second, second.earlierLogs, at: due)
                let older = try await verdict(whole)
                guard case .sealed(_, _, let head) = older else {
                    Issue.record("\(older)")
                    return
                }
                #expect(head.at == start)
                // And what is signed from now on with the present one.
                try await fill(database, whole, count: 3, from: 10)
                let late = try await database.read { try AuditLog.history(of: "case:11", in: $0).first }
                let receipt = try await whole.receipt(for: try #require(late).id)
                #expect(receipt.certificates.first == second.log.certificate.der)
                guard case .sealed = verifier.verify(receipt.file) else {
                    Issue.record("\(verifier.verify(receipt.file))")
                    return
                }
            }
        }
    }
}
