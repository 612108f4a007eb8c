import Simulators
import Server
import Kernel
import Storage
import Testing

@testable import Cases

@Suite("who signs for an enterprise", .serialized)
struct FirmSigningTests {
    private func firmLink(_ town: GuardTown, _ data: JSON) async throws -> String {
        let draft = try await town.start(data)
        let links = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
        let firm = try #require(try await town.state(draft).signers.first { $0.kind == .enterprise })
        return try #require(links.first { $0.signer == firm.key }).secret
    }

    @Test("the legal representative whom the register names signs, and his is the face that is compared")
    func representative() async throws {
        try await GuardTown.each { town in
            let secret = try await firmLink(town, town.withFirm())
            let anyone = town.occasion(GuardTown.anyone)
            let police = try town.town.town.party("police-face")
            try police.know(["idNumber": "150203197506060014", "score": 310])
            let failed = try await town.desk.verifyFace(secret, sample: "score:950", occasion: anyone).signer
            #expect(failed.verifiedAt == nil && failed.faceScore == 31)
            try police.know(["idNumber": "150203197506060014", "score": 950])
            let check = try await town.desk.verifyFace(secret, sample: "score:1", occasion: anyone)
            #expect(check.signer.state == .verified)
            // The applicant has the link too: without the proof he signs for no representative.
            await #expect(throws: CaseError.otherBrowser) {
                try await town.desk.sign(secret, proof: nil, occasion: town.occasion())
            }
            #expect(town.enterpriseKeys.isEmpty)
            try await town.desk.sign(secret, proof: check.proof, occasion: anyone)
            #expect(town.enterpriseKeys.count == 2)
        }
    }

    @Test("anybody else, an unknown firm and one that has ended cannot, and no key of theirs comes to be")
    func others() async throws {
        try await GuardTown.each { town in
            let unknown = "91150203MA0DEM021J"
            let wrong: [(JSON, CaseError)] = [
                (
                    town.withFirm(signer: "李文博", number: "150203199003030023"),
                    .representativeDiffers("包头市青峰商贸有限公司")
                ),
                // The name is right, the person another.
                (town.withFirm(number: "150203197808080010"), .representativeDiffers("包头市青峰商贸有限公司")),
                (
                    town.withFirm(name: "中国工商银行股份有限公司", code: "91150203MA0N000164"),
                    .firmUnknown("中国工商银行股份有限公司")
                ),
                // The code is somebody's, the name is not his.
                (town.withFirm(name: "中国工商银行股份有限公司"), .firmUnknown("中国工商银行股份有限公司")),
                (
                    town.withFirm(name: "包头市远山贸易有限公司", code: unknown, signer: "钱远"),
                    .firmEnded("包头市远山贸易有限公司")
                ),
            ]
            for (data, refusal) in wrong {
                let secret = try await firmLink(town, data)
                let anyone = town.occasion(GuardTown.anyone)
                await #expect(throws: refusal) {
                    _ = try await town.desk.verifyFace(secret, sample: "score:950", occasion: anyone)
                }
                await #expect(throws: CaseError.notVerified) {
                    try await town.desk.sign(secret, proof: nil, occasion: anyone)
                }
            }
            #expect(try town.town.town.party("police-face").journal().isEmpty)
            #expect(town.enterpriseKeys.isEmpty)
        }
    }

    @Test(
        "who is no longer the legal representative when he signs does not sign; a silent register lets nobody"
    )
    func changed() async throws {
        try await GuardTown.each { town in
            let secret = try await firmLink(town, town.withFirm())
            let anyone = town.occasion(GuardTown.anyone)
            let proof = try await town.pass(secret)
            try town.town.town.party("company-query").know([
                "creditCode": "91150203MA0DEM013P", "name": "包头市青峰商贸有限公司", "state": "存续",
                "legalRepresentative": "钱新", "representativeNumber": "150203197607070035",
            ])
            await #expect(throws: CaseError.representativeDiffers("包头市青峰商贸有限公司")) {
                try await town.desk.sign(secret, proof: proof, occasion: anyone)
            }
            try town.town.town.party("company-query").set("down")
            await #expect(throws: CaseError.registerSilent("包头市青峰商贸有限公司")) {
                try await town.desk.sign(secret, proof: proof, occasion: anyone)
            }
            #expect(town.enterpriseKeys.isEmpty)
        }
    }
}
