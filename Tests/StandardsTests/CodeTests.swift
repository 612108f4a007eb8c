import Kernel
import Standards
import Testing

@Suite("licence identifiers and item codes")
struct CodeTests {
    static let published = [
        "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
        "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0",
        "1.2.156.3005.2.11100000000013338W011.11110000000021135M.20230329701.003.Y",
        "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9",
    ]

    @Test("published identifiers pass and print as they were", arguments: published)
    func reads(text: String) throws {
        let read = try LicenceIdentifier(parsing: text)
        #expect(read.description == text)
        let made = try LicenceIdentifier(
            type: read.type,
            issuer: read.issuer,
            serial: read.serial,
            version: read.version
        )
        #expect(made == read)
    }

    @Test("every single wrong character is found", arguments: published)
    func singleErrors(text: String) throws {
        let characters = Array(text)
        for position in "1.2.156.3005.2.".count..<characters.count where characters[position] != "." {
            for other in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" where other != characters[position] {
                var wrong = characters
                wrong[position] = other
                #expect(throws: IdentifierError.self) { try LicenceIdentifier(parsing: String(wrong)) }
            }
        }
    }

    @Test("another's wrong check is only marked")
    func lenient() throws {
        let wrong = String(Self.published[0].dropLast()) + "V"
        #expect(try !LicenceIdentifier(parsing: wrong, strict: false).isCheckValid)
    }

    @Test("the next version is one more")
    func versions() throws {
        let first = try LicenceIdentifier(parsing: Self.published[0])
        #expect(try first.nextVersion().version == 2)
        let last = try LicenceIdentifier(type: first.type, issuer: first.issuer, serial: "1", version: 999)
        #expect(throws: IdentifierError.self) { try last.nextVersion() }
    }

    @Test(
        "item codes of each length",
        arguments: [
            ("000117015000", ItemCode.Kind.basic, nil),
            ("TE320590XXX42661804000117015000", .implementation, 4),
            ("TE320590XXX4266180400011701500001", .handling, 4),
        ] as [(String, ItemCode.Kind, Int?)]
    )
    func items(text: String, kind: ItemCode.Kind, level: Int?) throws {
        let code = try ItemCode(text)
        #expect(code.kind == kind)
        #expect(code.basic == "000117015000")
        #expect(code.exerciseLevel == level)
        #expect(code.type == .licence)
    }

    @Test(
        "what is wrong with an item code",
        arguments: [
            ("00011701500", .length, nil), ("000117O15000", .character, 7), ("009917015000", .part, 3),
            ("TE320590XXX42661809000117015000", .part, 19),
        ] as [(String, IdentifierError.Reason, Int?)]
    )
    func badItems(text: String, reason: IdentifierError.Reason, position: Int?) {
        #expect(throws: IdentifierError(.itemCode, reason, position: position)) { try ItemCode(text) }
    }
}

@Suite("the working calendar")
struct WorkingCalendarTests {
    @Test(
        "holidays and make-up days",
        arguments: [
            ("2022-01-29", true), ("2022-01-30", true), ("2022-01-31", false), ("2026-10-10", true),
            ("2026-10-07", false),
            ("2026-11-21", false), ("2026-11-20", true), ("2023-01-28", true), ("2019-01-01", false),
            ("2026-12-31", true),
        ]
    )
    func days(text: String, works: Bool) throws {
        let date = try #require(LocalDate(parsing: text))
        #expect(try loaded.get().calendar.isWorkingDay(date) == works)
    }

    @Test("five working days across the Spring Festival of 2023")
    func springFestival() throws {
        let start = try #require(LocalDate(parsing: "2023-01-19"))
        #expect(try loaded.get().calendar.adding(workingDays: 5, to: start).description == "2023-01-31")
    }

    @Test("outside the published years nothing is guessed")
    func beyond() throws {
        let calendar = try loaded.get().calendar
        let last = try #require(LocalDate(parsing: "2026-12-31"))
        #expect(try calendar.adding(workingDays: 0, to: last) == last)
        #expect(throws: BeyondCalendar(year: 2027)) { try calendar.adding(workingDays: 1, to: last) }
        #expect(throws: BeyondCalendar(year: 2027)) { try calendar.isWorkingDay(last.adding(days: 1)) }
        #expect(throws: BeyondCalendar(year: 2018)) {
            try calendar.isWorkingDay(LocalDate(dayNumber: 17_896))
        }
        #expect(calendar.lastDay == last)
        let next = try #require(calendar.publishing(2027, []))
        #expect(try next.adding(workingDays: 1, to: last).description == "2027-01-01")
        #expect(calendar.publishing(2028, []) == nil)
    }

    @Test("agrees with counting day by day")
    func againstCounting() throws {
        let calendar = try loaded.get().calendar
        let seed: UInt64 = 11
        let entropy = SeededEntropy(seed: seed)
        let first = try #require(LocalDate(parsing: "2019-06-01")).dayNumber
        for _ in 0..<3_000 {
            let start = LocalDate(dayNumber: first + entropy.number(below: 2_000))
            let count = entropy.number(below: 120) - 40
            var day = start
            var left = abs(count)
            while left > 0 {
                day = day.adding(days: count > 0 ? 1 : -1)
                if try calendar.isWorkingDay(day) { left -= 1 }
            }
            #expect(
                try calendar.adding(workingDays: count, to: start) == day,
                "seed \(seed): \(start) + \(count)"
            )
            if count > 0 { #expect(try calendar.workingDays(from: start, to: day) == count) }
        }
    }
}
