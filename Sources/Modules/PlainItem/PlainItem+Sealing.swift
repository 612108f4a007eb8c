public import Cases
import Catalogue
import Correspondence
public import Credentials
import Cryptography
public import Documents
import Forms
public import Identity
public import Kernel
public import Storage

/// Where the seal of an enterprise on its application stands.
public struct ApplicationSeal: Sendable {
    /// The seal in force that its definition asks for; nil when the enterprise has none.
    public let seal: Seal?
    /// The last request for this case, and whether what it asks to seal is the application as it stands.
    public let request: SealRequest?
    public let isCurrent: Bool
    /// The last use for this case; nil before there is one.
    public let use: SealUse?

    /// `none`, `asked`, `approved`, `refused`, `sealed`, or `changed` when the form says something else since.
    public var state: String {
        guard let request else { return "none" }
        guard isCurrent else { return "changed" }
        switch request.state {
        case .waiting: return "asked"
        case .approved: return "approved"
        case .refused: return "refused"
        // It can be asked for again.
        case .withdrawn: return "none"
        case .signed: return "sealed"
        }
    }
}

extension PlainItem {
    /// Whether the application is sealed by the enterprise before it is handed in.
    public var isSealed: Bool { plain.seal != nil }

    /// The application as an OFD file without a seal.
    public func application(of subject: Case, limits: JSON) async throws -> [UInt8] {
        let papers = try papers(for: subject, limits: limits, on: subject.createdAt.date)
        guard let paper = papers.first else { throw CaseError.unknownStep("application") }
        return try await tools.press.file(
            ApplicationPress.Text(
                id: String(paper.digest.prefix(32)),
                title: "\(definition.item.title.zh)\(paper.title)",
                number: subject.number,
                body: paper.content.replacing("\t", with: "："),
                applicant: holder(of: subject).name,
                begun: subject.createdAt
            )
        )
    }

    /// Where the seal on the application stands.
    /// - Parameter digest: SM3 of the application as it stands, hexadecimal.
    public func seal(on digest: String, of subject: Case, in reader: any Reader) throws -> ApplicationSeal {
        let owned = try Seals.owned(by: holder(of: subject).code, in: reader).filter {
            $0.kind == plain.seal?.type
        }
        let requests = try owned.compactMap {
            try SealRequests.last(of: $0.id, for: subject.number, in: reader)
        }
        let uses = try owned.compactMap { try SealLedger.last(of: $0.id, for: subject.number, in: reader) }
        let last = requests.max { $0.at < $1.at }
        return ApplicationSeal(
            seal: owned.last { $0.state == .active },
            request: last,
            isCurrent: last?.subject.digest == digest,
            use: uses.max { $0.at < $1.at }
        )
    }

    /// Somebody asks to put the enterprise's seal to the application as it stands.
    public func askSeal(
        on digest: String,
        of subject: Case,
        by person: ID<Person>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard let wanted = plain.seal, let seal = try seal(on: digest, of: subject, in: tx).seal else {
            throw SealError.unknown
        }
        try SealRequests.ask(
            for: SealSubject(
                digest: digest,
                name: subject.title,
                kind: wanted.document,
                purpose: definition.item.title.zh,
                caseNumber: subject.number
            ),
            with: seal.id,
            by: person,
            occasion: occasion,
            in: tx
        )
    }

    /// Puts the seal that was approved to the application as it stands now: another one than was approved is refused.
    public func putSeal(
        to subject: Case,
        limits: JSON,
        package: PackageLimits,
        workshop: SealWorkshop,
        by person: ID<Person>,
        occasion: Occasion
    ) async throws -> SealedDocument {
        let document = try await application(of: subject, limits: limits)
        let digest = Hex.encode(SM3.digest(document))
        let standing = try await tools.database.read { try seal(on: digest, of: subject, in: $0) }
        guard let request = standing.request else { throw SealError.unknownRequest }
        return try await workshop.sign(
            request.id,
            document: document,
            isLocking: true,
            limits: package,
            by: person,
            occasion: occasion
        )
    }

    /// SM3 of the application as it stands, hexadecimal; nil where no seal is put to it.
    func digest(of subject: Case, limits: JSON) async throws -> String? {
        guard isSealed else { return nil }
        return Hex.encode(SM3.digest(try await application(of: subject, limits: limits)))
    }

    /// What rules and parties see of the seal.
    /// - Parameter digest: of the application as it stands.
    func sealFacts(of subject: Case, _ digest: String?, in reader: any Reader) throws -> JSON {
        guard let digest else { return .null }
        let standing = try seal(on: digest, of: subject, in: reader)
        return Self.facts(of: standing, state: standing.state)
    }

    /// The same where nothing can be drawn: the application was sealed when the case was granted.
    func sealed(_ subject: Case, in reader: any Reader) throws -> JSON {
        guard isSealed else { return .null }
        return Self.facts(of: try seal(on: "", of: subject, in: reader), state: "sealed")
    }

    private static func facts(of standing: ApplicationSeal, state: String) -> JSON {
        [
            "state": .string(state), "code": JSON(standing.seal?.code), "digest": JSON(standing.use?.result),
            "document": JSON(standing.use?.subject.digest),
        ]
    }
}
