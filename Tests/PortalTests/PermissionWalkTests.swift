import Cases
import FaceSupport
import Foundation
import Identity
import Kernel
import Server
import Storage
import Testing

@testable import Web

/// Everything that can be done with a case, through both faces, at every real-name level.
@Suite("who may do what is one table for pages and calls", .serialized)
struct PermissionWalkTests {
    private struct Act {
        /// As the route says it: `POST /drafts/{id}/sign`.
        let route: String
        let operation: String
        var fields: [String: String] = [:]
        var body: JSON = [:]
    }

    private static let acts: [Act] = [
        Act(route: "POST /apply/{item}", operation: "case.start", fields: ["district": "150203"]),
        Act(route: "POST /drafts/{id}/name", operation: "case.draft"),
        Act(route: "POST /drafts/{id}/name/use", operation: "case.draft", fields: ["brand": "远帆"]),
        Act(route: "POST /drafts/{id}/name/reserve", operation: "name.reserve", fields: ["promise": "yes"]),
        Act(route: "POST /drafts/{id}/{page}", operation: "case.draft"),
        Act(route: "POST /drafts/{id}/sign", operation: "case.sign"),
        Act(route: "POST /drafts/{id}/discard", operation: "case.draft", fields: ["version": "1"]),
        Act(route: "POST /cases/{number}/signers", operation: "case.sign"),
        Act(route: "POST /cases/{number}/signers/renew", operation: "case.sign", fields: ["signer": "x"]),
        Act(route: "POST /cases/{number}/submit", operation: "case.submit"),
        Act(route: "POST /cases/{number}/again", operation: "case.start"),
        Act(route: "POST /cases/{number}/withdraw", operation: "case.withdraw", fields: ["version": "1"]),
        Act(
            route: "POST /cases/{number}/lines/{line}",
            operation: "case.line",
            fields: ["act": "declined"]
        ),
        Act(route: "POST /cases/{number}/services/{step}", operation: "case.line"),
        Act(
            route: "POST /api/v1/cases",
            operation: "case.start",
            body: ["item": "llc", "region": "150203"]
        ),
        Act(
            route: "PUT /api/v1/cases/{id}/data",
            operation: "case.draft",
            body: ["version": 1, "data": ["district": "150203"]]
        ),
        Act(route: "POST /api/v1/cases/{id}/files", operation: "case.draft"),
        Act(route: "POST /api/v1/cases/{id}/signatures", operation: "case.sign"),
        Act(route: "POST /api/v1/cases/{id}/submission", operation: "case.submit"),
        Act(
            route: "POST /api/v1/cases/{id}/withdrawal",
            operation: "case.withdraw",
            body: ["version": 1]
        ),
        Act(
            route: "POST /api/v1/names",
            operation: "name.reserve",
            body: [
                "type": "llc", "district": "150203",
                "name": ["division": "包头市昆都仑区", "brand": "远帆", "trade": "商贸", "form": "有限公司"],
            ]
        ),
    ]

    /// What changes nothing of a case but at most the visitor's own account, or asks for a secret instead of a person.
    private static let others: Set<String> = [
        "POST /sign-in", "POST /sign-in/code", "POST /sign-in/phone", "POST /sign-in/phone/code",
        "POST /sign-up", "POST /account/real-name", "POST /sign-out", "POST /account/password",
        "POST /account/factor", "POST /account/acting",
        "POST /account/factor/start", "POST /account/factor/end", "POST /account/factor/move",
        "POST /account/factor/recovery", "POST /account/sessions/end",
        "POST /account/sessions/{session}/end",
        "POST /preferences", "POST /progress", "POST /verify", "POST /verify/certificate",
        "POST /verify/file", "POST /drafts/{id}/seal",
        "POST /sign/{secret}/face", "POST /sign/{secret}/elsewhere",
        "POST /sign/{secret}/sign", "POST /sign/{secret}/objection",
        "POST /sign/{secret}/objection/take-back", "POST /objections/{secret}",
        "POST /wallet/{code}/tasks/{task}", "POST /wallet/{code}/rights",
        "POST /wallet/{code}/rights/{right}/end", "POST /cases/{number}/papers/{paper}/read",
        "POST /cases/{number}/archive",
        "POST /api/v1/names/check", "POST /api/v1/progress", "POST /api/v1/credentials/verification",
        "POST /api/v1/register/verification", "POST /api/v1/licences/presentation", "POST /present",
        "POST /api/v1/licences/copies/verification", "POST /api/v1/licences/types",
        "POST /api/v1/licences/search", "POST /api/v1/licences/data", "POST /api/v1/licences/file",
        "POST /api/v1/licences/recognition",
        "POST /wallet/{code}/files/{credential}/present", "POST /wallet/{code}/files/{credential}/copy",
        // Whose certificate it is is asked in the page and in the engine.
        "POST /certificates", "POST /certificates/{certificate}/sign",
        "POST /certificates/{certificate}/renew", "POST /certificates/{certificate}/revoke",
        "POST /api/v1/timestamps",
        // The firm's right is asked in the page, and who may do what with a seal in the engine.
        "POST /wallet/{code}/engraving", "POST /wallet/{code}/seals",
        "POST /wallet/{code}/seals/{seal}/state",
        "POST /wallet/{code}/seals/{seal}/permits", "POST /wallet/{code}/seals/{seal}/permits/{permit}/end",
        "POST /wallet/{code}/seals/{seal}/requests",
        "POST /wallet/{code}/seals/{seal}/requests/{request}/code",
        "POST /wallet/{code}/seals/{seal}/requests/{request}/decide",
        "POST /wallet/{code}/seals/{seal}/requests/{request}/sign",
        "POST /wallet/{code}/seals/{seal}/requests/{request}/compare",
        "POST /wallet/{code}/seals/{seal}/requests/{request}/withdraw",
        // Nobody pays another's bill: the engine knows its payer.
        "POST /bills/{bill}/pay",
    ]

    private func path(_ act: Act, _ subject: Case) -> String {
        let path = act.route.split(separator: " ").last.map(String.init) ?? ""
        let values = [
            "{id}": subject.id.rawValue, "{number}": subject.number, "{item}": "llc", "{page}": "capital",
            "{line}": "01J00000000000000000000000", "{step}": "bank",
        ]
        return values.reduce(path) { $0.replacingOccurrences(of: $1.key, with: $1.value) }
    }

    private func status(_ act: Act, _ town: FaceTown, _ founder: String) async throws -> Int {
        let subject = try await town.platform.desk.start(
            system: "company-opening",
            item: "llc",
            region: "150203",
            channel: .online,
            data: ["district": "150203", "type": "llc"],
            occasion: try await town.occasion(of: founder)
        )
        let path = path(act, subject)
        guard path.hasPrefix("/api/") else {
            return try await town.post(path, act.fields, as: founder).status
        }
        let method = act.route.split(separator: " ").first.map(String.init) ?? ""
        let key = ["idempotency-key": Base32.encode(SystemEntropy().bytes(15))]
        return try await town.call(method, path, act.body, as: founder, headers: key).status
    }

    @Test("every act at every level, page and call alike, as the table says")
    func walk() async throws {
        try await FaceTown.open { town in
            let table = try PermissionTable(home: Home.find())
            for level in RealNameLevel.allCases {
                let founder = level == .face ? "zhangsan" : "sunqi"
                if level == .confirmed { try await town.verify(founder, as: level) }
                for act in Self.acts {
                    let principal = Principal.person(ID("f"), level: level, isAgent: false, acting: nil)
                    let may = (try? table.scope(act.operation, of: principal)) != nil
                    let status = try await status(act, town, founder)
                    #expect(
                        (status == 403) == !may,
                        "\(act.route) as \(act.operation) at \(level.rawValue): \(status)"
                    )
                }
            }
        }
    }

    @Test("no act that changes something is left out of the walk")
    func whole() async throws {
        try await FaceTown.open { town in
            let changing = town.site.table.routes.filter {
                $0.method != .get && !$0.path.hasPrefix("/desk/")
            }.map { "\($0.method.rawValue) \($0.path)" }
            let known = Set(Self.acts.map(\.route)).union(Self.others)
            #expect(Set(changing).subtracting(known).sorted() == [])
            #expect(known.subtracting(changing).sorted() == [])
        }
    }
}
