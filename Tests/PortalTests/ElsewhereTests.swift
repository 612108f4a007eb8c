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

    @Test("the exact bytes are taken away, signed and handed in; the case names the authority")
    func page() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft(of: "zhangsan")
            _ = try await town.post("/cases/\(draft.number)/signers", as: "zhangsan")
            let text = try await town.get("/cases/\(draft.number)/signers", as: "zhangsan").text
            let match = try #require(text.firstMatch(of: /href="\/sign\/([A-Z0-9]+)"/))
            let secret = String(match.output.1)
            let link = "/sign/\(secret)"
            let unchecked = try await town.get("\(link)/elsewhere", as: "zhangsan").text
            #expect(unchecked.contains("请先在签署页面完成人脸核验") && !unchecked.contains("type=\"file\""))
            try await town.showFace(link, as: "zhangsan")
            #expect(try await town.get(link, as: "zhangsan").text.contains("\(link)/elsewhere"))
            let now = town.platform.clock.now
            let view = try await town.platform.desk.openLink(secret, occasion: town.occasion(of: "zhangsan"))
            let root = try CertificateAuthority.root(
                Self.request(DistinguishedName(organization: "北疆CA", commonName: "北疆CA"), now)
            )
            // Stamps count whole seconds: what is to be before or after the recognition is a second away from it.
            func signed(_ number: String, after milliseconds: Int64 = 1_000) async throws -> [(
                name: String, fileName: String, bytes: [UInt8]
            )] {
                let identity = try root.identity(
                    Self.request(DistinguishedName(commonName: view.signer.name, serialNumber: number), now),
                    for: .signatures
                )
                let now = town.platform.clock.now + milliseconds
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
            // What was stamped before the authority was recognised goes on being refused.
            let late = try await hand(early)
            #expect(late.0 == 422 && late.1.contains("签名时该证书机构未被互认"))
            let own = try await signed(view.signer.idNumber)
            let other = try await hand(signed("110101199001011234"))
            #expect(other.0 == 422 && other.1.contains("与签署人不一致"))
            let short = try await hand(Array(own.dropFirst()))
            #expect(short.0 == 422 && short.1.contains("没有收到对《"))
            // Each signature is of its own paper only.
            if own.count > 1 {
                let turned = zip(own, own.reversed()).map { ($0.name, $0.fileName, $1.bytes) }
                #expect(try await hand(turned).0 == 422)
            }
            #expect(try await hand(own).0 == 303)
            let after = try await town.platform.desk.openLink(secret, occasion: town.occasion(of: "zhangsan"))
            #expect(after.state.isComplete(after.signer))
            let kept = try await town.platform.database.read { reader in
                try view.papers.flatMap { try DocumentSignatures.on("\(draft.id)/\($0.kind)", in: reader) }
            }
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
}
