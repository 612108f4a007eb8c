import Catalogue
import CompanyNames
import Kernel
import Storage
import TestSupport
import Testing

/// The terms of names stand in the dated limits of company opening and nowhere else.
@Suite("terms of names")
struct NameTermTests {
    private static func rules(_ limits: String) throws -> NameRules {
        try NameRules(
            standards: Fixture.standards.get(),
            home: Fixture.home.get(),
            terms: DatedLimits(yaml: "limits:\n" + limits, file: "test")
        )
    }

    private static func line(_ name: String, _ values: String) -> String {
        "  - {name: \(name), label: {zh: 限, en: Limit}, values: [\(values)]}\n"
    }

    private static let others =
        line("nameReminderFirst", "{from: 2021-03-01, value: 7 d}")
        + line("nameReminderLast", "{from: 2021-03-01, value: 1 d}")
        + line("nameNearScore", "{from: 2021-03-01, value: 95}")

    @Test("follow the limits of the day and the region")
    func dated() throws {
        let rules = try Self.rules(
            Self.line("nameReservation", "{from: 2021-03-01, value: 2 mo}, {from: 2026-01-01, value: 3 mo}")
                + Self.line("nameReservationApproval", "{from: 2021-03-01, value: 1 y}")
                + Self.line(
                    "nameBlocked",
                    "{from: 2021-03-01, value: 12 mo}, {region: \"150200\", from: 2021-03-01, value: 6 mo}"
                )
                + Self.others
        )
        let limits = rules.limits
        let (old, new) = (
            try #require(LocalDate(parsing: "2025-12-31")), try #require(LocalDate(parsing: "2026-01-01"))
        )
        #expect(try limits.months(.reservation, region: "150102", on: old) == 2)
        #expect(try limits.months(.reservation, region: "150102", on: new) == 3)
        #expect(try limits.months(.reservationApproval, region: "150102", on: new) == 12)
        #expect(try limits.months(.blocked, region: "150102", on: new) == 12)
        #expect(try limits.months(.blocked, region: "150203", on: new) == 6)
        #expect(try limits.days(.first, region: "150102", on: new) == 7)
        #expect(try limits.personScore(region: "150102", on: new) == 95)
    }

    @Test("a term that is missing, or not in months, stops with the name of the limit")
    func missing() throws {
        let rules = try Self.rules(
            Self.line("nameReservation", "{from: 2021-03-01, value: 60 d}") + Self.others
        )
        let day = try #require(LocalDate(parsing: "2026-01-01"))
        #expect(throws: NameError.dataMissing("limits: nameReservation")) {
            try rules.limits.months(.reservation, region: "150102", on: day)
        }
        #expect(throws: NameError.dataMissing("limits: nameBlocked")) {
            try rules.limits.months(.blocked, region: "150102", on: day)
        }
    }

    @Test("a name lost by a withdrawal comes back, unless somebody else has it by then")
    func regain() async throws {
        try await forEachEngine(Fixture.migrations) { database in
            let rules = try Fixture.rules.get()
            let now = try Fixture.day("2025-03-03 10:00")
            for (brand, enterprise) in [("云帆", "e-1"), ("远航", "e-2")] {
                try await Fixture.register(
                    Fixture.parts(brand),
                    enterprise: enterprise,
                    at: now,
                    on: database
                )
                try await database.write { tx in
                    _ = try NameLibrary.leave(
                        enterprise: enterprise,
                        as: .revoke,
                        under: rules,
                        occasion: Fixture.occasion(now),
                        in: tx
                    )
                }
            }
            let back = try await database.write {
                try NameLibrary.regain(enterprise: "e-1", occasion: Fixture.occasion(now), in: $0)
            }
            #expect(back?.state == .registered)
            #expect(back?.until == nil)
            let later = now + 366 * Instant.day
            _ = try await Fixture.reserved(
                Fixture.proposal(Fixture.parts("远航"), applicant: "p-9"),
                at: later,
                on: database
            )
            let gone = try await database.write {
                try NameLibrary.regain(enterprise: "e-2", occasion: Fixture.occasion(later), in: $0)
            }
            #expect(gone == nil)
            #expect(
                try await database.write {
                    try NameLibrary.regain(enterprise: "nobody", occasion: Fixture.occasion(now), in: $0)
                } == nil
            )
        }
    }
}
