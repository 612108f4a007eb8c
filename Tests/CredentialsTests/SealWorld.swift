import Audit
import Credentials
import Cryptography
import Documents
import ElectronicSeals
import Foundation
import Identity
import Jobs
import Kernel
import Standards
import Storage
import TestSupport

let sealMigrations =
    AuditMigrations.all + JobsMigrations.all + IdentityMigrations.all + CredentialMigrations.all
    + SealMigrations.all

/// One for all tests: opening typefaces takes a second.
private let press = Result { try DocumentPress(home: try .find(), threads: 1, queueMax: 100) }

/// An enterprise with its representative, an accountant and a clerk, and whoever makes seals.
struct SealWorld {
    let database: any Database
    let clock: ManualClock
    let workshop: SealWorkshop
    let boss: ID<Person>
    let clerk: ID<Person>
    let accountant: ID<Person>
    let stranger: ID<Person>

    static let maker = IssuingBody(code: "11150000MB0000000X", name: "内蒙古自治区电子印章制作中心")

    /// - Parameter isAlone: whether the owner of a seal needs no second person.
    init(_ database: any Database, isAlone: @escaping @Sendable (Seal) -> Bool = { _ in false }) async throws
    {
        self.database = database
        clock = ManualClock(start)
        let home = try Home.find()
        workshop = SealWorkshop(
            database: database,
            // Its own keys: codes are the same in every database, and tests destroy them.
            authority: try CredentialAuthority(home: home, keys: Self.keys(), database: database),
            kinds: try SealKinds(home: home),
            maker: Self.maker,
            terms: SealTerms(unclaimedMonths: { _ in 3 }, standsAlone: { seal, _, _ in isAlone(seal) }),
            press: try press.get(),
            figures: try SealFigures(contentsOf: home.resource("documents/seal-figures.yaml"))
        )
        let standards = try Standards(home: home)
        let keys = IdentityKeys(masterKey: [UInt8](repeating: 1, count: 32))
        let documents = try [
            "150203198001010016", "150203198001010024", "150203198001010032", "150203198001010040",
        ].map {
            try standards.identityDocument(kind: "resident-id", number: $0, on: start.date)
        }
        let name = try PersonName("张三")
        let people = try await database.write { tx in
            let people = try documents.map {
                try People.register(
                    name: name,
                    document: $0,
                    phone: nil,
                    keys: keys,
                    occasion: occasion(),
                    in: tx
                ).id
            }
            for (code, boss) in [(company.code, people[0]), (Self.other.code, people[3])] {
                try Enterprises.put(
                    code: code,
                    name: company.name,
                    state: .active,
                    legalRepresentative: boss,
                    region: "150203",
                    agency: "A1",
                    in: tx
                )
            }
            return people
        }
        (boss, clerk, accountant, stranger) = (people[0], people[1], people[2], people[3])
        for person in [clerk, accountant] { try await appoint(person) }
    }

    private static func keys() throws -> PlatformKeys {
        let folder = FileManager.default.temporaryDirectory.path + "/suban-seals-\(UUID().uuidString)"
        return try PlatformKeys.openOrCreate(
            in: .open(folder: folder),
            organization: "速办",
            now: start + -Instant.day
        )
    }

    static let other = Holder(.enterprise, code: "91150203MA0P5678X1", name: "包头市别家商贸有限公司")

    /// The representative lets somebody act for the company.
    @discardableResult
    func appoint(_ person: ID<Person>, scope: Set<String> = ["licence.use", "seal.use"]) async throws
        -> Authorisation
    {
        let (table, limits) = (try PermissionTable(home: try .find()), try IdentityLimits(home: try .find()))
        return try await database.write { [boss] tx in
            try Enterprises.authorise(
                person,
                for: company.code,
                scope: scope,
                from: start.date,
                until: start.date.adding(months: 12),
                by: boss,
                table: table,
                limits: limits,
                occasion: occasion(),
                in: tx
            )
        }
    }

    func at(_ minutes: Int64) -> Occasion { occasion(minutes) }

    func runJobs() async throws {
        let kinds = workshop.jobKinds(clock: clock, entropy: SystemEntropy())
        try await JobRunner(
            database: database,
            clock: clock,
            kinds: kinds,
            subscribers: [Seals.follower(clock: clock)]
        )
        .runUntilQuiet()
    }

    /// Applied for, approved, filed, made and claimed.
    func activeSeal(_ key: String = "seal-contract", line: String? = nil) async throws -> Seal {
        let seal = try await apply(key, line: line)
        try await workshop.approve(seal.id, issuer: registrar, expecting: 1, occasion: at(1))
        return try await finish(seal.id)
    }

    func apply(
        _ key: String,
        line: String? = nil,
        mongolian: String? = nil,
        replaces: ID<Seal>? = nil
    ) async throws -> Seal {
        let application = SealApplication(
            owner: company,
            kind: try workshop.kinds.kind(key),
            line: line,
            mongolian: mongolian,
            region: "150203",
            replaces: replaces
        )
        return try await database.write { [boss] tx in
            try Seals.apply(
                application,
                by: boss,
                occasion: occasion(),
                in: tx
            )
        }
    }

    /// What comes after the approval.
    func finish(_ id: ID<Seal>) async throws -> Seal {
        try await database.write {
            _ = try Seals.record(id, filing: "1502030012345", occasion: occasion(2), in: $0)
        }
        clock.set(at(3).now)
        try await runJobs()
        return try await move(id, .deliver, minutes: 4)
    }

    /// The owner's act.
    @discardableResult
    func move(_ id: ID<Seal>, _ event: SealEvent, minutes: Int64) async throws -> Seal {
        try await database.write { [boss] tx in
            let occasion = Occasion(
                now: occasion(minutes).now,
                actor: Actor(.person, id: boss.rawValue, role: "legal-representative"),
                request: "r\(minutes)"
            )
            return try Seals.move(id, by: event, reason: "test", owner: boss, occasion: occasion, in: tx)
        }
    }

    /// The act of an authority.
    @discardableResult
    func order(_ id: ID<Seal>, _ event: SealEvent, minutes: Int64) async throws -> Seal {
        try await database.write { tx in
            try Seals.move(id, by: event, reason: "test", occasion: occasion(minutes), in: tx)
        }
    }

    @discardableResult
    func permit(
        _ seal: Seal,
        to agent: ID<Person>,
        as role: SealPermit.Role = .use,
        kinds: Set<String> = ["contract"],
        days: Int = 30,
        usesMax: Int = 5
    ) async throws -> SealPermit {
        try await database.write { [boss] tx in
            try SealPermits.grant(
                seal.id,
                to: agent,
                as: role,
                kinds: kinds,
                from: start.date,
                until: start.date.adding(days: days),
                usesMax: usesMax,
                by: boss,
                occasion: occasion(5),
                in: tx
            )
        }
    }

    func ask(
        _ seal: Seal,
        by person: ID<Person>,
        document: [UInt8]? = nil,
        kind: String = "contract",
        minutes: Int64 = 6
    ) async throws -> SealRequest {
        let digest = Hex.encode(SM3.digest(try document ?? Self.document()))
        return try await database.write { tx in
            try SealRequests.ask(
                for: SealSubject(digest: digest, name: "合同.ofd", kind: kind, purpose: "采购", caseNumber: "C1"),
                with: seal.id,
                by: person,
                occasion: occasion(minutes),
                in: tx
            )
        }
    }

    func approve(_ request: SealRequest, by person: ID<Person>, refusal: String? = nil) async throws {
        try await database.write { tx in
            try SealRequests.decide(
                request.id,
                digest: request.subject.digest,
                refusal: refusal,
                by: person,
                occasion: occasion(7),
                in: tx
            )
        }
    }

    func sign(
        _ request: SealRequest,
        by person: ID<Person>,
        document: [UInt8]? = nil,
        minutes: Int64 = 8
    ) async throws -> SealedDocument {
        try await workshop.sign(
            request.id,
            document: try document ?? Self.document(),
            places: [OFDSigner.Place(page: "1", x: 130, y: 220, width: 38, height: 38)],
            isLocking: true,
            limits: Self.limits,
            by: person,
            occasion: occasion(minutes)
        )
    }

    /// An unsigned OFD file that does not call itself a licence: those only their issuers seal.
    static func document() throws -> [UInt8] {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let sample = try Data(contentsOf: tests.appendingPathComponent("Samples/seals/licence-unsigned.ofd"))
        let entries = try Package(reading: [UInt8](sample), limits: limits).entries.map { entry in
            guard entry.name == "OFD.xml" else { return entry }
            let text = String(decoding: entry.bytes, as: UTF8.self)
            return PackageEntry(
                entry.name,
                Array(text.replacing(/<ofd:CustomDatas>.*<\/ofd:CustomDatas>/, with: "").utf8)
            )
        }
        return try Package(entries).zipped()
    }

    static let limits = PackageLimits(
        sizeBytesMax: 16_777_216,
        unpackedBytesMax: 33_554_432,
        entriesMax: 1_000,
        nameBytesMax: 255,
        ratioMax: 200,
        signaturesMax: 20
    )

    func verdict(_ bytes: [UInt8], minutes: Int64 = 60) async throws -> FileVerdict {
        let verifier = FileVerifier(
            anchors: workshop.authority.trust,
            moment: at(minutes).now,
            limits: VerificationLimits(
                toleranceMilliseconds: 300_000,
                package: Self.limits,
                pdf: PDFLimits(
                    bytes: 16_777_216,
                    objects: 10_000,
                    revisions: 4,
                    attachments: 4,
                    attachmentBytes: 1_048_576,
                    ratio: 200
                ),
                lists: RevocationLimits(bytes: 1_048_576, entries: 1_000),
                archive: Self.limits
            )
        )
        let verdict = verifier.verify(bytes)
        return try await database.read { try verdict.withSealStates(in: $0) }
    }
}
