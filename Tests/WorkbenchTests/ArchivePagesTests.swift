import CaseArchive
import Cases
import FaceSupport
import Kernel
import Storage
import TestSupport
import Testing
import Web

@Suite("the desk of archives")
struct ArchivePagesTests {
    @Test("found, read for a purpose, verified, held; its applicant takes a copy that anybody may check")
    func desk() async throws {
        try await FaceTown.open { town in
            let ended = try await town.withdrawn("大青", of: "zhangsan")
            // The end of the case is heard.
            try await town.pass(Instant.minute)
            let waits = try await town.get("/cases/\(ended.number)/result", as: "zhangsan").text
            #expect(waits.contains("电子档案将在"))
            let early = try await town.get("/desk/archives?q=\(ended.number)", as: "registrar").text
            #expect(early.contains("档案将在"))
            try await town.pass(26 * Instant.hour)
            let found = try await town.get("/desk/archives?q=\(ended.number)", as: "registrar")
            #expect(found.status == 303)
            let page = found.location
            for query in ["", "?year=2026", "?item=llc"] {
                #expect(
                    try await town.get("/desk/archives\(query)", as: "registrar").text.contains(ended.title)
                )
            }
            for query in ["?year=2025", "?item=other", "?due=1"] {
                let list = try await town.get("/desk/archives\(query)", as: "registrar").text
                #expect(!list.contains(ended.title), "\(query)")
            }
            #expect(try await town.post("\(page)/file", as: "registrar").status == 422)
            let taken = try await town.post("\(page)/file", ["purpose": "复议调卷"], as: "registrar")
            #expect(taken.status == 200 && taken.bytes.starts(with: [0x50, 0x4B]))
            #expect(try await town.get(page, as: "head").text.contains("复议调卷"))
            #expect(try await town.get("/my/reads", as: "zhangsan").text.contains("复议调卷"))
            #expect(try await town.post("\(page)/verify", as: "head").text.contains("档案与封存时一致"))
            // Who only reads archives does not hold them.
            let hold = ["act": "hold", "reason": "诉讼"]
            #expect(try await town.post(page, hold, as: "registrar").status == 403)
            #expect(try await town.post(page, hold, as: "head").status == 303)
            #expect(try await town.get(page, as: "head").text.contains("诉讼"))
            // Elsewhere only those who read across regions find it.
            #expect(try await town.get(page, as: "registrar-huimin").status == 404)
            let copy = try await town.post("/cases/\(ended.number)/archive", as: "zhangsan")
            #expect(copy.status == 200 && copy.bytes.count < taken.bytes.count)
            let verdict = try await town.upload(
                "/verify/file",
                [:],
                files: [("file", "own.zip", copy.bytes)],
                as: "lisi"
            )
            #expect(verdict.text.contains("由内蒙古") && verdict.text.contains("未附"))
        }
    }
}
