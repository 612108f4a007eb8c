import Kernel
import Server
import Simulators
import Storage
import Testing

@testable import Cases

@Suite("a firm that signs at the counter", .serialized)
struct CounterTests {
    private static let unknown = "中国工商银行股份有限公司"
    private let clerk = Actor(.staff, id: "clerk", role: "registrar")
    private let colleague = Actor(.staff, id: "colleague", role: "registrar")

    private func evidence(
        _ proofs: Set<CounterRecord.Proof> = [.standing, .representativeID],
        by name: String = "赵青",
        as capacity: CounterRecord.Capacity = .representative,
        words: String = "事业单位法人证书 第 1 号"
    ) -> CounterEvidence {
        CounterEvidence(proofs: proofs, signedBy: name, capacity: capacity, words: words)
    }

    private func asked(_ town: GuardTown, _ data: JSON) async throws -> (Case, Signer, [SigningLink]) {
        let draft = try await town.start(data)
        let links = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
        let firm = try #require(try await town.state(draft).signers.first { $0.kind == .enterprise })
        return (draft, firm, links.filter { $0.signer != firm.key })
    }

    @Test(
        "seen papers and who signed are kept with the digests; a person decides, and not the one who saw it"
    )
    func signed() async throws {
        try await GuardTown.each { town in
            let data = try await town.reserve(
                town.withFirm(name: Self.unknown, code: "91150203MA0N000164")
            )
            let (draft, firm, links) = try await asked(town, data)
            try await town.sign(links)
            let record = try await town.desk.signAtCounter(
                draft.id,
                signer: firm.key,
                evidence: evidence(),
                occasion: town.occasion(clerk)
            )
            let state = try await town.state(draft)
            #expect(state.isComplete)
            #expect(Set(record.papers.map(\.kind)) == Set(firm.papers) && record.clerk == "clerk")
            for paper in record.papers {
                #expect(state.papers.first { $0.kind == paper.kind }?.digest == paper.digest)
            }
            let kept = try await town.database.read { try CounterRecordStore.of(draft.id, in: $0) }
            #expect(kept == [record])
            #expect(try await town.desk.read(draft.id).signedAt != nil)
            await #expect(throws: CaseError.alreadySigned) {
                try await town.desk.signAtCounter(
                    draft.id,
                    signer: firm.key,
                    evidence: evidence(),
                    occasion: town.occasion(clerk)
                )
            }
            let submitted = try await town.desk.submit(draft.id, occasion: town.occasion())
            #expect(submitted.state == .review)
            await #expect(throws: CaseError.ownCounterRecord) {
                try await town.desk.claim(
                    draft.id,
                    step: "review",
                    version: submitted.version,
                    occasion: town.occasion(clerk)
                )
            }
            // Nor is it given to him by somebody else.
            await #expect(throws: CaseError.ownCounterRecord) {
                try await town.desk.handOver(
                    draft.id,
                    step: "review",
                    version: submitted.version,
                    to: clerk.id,
                    reason: "请办理",
                    occasion: town.occasion(colleague)
                )
            }
            try await town.desk.claim(
                draft.id,
                step: "review",
                version: submitted.version,
                occasion: town.occasion(colleague)
            )
        }
    }

    @Test("nothing is recorded that the clerk may not vouch for")
    func refused() async throws {
        try await GuardTown.each { town in
            let (draft, firm, _) = try await asked(
                town,
                town.withFirm(name: Self.unknown, code: "91150203MA0N000164")
            )
            func act(_ evidence: CounterEvidence, signer: String? = nil, by actor: Actor? = nil) async throws
            {
                try await town.desk.signAtCounter(
                    draft.id,
                    signer: signer ?? firm.key,
                    evidence: evidence,
                    occasion: town.occasion(actor ?? clerk)
                )
            }
            let wrong: [(CounterEvidence, CaseError)] = [
                (evidence([.standing]), .proofMissing), (evidence([.representativeID]), .proofMissing),
                (evidence(by: "钱远", as: .agent), .proofMissing),
                (
                    evidence([.standing, .representativeID, .authorisation], by: "钱远", as: .agent),
                    .proofMissing
                ),
                (evidence(by: " "), .reasonMissing), (evidence(words: " "), .reasonMissing),
                (evidence(by: "钱远"), .representativeDiffers(Self.unknown)),
            ]
            for (evidence, refusal) in wrong {
                await #expect(throws: refusal) { try await act(evidence) }
            }
            await #expect(throws: CaseError.notYours) { try await act(evidence(), by: GuardTown.founder) }
            let people = try await town.state(draft).signers.filter { $0.kind == .person }
            for person in people {
                await #expect(throws: CaseError.linkUnknown) {
                    try await act(evidence(), signer: person.key)
                }
            }
            #expect(try await town.state(draft).signatures.isEmpty && town.enterpriseKeys.isEmpty)
            try await act(evidence(Set(CounterRecord.Proof.allCases), by: "钱远", as: .agent))
        }
    }

    @Test("a firm that a register knows signs by its link; one whom it speaks against does not sign at all")
    func known() async throws {
        try await GuardTown.each { town in
            let cases: [(JSON, CaseError)] = [
                (town.withFirm(), .counterNotNeeded("包头市青峰商贸有限公司")),
                (
                    town.withFirm(number: "150203197808080010"),
                    .representativeDiffers("包头市青峰商贸有限公司")
                ),
                (
                    town.withFirm(name: "包头市远山贸易有限公司", code: "91150203MA0DEM021J", signer: "钱远"),
                    .firmEnded("包头市远山贸易有限公司")
                ),
            ]
            for (data, refusal) in cases {
                let (draft, firm, _) = try await asked(town, data)
                let name = firm.representative?.name ?? ""
                await #expect(throws: refusal) {
                    try await town.desk.signAtCounter(
                        draft.id,
                        signer: firm.key,
                        evidence: evidence(by: name),
                        occasion: town.occasion(clerk)
                    )
                }
                #expect(try await town.state(draft).signatures.isEmpty)
            }
            // A register that does not answer vouches for nobody either.
            let (draft, firm, _) = try await asked(town, town.withFirm())
            try town.town.town.party("company-query").set("down")
            try await town.desk.signAtCounter(
                draft.id,
                signer: firm.key,
                evidence: evidence(),
                occasion: town.occasion(clerk)
            )
        }
    }
}
