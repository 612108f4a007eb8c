import Audit
import Credentials
import Cryptography
import Kernel
import Storage
import TestSupport
import Testing

@Suite("signatures on documents")
struct DocumentSignatureTests {
    static let articles = Array("章程：第一条……".utf8)
    static let consent = Array("股东决定".utf8)
    static let person = DocumentSigner(
        holder: Holder(.person, code: "p1", name: "张三"),
        role: "shareholder",
        check: "face:1"
    )
    static let enterprise = DocumentSigner(holder: company, role: "shareholder", check: "face:2")

    @Test("a person and an enterprise sign; each signature holds for its text alone")
    func sign() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let authority = try authority(on: database)
            for signer in [Self.person, Self.enterprise] {
                let made = try authority.sign(
                    [("case:1/articles", Self.articles), ("case:1/consent", Self.consent)],
                    by: signer,
                    occasion: occasion()
                )
                #expect(made.count == 2 && made[0].certificates == made[1].certificates)
                let anchors = authority.anchors
                #expect(made[0].problem(for: Self.articles, anchors: anchors) == nil)
                #expect(made[1].problem(for: Self.consent, anchors: anchors) == nil)
                #expect(made[0].problem(for: Self.consent, anchors: anchors) == .otherText)
                #expect(made[0].problem(for: Self.articles + [0x20], anchors: anchors) == .otherText)
                #expect(made[0].problem(for: Self.articles, anchors: []) == .certificate)
            }
            let again = try authority.sign([("d", Self.articles)], by: Self.person, occasion: occasion())
            let first = try authority.sign([("d", Self.articles)], by: Self.person, occasion: occasion())
            #expect(
                again[0].certificates[0] != first[0].certificates[0],
                "a person's key is used for one act"
            )
        }
    }

    @Test("a name of more than 64 characters, of one, in Mongolian script; a body that takes another name")
    func names() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let authority = try authority(on: database)
            for name in [String(repeating: "长", count: 100), "丁", "ᠪᠣᠭᠤᠲᠤ ᠬᠣᠲᠠ", "Müller, O=x; CN=y\\"] {
                for kind in Holder.Kind.allCases {
                    let signer = DocumentSigner(
                        holder: Holder(kind, code: "E(1)/..", name: name),
                        role: "shareholder",
                        check: "face:1"
                    )
                    let made = try authority.sign([("d", Self.articles)], by: signer, occasion: occasion())[0]
                    #expect(
                        made.problem(for: Self.articles, anchors: authority.anchors) == nil,
                        "\(name) \(kind)"
                    )
                }
                let licence = try await authority.prepare(
                    CredentialDraft(
                        type: "business-licence",
                        holder: Holder(.enterprise, code: company.code, name: name),
                        issuer: IssuingBody(code: "150203", name: name),
                        region: "150203",
                        fields: [:]
                    ),
                    occasion: occasion()
                )
                let verdict = CredentialVerifier(anchors: authority.anchors).verify(
                    licence.signed.file,
                    at: start
                )
                #expect(verdict.isValid, "\(name): \(verdict.problems)")
            }
        }
    }

    @Test("stored signatures come back as they were and void when the text changes, for that document alone")
    func storing() async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let documents = [("case:1/articles", Self.articles), ("case:1/consent", Self.consent)]
            let byPerson = try authority.sign(documents, by: Self.person, occasion: occasion())
            let byEnterprise = try authority.sign(documents, by: Self.enterprise, occasion: occasion(1))
            let digests = [Hex.encode(SM3.digest(Self.articles)), Hex.encode(SM3.digest(Self.consent))]
            try await database.write { tx in
                for made in [byPerson, byEnterprise] {
                    for (signature, digest) in zip(made, digests) {
                        try DocumentSignatures.store(signature, on: digest, occasion: occasion(2), in: tx)
                    }
                }
            }
            let kept = try await database.read { try DocumentSignatures.on("case:1/articles", in: $0) }
            #expect(kept == [byPerson[0], byEnterprise[0]])
            for minute in [3, 4] as [Int64] {
                try await database.write { tx in
                    try DocumentSignatures.void(
                        kept.map(\.id),
                        reason: "text-changed",
                        occasion: occasion(minute),
                        in: tx
                    )
                }
            }
            try await database.read { reader in
                let void = try DocumentSignatures.on("case:1/articles", in: reader)
                #expect(void.allSatisfy { $0.isVoid && $0.voidReason == "text-changed" })
                #expect(void[0].problem(for: Self.articles, anchors: authority.anchors) == .void)
                #expect(try DocumentSignatures.on("case:1/consent", in: reader).allSatisfy { !$0.isVoid })
                #expect(
                    try AuditLog.history(of: "signature:\(void[0].id)", in: reader).map(\.act)
                        == ["signature.made", "signature.voided"]
                )
            }
        }
    }

    @Test(
        "unchanged text keeps its signatures; signing again voids one's own earlier one; taking back voids it"
    )
    func replacing() async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let digest = Hex.encode(SM3.digest(Self.articles))
            func make(_ signer: DocumentSigner, _ minute: Int64) async throws -> DocumentSignature {
                let made = try authority.sign([("d", Self.articles)], by: signer, occasion: occasion(minute))[
                    0
                ]
                try await database.write {
                    try DocumentSignatures.store(made, on: digest, occasion: occasion(minute), in: $0)
                }
                return made
            }
            func valid() async throws -> [ID<DocumentSignature>] {
                try await database.read {
                    try DocumentSignatures.on("d", in: $0).filter { !$0.isVoid }.map(\.id)
                }
            }
            _ = try await make(Self.person, 1)
            let other = try await make(Self.enterprise, 2)
            let second = try await make(Self.person, 3)
            #expect(try await valid() == [other.id, second.id])
            try await database.write {
                try DocumentSignatures.void(
                    [second.id],
                    reason: "signer-changed",
                    occasion: occasion(5),
                    in: $0
                )
            }
            #expect(try await valid() == [other.id])
            let wrong = try authority.sign([("d", Self.consent)], by: Self.person, occasion: occasion(6))[0]
            await #expect(throws: CredentialError.otherText) {
                try await database.write {
                    try DocumentSignatures.store(wrong, on: digest, occasion: occasion(6), in: $0)
                }
            }
        }
    }
}
