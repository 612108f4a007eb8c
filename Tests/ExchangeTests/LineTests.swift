import Exchange
import Jobs
import Kernel
import Simulators
import Storage
import Synchronization
import TestSupport
import Testing

@Suite("lines")
struct LineTests {
    @Test("a line is ordered, taken, worked on and done, and everybody hears of it once")
    func normal() async throws {
        try await forEachEngine(migrations) { database in
            let heard = Mutex<[String]>([])
            let subscriber = Subscriber("test", events: ["exchange.line-changed"]) { event, _ in
                heard.withLock { $0.append(event.payload["to"].text ?? "") }
            }
            let world = try await World(database, hears: [subscriber])
            let line = try await world.open("tax", "register", Sample.tax)
            #expect(line.state == .pending)
            try await world.settle()
            #expect(try await world.line(line.id).state == .received)
            try await world.advance(to: "2026-11-20 10:02")
            let done = try await world.line(line.id)
            #expect(done.state == .done && done.state.isEnd)
            #expect(done.answer["taxpayerKind"] == "小规模纳税人")
            #expect(done.endedAt == (try moment("2026-11-20 10:02")))
            #expect(try await world.changes(line.id).map(\.to) == [.received, .working, .done])
            #expect(heard.withLock { $0 } == ["pending", "received", "working", "done"])
            #expect(try await world.runner.nextDue() == nil)
            #expect(try world.town.party("tax").journal().map(\.times) == [1])
        }
    }

    @Test("the same order again is the same line")
    func once() async throws {
        try await forEachEngine(migrations) { database in
            let world = try await World(database)
            let first = try await world.open("sms", "send", Sample.sms)
            let again = try await world.open("sms", "send", Sample.sms)
            #expect(first.id == again.id)
            try await world.settle()
            #expect(try await world.lines().map(\.state) == [.done])
            #expect(try world.town.party("sms").journal().count == 1)
        }
    }

    @Test(
        "tax is down for more than a day: asked again with growing pauses, overdue with a work item, then done once"
    )
    func downForADay() async throws {
        try await forEachEngine(migrations) { database in
            let world = try await World(database)
            try world.town.party("tax").set("down")
            let line = try await world.open("tax", "register", Sample.tax)
            try await world.advance(to: "2026-11-20 11:00")
            let waiting = try await world.line(line.id)
            #expect(waiting.state == .pending && (5...9).contains(waiting.attempts))
            try await world.advance(to: "2026-11-21 10:00")
            #expect(try await world.line(line.id).state == .overdue)
            #expect(try await world.items().map(\.why) == [.overdue])
            #expect(try await world.items().map(\.queue) == ["party.tax"])
            try await world.advance(to: "2026-11-21 18:00")
            try world.town.party("tax").set("up")
            try await world.advance(to: "2026-11-21 19:00")
            #expect(try await world.line(line.id).state == .done)
            #expect(try await world.items().isEmpty)
            #expect(try world.town.party("tax").journal().count == 1)
        }
    }

    @Test("a slow party has the message though its answer is lost; asked again it is still one order")
    func slow() async throws {
        try await forEachEngine(migrations) { database in
            let world = try await World(database)
            try world.town.party("tax").set("slow")
            let line = try await world.open("tax", "register", Sample.tax)
            try await world.settle()
            #expect(try await world.line(line.id).state == .sent)
            try await world.advance(to: "2026-11-20 10:30")
            #expect(try await world.line(line.id).state == .done)
            #expect(try world.town.party("tax").journal().count == 1)
        }
    }

    @Test("a party that never reports is asked again when its time is over")
    func silent() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let world = try await World(database)
            try world.town.party("medical-insurance").set("silent")
            let line = try await world.open("medical-insurance", "register", Sample.insurance)
            try await world.advance(to: "2026-11-21 12:00")
            #expect(try await world.line(line.id).state == .overdue)
            #expect(try await world.items().count == 1)
            let times = try #require(try world.town.party("medical-insurance").journal().first?.times)
            #expect(times > 1)
        }
    }

    @Test(
        "reports that come twice, in the wrong order, for another firm or as nonsense change nothing they should not",
        arguments: [
            ("duplicate", LineState.done, [WorkItem.Why]()), ("out-of-order", .done, []),
            ("wrong-firm", .sent, [.nonsense]),
            ("nonsense", .sent, [.nonsense]), ("unsigned", .sent, [.nonsense]),
        ]
    )
    func oddReports(failure: String, state: LineState, items: [WorkItem.Why]) async throws {
        try await forEachEngine(migrations) { database in
            let world = try await World(database)
            try world.town.party("tax").set(failure)
            let line = try await world.open("tax", "register", Sample.tax)
            try await world.advance(to: "2026-11-20 10:10")
            #expect(try await world.line(line.id).state == state)
            #expect(Set(try await world.items().map(\.why)).isSuperset(of: items))
            let changes = try await world.changes(line.id)
            #expect(changes.filter { $0.to == .done && $0.stayed == nil }.count == (state == .done ? 1 : 0))
            try world.town.party("tax").set("up")
            try await world.advance(to: "2026-11-20 12:00")
            #expect(try await world.line(line.id).state == .done)
        }
    }

    @Test("a later report for another firm is refused and leaves a work item")
    func otherFirmLater() async throws {
        try await forEachEngine(migrations) { database in
            let world = try await World(database)
            let line = try await world.open("tax", "register", Sample.tax)
            try await world.settle()
            try world.town.party("tax").set("wrong-firm")
            try await world.advance(to: "2026-11-20 10:10")
            #expect(try await world.line(line.id).state == .received)
            #expect(try await world.items().map(\.why) == [.otherFirm])
            let kept = try await database.read { try ExchangeStore.messages(party: "tax", in: $0) }
            #expect(kept.contains { $0.kind == .report && $0.outcome == "exchange.other-firm" })
        }
    }

    @Test(
        "an engraver out of service: returned with the reason, chosen again, done; the first one's late report counts nothing"
    )
    func chosenAgain() async throws {
        try await forEachEngine(migrations) { database in
            let world = try await World(database)
            let line = try await world.open("engraver", "make", Sample.engraver)
            try await world.advance(to: "2026-11-20 10:05")
            let returned = try await world.line(line.id)
            #expect(returned.state == .returned && returned.reasonCode == "out-of-service")
            #expect(returned.reasonText == "刻章企业暂停服务")
            var fields = Sample.engraver
            fields["engraver"] = "E15020301"
            let (mended, occasion, exchange) = (fields, world.occasion, world.exchange)
            let again = try await database.write { tx in
                try exchange.resubmit(line.id, fields: mended, occasion: occasion, in: tx)
            }
            #expect(again.round == 2 && again.state == .pending)
            try await world.settle()
            let late = try signedReport(
                world,
                "engraver",
                key: "\(line.id)-1",
                operation: "make",
                status: .returned
            )
            #expect(String(decoding: await world.exchange.receive(late).body, as: UTF8.self).contains("late"))
            try await world.advance(to: "2026-11-20 10:10")
            #expect(try await world.line(line.id).state == .done)
        }
    }

    @Test("one seal of five fails: four codes stand, the line says which")
    func partialSeals() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let world = try await World(database)
            try world.town.party("police-seal").set("partial once")
            let line = try await world.open("police-seal", "file", Sample.seals)
            try await world.advance(to: "2026-11-20 10:05")
            let returned = try await world.line(line.id)
            #expect(returned.state == .returned && returned.reasonCode == "seal-failed")
            let seals = returned.answer["seals"].elements
            #expect(seals.filter { $0["code"].text?.count == 13 }.count == 4)
            #expect(seals.filter { $0["state"] == "failed" }.map { $0["kind"] } == ["法定代表人名章"])
        }
    }

    @Test("a police system that is closed at night gets the message in the morning")
    func night() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let world = try await World(database, at: "2026-11-20 23:30")
            let line = try await world.open("police-seal", "file", Sample.seals)
            try await world.advance(to: "2026-11-21 05:59")
            let waiting = try await world.line(line.id)
            #expect(waiting.state == .pending && waiting.attempts == 0)
            try await world.advance(to: "2026-11-21 06:05")
            #expect(try await world.line(line.id).state == .done)
        }
    }

    @Test("the bank's account follows the booking by itself and is forwarded to tax and social insurance")
    func bank() async throws {
        try await forEachEngine(migrations) { database in
            let world = try await World(database)
            let booking = try await world.open("bank", "book", Sample.bank)
            try await world.settle()
            #expect(try await world.line(booking.id).state == .done)
            var lines = try await world.lines()
            let account = try #require(lines.first { $0.order.operation == "account" })
            #expect(account.state == .working && !account.order.counts)
            try await world.advance(to: "2026-11-20 10:30")
            lines = try await world.lines()
            #expect(lines.count == 4)
            #expect(lines.allSatisfy { $0.state == .done })
            let reported = try #require(lines.first { $0.order.party == "tax" })
            #expect(reported.order.fields["accountNumber"].text?.hasPrefix("6214") == true)
            #expect(reported.order.fields["bank"] == "建设银行")
        }
    }

    @Test("the bank refuses after its own look: the booking stands, the account line says why")
    func bankRefuses() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let world = try await World(database)
            try world.town.party("bank").set("account: refuse due-diligence")
            let booking = try await world.open("bank", "book", Sample.bank)
            try await world.advance(to: "2026-11-20 11:00")
            #expect(try await world.line(booking.id).state == .done)
            let account = try #require(try await world.lines().first { $0.order.operation == "account" })
            #expect(account.state == .returned && account.reasonCode == "due-diligence")
        }
    }

    @Test("a reason that passes by itself is waited out, one that needs a person is told")
    func reasons() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let world = try await World(database)
            try world.town.party("national-collection").set("refuse out-of-order once")
            let line = try await world.open(
                "national-collection",
                "collect",
                ["creditCode": .string(code), "record": [:], "kind": "opening"]
            )
            try await world.settle()
            #expect(try await world.line(line.id).state == .sent)
            try world.town.party("tax").know(["idNumber": "11010519491231002X", "abnormalHousehold": true])
            let tax = try await world.open("tax", "register", Sample.tax, key: "k2")
            try await world.advance(to: "2026-11-20 10:05")
            let told = try await world.line(tax.id)
            #expect(told.state == .personNeeded && told.reasonCode == "abnormal-household")
        }
    }

    @Test("the founder sets a line aside, declines it and takes it up again")
    func founder() async throws {
        try await forEachEngine(migrations) { database in
            let world = try await World(database)
            let line = try await world.open(
                "medical-insurance",
                "register",
                Sample.insurance,
                state: .later,
                founderMay: [.later, .drop]
            )
            try await world.settle()
            #expect(try world.town.party("medical-insurance").journal().isEmpty)
            #expect(line.state.isEnd)
            let (occasion, exchange) = (world.occasion, world.exchange)
            _ = try await database.write { tx in try exchange.reopen(line.id, occasion: occasion, in: tx) }
            try await world.settle()
            #expect(try await world.line(line.id).state == .received)
            let aside = try await database.write { tx in
                try exchange.setAside(line.id, occasion: occasion, in: tx)
            }
            #expect(aside.state == .later)
            _ = try await database.write { tx in try exchange.reopen(line.id, occasion: occasion, in: tx) }
            try await world.settle()
            #expect(try await world.line(line.id).state == .received)
            #expect(try world.town.party("medical-insurance").journal().map(\.times) == [2])
            _ = try await database.write { tx in try exchange.setAside(line.id, occasion: occasion, in: tx) }
            try await world.advance(to: "2026-11-20 10:10")
            #expect(try await world.line(line.id).state == .done)
            await #expect(throws: ExchangeError.notAllowed(event: .declined, state: .done)) {
                try await database.write { tx in _ = try exchange.decline(line.id, occasion: occasion, in: tx)
                }
            }
        }
    }

    @Test("what the service does not leave to the founder is neither put off nor dropped, in any state")
    func statutory() async throws {
        try await forEachEngine(migrations) { database in
            let world = try await World(database)
            for (key, may) in [("k1", [] as Set<FounderWish>), ("k2", [.later])] {
                let line = try await world.open("tax", "register", Sample.tax, key: key, founderMay: may)
                #expect(try await world.line(line.id).order.founderMay == may)
                #expect(line.allows(.setAside) == may.contains(.later))
                #expect(!line.allows(.declined))
                let (occasion, exchange) = (world.occasion, world.exchange)
                await #expect(throws: ExchangeError.notOptional(party: "tax")) {
                    try await database.write { tx in
                        _ = try exchange.decline(line.id, occasion: occasion, in: tx)
                    }
                }
                if may.isEmpty {
                    await #expect(throws: ExchangeError.notOptional(party: "tax")) {
                        try await database.write { tx in
                            _ = try exchange.setAside(line.id, occasion: occasion, in: tx)
                        }
                    }
                    #expect(try await world.line(line.id).state == .pending)
                }
            }
        }
    }

    @Test("what was not ticked may lack fields until it is taken up; a strange field is never taken")
    func incomplete() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let world = try await World(database)
            let line = try await world.open("tax", "register", ["name": "青山"], state: .notNeeded)
            let (occasion, exchange) = (world.occasion, world.exchange)
            await #expect(throws: ExchangeError.fieldMissing(party: "tax", field: "creditCode")) {
                try await database.write { tx in _ = try exchange.reopen(line.id, occasion: occasion, in: tx)
                }
            }
            #expect(try await world.line(line.id).state == .notNeeded)
            _ = try await database.write { tx in
                try exchange.reopen(line.id, fields: Sample.tax, occasion: occasion, in: tx)
            }
            try await world.advance(to: "2026-11-20 10:05")
            #expect(try await world.line(line.id).state == .done)
            await #expect(throws: ExchangeError.fieldNotAllowed(party: "tax", field: "religion")) {
                _ = try await world.open("tax", "register", ["religion": "x"], key: "k2", state: .later)
            }
            await #expect(throws: ExchangeError.fieldMissing(party: "tax", field: "name")) {
                _ = try await world.open("tax", "register", [:], key: "k3")
            }
        }
    }

    @Test("S1: the same signed report a hundred times at once counts once")
    func replay() async throws {
        try await forEachEngine(migrations) { database in
            let world = try await World(database)
            let line = try await world.open(
                "post",
                "send",
                ["receiver": "赵青", "address": "某路", "phone": "1", "content": "营业执照"],
                state: .later
            )
            let report = try signedReport(
                world,
                "post",
                key: "\(line.id)-1",
                operation: "send",
                status: .done,
                answer: ["tracking": "E1"]
            )
            let exchange = world.exchange
            let answers = await withTaskGroup(of: WireResponse.self) { group in
                for _ in 0..<100 { group.addTask { await exchange.receive(report) } }
                return await group.reduce(into: [WireResponse]()) { $0.append($1) }
            }
            #expect(answers.filter { $0.status == 200 }.count == 1)
            #expect(answers.filter { $0.status == 409 }.count == 99)
            #expect(try await world.line(line.id).state == .done)
        }
    }

    @Test(
        "reports of strangers, for lines that are not theirs, and incomplete ones are refused with a code",
        arguments: [
            ("tax", "post", "exchange.no-such-line", LineChangeKind.whole),
            ("post", "post", "exchange.answer-incomplete", .incomplete),
            ("post", "post", "exchange.no-such-line", .unknownLine),
            ("post", "post", "exchange.report-malformed", .malformed),
            ("post", "post", "exchange.not-yet", .otherOperation),
        ]
    )
    func refused(sender: String, party: String, expected: String, kind: LineChangeKind) async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let world = try await World(database)
            let line = try await world.open(
                party,
                "send",
                ["receiver": "赵青", "address": "某路", "phone": "1", "content": "营业执照"],
                state: .later
            )
            let key = kind == .unknownLine ? "nothing-1" : "\(line.id)-1"
            var report = try signedReport(
                world,
                sender,
                key: key,
                operation: kind == .otherOperation ? "fly" : "send",
                status: .done,
                answer: kind == .incomplete ? [:] : ["tracking": "E1"]
            )
            if kind == .malformed {
                report = try TestKeys.signer(sender).sign(
                    path: Exchange.reportPath,
                    body: ["version": 2],
                    message: "m",
                    at: world.clock.now,
                    nonce: Hex.encode(world.entropy.bytes(16))
                )
            }
            let response = await world.exchange.receive(report)
            #expect(String(decoding: response.body, as: UTF8.self) == "{\"refused\":\"\(expected)\"}")
            #expect(try await world.line(line.id).state == .later)
        }
    }

    enum LineChangeKind: Sendable { case whole, incomplete, unknownLine, malformed, otherOperation }

    private func signedReport(
        _ world: World,
        _ party: String,
        key: String,
        operation: String,
        status: Report.Status,
        answer: JSON = [:]
    ) throws -> WireRequest {
        let report = Report(
            operation: operation,
            caseNumber: "BT1",
            creditCode: code,
            key: key,
            status: status,
            answer: answer,
            reasonCode: status == .returned ? "out-of-service" : nil,
            dataTime: world.clock.now
        )
        return try TestKeys.signer(party).sign(
            path: Exchange.reportPath,
            body: report.json,
            message: "m-\(key)",
            at: world.clock.now,
            nonce: Hex.encode(world.entropy.bytes(16))
        )
    }
}
