import Audit
import FaceSupport
import Foundation
import Identity
import Kernel
import Server
import Storage
import TestSupport
import Testing

/// Password, second factor and devices, through the pages.
@Suite("one's own account", .serialized)
struct AccountPagesTests {
    private func withTown(_ body: (FaceTown) async throws -> Void) async throws {
        try await FaceTown.open { town in try await body(town) }
    }

    private static func secret(in page: String) -> [UInt8] {
        guard let match = page.firstMatch(of: /class="big-number">([A-Z2-7 ]+)</) else { return [] }
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        var bytes: [UInt8] = []
        var (buffer, bits) = (UInt32(0), 0)
        for letter in match.output.1 where letter != " " {
            buffer = (buffer << 5 | UInt32(alphabet.firstIndex(of: letter) ?? 0)) & 0xFFFF
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        return bytes
    }

    @Test("whoever signs in comes to a page that he may see")
    func doors() async throws {
        try await withTown { town in
            let doors = [
                "registrar": "/desk", "head": "/desk", "corrector": "/desk", "supervisor": "/desk",
                "tax": "/desk/lines", "audit": "/desk/log", "system": "/desk/jobs",
                "security": "/desk/accounts",
            ]
            for (login, door) in doors {
                let first = try await town.get("/desk", as: login)
                #expect(door == "/desk" ? first.status == 200 : first.location == door, "\(login)")
                #expect(try await town.get(door, as: login).status == 200, "\(login)")
            }
            // The way there is the same from the page of signing in, whose answer leads to the desk.
            town.closeBrowsers()
            let fields = ["login": "audit", "password": "suban-demo-2026"]
            #expect(try await town.post("/sign-in", fields).location == "/desk")
        }
    }

    @Test("the demonstration says what it does not ask for; whoever enrols is asked from then on")
    func factor() async throws {
        try await withTown { town in
            #expect(try await town.get("/sign-in").text.contains("演示策略不要求双因素登录"))
            #expect(try await town.get("/account", as: "registrar").text.contains("未启用"))
            let bare = try await town.post("/account/factor/start", as: "registrar")
            #expect(bare.status == 422 && bare.text.contains("账号或密码不正确"))
            let known = ["password": "suban-demo-2026"]
            #expect(try await town.post("/account/factor/start", known, as: "registrar").status == 303)
            let page = try await town.get("/account/factor", as: "registrar").text
            let secret = Self.secret(in: page)
            #expect(secret.count == 20 && page.contains("<svg"))
            func code() -> String { TimeCode.code(secret, step: TimeCode.step(at: town.town.clock.now)) }
            let wrong = try await town.post("/account/factor", ["code": "000000"], as: "registrar")
            #expect(wrong.status == 422 && wrong.text.contains("验证码不正确"))
            let done = try await town.post("/account/factor", ["code": code()], as: "registrar")
            #expect(done.status == 200)
            let recovery = done.text.matches(of: /<code>([0-9A-Z]{5}-[0-9A-Z]{5})</).map {
                String($0.output.1)
            }
            #expect(recovery.count == 10)
            #expect(try await town.get("/account/factor", as: "registrar").status == 303)
            // Moved to another phone by a recovery code, and back; new recovery codes.
            let moved = try await town.post("/account/factor/move", ["code": recovery[1]], as: "registrar")
            #expect(moved.status == 303 && moved.location == "/account/factor")
            let other = Self.secret(in: try await town.get("/account/factor", as: "registrar").text)
            #expect(other.count == 20 && other != secret)
            let fresh = try await town.post(
                "/account/factor/recovery",
                ["code": recovery[2]],
                as: "registrar"
            )
            #expect(fresh.status == 200 && fresh.text.contains("<code>") && !fresh.text.contains(recovery[0]))
            let kept = fresh.text.matches(of: /<code>([0-9A-Z]{5}-[0-9A-Z]{5})</).map { String($0.output.1) }
            // From now on the password is half the way, and what was asked for is not lost.
            town.closeBrowsers()
            let asked = "/desk/corrections?state=open&q=%E9%98%B4"
            let halfway = try await town.post(
                "/sign-in",
                ["login": "registrar", "password": "suban-demo-2026", "next": asked],
                as: "registrar"
            )
            #expect(halfway.location.hasPrefix("/sign-in/code?next="))
            let step = try await town.get(halfway.location, as: "registrar").text
            #expect(step.contains("name=\"next\" value=\"/desk/corrections?state=open&amp;q="))
            #expect(try await town.get("/sign-in/code", as: "registrar").text.contains("密码正确"))
            let shut = try await town.get("/desk")
            #expect(shut.status == 303 && shut.location.hasPrefix("/sign-in"))
            #expect(try await town.post("/sign-in/code", ["code": "000000"], as: "registrar").status == 422)
            town.town.clock.set(town.town.clock.now + 31_000)
            let used = code()
            let into = try await town.post("/sign-in/code", ["code": used, "next": asked], as: "registrar")
            #expect(into.status == 303 && into.location == asked)
            #expect(try await town.get("/desk", as: "registrar").status == 200)
            // Taken away again, by a code: the demonstration's policy allows it.
            #expect(try await town.post("/account/factor/end", ["code": used], as: "registrar").status == 422)
            let ended = try await town.post("/account/factor/end", ["code": kept[0]], as: "registrar")
            #expect(ended.status == 303)
            #expect(try await town.get("/account", as: "registrar").text.contains("未启用"))
        }
    }

    @Test("each device is listed and can be signed out; a new password signs all of them out")
    func devices() async throws {
        try await withTown { town in
            let first = try await town.session("registrar")
            town.closeBrowsers()
            let second = try await town.session("registrar")
            let page = try await town.get("/account", as: "registrar").text
            #expect(page.contains(first.id) && page.contains(second.id) && page.contains("本设备"))
            let other = "/account/sessions/\(first.id)/end"
            #expect(try await town.post(other, as: "head").status == 404)
            #expect(try await town.post(other, as: "registrar").status == 303)
            #expect(try await town.get("/account", as: "registrar").text.contains(first.id) == false)
            // All others at once.
            town.closeBrowsers()
            let third = try await town.session("registrar")
            #expect(try await town.get("/account", as: "registrar").text.contains(second.id))
            #expect(try await town.post("/account/sessions/end", as: "registrar").status == 303)
            let left = try await town.get("/account", as: "registrar").text
            #expect(
                left.contains(third.id) && !left.contains(second.id)
                    && !left.contains("/account/sessions/end\"")
            )
            let fields = [
                "old": "suban-demo-2026", "new": "a new long password", "again": "a new long password",
            ]
            func change(_ name: String, _ value: String) async throws -> FaceTown.Answer {
                var fields = fields
                fields[name] = value
                return try await town.post("/account/password", fields, as: "registrar")
            }
            #expect(try await change("old", "wrong password").status == 422)
            #expect(try await change("again", "another password").text.contains("两次输入"))
            let answer = try await town.post("/account/password", fields, as: "registrar")
            #expect(answer.status == 303 && answer.location == "/sign-in")
            await #expect(throws: (any Error).self) { try await town.signIn("registrar") }
        }
    }

    @Test(
        "the security administrator hands out codes and takes a lost factor away; his own stays, and it is told"
    )
    func inCharge() async throws {
        try await withTown { town in
            let account = try await town.session("registrar").account.rawValue
            let path = "/desk/accounts/\(account)"
            #expect(
                try await town.get("/desk/accounts?login=nobody", as: "security").text.contains("没有这个工作人员账号")
            )
            #expect(
                try await town.get("/desk/accounts?login=zhangsan", as: "security").text.contains(
                    "没有这个工作人员账号"
                )
            )
            let found = try await town.get("/desk/accounts?login=registrar", as: "security").text
            #expect(found.contains("\(path)/code") && found.contains("登记人员") && !found.contains("factor/end"))
            let identified = ["identified": "staff-card", "confirm": "yes"]
            #expect(try await town.post("\(path)/code", identified, as: "audit").status == 403)
            // Not at one press: how he was identified is asked, and a tick.
            for fields in [
                [:], ["confirm": "yes"], ["identified": "staff-card"], ["identified": "x", "confirm": "yes"],
            ] {
                #expect(
                    try await town.post("\(path)/code", fields, as: "security").status == 422,
                    "\(fields)"
                )
            }
            #expect(found.contains("name=\"identified\"") && found.contains("name=\"confirm\""))
            let handed = try await town.post("\(path)/code", identified, as: "security")
            #expect(handed.status == 200)
            let logged = try await town.platform.database.read {
                try AuditLog.history(of: "account:\(account)", in: $0)
            }
            let codes = logged.filter { $0.act == "account.enrolment-code" }
            #expect(codes.map(\.purpose) == ["工作证件，照片与本人一致"])
            #expect(handed.text.firstMatch(of: /class="big-number">[0-9A-Z]{5}-[0-9A-Z]{5}</) != nil)
            #expect(try await town.get("/account", as: "registrar").text.contains("发放了绑定码"))
            // Nothing is there to take away; then there is.
            let reason = ["reason": "lost"]
            #expect(try await town.post("\(path)/factor/end", reason, as: "security").status == 409)
            let known = ["password": "suban-demo-2026"]
            _ = try await town.post("/account/factor/start", known, as: "registrar")
            let secret = Self.secret(in: try await town.get("/account/factor", as: "registrar").text)
            let code = TimeCode.code(secret, step: TimeCode.step(at: town.town.clock.now))
            #expect(try await town.post("/account/factor", ["code": code], as: "registrar").status == 200)
            #expect(try await town.post("\(path)/code", identified, as: "security").status == 409)
            #expect(try await town.post("\(path)/factor/end", ["reason": "x"], as: "security").status == 422)
            #expect(try await town.post("\(path)/factor/end", reason, as: "security").status == 303)
            town.closeBrowsers()
            let told = try await town.get("/account", as: "registrar").text
            #expect(told.contains("停用了您的双因素登录（丢失）") && told.contains("未启用"))
            // Nobody does it for himself.
            let own = try await town.session("security").account.rawValue
            #expect(
                try await town.get("/desk/accounts?login=security", as: "security").text.contains("须由他人办理")
            )
            #expect(
                try await town.post("/desk/accounts/\(own)/code", identified, as: "security").status == 403
            )
        }
    }
}
