import Cases
import Credentials
import Cryptography
import ElectronicSeals
import FaceSupport
import Kernel
import Server
import Storage
import Testing

@Suite("signing with another authority's certificate")
struct ElsewhereTests {
    private static func request(_ subject: DistinguishedName, _ now: Instant) -> CertificateRequest {
        CertificateRequest(
            subject: subject,
            serial: SystemEntropy().bytes(16),
            validFrom: now + -Instant.day,
            validUntil: now + 365 * Instant.day
        )
    }

    private static func recognise(_ root: CertificateAuthority, _ town: FaceTown) async throws {
        let now = town.platform.clock.now
        func by(_ id: String) -> Occasion {
            Occasion(
                now: now,
                actor: Actor(.staff, id: id, role: "head"),
                request: "test \(id)",
                entropy: town.platform.settings.entropy
            )
        }
        let draft = AuthorityDraft(
            name: "北疆CA",
            certificates: root.certificate.pem,
            holders: [.person],
            areas: [],
            from: now.date,
            until: nil
        )
        let (first, second) = (by("first"), by("second"))
        try await town.platform.database.write { tx in
            let proposal = try TrustDesk.propose(recognising: draft, because: "协议", occasion: first, in: tx)
            try TrustDesk.decide(proposal.id, isConfirmed: true, occasion: second, in: tx)
        }
    }

    /// A draft whose first signer has shown his face, and his link.
    private static func asked(_ town: FaceTown) async throws -> (draft: Case, secret: String) {
        let draft = try await town.draft(of: "zhangsan")
        _ = try await town.post("/cases/\(draft.number)/signers", as: "zhangsan")
        let text = try await town.get("/cases/\(draft.number)/signers", as: "zhangsan").text
        let match = try #require(text.firstMatch(of: /href="\/sign\/([A-Z0-9]+)"/))
        let secret = String(match.output.1)
        let unchecked = try await town.get("/sign/\(secret)/elsewhere", as: "zhangsan").text
        #expect(unchecked.contains("请先在签署页面完成人脸核验") && !unchecked.contains("type=\"file\""))
        #expect(unchecked.contains("目前没有可用于本次签署的互认机构"))
        try await town.showFace("/sign/\(secret)", as: "zhangsan")
        return (draft, secret)
    }

    private static func root(_ town: FaceTown) throws -> CertificateAuthority {
        let name = DistinguishedName(organization: "北疆CA", commonName: "北疆CA")
        return try CertificateAuthority.root(request(name, town.platform.clock.now))
    }

    /// Takes the papers of a link away and signs them with a certificate on `number`.
    private static func signed(
        _ view: SigningView,
        under root: CertificateAuthority,
        number: String,
        after milliseconds: Int64 = 1_000,
        link: String,
        _ town: FaceTown
    ) async throws -> [(name: String, fileName: String, bytes: [UInt8])] {
        // Stamps count whole seconds: what is to be before or after the recognition is a second away from it.
        let now = town.platform.clock.now + milliseconds
        let identity = try root.identity(
            request(DistinguishedName(commonName: view.signer.name, serialNumber: number), now),
            for: .signatures
        )
        let stamps = town.platform.credentials.stamps(at: now)
        var files: [(name: String, fileName: String, bytes: [UInt8])] = []
        for paper in view.papers {
            let given = try await town.get("\(link)/papers/\(paper.kind)/text", as: "zhangsan")
            #expect(given.text == paper.content)
            let envelope = try SignedEnvelope.sign(Array(paper.content.utf8), by: identity, at: now) {
                value throws(CryptographyError) in
                try stamps.token(for: SM3.digest(value), .sm3, now: now)
            }
            files.append((paper.kind, "\(paper.kind).p7s", envelope))
        }
        return files
    }

    private static func kept(_ view: SigningView, _ town: FaceTown) async throws -> [DocumentSignature] {
        try await town.platform.database.read { reader in
            try view.papers.flatMap {
                try DocumentSignatures.on("\(view.subject.id)/\($0.kind)", in: reader)
            }
        }
    }

    @Test("the exact bytes are taken away, signed and handed in; the case names the authority")
    func page() async throws {
        try await FaceTown.open { town in
            let (draft, secret) = try await Self.asked(town)
            let link = "/sign/\(secret)"
            #expect(try await town.get(link, as: "zhangsan").text.contains("\(link)/elsewhere"))
            let view = try await town.platform.desk.openLink(secret, occasion: town.occasion(of: "zhangsan"))
            let root = try Self.root(town)
            func signed(_ number: String, after milliseconds: Int64 = 1_000) async throws -> [(
                name: String, fileName: String, bytes: [UInt8]
            )] {
                try await Self.signed(
                    view,
                    under: root,
                    number: number,
                    after: milliseconds,
                    link: link,
                    town
                )
            }
            func hand(_ files: [(name: String, fileName: String, bytes: [UInt8])]) async throws -> (
                Int, String
            ) {
                let answer = try await town.upload("\(link)/elsewhere", [:], files: files, as: "zhangsan")
                return (answer.status, answer.text)
            }
            let early = try await signed(view.signer.idNumber, after: -1_000)
            let unknown = try await hand(early)
            #expect(unknown.0 == 422 && unknown.1.contains("签名没有通过核验"))
            try await Self.recognise(root, town)
            let page = try await town.get("\(link)/elsewhere", as: "zhangsan").text
            #expect(page.contains("目前互认的机构：北疆CA") && page.contains("href=\"\(link)\""))
            // What was stamped before the authority was recognised goes on being refused.
            let late = try await hand(early)
            #expect(late.0 == 422 && late.1.contains("签名时该证书机构未被互认"))
            let own = try await signed(view.signer.idNumber)
            let other = try await hand(signed("110101199001011234"))
            #expect(other.0 == 422 && other.1.contains("与签署人不一致"))
            let short = try await hand(Array(own.dropFirst()))
            #expect(short.0 == 422 && short.1.contains("没有收到对《"))
            // Each signature is of its own paper only, and the fault stands at the paper that it is of.
            if let last = own.last, own.count > 1 {
                let turned = own.dropLast() + [(last.name, last.fileName, own[0].bytes)]
                let answer = try await hand(Array(turned))
                #expect(answer.0 == 422 && answer.1.contains("href=\"#f-\(last.name)\""))
            }
            #expect(try await hand(own).0 == 303)
            let again = try await town.upload("\(link)/elsewhere", [:], files: own, as: "zhangsan")
            #expect(again.location == link, "pressed twice")
            let after = try await town.platform.desk.openLink(secret, occasion: town.occasion(of: "zhangsan"))
            #expect(after.state.isComplete(after.signer))
            let kept = try await Self.kept(view, town)
            #expect(kept.count == own.count && kept.allSatisfy { $0.elsewhere?.authority == "北疆CA" })
            for (signature, paper) in zip(kept, view.papers) {
                #expect(signature.problem(for: Array(paper.content.utf8), anchors: []) == .elsewhere)
                #expect(signature.problem(for: [1], anchors: []) == .otherText)
            }
            let happened = try await town.platform.database.read {
                try HappeningStore.timeline(of: draft.id, publicOnly: true, in: $0)
            }
            #expect(happened.last { $0.act == "signed-elsewhere" }?.details["words"].text == "北疆CA")
        }
    }

    @Test("what was handed in rests sealed, is void when the text changes, and goes with the draft")
    func ends() async throws {
        try await FaceTown.open { town in
            let (draft, secret) = try await Self.asked(town)
            let desk = town.platform.desk
            let view = try await desk.openLink(secret, occasion: town.occasion(of: "zhangsan"))
            let root = try Self.root(town)
            try await Self.recognise(root, town)
            let link = "/sign/\(secret)"
            let number = view.signer.idNumber
            let files = try await Self.signed(view, under: root, number: number, link: link, town)
            let answer = try await town.upload("\(link)/elsewhere", [:], files: files, as: "zhangsan")
            #expect(answer.status == 303)
            let resting = try await #require(town.platform.settings.database).read { reader in
                try reader.query("SELECT envelope FROM credential_signature WHERE envelope IS NOT NULL")
                    .map { try $0.blob(0) }
                    + reader.query("SELECT der FROM credential_certificate").map { try $0.blob(0) }
            }
            #expect(resting.count >= files.count)
            #expect(files.allSatisfy { String(decoding: $0.bytes, as: UTF8.self).contains(number) })
            #expect(!resting.contains { String(decoding: $0, as: UTF8.self).contains(number) })
            var data = try await desk.read(draft.id).data
            data["address"]["detail"] = .string("少先路12号3楼302室")
            let saved = try await desk.save(
                draft.id,
                data: data,
                version: desk.read(draft.id).version,
                occasion: town.occasion(of: "zhangsan")
            )
            let void = try await Self.kept(view, town).filter(\.isVoid)
            #expect(saved.voided == void.count && !void.isEmpty)
            #expect(void.allSatisfy { $0.voidReason == "text-changed" })
            let version = try await desk.read(draft.id).version
            try await desk.discardDraft(draft.id, version: version, occasion: town.occasion(of: "zhangsan"))
            #expect(try await Self.kept(view, town).isEmpty)
        }
    }
}
