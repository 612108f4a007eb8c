import Correspondence
import Kernel
import Server
import Storage
import Testing

@testable import Cases

@Suite("who takes an objection back, and by what", .serialized)
struct TakeBackTests {
    private static let phone = "13800002345"
    private let clerk = Actor(.staff, id: "clerk", role: "registrar")

    /// An application that everybody has signed and one then objects to.
    private func objected(_ town: GuardTown) async throws -> (Case, SigningLink) {
        let (draft, links) = try await town.asked(town.reserve(town.data))
        try await town.sign(Array(links.values))
        let own = try #require(links[GuardTown.named])
        try await town.object(own)
        return (draft, own)
    }

    /// In the order of their names: what is raised within one millisecond has no order of its own.
    private func states(_ draft: Case, _ town: GuardTown) async throws -> [Objection.State] {
        try await town.database.read { try ObjectionStore.of(draft.id, in: $0) }.map(\.state)
            .sorted { $0.rawValue < $1.rawValue }
    }

    @Test(
        "the applicant has the link from his own page: the secret goes to the telephone that objected, not to him"
    )
    func applicant() async throws {
        try await GuardTown.each { town in
            let (draft, own) = try await objected(town)
            for actor in [GuardTown.founder, Actor(.person, id: "another", role: "agent")] {
                await #expect(throws: CaseError.takeBackNotYours) {
                    try await town.desk.sendTakeBack(own.secret, occasion: town.occasion(actor))
                }
            }
            #expect(try await town.takeBacks(of: draft).isEmpty)
            // Without signing in he may have it sent: it reaches the objector alone.
            try await town.desk.sendTakeBack(own.secret, occasion: town.occasion(GuardTown.anyone))
            let sent = try #require(try await town.takeBacks(of: draft).first)
            #expect(sent.phone == Self.phone)
            for guess in [own.secret, SigningLink.digest(own.secret), TakeBackSecret.digest(sent.secret)] {
                await #expect(throws: CaseError.linkUnknown) {
                    try await town.desk.takeBackObjection(guess, occasion: town.occasion(GuardTown.anyone))
                }
            }
            for actor in [GuardTown.founder, Actor(.person, id: "another", role: "agent")] {
                await #expect(throws: CaseError.takeBackNotYours) {
                    try await town.desk.takeBackObjection(sent.secret, occasion: town.occasion(actor))
                }
            }
            try await town.requireStopped(draft)
        }
    }

    @Test(
        "who puts another telephone into the form gets a link of his own, which takes back nothing but its own words"
    )
    func otherTelephone() async throws {
        try await GuardTown.each { town in
            let (draft, own) = try await objected(town)
            let data = try await town.desk.read(draft.id).data
            _ = try await town.save(draft, town.changed(data, ["phone": "13900000001"]))
            let again = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
            let foreign = try #require(try await town.byNumber(again, of: draft)[GuardTown.named])
            let anyone = town.occasion(GuardTown.anyone)
            let before = try await town.desk.objector(foreign.secret)
            #expect(before.last == nil && before.hasOther && !before.mayTakeBack)
            await #expect(throws: CaseError.linkUnknown) {
                try await town.desk.sendTakeBack(foreign.secret, occasion: anyone)
            }
            // He objects in the other's stead, to take that back.
            try await town.object(foreign)
            #expect(try await states(draft, town) == [.open, .open])
            try await town.desk.sendTakeBack(foreign.secret, occasion: anyone)
            let sent = try #require(try await town.takeBacks(of: draft).last)
            #expect(sent.phone == "13900000001")
            try await town.desk.takeBackObjection(sent.secret, occasion: anyone)
            #expect(try await states(draft, town) == [.open, .retracted])
            #expect(try await town.desk.objector(own.secret).last?.state == .open)
            await #expect(throws: CaseError.objected) {
                try await town.desk.submit(draft.id, occasion: town.occasion())
            }
            // From the telephone that objected it is taken back still, by the link that was replaced.
            try await town.desk.sendTakeBack(own.secret, occasion: anyone)
            #expect(try await town.takeBacks(of: draft).last?.phone == Self.phone)
        }
    }

    @Test(
        "he who objects first in the other's stead does not hold his place: each telephone objects for itself"
    )
    func foreignFirst() async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await town.asked(town.reserve(town.data))
            let own = try #require(links[GuardTown.named])
            let data = try await town.desk.read(draft.id).data
            _ = try await town.save(draft, town.changed(data, ["phone": "13900000001"]))
            let again = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
            let foreign = try #require(try await town.byNumber(again, of: draft)[GuardTown.named])
            try await town.object(foreign)
            #expect(try await town.desk.objector(own.secret).last == nil)
            for _ in 0..<2 { try await town.object(own) }
            #expect(try await states(draft, town) == [.open, .open])
            let anyone = town.occasion(GuardTown.anyone)
            try await town.desk.sendTakeBack(foreign.secret, occasion: anyone)
            let sent = try #require(try await town.takeBacks(of: draft).last)
            try await town.desk.takeBackObjection(sent.secret, occasion: anyone)
            await #expect(throws: CaseError.objected) {
                try await town.desk.submit(draft.id, occasion: town.occasion())
            }
        }
    }

    @Test("with the secret on his telephone he takes it back once, is told, and can object again")
    func honest() async throws {
        try await GuardTown.each { town in
            let (draft, own) = try await objected(town)
            let anyone = town.occasion(GuardTown.anyone)
            // Bad pictures are no matter: no face is compared.
            for _ in 0..<2 {
                try await town.desk.sendTakeBack(own.secret, occasion: anyone)
            }
            let sent = try await town.takeBacks(of: draft)
            let secret = try #require(sent.last?.secret)
            #expect(sent.count == 1)
            #expect(try await town.desk.openTakeBack(secret, occasion: anyone).objection.state == .open)
            try await town.requireStopped(draft)
            let done = try await town.desk.takeBackObjection(secret, occasion: anyone)
            #expect(done.objection.state == .retracted)
            await #expect(throws: CaseError.takeBackUsed) {
                try await town.desk.takeBackObjection(secret, occasion: anyone)
            }
            #expect(try await town.desk.openTakeBack(secret, occasion: anyone).objection.state == .retracted)
            #expect(try await town.takeBacks(of: draft).isEmpty)
            let told = try #require(try await town.messages(of: draft, "objection-taken-back").first)
            #expect(told.phone == Self.phone && told.textZh.contains(done.objection.number))
            let path = told.link.split(separator: "/").map(String.init)
            try #require(path.count == 3 && path.last == "objection")
            // What a stranger to the application reads there opens no paper.
            await #expect(throws: CaseError.linkUnknown) {
                try await town.desk.openLink(path[1], occasion: anyone)
            }
            try await town.desk.object(path[1], text: "不是我撤回的", occasion: anyone)
            #expect(try await states(draft, town) == [.open, .retracted])
            // What took the first one back takes nothing else back.
            await #expect(throws: CaseError.takeBackUsed) {
                try await town.desk.takeBackObjection(secret, occasion: anyone)
            }
            try await town.desk.sendTakeBack(path[1], occasion: anyone)
            let last = try #require(try await town.takeBacks(of: draft).last)
            #expect(last.phone == Self.phone)
            try await town.desk.takeBackObjection(last.secret, occasion: anyone)
            let granted = try await town.desk.submit(draft.id, occasion: town.occasion())
            #expect(granted.state == .granted)
        }
    }

    @Test("a secret has an end, ends with the next one, and is sent five times a day at most")
    func ends() async throws {
        try await GuardTown.each { town in
            let (draft, own) = try await objected(town)
            func send() async throws -> String {
                try await town.desk.sendTakeBack(own.secret, occasion: town.occasion(GuardTown.anyone))
                return try #require(try await town.takeBacks(of: draft).last?.secret)
            }
            func refused(_ secret: String, _ error: CaseError) async {
                await #expect(throws: error) {
                    try await town.desk.takeBackObjection(
                        secret,
                        occasion: town.occasion(GuardTown.anyone)
                    )
                }
            }
            let first = try await send()
            let second = try await send()
            await refused(first, .linkUnknown)
            try await town.town.move(to: town.town.clock.now + 24 * Instant.hour)
            await refused(second, .linkExpired)
            #expect(try await town.takeBacks(of: draft).isEmpty)
            for _ in 0..<5 { _ = try await send() }
            for _ in 0..<3 {
                await #expect(throws: CaseError.tooManyLinks(max: 5)) { _ = try await send() }
            }
            // The applicant's own reminders are counted apart.
            let key = own.signer
            _ = try await town.desk.renewLink(draft.id, signer: key, occasion: town.occasion())
            try await town.requireStopped(draft)
            try await town.town.move(to: town.town.clock.now + 25 * Instant.hour)
            let last = try await send()
            try await town.desk.takeBackObjection(last, occasion: town.occasion(GuardTown.anyone))
            #expect(try await states(draft, town) == [.retracted])
        }
    }

    @Test("a telephone that the applicant calls his own proves nothing")
    func notByTelephone() async throws {
        try await GuardTown.each { town in
            let phone = town.data["applicant"]["phone"].text ?? ""
            let shared = town.changed(town.data, ["phone": phone])
            let (draft, links) = try await town.asked(town.reserve(shared))
            let own = try #require(links[GuardTown.named])
            try await town.object(own)
            #expect(try await town.desk.objector(own.secret).hasTelephone == false)
            await #expect(throws: CaseError.takeBackAtCounter) {
                try await town.desk.sendTakeBack(own.secret, occasion: town.occasion(GuardTown.anyone))
            }
            try await town.requireStopped(draft)
        }
    }

    @Test("once it was handed in, what is said is the authority's to settle")
    func handedIn() async throws {
        try await GuardTown.each { town in
            let (handed, links) = try await town.inReview()
            let own = try #require(links[GuardTown.named])
            try await town.object(own)
            let objector = try await town.desk.objector(own.secret)
            let number = try #require(objector.last?.number)
            #expect(objector.hasTelephone && !objector.mayTakeBack)
            let late = CaseError.notAllowed(event: .askSignatures, in: .review)
            await #expect(throws: late) {
                try await town.desk.sendTakeBack(own.secret, occasion: town.occasion(GuardTown.anyone))
            }
            await #expect(throws: late) {
                try await town.desk.takeBackAtCounter(
                    handed.id,
                    objection: number,
                    evidence: evidence(),
                    occasion: town.occasion(clerk)
                )
            }
            #expect(try await states(handed, town) == [.open])
        }
    }

    private func evidence(
        isSeen: Bool = true,
        name: String = "李文博",
        number: String = GuardTown.named,
        words: String = "身份证原件"
    ) -> ObjectorEvidence {
        ObjectorEvidence(isSeen: isSeen, name: name, idNumber: number, words: words)
    }

    @Test(
        "at the counter, with the document of the one who objected: recorded, told, and another clerk examines it"
    )
    func counter() async throws {
        try await GuardTown.each { town in
            let (draft, own) = try await objected(town)
            // Not even a new name in the form makes another the objector.
            let data = try await town.desk.read(draft.id).data
            _ = try await town.save(draft, town.changed(data, ["name": "李文驳"]))
            let number = try #require(try await town.desk.objector(own.secret).last?.number)
            func act(_ evidence: ObjectorEvidence, _ number: String, by actor: Actor? = nil) async throws
                -> CounterRecord
            {
                try await town.desk.takeBackAtCounter(
                    draft.id,
                    objection: number,
                    evidence: evidence,
                    occasion: town.occasion(actor ?? clerk)
                )
            }
            let wrong: [(ObjectorEvidence, CaseError)] = [
                (evidence(isSeen: false), .proofMissing), (evidence(name: " "), .reasonMissing),
                (evidence(words: " "), .reasonMissing),
                (evidence(number: "150203198510120010"), .objectorDiffers),
                (evidence(number: ""), .objectorDiffers),
            ]
            for (evidence, refusal) in wrong {
                await #expect(throws: refusal) { _ = try await act(evidence, number) }
            }
            await #expect(throws: CaseError.linkUnknown) { _ = try await act(evidence(), "Y0000000000") }
            for actor in [GuardTown.founder, GuardTown.anyone] {
                await #expect(throws: CaseError.notYours) {
                    _ = try await act(evidence(), number, by: actor)
                }
            }
            #expect(try await states(draft, town) == [.open])
            let record = try await act(evidence(number: " 150203199003030023 "), number.lowercased())
            #expect(record.capacity == .objector && record.clerk == clerk.id && record.papers.isEmpty)
            #expect(try await states(draft, town) == [.retracted])
            let (kept, isMade) = try await town.database.read { reader in
                (
                    try CounterRecordStore.of(draft.id, in: reader),
                    try CounterRecordStore.isMade(by: clerk.id, in: draft.id, reader)
                )
            }
            #expect(kept == [record] && isMade)
            let told = try await town.messages(of: draft, "objection-taken-back")
            #expect(told.map(\.phone) == [Self.phone])
            await #expect(throws: CaseError.linkUnknown) { _ = try await act(evidence(), number) }
        }
    }

    @Test(
        "for a firm it is the document of the human who objected for it, not of the one who stands there now"
    )
    func counterOfFirm() async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await town.asked(town.withFirm())
            let own = try #require(links["91150203MA0DEM013P"])
            try await town.object(own)
            _ = try await town.save(draft, town.withFirm(signer: "李文博", number: GuardTown.named))
            let number = try #require(try await town.desk.objector(own.secret).last?.number)
            func act(_ evidence: ObjectorEvidence) async throws {
                try await town.desk.takeBackAtCounter(
                    draft.id,
                    objection: number,
                    evidence: evidence,
                    occasion: town.occasion(clerk)
                )
            }
            await #expect(throws: CaseError.objectorDiffers) { try await act(evidence()) }
            try await act(evidence(name: "赵青", number: "150203197506060014"))
            #expect(try await states(draft, town) == [.retracted])
        }
    }

    @Test("three bad pictures while signing leave both ways of taking back as they are")
    func afterBadPictures() async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await town.asked(town.reserve(town.data))
            let own = try #require(links[GuardTown.named])
            let anyone = town.occasion(GuardTown.anyone)
            for _ in 0..<3 {
                _ = try await town.desk.verifyFace(own.secret, sample: "score:300", occasion: anyone)
            }
            for isAtCounter in [true, false] {
                try await town.object(own)
                let number = try #require(try await town.desk.objector(own.secret).last?.number)
                if isAtCounter {
                    try await town.desk.takeBackAtCounter(
                        draft.id,
                        objection: number,
                        evidence: evidence(),
                        occasion: town.occasion(clerk)
                    )
                } else {
                    try await town.desk.sendTakeBack(own.secret, occasion: anyone)
                    let sent = try #require(try await town.takeBacks(of: draft).last)
                    try await town.desk.takeBackObjection(sent.secret, occasion: anyone)
                }
            }
            #expect(try await states(draft, town) == [.retracted, .retracted])
            let signer = try await town.state(draft).signers.first { $0.key == own.signer }
            #expect(signer?.state == .inPerson && signer?.faceTries == 3)
        }
    }
}
