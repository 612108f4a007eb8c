import Audit
import Credentials
import Cryptography
import ElectronicSeals
import Kernel
import Storage
import TestSupport
import Testing

@Suite("signatures that signers made elsewhere")
struct SignatureElsewhereTests {
    private static let paper = Array("章程：第一条……".utf8)
    private static let number = "91150100MA0N00000X"

    private let neighbours = RecognisedAuthorityTests()

    private func signer(_ kind: Holder.Kind, _ name: String) -> DocumentSigner {
        DocumentSigner(
            holder: Holder(kind, code: kind.rawValue, name: name),
            role: "shareholder",
            check: "face 95"
        )
    }

    /// What becomes of the signature of a firm that says it is `name` with `number`, in Hohhot.
    private func take(
        _ envelope: [UInt8],
        as name: String = "邻省商贸有限公司",
        _ kind: Holder.Kind = .enterprise,
        number: String = Self.number,
        since: Instant? = nil,
        in world: CertificateWorld
    ) async throws -> DocumentSignature {
        let trust = try await world.database.read {
            try RecognisedTrust(limits: .init(bytes: 1 << 20, entries: 100), in: $0)
        }
        let asked = neighbours.official(500, "x")
        let verifier = FileVerifier(
            anchors: world.seals.workshop.authority.trust,
            recognised: trust,
            moment: asked.now,
            limits: LicenceFileTests.limits
        )
        return try SignatureElsewhere(verifier).take(
            envelope,
            over: Self.paper,
            document: "case:1/articles",
            by: signer(kind, name),
            number: number,
            region: "150102",
            since: since ?? neighbours.official(0, "x").now,
            occasion: asked
        )
    }

    private func signed(_ neighbour: Neighbour, _ signer: SigningIdentity, _ minutes: Int64) throws -> [UInt8]
    {
        try neighbour.sign(Self.paper, by: signer, at: neighbours.official(minutes, "x").now)
    }

    @Test("whose it is, and under whom, is kept as it was handed in", arguments: DatabaseEngine.allCases)
    func kept(engine: DatabaseEngine) async throws {
        try await neighbours.world(engine) { world, neighbour in
            try await neighbours.recognise(neighbours.draft(neighbour.pem), in: world)
            let envelope = try signed(neighbour, neighbour.firm(), 20)
            let taken = try await take(envelope, in: world)
            #expect(taken.elsewhere?.authority == "邻省 CA" && taken.elsewhere?.envelope == envelope)
            #expect(taken.statement.at == neighbours.official(20, "x").now, "the time that the stamp proves")
            let own = try world.seals.workshop.authority.sign(
                [(document: "case:1/articles", text: Self.paper)],
                by: signer(.person, "张三"),
                occasion: neighbours.official(30, "x")
            )
            let digest = Hex.encode(SM3.digest(Self.paper))
            try await world.database.write { tx in
                for signature in own + [taken] {
                    try DocumentSignatures.store(
                        signature,
                        on: digest,
                        occasion: neighbours.official(500, "x"),
                        in: tx
                    )
                }
            }
            let read = try await world.database.read { try DocumentSignatures.on("case:1/articles", in: $0) }
            #expect(Set(read) == Set(own + [taken]))
            #expect(taken.problem(for: Self.paper, anchors: []) == .elsewhere)
            #expect(taken.problem(for: Self.paper + [0x20], anchors: []) == .otherText)
            let entry = try await world.database.read {
                try AuditLog.history(of: "signature:\(taken.id)", in: $0).first
            }
            #expect(entry?.act == "signature.made")
        }
    }

    @Test("refused: unknown, of another text, of somebody else, of another day, for another purpose")
    func refused() async throws {
        try await neighbours.world(.sqlite) { world, neighbour in
            let (firm, person) = (try neighbour.firm(), try neighbour.person())
            func refuses(
                _ kind: VerificationClass,
                _ envelope: [UInt8],
                line: SourceLocation = #_sourceLocation
            ) async throws {
                let thrown = await #expect(throws: SignatureElsewhereError.self, sourceLocation: line) {
                    try await take(envelope, in: world)
                }
                guard case .refused(let found, _, "case:1/articles") = thrown else {
                    Issue.record("\(String(describing: thrown))", sourceLocation: line)
                    return
                }
                #expect(found == kind.rawValue, sourceLocation: line)
            }
            try await refuses(.signerUntrusted, signed(neighbour, firm, 20))
            let authority = try await neighbours.recognise(neighbours.draft(neighbour.pem), in: world)
            _ = try await take(signed(neighbour, firm, 20), in: world)
            try await refuses(.authorityState, signed(neighbour, firm, 5))
            try await refuses(.format, signed(neighbour, firm, 20) + [0])
            try await refuses(.authorityPurpose, signed(neighbour, person, 20))
            let other = try neighbour.sign([0x20], by: firm, at: neighbours.official(20, "x").now)
            await #expect(throws: SignatureElsewhereError.self) { try await take(other, in: world) }
            let stolen = SignatureElsewhereError.otherHolder(
                "邻省商贸有限公司",
                isFirm: true,
                document: "case:1/articles"
            )
            let good = try signed(neighbour, firm, 20)
            await #expect(throws: stolen) { try await take(good, as: "别人有限公司", in: world) }
            await #expect(throws: stolen) {
                try await take(good, number: "91150100MA0N00001X", in: world)
            }
            let own = try signed(neighbour, person, 20)
            _ = try await take(own, as: "王五", .person, number: "1", in: world)
            await #expect(
                throws: SignatureElsewhereError.otherHolder("王五", isFirm: false, document: "case:1/articles")
            ) {
                try await take(own, as: "王六", .person, number: "1", in: world)
            }
            // Of somebody who works there, of a server there, from before he was asked, and with a stamp of the authority's own.
            let clerk = try neighbour.national.identity(
                Neighbour.request("某职员", organization: "邻省商贸有限公司"),
                for: .signatures
            )
            await #expect(throws: SignatureElsewhereError.self) {
                try await take(signed(neighbour, clerk, 20), in: world)
            }
            let server = try neighbour.national.identity(
                Neighbour.request("邻省商贸有限公司", organization: "邻省商贸有限公司"),
                for: .timestamps
            )
            try await refuses(.signerUsage, signed(neighbour, server, 20))
            await #expect(throws: SignatureElsewhereError.early(document: "case:1/articles")) {
                try await take(good, since: neighbours.official(21, "x").now, in: world)
            }
            let moment = neighbours.official(20, "x").now
            let stamps = try neighbour.ownStamps()
            try await refuses(
                .timestamp,
                neighbour.sign(Self.paper, by: firm, at: moment, stamps: stamps)
            )
            try await neighbours.move(authority, .suspend, in: world, minutes: 100)
            _ = try await take(good, in: world)
            try await refuses(.authorityState, signed(neighbour, firm, 120))
        }
    }

    @Test("a firm's certificate of the platform counts as well, under no other authority")
    func ownAuthority() async throws {
        try await neighbours.world(.sqlite) { world, _ in
            let one = try await world.issue(by: world.seals.clerk)
            let envelope = try await world.office.sign(
                Self.paper,
                named: "章程",
                with: one.id,
                by: world.seals.clerk,
                occasion: occasion(5)
            )
            let taken = try await take(envelope, as: company.name, number: company.code, in: world)
            #expect(taken.elsewhere?.envelope == envelope && taken.elsewhere?.authority == nil)
        }
    }
}
