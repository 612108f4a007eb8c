import Deadlines
import Kernel
import Testing

@Suite("periods")
struct PeriodTests {
    @Test("printing and reading are inverse", arguments: Period.Unit.allCases)
    func roundTrip(unit: Period.Unit) throws {
        for amount in [0, 1, 5, 20, 75, 100_000] {
            let period = try Period(amount, unit)
            #expect(try Period(period.description) == period)
            #expect(try Period("\(amount)\(unit.rawValue)") == period)
        }
    }

    @Test(
        "what is no period is refused",
        arguments: [
            "", "5", "wd", "5  wd", "-5 wd", "5 WD", "5.5 d", "５ wd", "5 days", "5 wd ", " 5 wd", "5 mo 3 d",
            "1e3 d",
            "100001 d", "99999999999999999999 d", "5 m",
        ]
    )
    func refuses(text: String) {
        #expect(throws: DeadlineError.self) { try Period(text) }
    }

    @Test("amounts have a limit, to the one")
    func limits() throws {
        #expect(throws: DeadlineError.badAmount("100001")) { try Period(100_001, .day) }
        #expect(throws: DeadlineError.badAmount("-1")) { try Period(-1, .day) }
        #expect(try Period(0, .day).amount == 0)
    }

    @Test(
        "ladder marks print and read",
        arguments: ["-1 wd", "-7 d", "1/3", "+0 d", "+2 wd", "-24 h", "-1 mo"]
    )
    func marks(text: String) throws { #expect(try WarningLadder.Mark(text).text == text) }

    @Test(
        "what is no mark is refused",
        arguments: ["", "1/0", "3/3", "0/3", "1/3/5", "due", "-", "+x", "1/5000"]
    )
    func badMarks(text: String) { #expect(throws: DeadlineError.self) { try WarningLadder.Mark(text) } }
}
