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
                "tax": "/desk/lines", "audit": "/desk/log", "system": "/account", "security": "/account",
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
            #expect(try await town.post("/account/factor/start", as: "registrar").status == 303)
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
            // From now on the password is half the way.
            town.closeBrowsers()
            try await town.signIn("registrar")
            #expect(try await town.get("/sign-in/code", as: "registrar").text.contains("密码正确"))
            let shut = try await town.get("/desk")
            #expect(shut.status == 303 && shut.location.hasPrefix("/sign-in"))
            #expect(try await town.post("/sign-in/code", ["code": "000000"], as: "registrar").status == 422)
            town.town.clock.set(town.town.clock.now + 31_000)
            let used = code()
            let into = try await town.post("/sign-in/code", ["code": used], as: "registrar")
            #expect(into.status == 303 && into.location == "/desk")
            #expect(try await town.get("/desk", as: "registrar").status == 200)
            // Taken away again, by a code: the demonstration's policy allows it.
            #expect(try await town.post("/account/factor/end", ["code": used], as: "registrar").status == 422)
            let ended = try await town.post("/account/factor/end", ["code": recovery[0]], as: "registrar")
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
}
