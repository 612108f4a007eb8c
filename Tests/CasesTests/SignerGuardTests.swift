import Simulators
import Server
import Kernel
import Storage
import Testing

@testable import Cases

@Suite("signers that are exchanged, links that are sent, tries that are taken", .serialized)
struct SignerGuardTests {
    private static let key = "李文博"

    /// The example with another telephone or name for 李文博, wherever he stands.
    private func changed(_ data: JSON, name: String? = nil, phone: String? = nil) -> JSON {
        func walk(_ value: JSON) -> JSON {
            switch value {
            case .array(let elements): return .array(elements.map(walk))
            case .object(var members):
                if members["idNumber"]?.text == "150203199003030023" {
                    if let name { members["name"] = .string(name) }
                    if let phone { members["phone"] = .string(phone) }
                }
                return .object(members.mapValues(walk))
            case .null, .bool, .number, .string: return value
            }
        }
        return walk(data)
    }

    private func signed(_ town: GuardTown) async throws -> (subject: Case, links: [String: String]) {
        let draft = try await town.start()
        let links = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
        try await town.sign(links)
        let names = try await town.state(draft).signers.map { ($0.key, $0.name) }
        let byKey = Dictionary(uniqueKeysWithValues: names)
        return (
            draft,
            Dictionary(uniqueKeysWithValues: links.map { (byKey[$0.signer] ?? "", $0.secret) })
        )
    }

    @Test(
        "another name or telephone is another signer: no check, no link, no signature of before counts",
        arguments: [("李文驳", nil), (nil, "13900000001")] as [(String?, String?)]
    )
    func exchanged(name: String?, phone: String?) async throws {
        try await GuardTown.each { town in
            let (subject, links) = try await signed(town)
            #expect(try await town.state(subject).isComplete)
            let old = try #require(links[Self.key])
            let saved = try await town.save(subject, changed(town.data, name: name, phone: phone))
            #expect(saved.voided > 0)
            let closed = try #require(
                try await town.state(subject).signers.first { $0.idNumber == "150203199003030023" }
            )
            #expect(closed.verifiedAt == nil && closed.state == .invited && closed.isLinkClosed)
            #expect(closed.name == name ?? Self.key && closed.phone == phone ?? "13800002345")
            #expect(try await town.state(subject).isComplete == false)
            let anyone = town.occasion(GuardTown.anyone)
            await #expect(throws: CaseError.linkUnknown) {
                try await town.desk.openLink(old, occasion: anyone)
            }
            let again = try await town.desk.askSignatures(subject.id, occasion: town.occasion())
            // Another name stands in everybody's papers, so everybody is asked anew.
            #expect(name == nil ? again.map(\.signer) == [closed.key] : again.count == 3)
            let secret = try #require(again.first { $0.signer == closed.key }?.secret)
            await #expect(throws: CaseError.notVerified) {
                try await town.desk.sign(secret, proof: nil, occasion: anyone)
            }
            try await town.sign(again)
            // Whose papers did not change need not sign again; a paper that names another person is another paper.
            if name == nil { #expect(try await town.state(subject).isComplete) }
        }
    }

    @Test(
        "the same is noticed when signatures are asked for, and a number of another document is another person"
    )
    func asked() async throws {
        try await GuardTown.each { town in
            let draft = try await town.start()
            _ = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
            let before = try await town.state(draft).signers
            _ = try await town.save(draft, changed(town.data, phone: "13900000001"))
            let made = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
            #expect(made.count == 1)
            let after = try await town.state(draft).signers
            #expect(Set(before.map(\.link)).intersection(after.map(\.link)).count == before.count - 1)
            #expect(try await town.desk.askSignatures(draft.id, occasion: town.occasion()).isEmpty)
        }
    }

    @Test("a signer gets five links a day, whoever asks for them and how")
    func cap() async throws {
        try await GuardTown.each { town in
            let draft = try await town.start()
            let links = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
            let key = try #require(links.first?.signer)
            for _ in 0..<4 {
                _ = try await town.desk.renewLink(draft.id, signer: key, occasion: town.occasion())
            }
            let link = try await town.state(draft).signers.first { $0.key == key }?.link
            for _ in 0..<40 {
                await #expect(throws: CaseError.tooManyLinks(max: 5)) {
                    _ = try await town.desk.renewLink(draft.id, signer: key, occasion: town.occasion())
                }
            }
            #expect(try await town.state(draft).signers.first { $0.key == key }?.link == link)
            try await town.town.move(to: town.town.clock.now + 25 * Instant.hour)
            _ = try await town.desk.renewLink(draft.id, signer: key, occasion: town.occasion())
        }
    }

    @Test("one telephone gets twenty links a day, in whichever cases")
    func phoneCap() async throws {
        try await GuardTown.each { town in
            var sent = 0
            await #expect(throws: CaseError.tooManyLinks(max: 20)) {
                while sent < 50 {
                    let draft = try await town.start()
                    _ = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
                    sent += 1
                }
            }
            #expect(sent == 20)
        }
    }

    @Test("many faces shown at once are many tries")
    func parallelFaces() async throws {
        try await GuardTown.each { town in
            let draft = try await town.start()
            let link = try #require(
                try await town.desk.askSignatures(draft.id, occasion: town.occasion()).first
            )
            let anyone = town.occasion(GuardTown.anyone)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        _ = try? await town.desk.verifyFace(
                            link.secret,
                            sample: "score:300",
                            occasion: anyone
                        )
                    }
                }
            }
            #expect(try town.town.town.party("police-face").journal().count == 3)
            let signer = try await town.state(draft).signers.first { $0.key == link.signer }
            #expect(signer?.faceTries == 3 && signer?.state == .inPerson)
            await #expect(throws: CaseError.notVerified) {
                _ = try await town.desk.verifyFace(link.secret, sample: "score:950", occasion: anyone)
            }
        }
    }

    @Test("what the police did not answer is no try, and a good face leaves none behind")
    func unanswered() async throws {
        try await GuardTown.each { town in
            let draft = try await town.start()
            let link = try #require(
                try await town.desk.askSignatures(draft.id, occasion: town.occasion()).first
            )
            let anyone = town.occasion(GuardTown.anyone)
            try town.town.town.party("police-face").set("down")
            for _ in 0..<5 {
                let signer = try await town.desk.verifyFace(
                    link.secret,
                    sample: "score:950",
                    occasion: anyone
                ).signer
                #expect(signer.faceTries == 0 && signer.verifiedAt == nil)
            }
            try town.town.town.party("police-face").set("up")
            let signer = try await town.desk.verifyFace(link.secret, sample: "score:950", occasion: anyone)
                .signer
            #expect(signer.faceTries == 0 && signer.state == .verified)
        }
    }

    @Test(
        "who is dropped and named again comes back with the tries he had: with none left he is asked for no face"
    )
    func namedAgain() async throws {
        try await GuardTown.each { town in
            let (draft, links) = try await town.asked()
            let own = try #require(links[GuardTown.named])
            func comeBack(_ data: JSON) async throws -> Signer {
                _ = try await town.save(draft, town.without(town.data))
                _ = try await town.save(draft, data)
                _ = try await town.desk.askSignatures(draft.id, occasion: town.occasion())
                return try #require(try await town.state(draft).signers.first { $0.key == own.signer })
            }
            for tries in 1...3 {
                _ = try await town.desk.verifyFace(
                    own.secret,
                    sample: "score:300",
                    occasion: town.occasion(GuardTown.anyone)
                )
                let back = try await comeBack(town.data)
                #expect(back.faceTries == tries && back.state == (tries < 3 ? .invited : .inPerson))
            }
            // Seen in person he signs; dropped and named again he still may.
            _ = try await town.desk.identifiedInPerson(
                draft.id,
                signer: own.signer,
                reason: "证件原件",
                occasion: town.occasion(Actor(.staff, id: "clerk", role: "registrar"))
            )
            let seen = try await comeBack(town.data)
            #expect(seen.state == .inPerson && seen.verifiedAt != nil)
            // Under another telephone it begins anew, and the tries are used up still.
            let moved = try await comeBack(town.changed(town.data, ["phone": "13900000001"]))
            #expect(moved.state == .inPerson && moved.verifiedAt == nil)
        }
    }
}
