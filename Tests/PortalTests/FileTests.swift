import Attachments
import Cases
import FaceSupport
import Foundation
import Kernel
import Server
import Storage
import Testing

/// Files of the form, from the browser to the case and back.
@Suite struct FileTests {
    private let founder = "zhangsan"
    private let pdf = Array("%PDF-1.7\nlease".utf8)
    private let answers = ["premises.mode": "proof", "premises.use": "owned", "premises.dwelling": "false"]

    private func files(of draft: Case, _ town: FaceTown) async throws -> [Attachments.Attachment] {
        try await town.platform.database.read { try AttachmentStore.of(draft.object, in: $0) }
    }

    private func send(_ bytes: [UInt8], _ name: String, to draft: Case, _ town: FaceTown) async throws
        -> FaceTown.Answer
    {
        try await town.upload(
            "/drafts/\(draft.id)/premises",
            answers,
            files: [("premises.proof", name, bytes)],
            as: founder
        )
    }

    @Test func aFileIsKeptOnceServedToItsOwnerOnlyAndGoesWithTheDraft() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft(of: founder)
            for _ in 0..<2 {
                #expect((200...303).contains(try await send(pdf, "租约.pdf", to: draft, town).status))
            }
            let kept = try #require(try await files(of: draft, town).first)
            #expect(try await files(of: draft, town).count == 1)
            #expect(
                kept.kind == .pdf && kept.name == "租约.pdf"
                    && kept.digest == Attachments.Attachment.digest(of: pdf)
            )
            #expect(try await town.read(draft).data["premises"]["proof"] == .string(kept.digest))
            let path = "/cases/\(draft.number)/files/\(kept.digest)"
            #expect(try await town.get("/drafts/\(draft.id)/premises", as: founder).text.contains(path))
            let file = try await town.get(path, as: founder)
            #expect(file.status == 200 && file.bytes == pdf)
            #expect(file.headers["content-type"] == "application/pdf")
            #expect(file.headers["x-content-type-options"] == "nosniff")
            #expect(file.headers["content-disposition"]?.hasPrefix("attachment") == true)
            #expect(try await town.get(path, as: "lisi").status == 404)
            #expect(try await town.get(path).status == 303)
            // Answering the page again keeps the file; its own button takes it away.
            #expect(try await town.answer("/drafts/\(draft.id)/premises", as: founder).status == 303)
            #expect(try await town.read(draft).data["premises"]["proof"] == .string(kept.digest))
            let dropped = try await town.answer(
                "/drafts/\(draft.id)/premises",
                ["_drop": "premises.proof"],
                as: founder
            )
            #expect(dropped.status == 200)
            #expect(try await town.read(draft).data["premises"]["proof"].isNull)
            let missing = try await town.answer("/drafts/\(draft.id)/premises", as: founder)
            #expect(missing.status == 422 && missing.text.contains("请填写住所使用证明"))
            // A deleted draft takes its files along.
            #expect(try await town.get("/drafts/\(draft.id)/discard", as: "lisi").status == 404)
            let version = try await town.read(draft).version
            let gone = try await town.post(
                "/drafts/\(draft.id)/discard",
                ["version": String(version)],
                as: founder
            )
            #expect(gone.status == 303)
            #expect(try await files(of: draft, town).isEmpty)
            #expect(
                try await town.platform.database.read {
                    try $0.number("SELECT COUNT(*) FROM attachment_file")
                } == 0
            )
            #expect(try await town.get("/my", as: founder).text.contains(draft.number) == false)
        }
    }

    @Test func filesOfAnotherKindOrSizeAreRefusedByTheirBytesNotTheirNames() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft(of: founder)
            let zip: [UInt8] = [0x50, 0x4B, 0x03, 0x04] + [UInt8](repeating: 0, count: 60)
            let bad: [(String, [UInt8])] = [
                ("lease.pdf", Array("<html><script>alert(1)</script>".utf8)),
                ("lease.pdf", [0x4D, 0x5A, 0x90, 0x00]),
                ("lease.ofd", zip), ("lease.png", []), ("lease.pdf", Array("PDF-1.7".utf8)),
                ("lease.svg", Array("<svg onload='x()'/>".utf8)),
            ]
            for (name, bytes) in bad {
                let answer = try await send(bytes, name, to: draft, town)
                #expect(answer.status == 422 && answer.text.contains("这个文件的内容不是"), "\(name)")
            }
            let large = try await send(
                pdf + [UInt8](repeating: 0x20, count: 20_971_520),
                "lease.pdf",
                to: draft,
                town
            )
            #expect(large.status == 422 && large.text.contains("不得超过 20 MB"))
            let larger = try await send(
                pdf + [UInt8](repeating: 0x20, count: 24_000_000),
                "lease.pdf",
                to: draft,
                town
            )
            #expect(larger.status == 413)
            let elsewhere = try await town.upload(
                "/drafts/\(draft.id)/premises",
                answers,
                files: [("premises.ownerName", "x.pdf", pdf)],
                as: founder
            )
            #expect(elsewhere.status == 422 && elsewhere.text.contains("form.unknown-field"))
            #expect(try await files(of: draft, town).isEmpty)
        }
    }

    /// A photograph of eight pixels' width as a telephone would send it, with the place where it was taken.
    private func photograph(_ place: String) -> [UInt8] {
        func segment(_ marker: UInt8, _ payload: [UInt8]) -> [UInt8] {
            [0xFF, marker, UInt8((payload.count + 2) >> 8), UInt8((payload.count + 2) & 255)] + payload
        }
        let codes = [0, 1] + [UInt8](repeating: 0, count: 14) + [0]
        return [0xFF, 0xD8] + segment(0xE1, Array("Exif\0\0\(place)".utf8))
            + segment(0xDB, [0] + [UInt8](repeating: 16, count: 64))
            + segment(0xC0, [8, 0, 8, 0, 8, 1, 1, 0x11, 0]) + segment(0xC4, [0x00] + codes)
            + segment(0xC4, [0x10] + codes) + segment(0xDA, [1, 1, 0x00, 0, 63, 0]) + [0x3F, 0xFF, 0xD9]
    }

    @Test("what a file is called and shows: the ending of its bytes, and no place where it was taken")
    func namesAndPlaces() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft(of: founder)
            let picture = photograph("GPSLatitude=40.6574N")
            for (name, bytes, kept) in [
                ("evil.html", pdf, "evil.pdf"), ("a\u{202E}fdp.exe", pdf + [1], "afdp.pdf"),
                ("photo.hta", picture, "photo.jpg"),
            ] {
                #expect((200...303).contains(try await send(bytes, name, to: draft, town).status))
                let held = try await files(of: draft, town)
                let file = try #require(held.first { $0.name == kept }, "\(held.map(\.name))")
                let answer = try await town.get("/cases/\(draft.number)/files/\(file.digest)", as: founder)
                #expect(answer.status == 200 && answer.bytes.count == file.sizeBytes)
                #expect(
                    answer.headers["content-disposition"]
                        == "attachment; filename=\"\(kept)\"; filename*=UTF-8''\(kept)"
                )
                #expect(!answer.text.contains("GPS") && answer.headers["x-content-type-options"] == "nosniff")
            }
            #expect(try await files(of: draft, town).count == 3)
            // A picture that came through halfway is refused where it was handed in.
            let cut = try await send(Array(picture.dropLast(3)), "photo.jpg", to: draft, town)
            #expect(cut.status == 422 && cut.text.contains("图片已损坏或不完整"))
            #expect(try await files(of: draft, town).count == 3)
        }
    }

    @Test func aCaseTakesNoMoreFilesThanItsDatedLimitSays() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft(of: founder)
            let definition = try await town.platform.desk.definition(of: draft)
            let most = Int(
                try #require(definition.limits(draft.region, town.town.clock.now.date)["filesMax"].int)
            )
            for number in 0..<most {
                #expect(
                    (200...303).contains(
                        try await send(pdf + Array(String(number).utf8), "a.pdf", to: draft, town).status
                    )
                )
            }
            let over = try await send(pdf + [0x78], "a.pdf", to: draft, town)
            #expect(over.status == 422 && over.text.contains("file.too-many"))
            #expect(try await files(of: draft, town).count == most)
        }
    }
}
