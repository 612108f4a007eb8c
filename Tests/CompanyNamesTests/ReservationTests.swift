import Audit
import Jobs
import Kernel
import Storage
import TestSupport
import Testing

@testable import CompanyNames

@Suite("Reservations")
struct ReservationTests {
    @Test("fifty press at once: one gets the name, the others see when it went and three free names")
    func race() async throws {
        try await forEachEngine(Fixture.migrations) { database in
            let now = try Fixture.day("2026-03-02 10:00")
            let rules = try Fixture.rules.get()
            var reports: [NameReport] = []
            for index in 0..<50 {
                let trade = index.isMultiple(of: 2) ? "科技" : "技术服务"
                let proposal = Fixture.proposal(Fixture.parts("云帆", trade), applicant: "p-\(index)")
                reports.append(try await Fixture.check(proposal, at: now, on: database))
            }
            let outcomes = try await withThrowingTaskGroup(of: ReserveOutcome.self) { group in
                for report in reports {
                    group.addTask {
                        try await database.write { tx in
                            try ReserveName.run(
                                report,
                                promised: true,
                                under: rules,
                                occasion: Fixture.occasion(now, report.proposal.applicant),
                                in: tx
                            )
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            var winners = 0
            for outcome in outcomes {
                switch outcome {
                case .reserved: winners += 1
                case .taken(let taken):
                    #expect(taken.since == now && taken.state == .reserved)
                    #expect(Set(taken.proposals).count == 3)
                    #expect(taken.finding.code == "name.same-reserved")
                    for parts in taken.proposals {
                        let report = try await Fixture.check(Fixture.proposal(parts), at: now, on: database)
                        #expect(report.verdict == .free, "\(parts.text)")
                    }
                }
            }
            #expect(winners == 1 && outcomes.count == 50)
            try await Fixture.runner(database, ManualClock(now)).runUntilQuiet()
            let answer1 = try await Fixture.events(database, named: "company-name.reserved").count
            #expect(answer1 == 1)
        }
    }

    @Test("many ask for each of some free names: each goes to one, and no more are given out than there are")
    func exact() async throws {
        let (names, askers) = (drilled(5, full: 100), 20)
        try await forEachEngine(Fixture.migrations) { database in
            let now = try Fixture.day("2026-03-02 10:00")
            let rules = try Fixture.rules.get()
            var reports: [NameReport] = []
            for name in 0..<names {
                // Names that are like no other: two letters of a thousand each.
                let letters = ["云", "帆", "岚", "峻", "澜", "沐", "晟", "祺", "骏", "翊"]
                let brand = "\(letters[name / 10])\(letters[name % 10])朔"
                for asker in 0..<askers {
                    let proposal = Fixture.proposal(Fixture.parts(brand), applicant: "p-\(name)-\(asker)")
                    reports.append(try await Fixture.check(proposal, at: now, on: database))
                }
            }
            let free = reports.count { $0.verdict == .free }
            #expect(free == reports.count, "\(reports.count - free) were not free to begin with")
            let winners = try await withThrowingTaskGroup(of: String?.self) { group in
                for report in reports.shuffled() {
                    group.addTask {
                        let outcome = try await database.write { tx in
                            try ReserveName.run(
                                report,
                                promised: true,
                                under: rules,
                                occasion: Fixture.occasion(now, report.proposal.applicant),
                                in: tx
                            )
                        }
                        guard case .reserved = outcome else { return nil }
                        return report.proposal.parts.brand
                    }
                }
                return try await group.reduce(into: [String]()) { if let name = $1 { $0.append(name) } }
            }
            #expect(winners.count == names && Set(winners).count == names, "\(database.engine)")
        }
    }

    @Test("with and without a trade race for the same name: still one")
    func raceWithoutTrade() async throws {
        try await forEachEngine(Fixture.migrations) { database in
            let now = try Fixture.day("2026-03-02 10:00")
            let rules = try Fixture.rules.get()
            var reports: [NameReport] = []
            for index in 0..<12 {
                let trades = ["", "科技", "商贸"]
                let proposal = Fixture.proposal(
                    Fixture.parts("云帆", trades[index % 3]),
                    applicant: "p-\(index)"
                )
                reports.append(try await Fixture.check(proposal, at: now, on: database))
            }
            let keys = try await withThrowingTaskGroup(of: NameKey?.self) { group in
                for report in reports {
                    group.addTask {
                        let outcome = try await database.write { tx in
                            try ReserveName.run(
                                report,
                                promised: true,
                                under: rules,
                                occasion: Fixture.occasion(now, report.proposal.applicant),
                                in: tx
                            )
                        }
                        if case .reserved(let entry) = outcome { return entry.key }
                        return nil
                    }
                }
                return try await group.reduce(into: []) { $0 += [$1].compactMap { $0 } }
            }
            // Either the name without a trade won alone, or 科技 and 商贸 each have one.
            let classes = Set(keys.map(\.industryClass))
            #expect(keys.count == classes.count)
            #expect(classes.contains("") ? classes.count == 1 : classes.count == 2)
        }
    }

    @Test(
        "two months from 31 December end with February, on a working day; good at 23:59, gone the day after"
    )
    func term() async throws {
        try await forEachEngine(Fixture.migrations) { database in
            let start = try Fixture.day("2024-12-31 15:00")
            let entry = try await Fixture.reserved(
                Fixture.proposal(Fixture.parts("云帆")),
                at: start,
                on: database
            )
            #expect(entry.lastDay?.description == "2025-02-28" && !entry.isProvisional)
            let lastMinute = try Fixture.day("2025-02-28 23:59")
            let dayAfter = try Fixture.day("2025-03-01 00:00")
            #expect(entry.isLive(at: lastMinute) && !entry.isLive(at: dayAfter))
            try await database.write { tx in
                let obstacle = try NameLibrary.obstacle(
                    entry.id,
                    applicant: "p-1",
                    caseID: nil,
                    now: lastMinute,
                    in: tx
                )
                #expect(obstacle == nil)
                let late = try NameLibrary.obstacle(
                    entry.id,
                    applicant: "p-1",
                    caseID: nil,
                    now: dayAfter,
                    in: tx
                )
                #expect(late == .expired(lastDay: lastMinute.date))
            }
            let lastDay = try #require(LocalDate(parsing: "2025-02-28"))
            await #expect(throws: NameError.expired(lastDay: lastDay)) {
                try await database.write { tx in
                    try ConsumeName.run(
                        entry.id,
                        enterprise: "e-1",
                        occasion: Fixture.occasion(dayAfter),
                        in: tx
                    )
                }
            }
            let other = try await Fixture.reserved(
                Fixture.proposal(Fixture.parts("云帆"), applicant: "p-2"),
                at: dayAfter,
                on: database
            )
            #expect(other.owner == "p-2")
        }
    }

    @Test("a last day on a holiday moves behind it; beyond the calendar it is provisional")
    func holiday() async throws {
        try await forEachEngine(Fixture.migrations) { database in
            let before = try await Fixture.reserved(
                Fixture.proposal(Fixture.parts("云帆")),
                at: Fixture.day("2024-08-02 09:00"),
                on: database
            )
            #expect(before.lastDay?.description == "2024-10-08")
            let beyond = try await Fixture.reserved(
                Fixture.proposal(Fixture.parts("海阔")),
                at: Fixture.day("2026-11-21 09:00"),
                on: database
            )
            #expect(beyond.isProvisional && beyond.lastDay?.description == "2027-01-21")
        }
    }

    @Test("a term beyond the published calendar does not end by a guess")
    func unpublished() async throws {
        try await forEachEngine(Fixture.migrations) { database in
            let clock = ManualClock(try Fixture.day("2026-12-06 10:00"))
            let runner = try Fixture.runner(database, clock)
            // Two months later is a day of the Spring Festival, which no published calendar of the program knows.
            let entry = try await Fixture.reserved(
                Fixture.proposal(Fixture.parts("云帆")),
                at: clock.now,
                on: database
            )
            #expect(entry.isProvisional)
            try await runner.runUntilQuiet()
            for day in ["2027-02-08 00:00", "2027-02-09 09:00", "2027-02-15 09:00"] {
                clock.set(try Fixture.day(day))
                try await runner.runUntilQuiet()
                let now = try await database.read { try NameStore.find(entry.id, in: $0) }?.entry
                #expect(now?.state == .reserved, "\(day)")
                #expect((now?.until ?? clock.now) > clock.now, "\(day)")
            }
        }
    }

    @Test("reminders and the end come from timers; a name held by a case stays until it is decided")
    func timers() async throws {
        try await forEachEngine(Fixture.migrations) { database in
            let rules = try Fixture.rules.get()
            let start = try Fixture.day("2025-03-03 10:00")
            let clock = ManualClock(start)
            let runner = try Fixture.runner(database, clock)
            let free = try await Fixture.reserved(
                Fixture.proposal(Fixture.parts("云帆")),
                at: start,
                on: database
            )
            let held = try await Fixture.reserved(
                Fixture.proposal(Fixture.parts("海阔")),
                at: start,
                on: database
            )
            let review = try Fixture.day("2025-04-30 10:00")
            try await database.write { tx in
                try HoldName.hold(held.id, for: "case-1", occasion: Fixture.occasion(review), in: tx)
            }
            await #expect(throws: NameError.heldByAnother) {
                try await database.write { tx in
                    try HoldName.hold(held.id, for: "case-2", occasion: Fixture.occasion(review), in: tx)
                }
            }
            let end = try Fixture.day("2025-05-07 00:00")
            while let due = try await runner.nextDue(), due <= end {
                clock.set(max(clock.now, due))
                try await runner.runUntilQuiet()
            }
            clock.set(end)
            let states = try await database.read { reader in
                [
                    try NameLibrary.find(free.id, in: reader)?.state,
                    try NameLibrary.find(held.id, in: reader)?.state,
                ]
            }
            #expect(states == [.expired, .held])
            let reminded = try await Fixture.events(database, named: "company-name.expiring")
            #expect(reminded.map(\.object) == Array(repeating: "company-name:\(free.id)", count: 2))
            let obstacle = try await database.read { reader in
                try NameLibrary.obstacle(held.id, applicant: "p-1", caseID: "case-1", now: end, in: reader)
            }
            #expect(obstacle == nil)
            let freed = try await database.write { tx in
                try HoldName.unhold(
                    held.id,
                    by: "case-1",
                    under: rules,
                    occasion: Fixture.occasion(end),
                    in: tx
                )
            }
            #expect(freed.state == .expired)
        }
    }

    @Test("an approval that turns out to be needed lengthens two months to a year from the start")
    func approval() async throws {
        try await forEachEngine(Fixture.migrations) { database in
            let rules = try Fixture.rules.get()
            let start = try Fixture.day("2025-03-03 10:00")
            let clock = ManualClock(start)
            let runner = try Fixture.runner(database, clock)
            let entry = try await Fixture.reserved(
                Fixture.proposal(Fixture.parts("云帆")),
                at: start,
                on: database
            )
            let later = try Fixture.day("2025-04-01 10:00")
            let year = try await database.write { tx in
                try ReserveName.setTerm(
                    of: entry.id,
                    needsApproval: true,
                    under: rules,
                    occasion: Fixture.occasion(later),
                    in: tx
                )
            }
            #expect(year.lastDay?.description == "2026-03-03")
            clock.set(try Fixture.day("2025-06-01 10:00"))
            try await runner.runUntilQuiet()
            let now = clock.now
            let live = try await database.read { try NameLibrary.reservations(of: "p-1", now: now, in: $0) }
            #expect(live.map(\.id) == [entry.id])
            let back = try await database.write { tx in
                try ReserveName.setTerm(
                    of: entry.id,
                    needsApproval: false,
                    under: rules,
                    occasion: Fixture.occasion(now),
                    in: tx
                )
            }
            #expect(back.lastDay == now.date)
        }
    }

    @Test("one may hold five names; released ones do not count; nobody releases another's")
    func limit() async throws {
        try await forEachEngine(Fixture.migrations) { database in
            let now = try Fixture.day("2025-03-03 10:00")
            var first: Reservation?
            for brand in ["云帆", "海阔", "天远", "金穗", "鸿图"] {
                let entry = try await Fixture.reserved(
                    Fixture.proposal(Fixture.parts(brand)),
                    at: now,
                    on: database
                )
                first = first ?? entry
            }
            await #expect(throws: NameError.tooMany(limit: 5)) {
                try await Fixture.reserve(Fixture.proposal(Fixture.parts("鹏程")), at: now, on: database)
            }
            let released = try #require(first)
            await #expect(throws: NameError.notOwner) {
                try await database.write { tx in
                    try ReleaseName.run(released.id, occasion: Fixture.occasion(now, "p-9"), in: tx)
                }
            }
            try await database.write { tx in
                _ = try ReleaseName.run(released.id, occasion: Fixture.occasion(now), in: tx)
            }
            let again = try await Fixture.reserved(
                Fixture.proposal(Fixture.parts("云帆"), applicant: "p-2"),
                at: now,
                on: database
            )
            #expect(again.state == .reserved)
        }
    }

    @Test("asking again for one's own name gives the same reservation; the promise is needed")
    func own() async throws {
        try await forEachEngine(Fixture.migrations) { database in
            let now = try Fixture.day("2025-03-03 10:00")
            let rules = try Fixture.rules.get()
            let proposal = Fixture.proposal(Fixture.parts("云帆"))
            let report = try await Fixture.check(proposal, at: now, on: database)
            await #expect(throws: NameError.promiseMissing) {
                try await database.write { tx in
                    try ReserveName.run(
                        report,
                        promised: false,
                        under: rules,
                        occasion: Fixture.occasion(now),
                        in: tx
                    )
                }
            }
            let entry = try await Fixture.reserved(proposal, at: now, on: database)
            let answer2 = try await Fixture.reserved(proposal, at: now, on: database).id
            #expect(answer2 == entry.id)
            let again = try await Fixture.check(proposal, at: now, on: database)
            #expect(again.findings.contains { $0.code == "name.same-own" && $0.severity == .notice })
            #expect(again.verdict == .free)
        }
    }

    @Test("consumed once, in the transaction that registers")
    func consume() async throws {
        try await forEachEngine(Fixture.migrations) { database in
            let now = try Fixture.day("2025-03-03 10:00")
            let entry = try await Fixture.reserved(
                Fixture.proposal(Fixture.parts("云帆")),
                at: now,
                on: database
            )
            let registered = try await database.write { tx in
                try ConsumeName.run(entry.id, enterprise: "e-1", occasion: Fixture.occasion(now), in: tx)
            }
            #expect(registered.state == .registered && registered.until == nil && registered.owner == nil)
            await #expect(throws: NameError.notAllowed(event: "use", state: .registered)) {
                try await database.write { tx in
                    try ConsumeName.run(entry.id, enterprise: "e-2", occasion: Fixture.occasion(now), in: tx)
                }
            }
            let report = try await Fixture.check(
                Fixture.proposal(Fixture.parts("云帆"), applicant: "p-2"),
                at: now,
                on: database
            )
            #expect(report.findings.contains { $0.code == "name.same-registered" })
        }
    }
}
