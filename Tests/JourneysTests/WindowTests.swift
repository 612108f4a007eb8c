import Deadlines
import FaceSupport
import Foundation
import Jobs
import Kernel
import Storage
import TestSupport
import Testing
import Web

@testable import Server

/// A time announced beforehand, as people, programs and clocks meet it.
@Suite("announced maintenance", .serialized)
struct WindowTests {
    private static let notice = Bilingual(zh: "升级数据库", en: "Upgrading the database.")

    private func maintenance(_ town: FaceTown) async throws -> Maintenance {
        try await Maintenance(town.platform.settings, by: Operator(user: "test"))
    }

    @Test(
        "pages say it before and in it; in it nothing is changed, reading goes on, and afterwards all is as before"
    )
    func window() async throws {
        try await FaceTown.open { town in
            let now = town.town.clock.now
            let wish: JSON = ["item": "llc", "region": "150203"]
            try await town.signIn("zhangsan")
            let maintenance = try await maintenance(town)
            let window = try await maintenance.announce(
                from: now + Instant.hour,
                to: now + Instant.hour + Instant.hour,
                notice: Self.notice
            )
            try await town.platform.refresh()
            let before = try await town.get("/")
            #expect(before.text.contains("系统维护预告：2026-03-02 11:00 至 2026-03-02 12:00"))
            #expect(before.text.contains("升级数据库"))
            #expect(try await town.call("POST", "/api/v1/cases", wish, as: "zhangsan").status == 201)
            town.town.clock.set(window.from)
            let refused = try await town.call("POST", "/api/v1/cases", wish, as: "zhangsan")
            #expect(refused.status == 503 && refused.code == "web.maintenance")
            #expect(refused.headers["retry-after"] == "3600")
            #expect(refused.text.contains("2026-03-02 12:00"))
            let page = try await town.get("/")
            #expect(page.status == 200 && page.text.contains("系统维护中"))
            #expect(try await town.get("/?lang=en").text.contains("Upgrading the database."))
            town.town.clock.set(window.to)
            try await town.signIn("zhangsan")
            #expect(try await town.call("POST", "/api/v1/cases", wish, as: "zhangsan").status == 201)
            #expect(try await !town.get("/").text.contains("系统维护"))
            await maintenance.close()
        }
    }

    @Test(
        "one that lies behind, says nothing or is not there is refused; a cancelled one is over and moves no clock"
    )
    func refused() async throws {
        try await FaceTown.open { town in
            let now = town.town.clock.now
            let maintenance = try await maintenance(town)
            for (from, to) in [(now + -1, now + 1), (now + 2, now + 2), (now + 2, now + 1)] {
                await #expect(throws: WindowRefusal.badPeriod) {
                    _ = try await maintenance.announce(from: from, to: to, notice: Self.notice)
                }
            }
            await #expect(throws: WindowRefusal.noNotice) {
                let silent = Bilingual(zh: "", en: "x")
                _ = try await maintenance.announce(from: now + 1, to: now + 2, notice: silent)
            }
            await #expect(throws: WindowRefusal.unknown(id: "x")) {
                try await maintenance.cancelWindow("x", reason: "r")
            }
            let window = try await maintenance.announce(
                from: now + Instant.hour,
                to: now + Instant.day,
                notice: Self.notice
            )
            #expect(try await maintenance.windows() == [window])
            try await maintenance.cancelWindow(window.id, reason: "r")
            #expect(try await maintenance.windows() == [])
            try await town.platform.refresh()
            #expect(town.platform.windows.notice(at: window.from) == nil)
            let job = try await town.platform.database.read {
                try Jobs.find(kind: WindowWork.kindName, key: window.id, in: $0)
            }
            #expect(job?.state == .cancelled)
            await maintenance.close()
        }
    }

    @Test(
        "at its beginning the clocks that the table names get their days back, with a line on the case's timeline"
    )
    func clocks() async throws {
        try await FaceTown.open { town in
            let now = town.town.clock.now
            let begun = try await town.call(
                "POST",
                "/api/v1/cases",
                ["item": "llc", "region": "150203"],
                as: "zhangsan"
            )
            let id = try #require(begun.json["id"].text)
            let occasion = town.platform.occasion("test")
            let calendar = town.platform.calendars.current
            let period = try Period("5 wd")
            let ids = try await town.platform.database.write { tx in
                try ["promiseCorrect", "review"].map { name in
                    try Deadlines.start(
                        name,
                        for: "case:\(id)",
                        budget: period,
                        rule: "r",
                        calendar: calendar,
                        occasion: occasion,
                        in: tx
                    ).id
                }
            }
            let maintenance = try await maintenance(town)
            let window = try await maintenance.announce(
                from: now + Instant.hour,
                to: now + Instant.hour + Instant.minute,
                notice: Self.notice
            )
            try await town.town.move(to: window.from)
            let dues = try await town.platform.database.read { reader in
                try ids.map { try Deadlines.find($0, in: reader)?.due(calendar).description }
            }
            #expect(dues == ["2026-03-10", "2026-03-09"], "the agency's own period runs on")
            let acts = try await town.platform.database.read {
                try $0.query("SELECT act FROM case_happening WHERE case_id = $1 ORDER BY sequence", id).map {
                    try $0.text(0)
                }
            }
            #expect(acts.contains("clock-moved"))
            await maintenance.close()
        }
    }
}
