import Audit
import Cases
import Changes
import FaceSupport
import Kernel
import Server
import Storage
import TestSupport
import Testing

@testable import API

/// The change feed as other systems read it.
@Suite("changes", .serialized)
struct ChangeCallTests {
    /// What pages and the stream tell somebody, from the beginning.
    private func told(_ town: FaceTown, as login: String, limit: Int = 3) async throws -> [JSON] {
        var (changes, after) = ([JSON](), Int64(-1))
        while true {
            let answer = try await town.call(
                "GET",
                "/api/v1/changes?after=\(after)&limit=\(limit)",
                as: login
            )
            #expect(answer.status == 200)
            changes += answer.json["changes"].elements
            after = answer.json["next"].int ?? 0
            if after == answer.json["latest"].int { return changes }
        }
    }

    @Test(
        "pages and the stream tell of a founding, each official of what is in his reach, and no personal text"
    )
    func whole() async throws {
        for engine in DatabaseEngine.allCases {
            try await FaceTown.open(on: engine) { town in
                let granted = try await town.granted("阴山", of: "zhangsan")
                try await town.platform.keeper.round()
                let changes = try await told(town, as: "head")
                let names = changes.compactMap { $0["name"].text }
                #expect(names.contains("case.submitted") && names.contains("case.granted"), "\(names)")
                #expect(names.contains("credential.issued") && names.contains { $0.hasPrefix("register.") })
                #expect(!names.contains("case.started"), "a draft is nobody's but the applicant's")
                let about = changes.filter { $0["object"].text == granted.object }
                #expect(about.allSatisfy { $0["facts"]["case"].text == granted.id.rawValue })
                let all = JSON.array(changes).canonical
                for secret in ["张", "13800001234", "150203198510120010", "阴山"] {
                    #expect(!all.contains(secret), "\(secret)")
                }
                // The same by server-sent events, and from a cursor on.
                let stream = try await town.get("/api/v1/changes/stream?seconds=0", as: "head").text
                func data(_ text: String) -> [String] {
                    text.split(separator: "\n").filter { $0.hasPrefix("data: ") }.map {
                        String($0.dropFirst(6))
                    }
                }
                #expect(data(stream) == changes.map(\.canonical))
                let last = try #require(changes.dropLast(2).last?["sequence"].int)
                let rest = try await town.get(
                    "/api/v1/changes/stream?seconds=0&after=0",
                    as: "head",
                    headers: ["last-event-id": "\(last)"]
                )
                #expect(data(rest.text).count == 2, "Last-Event-ID stands above the address")
                #expect(rest.headers["content-type"] == "text/event-stream")
                #expect(rest.headers["content-length"] == nil && rest.headers["cache-control"] == "no-store")
                // Elsewhere nothing of it is told.
                #expect(try await told(town, as: "registrar-huimin").isEmpty)
                #expect(try await told(town, as: "supervisor") == changes)
            }
        }
    }

    @Test("a caller has so many streams, and all of them have so many; who leaves makes room")
    func bounded() throws {
        let listeners = ChangeListeners()
        let limits = FeedLimits(
            look: 1,
            streams: 3,
            streamsOfCaller: 2,
            streamSeconds: 1,
            heartbeatSeconds: 1
        )
        func enter(_ id: String) throws -> ChangeListeners.Seat {
            try listeners.enter(Actor(.staff, id: id, role: "head"), limits)
        }
        var seats = [try enter("a"), try enter("a")]
        #expect(throws: ChangesError.tooManyOfCaller(max: 2)) { try enter("a") }
        seats.append(try enter("b"))
        #expect(throws: ChangesError.tooManyListeners(max: 3)) { try enter("c") }
        #expect(ChangesError.tooManyOfCaller(max: 2).status == .tooMany)
        #expect(ChangesError.tooManyListeners(max: 3).status == .unavailable)
        seats.removeFirst()
        seats.append(try enter("c"))
        #expect(seats.count == 3)
    }
}
