import Exchange
import Foundation
import Kernel
import Simulators
import TestSupport
import Testing

@Suite("simulators")
struct SimulatorTests {
    @Test(
        "a switch is read and written in the same words",
        arguments: [
            "down", "slow", "silent", "duplicate", "out-of-order", "wrong-firm", "nonsense", "unsigned",
            "partial",
            "refuse abnormal-household once", "account: person appear-in-person", "after 600 s",
        ]
    )
    func switches(text: String) throws { #expect(try SimulatorSwitch(parsing: text).text == text) }

    @Test(
        "an unknown switch is refused",
        arguments: ["", "sideways", "refuse", "after soon", "after 1 year", "down down"]
    )
    func unknown(text: String) {
        #expect(throws: SimulatorError.unknownSwitch(text)) { try SimulatorSwitch(parsing: text) }
    }

    @Test("a restart keeps orders, reports, facts and switches; the same key is still the same order")
    func restart() async throws {
        try await withTemporaryFolder { folder in
            let parties = try TestKeys.parties.get()
            let now = try moment("2026-11-20 10:00")
            func start() throws -> SimulatorCore {
                try SimulatorCore(
                    party: try parties.party("tax"),
                    limits: parties.limits,
                    signer: try TestKeys.signer("tax"),
                    platform: try TestKeys.peer("platform"),
                    entropy: SeededEntropy(seed: 5),
                    delay: 120_000,
                    file: "\(folder)/tax.jsonl"
                )
            }
            func ask(_ core: SimulatorCore, at moment: Instant, nonce: UInt64) throws -> JSON {
                let letter = Letter(
                    operation: "register",
                    caseNumber: "BT1",
                    creditCode: code,
                    purpose: "p",
                    consent: "c",
                    key: "L-1",
                    fields: Sample.tax
                )
                let request = try TestKeys.signer("platform").sign(
                    path: Exchange.path(party: "tax", operation: "register"),
                    body: letter.json,
                    message: "L-1",
                    at: moment,
                    nonce: Hex.encode(SeededEntropy(seed: nonce).bytes(16))
                )
                return try JSON.read(try core.answer(request, now: moment).body)
            }
            let first = try start()
            #expect(try ask(first, at: now, nonce: 1)["status"] == "received")
            try first.know(["idNumber": "1", "risk": "high"])
            try first.set("duplicate")
            // A crash in the middle of a line.
            let file = "\(folder)/tax.jsonl"
            let whole = try Data(contentsOf: URL(fileURLWithPath: file))
            try (whole + Data("{\"kind\":\"sw".utf8)).write(to: URL(fileURLWithPath: file))
            let second = try start()
            #expect(second.switches.map(\.text) == ["duplicate"])
            #expect(second.nextReport == now + 60_000)
            let later = now + 130_000
            let answer = try ask(second, at: later, nonce: 2)
            #expect(answer["status"] == "done")
            #expect(second.dueReports(now: later).count == 2)
            try second.set("up")
            #expect(try start().switches.isEmpty)
            #expect(second.journal().count == 1)
        }
    }

    @Test("a simulator refuses what is not signed, not for it, or replayed")
    func refuses() throws {
        let parties = try TestKeys.parties.get()
        let now = try moment("2026-11-20 10:00")
        let core = try SimulatorCore(
            party: try parties.party("sms"),
            limits: parties.limits,
            signer: try TestKeys.signer("sms"),
            platform: try TestKeys.peer("platform"),
            delay: 0
        )
        let letter = Letter(
            operation: "send",
            caseNumber: "BT1",
            creditCode: "",
            purpose: "p",
            consent: "c",
            key: "L-1",
            fields: Sample.sms
        )
        func request(_ owner: String, path: String, nonce: String) throws -> WireRequest {
            try TestKeys.signer(owner).sign(
                path: path,
                body: letter.json,
                message: "L-1",
                at: now,
                nonce: nonce
            )
        }
        let path = Exchange.path(party: "sms", operation: "send")
        let good = try request("platform", path: path, nonce: String(repeating: "a", count: 32))
        #expect(try core.answer(good, now: now).status == 200)
        #expect(try core.answer(good, now: now).status == 409)
        #expect(
            try core.answer(
                try request("tax", path: path, nonce: String(repeating: "b", count: 32)),
                now: now
            ).status == 401
        )
        let elsewhere = Exchange.path(party: "post", operation: "send")
        #expect(
            try core.answer(
                try request("platform", path: elsewhere, nonce: String(repeating: "c", count: 32)),
                now: now
            ).status == 422
        )
    }
}
