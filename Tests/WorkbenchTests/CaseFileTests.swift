import Attachments
import Audit
import Cases
import FaceSupport
import Foundation
import Identity
import Kernel
import Server
import Storage
import TestSupport
import Testing

/// Files of the form, as those who examine the case see them.
@Suite("files of a case at the workbench", .serialized)
struct CaseFileTests {
    private let proof = Array("%PDF-1.7\nlease of the premises".utf8)

    @Test(
        "the region's registrar reads a file by its digest, as an attachment, and the log says who read whose"
    )
    func read() async throws {
        try await FaceTown.open { town in
            let review = try await town.inReview("塞上", of: "zhangsan", proof: proof)
            #expect(review.state == .review)
            let digest = Attachments.Attachment.digest(of: proof)
            let path = "/desk/cases/\(review.id)/files/\(digest)"
            let page = try await town.get("/desk/cases/\(review.id)", as: "registrar").text
            #expect(page.contains("住所使用证明") && page.contains(path) && page.contains("租约.pdf"))
            #expect(page.contains("<dd><a href=\"\(path)\">租约.pdf</a></dd>") && !page.contains("<dd>sm3:"))
            // Who may not read personal data sees that there is a file, and neither its name nor the way to it.
            let other = try await town.get("/desk/cases/\(review.id)", as: "supervisor").text
            #expect(other.contains("住所使用证明") && !other.contains(path) && !other.contains("租约.pdf"))
            let file = try await town.get(path, as: "registrar")
            #expect(file.status == 200 && file.bytes == proof)
            #expect(file.headers["content-type"] == "application/pdf")
            #expect(file.headers["x-content-type-options"] == "nosniff")
            #expect(file.headers["cache-control"] == "no-store")
            #expect(file.headers["content-disposition"]?.hasPrefix("attachment") == true)
            #expect(file.headers["content-disposition"]?.hasSuffix(".pdf") == true)
            for (login, status) in [
                ("registrar-huimin", 404), ("supervisor", 403), ("tax", 403), ("system", 403),
            ] {
                #expect(try await town.get(path, as: login).status == status, "\(login)")
            }
            // The person sees it, with the number of the case.
            let reads = try await town.get("/my/reads", as: "zhangsan").text
            #expect(reads.contains("办件中上传的文件（\(review.number)）"))
            let strange = "/desk/cases/\(review.id)/files/\(Attachments.Attachment.digest(of: [1]))"
            #expect(try await town.get(strange, as: "registrar").status == 404)
            let readings = try await town.platform.database.read {
                try AuditLog.history(of: "\(review.object)/files/\(digest)", in: $0)
            }
            let reader = try await town.session("registrar").principal.actor.id
            #expect(readings.count == 1 && readings.first?.outcome == .read)
            #expect(readings.first?.actor.id == reader && readings.first?.subject == review.applicant)
            #expect(readings.first?.purpose?.contains(review.number) == true)
            // No name makes an officer's computer run what an applicant sent.
            try await town.platform.database.write {
                try $0.execute("UPDATE attachment_link SET name = 'evil.html'")
            }
            let renamed = try await town.get(path, as: "registrar").headers["content-disposition"] ?? ""
            #expect(renamed.contains("filename=\"evil.pdf\"") && !renamed.contains("html"))
            // A file that lies damaged on the disk is not handed out.
            let hex = digest.dropFirst(4)
            let place = "\(town.platform.settings.blobs.folder)/\(hex.prefix(2))/\(hex.dropFirst(2))"
            try Data("something else".utf8).write(to: URL(fileURLWithPath: place))
            #expect(try await town.get(path, as: "registrar").status == 503)
        }
    }

    @Test("one file for two questions stands under both; an address that was not found is told whole")
    func twoQuestions() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft("塞上", of: "zhangsan", proof: proof) {
                $0["address"]["detail"] = "无名路1号"
            }
            var data = draft.data
            data["governance"]["articles"] = "own"
            data["governance"]["articlesFile"] = data["premises"]["proof"]
            let occasion = try await town.occasion(of: "zhangsan")
            _ = try await town.platform.desk.save(
                draft.id,
                data: data,
                version: draft.version,
                occasion: occasion
            )
            try await town.sign(draft.id, of: "zhangsan")
            let review = try await town.platform.desk.submit(draft.id, occasion: occasion)
            #expect(review.state == .review)
            let page = try await town.get("/desk/cases/\(review.id)", as: "registrar").text
            #expect(page.contains("住所使用证明、章程文件"))
            let address = data["address"]
            let parts = ["township", "village", "detail"].compactMap { address[$0].text }
            let place = parts.joined(separator: " ")
            #expect(page.contains("昆都仑区 \(place)"))
            // Rules show what they saw in words: sums in yuan, no codes.
            #expect(page.contains("1000000.00 元") && !page.contains(">100000000<"))
            #expect(page.contains(">known<") == false && page.contains(">yes<") == false)
        }
    }
}
