import Audit
import Changes
import FaceSupport
import Jobs
import Kernel
import Server
import Storage
import TestSupport
import Testing

/// What the administrator of the system sees of background work and of who is told of changes.
@Suite("operation", .serialized)
struct OperationPagesTests {
    @Test("jobs that stopped are listed in words and started again, one or all, after a confirmation")
    func jobs() async throws {
        try await FaceTown.open { town in
            #expect(try await town.get("/desk/jobs", as: "system").text.contains("没有停止的任务"))
            let now = town.town.clock.now
            // Kinds that no program knows are tried for a day, and then stop.
            try await town.platform.database.write { tx in
                for key in ["a", "b", "c"] {
                    try Jobs.enqueue(kind: "test-unknown", key: key, payload: nil, at: now, in: tx)
                }
            }
            for _ in 0..<12 { try await town.pass(7 * Instant.hour) }
            let page = try await town.get("/desk/jobs", as: "system").text
            #expect(page.contains("test-unknown") && page.contains("job.unknown-kind"))
            #expect(page.contains("本程序不认识的任务类型") && page.contains("3 项任务"))
            let one = ["what": "job", "kind": "test-unknown", "key": "a"]
            #expect(try await town.post("/desk/jobs", one, as: "system").status == 422)
            let confirmed = one.merging(["confirm": "yes"]) { $1 }
            #expect(try await town.post("/desk/jobs", confirmed, as: "system").status == 303)
            #expect(try await town.post("/desk/jobs", confirmed, as: "system").status == 409)
            #expect(try await town.get("/desk/jobs", as: "system").text.contains("2 项任务"))
            let all = ["what": "job", "kind": "test-unknown", "confirm": "yes"]
            #expect(try await town.post("/desk/jobs", all, as: "system").status == 303)
            #expect(
                try await town.get("/desk/jobs?lang=en", as: "system").text.contains("Nothing has stopped")
            )
            let acts = try await town.platform.database.read {
                try AuditLog.history(of: "job:test-unknown", in: $0)
            }
            #expect(acts.map(\.act) == ["job.revived", "job.revived"])
            #expect(acts.allSatisfy { $0.actor.role == "system-admin" })
        }
    }

    @Test(
        "a system is subscribed, its secret shown once; what is stuck says why; it is paused, replayed, removed"
    )
    func webhooks() async throws {
        try await FaceTown.open { town in
            let form = ["name": "税务系统", "address": "https://127.0.0.1/x", "region": "150200"]
            let refused = try await town.post("/desk/webhooks", form, as: "system")
            #expect(refused.status == 422 && refused.text.contains("不允许推送的网络"))
            #expect(refused.text.contains("value=\"税务系统\""), "what was typed stays")
            let nowhere = form.merging(["region": "990000"]) { $1 }
            #expect(try await town.post("/desk/webhooks", nowhere, as: "system").status == 422)
            // An address that is allowed by its form: nothing is sent to it here.
            let (webhook, secret) = try await Webhooks.add(
                name: "税务系统",
                address: "https://8.8.8.8/x",
                region: "150200",
                inside: [],
                within: 10_000,
                countMax: 1,
                occasion: town.platform.occasion("test"),
                database: town.platform.database
            )
            await #expect(throws: WebhookError.tooMany(max: 1)) {
                try await Webhooks.add(
                    name: "x",
                    address: "https://8.8.8.8/x",
                    region: "150200",
                    inside: [],
                    within: 10_000,
                    countMax: 1,
                    occasion: town.platform.occasion("test"),
                    database: town.platform.database
                )
            }
            let path = "/desk/webhooks/\(webhook.id)"
            func act(_ fields: [String: String]) async throws -> Int {
                try await town.post(path, fields, as: "system").status
            }
            #expect(try await act(["act": "pause"]) == 303)
            _ = try await town.granted("阴山", of: "zhangsan")
            let page = try await town.get("/desk/webhooks", as: "system").text
            #expect(page.contains("税务系统") && page.contains("已暂停") && page.contains("未处理"))
            #expect(!page.contains(secret), "nobody is shown it again")
            #expect(try await act(["act": "replay", "after": "0"]) == 303)
            #expect(try await act(["act": "replay", "after": "99999999"]) == 422)
            #expect(try await act(["act": "replay"]) == 422)
            #expect(try await act(["act": "sell"]) == 422)
            #expect(try await act(["act": "remove"]) == 422, "not without a confirmation")
            #expect(try await act(["act": "remove", "confirm": "yes"]) == 303)
            #expect(try await act(["act": "pause"]) == 404)
            #expect(try await town.get("/desk/webhooks", as: "system").text.contains("还没有接收系统"))
        }
    }
}
