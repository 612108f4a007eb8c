import Attachments
import Server
import CompanyNames
import Forms
import Identity
import Kernel
import Standards
import Storage
import Testing

@testable import Cases

@Suite("what a draft may hold and how many there may be", .serialized)
struct DraftGuardTests {
    /// Somebody with an account, as whom the example's applicant is written differently.
    private func person(_ town: GuardTown) async throws -> Actor {
        let platform = town.town.platform
        let occasion = town.occasion()
        let document = try platform.standards.identityDocument(
            kind: "resident-id",
            number: "150203199205050030",
            on: occasion.now.date
        )
        let name = try PersonName("王静怡")
        let keys = platform.identityKeys
        let person = try await town.database.write { tx in
            try People.register(
                name: name,
                document: document,
                phone: nil,
                keys: keys,
                occasion: occasion,
                in: tx
            )
        }
        return Actor(.person, id: person.id.rawValue, role: "person")
    }

    @Test("nobody applies as somebody else: what the account answers stands, however it was sent")
    func applicant() async throws {
        try await GuardTown.each { town in
            let actor = try await person(town)
            let draft = try await town.start(by: actor)
            #expect(draft.data["applicant"]["name"].text == "王静怡")
            #expect(draft.data["applicant"]["idNumber"].text == "150203199205050030")
            // What is not locked is the person's own.
            #expect(draft.data["applicant"]["phone"].text == "13800001234")
            var data = draft.data
            data["applicant"]["name"] = "张晓晨"
            data["applicant"]["idNumber"] = "150203198510120010"
            let saved = try await town.desk.save(
                draft.id,
                data: data,
                version: draft.version,
                occasion: town.occasion(actor)
            ).saved
            #expect(saved.data == draft.data && saved.text == draft.text)
            data["applicant"] = "文本"
            let again = try await town.desk.save(
                draft.id,
                data: data,
                version: saved.version,
                occasion: town.occasion(actor)
            ).saved
            #expect(again.data["applicant"]["name"].text == "王静怡")
        }
    }

    @Test(
        "a region is the six digits of a banner",
        arguments: ["999999", "1' or 1=1", "150203\u{0}", "1502030000", "150200", "150000", "", "aaaaaa"]
    )
    func region(region: String) async throws {
        try await GuardTown.each { town in
            await #expect(throws: CaseError.unknownRegion) { _ = try await town.start(region: region) }
            let kept = try await town.database.read { try CaseStore.mine("founder", limit: 9, in: $0) }
            #expect(kept.isEmpty)
        }
    }

    @Test("a form is no larger at its start than later, and holds nothing that a database cannot")
    func contents() async throws {
        try await GuardTown.each { town in
            let large: JSON = ["district": "150203", "x": .string(String(repeating: "a", count: 300_000))]
            await #expect(throws: CaseError.draftTooLarge(max: 262_144)) { _ = try await town.start(large) }
            let wrong: [JSON] = [
                ["district": "150203", "name": ["brand": "a\u{0}b"]], ["district": "150203", "a\u{0}": 1],
                ["scope": ["\u{0}"]],
            ]
            for data in wrong {
                await #expect(throws: CaseError.unreadable) { _ = try await town.start(data) }
            }
            let draft = try await town.start()
            await #expect(throws: CaseError.unreadable) { _ = try await town.save(draft, wrong[0]) }
        }
    }

    @Test("no more rows are kept than the form takes, at the start or later")
    func rows() async throws {
        try await GuardTown.each { town in
            let refusal = FormError.tooManyRows(path: "shareholders", limit: 60)
            var data = town.data
            let holder = try #require(data["shareholders"].elements.first)
            func holders(_ count: Int) -> JSON { .array(Array(repeating: holder, count: count)) }
            data["shareholders"] = holders(61)
            await #expect(throws: refusal) { _ = try await town.start(data) }
            data["shareholders"] = holders(60)
            let draft = try await town.start(data)
            data["shareholders"] = holders(500)
            await #expect(throws: refusal) { _ = try await town.save(draft, data) }
            let kept = try await town.desk.read(draft.id)
            #expect(kept.data["shareholders"].elements.count == 60 && kept.version == draft.version)
        }
    }

    @Test("one person has fifty forms open, another is not hindered; handing in or deleting makes room")
    func quota() async throws {
        try await GuardTown.each { town in
            var drafts: [Case] = []
            for _ in 0..<50 { drafts.append(try await town.start(["district": "150203"])) }
            await #expect(throws: CaseError.tooManyDrafts(max: 50)) { _ = try await town.start() }
            _ = try await town.start(by: Actor(.person, id: "other", role: "person"))
            try await town.desk.discardDraft(
                drafts[0].id,
                version: drafts[0].version,
                occasion: town.occasion()
            )
            _ = try await town.start()
        }
    }

    @Test("another's reservation in one's own form is not held by it")
    func reservation() async throws {
        try await GuardTown.each { town in
            let owner = Actor(.person, id: "owner", role: "person")
            let data = try await town.reserve(town.data, for: owner)
            let mine = try await town.start(data)
            try await town.sign(
                try await town.desk.askSignatures(mine.id, occasion: town.occasion())
            )
            #expect(
                try await town.desk.submit(mine.id, occasion: town.occasion()).state == .returned
            )
            let id = data["name"]["reservation"].text ?? ""
            #expect(try await town.nameState(id) == .reserved)
            let own = try await town.start(data, by: owner)
            let links = try await town.desk.askSignatures(own.id, occasion: town.occasion(owner))
            try await town.sign(links)
            #expect(
                try await town.desk.submit(own.id, occasion: town.occasion(owner)).state == .granted
            )
        }
    }

    @Test("a form that came back and takes another name lets go of the one it held, when it is handed in")
    func otherName() async throws {
        try await GuardTown.each { town in
            var data = try await town.reserve(town.data)
            // A dishonest debtor as supervisor: the rules return the form.
            var supervisor = data["supervisors"].elements[0]
            for (key, value) in ["name": "赵铁柱", "idNumber": "150203198001010016", "phone": "13800010002"] {
                supervisor[key] = .string(value)
            }
            data["supervisors"] = [supervisor]
            let first = try #require(data["name"]["reservation"].text)
            let started = try await town.start(data)
            try await town.sign(try await town.desk.askSignatures(started.id, occasion: town.occasion()))
            let returned = try await town.desk.submit(started.id, occasion: town.occasion())
            #expect(returned.state == .returned)
            #expect(try await town.nameState(first) == .held)
            data["name"]["brand"] = "远帆"
            data = try await town.reserve(data)
            let second = try #require(data["name"]["reservation"].text)
            _ = try await town.save(started, data)
            // Saving is not handing in: the old name is held until the new one is.
            #expect(try await town.nameState(first) == .held)
            try await town.sign(try await town.desk.askSignatures(started.id, occasion: town.occasion()))
            _ = try await town.desk.submit(started.id, occasion: town.occasion())
            #expect(try await town.nameState(first) == .reserved)
            #expect(try await town.nameState(second) == .held)
            // Withdrawn, the case holds nothing any more.
            let now = try await town.desk.read(started.id)
            _ = try await town.desk.withdraw(started.id, version: now.version, occasion: town.occasion())
            #expect(try await town.nameState(second) == .reserved)
        }
    }

    @Test("no file is taken unseen: a digest counts only where its bytes were handed in with this case")
    func files() async throws {
        try await GuardTown.each { town in
            let proof = Array("%PDF-1.7\nlease".utf8)
            func form(_ digest: String) -> JSON {
                var data = town.data
                data["premises"]["mode"] = "proof"
                data["premises"]["proof"] = .string(digest)
                return data
            }
            let made = "sm3:" + String(repeating: "0", count: 64)
            await #expect(throws: CaseError.fileUnknown) { _ = try await town.start(form(made)) }
            let (mine, other) = (try await town.start(), try await town.start())
            await #expect(throws: CaseError.fileUnknown) { _ = try await town.save(mine, form(made)) }
            let file = try await town.desk.attach(
                proof,
                name: "a.pdf",
                to: mine.id,
                blobs: town.town.platform.settings.blobs,
                occasion: town.occasion()
            )
            await #expect(throws: CaseError.fileUnknown) { _ = try await town.save(other, form(file.digest)) }
            _ = try await town.save(mine, form(file.digest))
            #expect(try await town.desk.read(mine.id).data["premises"]["proof"].text == file.digest)
        }
    }
}
