import Cases
import FaceSupport
import Foundation
import Identity
import Kernel
import Server
import Storage
import TestSupport
import Testing

/// A claimed case does not hang on one person: the head gives it into other hands, and so does the end of a post.
@Suite("claimed cases in other hands", .serialized)
struct HandOverTests {
    private func act(
        _ name: String,
        _ id: ID<Case>,
        _ town: FaceTown,
        as login: String,
        fields more: [String: String] = [:]
    ) async throws -> FaceTown.Answer {
        var fields = more
        fields["version"] = String(try await town.platform.desk.read(id).version)
        return try await town.post("/desk/cases/\(id)/\(name)", fields, as: login)
    }

    private func holder(_ id: ID<Case>, _ town: FaceTown) async throws -> String? {
        try await town.platform.database.read { reader in
            guard let staff = try StepStore.find("review", of: id, in: reader)?.assignee else { return nil }
            return try StaffRegister.find(ID(staff), in: reader)?.name
        }
    }

    private func staff(_ login: String, _ town: FaceTown) async throws -> String {
        try await town.session(login).principal.actor.id
    }

    @Test(
        "the head puts a claimed case back, or gives it to a colleague, with a reason; the clerk cannot",
        arguments: DatabaseEngine.allCases
    )
    func handedOver(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let review = try await town.inReview("塞上", of: "zhangsan")
            #expect(try await act("claim", review.id, town, as: "registrar").status == 303)
            let page = try await town.get("/desk/cases/\(review.id)", as: "head").text
            #expect(page.contains("/hand-over") && page.contains("accesskey=\"m\""))
            #expect(page.contains("<option value=\"pool\">待办池</option>") && page.contains("陈刚</option>"))
            #expect(!page.contains("白雪</option>"), "she has it already")
            let clerks = try await town.get("/desk/cases/\(review.id)", as: "registrar").text
            #expect(!clerks.contains("/hand-over"))
            let pool = ["colleague": "pool", "reason": "白雪病假"]
            #expect(try await act("hand-over", review.id, town, as: "registrar", fields: pool).status == 403)
            #expect(try await act("hand-over", review.id, town, as: "head").status == 422)
            let bare = ["colleague": "pool", "reason": " "]
            #expect(try await act("hand-over", review.id, town, as: "head", fields: bare).status == 422)
            let stranger = ["colleague": try await staff("registrar-huimin", town), "reason": "请办理"]
            #expect(try await act("hand-over", review.id, town, as: "head", fields: stranger).status == 422)
            let same = ["colleague": try await staff("registrar", town), "reason": "请办理"]
            #expect(try await act("hand-over", review.id, town, as: "head", fields: same).status == 409)
            let stale = pool.merging(["version": String(review.version - 1)]) { $1 }
            let place = "/desk/cases/\(review.id)/hand-over"
            #expect(try await town.post(place, stale, as: "head").status == 409)
            #expect(try await holder(review.id, town) == "白雪")
            #expect(try await act("hand-over", review.id, town, as: "head", fields: pool).status == 303)
            #expect(try await holder(review.id, town) == nil)
            let late = try await act("grant", review.id, town, as: "registrar", fields: ["reason": "同意"])
            #expect(late.status == 409, "what was taken from her she no longer decides")
            let free = try await town.get("/desk/cases/\(review.id)", as: "registrar").text
            #expect(free.contains("白雪 → 待办池 · 白雪病假") && free.contains("accesskey=\"c\""))
            let back = ["colleague": try await staff("registrar", town), "reason": "已返岗"]
            #expect(try await act("hand-over", review.id, town, as: "head", fields: back).status == 303)
            #expect(try await holder(review.id, town) == "白雪")
            let founder = try await town.get("/cases/\(review.number)", as: "zhangsan").text
            #expect(!founder.contains("病假") && !founder.contains("转办"), "no business of the applicant")
        }
    }

    @Test("a colleague stands in the list once, and not when the account is shut; then nothing goes there")
    func shut() async throws {
        try await FaceTown.open { town in
            let review = try await town.inReview("塞上", of: "zhangsan")
            #expect(try await act("claim", review.id, town, as: "head").status == 303)
            let settings = town.platform.settings
            func listed() async throws -> Int {
                let page = try await town.get("/desk/cases/\(review.id)", as: "head").text
                return page.components(separatedBy: "白雪</option>").count - 1
            }
            _ = try await Maintenance(settings, by: Operator(user: "root")).giveStaffPost(
                "registrar",
                role: .head,
                agency: "NMSCJG",
                region: "150203",
                from: nil,
                until: nil,
                basis: "任字2号"
            )
            #expect(try await listed() == 1)
            _ = try await Maintenance(settings, by: Operator(user: "root"))
                .closeStaff("registrar", reason: "离职")
            #expect(try await listed() == 0)
            let account = try await town.platform.database.read { reader in
                try Accounts.find(
                    login: .name("registrar"),
                    keys: town.platform.identityKeys,
                    in: reader
                )
            }
            let gone = ["colleague": try #require(account).holder, "reason": "请办理"]
            #expect(try await act("hand-over", review.id, town, as: "head", fields: gone).status == 422)
            #expect(try await holder(review.id, town) == "陈刚")
        }
    }

    @Test(
        "whoever may decide may also see what he decides on: the head opens file and paper, returns and hands over",
        arguments: DatabaseEngine.allCases
    )
    func head(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let proof = Array("%PDF-1.4\n%%EOF\n".utf8)
            let review = try await town.inReview("塞上", of: "zhangsan", proof: proof)
            #expect(try await act("claim", review.id, town, as: "head").status == 303)
            let page = try await town.get("/desk/cases/\(review.id)", as: "head").text
            for key in ["g", "r", "x", "t", "l", "v", "m"] {
                #expect(page.contains("accesskey=\"\(key)\""), "Alt+\(key)")
            }
            let file = try #require(page.split(separator: "\"").first { $0.contains("/files/") })
            #expect(try await town.get(String(file), as: "head").status == 200)
            let paper = try #require(page.split(separator: "\"").first { $0.contains("/papers/") })
            #expect(try await town.get(String(paper), as: "head").status == 200)
            let list = ["what-1": "请补正住所证明", "why-1": "租约未签字", "how-1": "上传签字的租约"]
            #expect(try await act("return", review.id, town, as: "head", fields: list).status == 303)
            #expect(try await town.platform.desk.read(review.id).state == .returned)
        }
    }

    @Test(
        "with a shut account or an ended post claimed cases go back to the pool, the colleague's stay",
        arguments: DatabaseEngine.allCases
    )
    func ended(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let first = try await town.inReview("塞上", of: "zhangsan")
            let second = try await town.inReview("漠南", of: "lisi")
            #expect(try await act("claim", first.id, town, as: "registrar").status == 303)
            #expect(try await act("claim", second.id, town, as: "head").status == 303)
            let today = town.town.clock.now.date
            func operate<Result>(_ body: (Maintenance) async throws -> Result) async throws -> Result {
                try await body(
                    try await Maintenance(town.platform.settings, by: Operator(user: "root"))
                )
            }
            await #expect(throws: IdentityError.unknownLogin("nobody")) {
                try await operate { try await $0.closeStaff("nobody", reason: "离职") }
            }
            await #expect(throws: IdentityError.unknownLogin("zhangsan")) {
                try await operate { try await $0.closeStaff("zhangsan", reason: "离职") }
            }
            // The last day is worked to its end.
            let kept = try await operate {
                try await $0.endStaffPost("registrar", role: .registrar, region: nil, on: today, reason: "调任")
            }
            #expect(kept == 0)
            try await town.platform.housekeeping.run()
            #expect(try await holder(first.id, town) == "白雪")
            try await town.pass(Instant.day)
            try await town.platform.housekeeping.run()
            #expect(try await holder(first.id, town) == nil)
            #expect(try await holder(second.id, town) == "陈刚")
            let freed = try await operate { try await $0.closeStaff("head", reason: "退休") }
            #expect(freed == 1)
            #expect(try await holder(second.id, town) == nil)
            let acts = try await town.platform.database.read { reader in
                try [first.id, second.id].map {
                    try HappeningStore.timeline(of: $0, publicOnly: false, in: reader).last?.act
                }
            }
            #expect(acts == ["claim-ended", "claim-ended"])
            await #expect(throws: IdentityError.postNotHeld(login: "registrar", role: "registrar")) {
                try await operate {
                    try await $0.endStaffPost(
                        "registrar",
                        role: .registrar,
                        region: nil,
                        on: today,
                        reason: "调任"
                    )
                }
            }
        }
    }
}
