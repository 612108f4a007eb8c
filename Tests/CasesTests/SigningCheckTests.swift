import Correspondence
import Kernel
import Server
import Storage
import Testing

@testable import Cases

@Suite(
    "a signature is given by the browser that passed the check, on the text that was shown there",
    .serialized
)
struct SigningCheckTests {
    private func invited(_ town: GuardTown, _ data: JSON? = nil) async throws -> (Case, SigningLink) {
        let (draft, links) = try await town.asked(data)
        return (draft, try #require(links[GuardTown.named]))
    }

    private func signer(_ town: GuardTown, _ draft: Case) async throws -> Signer {
        try #require(try await town.state(draft).signers.first { $0.idNumber == GuardTown.named })
    }

    /// Signs with what a browser has, and is refused.
    private func refused(
        _ town: GuardTown,
        _ link: SigningLink,
        _ proof: String?,
        _ refusal: CaseError,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        for actor in [GuardTown.founder, GuardTown.anyone] {
            await #expect(throws: refusal, sourceLocation: location) {
                try await town.desk.sign(link.secret, proof: proof, occasion: town.occasion(actor))
            }
        }
    }

    /// Another contribution of the same person: another text of the articles.
    private func dearer(_ town: GuardTown) -> JSON {
        var data = town.data
        let holders = data["shareholders"].elements.map { holder in
            var holder = holder
            if let amount = holder["amount"].int { holder["amount"] = JSON(Int(amount) * 2) }
            return holder
        }
        data["shareholders"] = .array(holders)
        if let capital = data["capital"].int { data["capital"] = JSON(Int(capital) * 2) }
        return data
    }

    /// The same person under another telephone, wherever he stands.
    private func elsewhere(_ town: GuardTown) -> JSON {
        func walk(_ value: JSON) -> JSON {
            switch value {
            case .array(let elements): return .array(elements.map(walk))
            case .object(var members):
                if members["idNumber"]?.text == GuardTown.named { members["phone"] = "13900000001" }
                return .object(members.mapValues(walk))
            case .null, .bool, .number, .string: return value
            }
        }
        return walk(town.data)
    }

    @Test("another browser with the same link signs nothing; a check passed there takes the right with it")
    func otherBrowser() async throws {
        try await GuardTown.each { town in
            let (draft, own) = try await invited(town)
            try await refused(town, own, nil, .notVerified)
            let first = try await town.pass(own.secret)
            for proof in [nil, "", "ABCDEFGHJKMNPQRSTVWXYZ2345"] {
                try await refused(town, own, proof, .otherBrowser)
            }
            #expect(try await signer(town, draft).check?.proof.contains(first) == false)
            // The proof of one signer is none for another.
            let others = try await town.state(draft).missing.filter { $0.idNumber != GuardTown.named }
            #expect(!others.isEmpty)
            // A face that fails elsewhere takes nothing from him who passed.
            let failed = try await town.desk.verifyFace(
                own.secret,
                sample: "score:300",
                occasion: town.occasion()
            )
            #expect(failed.proof == nil && failed.signer.state == .verified && failed.signer.faceScore == 95)
            let second = try await town.pass(own.secret)
            try await refused(town, own, first, .otherBrowser)
            #expect(try await town.state(draft).signatures.isEmpty)
            try await town.desk.sign(own.secret, proof: second, occasion: town.occasion(GuardTown.anyone))
            #expect(try await signer(town, draft).check == nil)
            try await refused(town, own, second, .alreadySigned)
        }
    }

    @Test("a check is good for two hours; another is needed then, and gives the right anew")
    func expires() async throws {
        try await GuardTown.each { town in
            let (draft, own) = try await invited(town)
            let begun = town.town.clock.now
            let proof = try await town.pass(own.secret)
            try await town.town.move(to: begun + 2 * Instant.hour)
            try await refused(town, own, proof, .checkExpired)
            try await refused(town, own, nil, .otherBrowser)
            let failed = try await town.desk.verifyFace(
                own.secret,
                sample: "score:300",
                occasion: town.occasion(GuardTown.anyone)
            )
            #expect(failed.signer.verifiedAt == nil && failed.signer.state == .invited)
            try await refused(town, own, proof, .notVerified)
            let again = try await town.pass(own.secret)
            try await town.town.move(to: town.town.clock.now + (2 * Instant.hour - Instant.minute))
            try await town.desk.sign(own.secret, proof: again, occasion: town.occasion(GuardTown.anyone))
            #expect(try await town.state(draft).signatures.allSatisfy { $0.voidAt == nil })
        }
    }

    @Test("an edit that voids a signature ends check and link; the next invitation says which paper changed")
    func voided() async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await town.asked(town.reserve(town.data))
            let own = try #require(links[GuardTown.named])
            try await town.sign(Array(links.values))
            #expect(try await town.state(draft).isComplete)
            var edited = dearer(town)
            edited["name"] = try await town.desk.read(draft.id).data["name"]
            #expect(try await town.save(draft, edited).voided > 0)
            let after = try await signer(town, draft)
            #expect(after.verifiedAt == nil && after.faceScore == nil && after.state == .invited)
            await #expect(throws: CaseError.linkUnknown) {
                try await town.desk.openLink(own.secret, occasion: town.occasion())
            }
            try await refused(town, own, nil, .linkUnknown)
            #expect(try await town.messages(of: draft, "sign-voided").isEmpty)
            let again = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
            let fresh = try #require(try await town.byNumber(again, of: draft)[GuardTown.named])
            let told = try await town.messages(of: draft, "sign-voided").filter {
                $0.link == "/sign/\(fresh.secret)"
            }
            let papers = try await town.state(draft)
            let changed = papers.papers.filter {
                after.papers.contains($0.kind) && papers.standing(of: after, on: $0.kind) == .stale
            }
            #expect(told.count == 1 && told.first?.textZh.contains(changed.first?.title ?? "-") == true)
            #expect(told.first?.textZh.contains("已修改") == true)
            #expect(told.first?.textEn.contains("changed") == true)
            // The secret of the ended link is in no message any more.
            let kept = try await town.messages(of: draft, "sign-please")
            #expect(!kept.contains { $0.link.contains(own.secret) || $0.textZh.contains(own.secret) })
            try await refused(town, fresh, nil, .notVerified)
            try await town.sign(again)
            #expect(try await town.state(draft).isComplete)
        }
    }

    @Test("whoever passed the check and has not signed is told too; whose papers did not change signs on")
    func checkedOnly() async throws {
        try await GuardTown.each { town in
            let (draft, own) = try await invited(town)
            let proof = try await town.pass(own.secret)
            // The same text again changes nothing.
            _ = try await town.save(draft, town.data)
            #expect(try await town.desk.askSignatures(draft.id, occasion: town.occasion()).isEmpty)
            #expect(try await signer(town, draft).check != nil)
            _ = try await town.save(draft, dearer(town))
            #expect(try await signer(town, draft).verifiedAt == nil)
            try await refused(town, own, proof, .linkUnknown)
            let again = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
            let fresh = try #require(again.first)
            #expect(again.count == 1 && fresh.signer == own.signer)
            try await refused(town, fresh, proof, .notVerified)
            #expect(
                try await town.messages(of: draft, "sign-voided").map(\.link) == ["/sign/\(fresh.secret)"]
            )
            // Asked again without a change, the fresh check stands.
            let second = try await town.pass(fresh.secret)
            #expect(try await town.desk.askSignatures(draft.id, occasion: town.occasion()).isEmpty)
            try await town.desk.sign(fresh.secret, proof: second, occasion: town.occasion(GuardTown.anyone))
        }
    }

    @Test("papers that were changed between the page and the face are not taken for those that were shown")
    func shown() async throws {
        try await GuardTown.each { town in
            let (draft, own) = try await invited(town)
            let anyone = town.occasion(GuardTown.anyone)
            let seen = try await town.desk.openLink(own.secret, occasion: anyone).shown
            _ = try await town.save(draft, dearer(town))
            await #expect(throws: CaseError.papersChanged) {
                _ = try await town.desk.verifyFace(
                    own.secret,
                    sample: "score:950",
                    shown: seen,
                    occasion: anyone
                )
            }
            #expect(try await signer(town, draft).faceTries == 0)
            let now = try await town.desk.openLink(own.secret, occasion: anyone).shown
            #expect(now != seen)
            let check = try await town.desk.verifyFace(
                own.secret,
                sample: "score:950",
                shown: now,
                occasion: anyone
            )
            try await town.desk.sign(own.secret, proof: check.proof, occasion: anyone)
        }
    }

    @Test("a check is good for the papers that were shown and no others, wherever else they are compared")
    func otherPapers() async throws {
        try await GuardTown.each { town in
            let (_, own) = try await invited(town)
            let proof = try await town.pass(own.secret)
            let view = try await town.desk.openLink(own.secret, occasion: town.occasion(GuardTown.anyone))
            let now = town.town.clock.now
            #expect(view.refusal(of: proof, at: now) == nil)
            let papers = view.state.papers.map { paper in
                StoredPaper(
                    kind: paper.kind,
                    title: paper.title,
                    content: paper.content,
                    digest: paper.kind == view.papers.first?.kind ? "another" : paper.digest,
                    text: paper.text
                )
            }
            let state = SigningState(
                papers: papers,
                signers: view.state.signers,
                signatures: view.state.signatures
            )
            let other = SigningView(subject: view.subject, signer: view.signer, state: state)
            #expect(other.refusal(of: proof, at: now) == .papersChanged)
        }
    }

    @Test("of a check that was passed nothing stays with whoever comes into the signer's place")
    func exchanged() async throws {
        try await GuardTown.each { town in
            let (draft, own) = try await invited(town)
            let proof = try await town.pass(own.secret)
            #expect(try await signer(town, draft).check != nil)
            _ = try await town.save(draft, elsewhere(town))
            let after = try await signer(town, draft)
            #expect(after.check == nil && after.verifiedAt == nil && after.faceScore == nil)
            let again = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
            let fresh = try #require(again.first { $0.signer == own.signer })
            try await refused(town, fresh, proof, .notVerified)
        }
    }

    @Test("who was identified in person signs with the proof handed to him there, and the applicant does not")
    func inPerson() async throws {
        try await GuardTown.each { town in
            let (draft, own) = try await invited(town)
            let anyone = town.occasion(GuardTown.anyone)
            for _ in 0..<3 {
                _ = try await town.desk.verifyFace(own.secret, sample: "score:300", occasion: anyone)
            }
            let proof = try await town.desk.identifiedInPerson(
                draft.id,
                signer: own.signer,
                reason: "证件原件",
                occasion: town.occasion(Actor(.staff, id: "clerk", role: "registrar"))
            )
            try await refused(town, own, nil, .otherBrowser)
            await #expect(throws: CaseError.notVerified) {
                _ = try await town.desk.verifyFace(own.secret, sample: "score:950", occasion: town.occasion())
            }
            try await town.desk.sign(own.secret, proof: proof, occasion: anyone)
        }
    }
}
