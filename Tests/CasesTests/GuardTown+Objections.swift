import Correspondence
import Kernel
import Server
import Simulators
import Storage
import Testing

@testable import Cases

/// Who objects, who is dropped, who decides: what the tests of objections do.
extension GuardTown {
    static let named = "150203199003030023"

    /// The form with something else said of one person, wherever he stands.
    func changed(_ data: JSON, _ changes: [String: String]) -> JSON {
        func walk(_ value: JSON) -> JSON {
            switch value {
            case .array(let elements): return .array(elements.map(walk))
            case .object(var members):
                if members["idNumber"]?.text == Self.named {
                    for (key, text) in changes where members[key] != nil { members[key] = .string(text) }
                }
                return .object(members.mapValues(walk))
            case .null, .bool, .number, .string: return value
            }
        }
        return walk(data)
    }

    /// Somebody else in his place.
    func without(_ data: JSON) -> JSON {
        changed(data, ["name": "赵青", "idNumber": "150203197506060014", "phone": "13800007777"])
    }

    func asked(_ data: JSON? = nil) async throws -> (Case, [String: SigningLink]) {
        let draft = try await start(data)
        let links = try await desk.askSignatures(draft.id, occasion: occasion())
        return (draft, try await byNumber(links, of: draft))
    }

    /// Links by the document of whom they were sent.
    func byNumber(_ links: [SigningLink], of draft: Case) async throws -> [String:
        SigningLink]
    {
        let numbers = try await state(draft).signers.map { ($0.key, $0.idNumber) }
        let byKey = Dictionary(uniqueKeysWithValues: numbers)
        return Dictionary(uniqueKeysWithValues: links.map { (byKey[$0.signer] ?? "", $0) })
    }

    func object(_ link: SigningLink) async throws {
        try await desk.object(
            link.secret,
            text: "我没有同意",
            occasion: occasion(Self.anyone)
        )
    }

    func requireStopped(_ draft: Case) async throws {
        await #expect(throws: CaseError.objected) {
            try await desk.submit(draft.id, occasion: occasion())
        }
        let all = try await database.read { try ObjectionStore.of(draft.id, in: $0) }
        #expect(all.map(\.state) == [.open])
    }

    /// A case in review, because of a supervisor whose name the courts list without a number.
    func inReview() async throws -> (Case, [String: SigningLink]) {
        var data = try await reserve(self.data)
        data["supervisors"] = [
            [
                "name": "李同名", "idKind": "resident-id", "idNumber": "150203198803030019",
                "phone": "13800010001", "idForever": true, "nationality": "CHN", "position": "supervisor",
            ]
        ]
        let (draft, links) = try await asked(data)
        try await sign(Array(links.values))
        let handed = try await desk.submit(draft.id, occasion: occasion())
        try #require(handed.state == .review)
        return (handed, links)
    }

    /// The secrets by which an objection can be taken back, as they were sent, oldest first.
    func takeBacks(of draft: Case) async throws -> [(phone: String, secret: String)] {
        try await messages(of: draft, "objection-link").filter { !$0.link.isEmpty }.map {
            ($0.phone ?? "", String($0.link.dropFirst("/objections/".count)))
        }
    }

    func messages(of draft: Case, _ template: String) async throws -> [Message] {
        try await database.read { try CorrespondenceStore.messages(case: draft.number, in: $0) }.filter {
            $0.template == template
        }
    }

    /// The clerk who has the case looked into an objection.
    @discardableResult
    func settle(_ handed: Case, _ number: String, as inquiry: ObjectionInquiry) async throws -> Case {
        try await desk.settleObjection(
            handed.id,
            number: number,
            as: inquiry,
            version: handed.version,
            reason: "已当面核实",
            occasion: occasion(Actor(.staff, id: "clerk", role: "registrar"))
        )
    }

    /// A member of staff claims a case and grants it.
    @discardableResult
    func grant(_ handed: Case, on desk: CaseDesk, isClaimed: Bool = false) async throws -> Case {
        let clerk = occasion(Actor(.staff, id: "clerk", role: "registrar"))
        if !isClaimed {
            try await desk.claim(handed.id, step: "review", version: handed.version, occasion: clerk)
        }
        return try await desk.grant(handed.id, version: handed.version, reason: "已核实", occasion: clerk)
    }
}
