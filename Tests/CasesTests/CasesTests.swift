import Catalogue
import Kernel
import Rules
import Testing

@testable import Cases

@Suite("the states of a case")
struct CaseStateTests {
    @Test(
        "no event leads out of an end, but a mistaken revocation can be undone",
        arguments: CaseState.allCases
    )
    func ends(state: CaseState) throws {
        guard state.isFinal else { return }
        for event in CaseEvent.allCases where !(state == .revoked && event == .restore) {
            #expect(throws: CaseError.notAllowed(event: event, in: state)) {
                try state.after(event, in: .licence)
            }
        }
    }

    @Test("a registration has no acceptance", arguments: CaseState.allCases)
    func acceptance(state: CaseState) {
        #expect(throws: CaseError.notInProcedure(event: .accept, procedure: .registration)) {
            try state.after(.accept, in: .registration)
        }
    }

    @Test("a registration goes its ways")
    func ways() throws {
        let procedure = ProcedureProfile.registration
        #expect(try CaseState.draft.after(.askSignatures, in: procedure) == .signing)
        #expect(try CaseState.signing.after(.submit, in: procedure) == .received)
        #expect(try CaseState.received.after(.grant, in: procedure) == .granted)
        #expect(try CaseState.received.after(.toPerson, in: procedure) == .review)
        #expect(try CaseState.review.after(.return, in: procedure) == .returned)
        #expect(try CaseState.returned.after(.submit, in: procedure) == .received)
        #expect(try CaseState.review.after(.refuse, in: procedure) == .refused)
        #expect(try CaseState.granted.after(.revoke, in: procedure) == .revoked)
    }

    @Test("only what the authority does not have may be edited", arguments: CaseState.allCases)
    func editing(state: CaseState) {
        let edited = try? state.after(.edit, in: .registration)
        #expect((edited != nil) == state.isEditable)
        #expect(!(state.isEditable && state.isWithAuthority))
    }
}

@Suite("the number of a case")
struct CaseNumberTests {
    @Test("is well formed, and no single wrong digit is")
    func checkDigit() throws {
        let date = try #require(LocalDate(parsing: "2026-03-02"))
        let entropy = SeededEntropy(seed: 20_260_302)
        for _ in 0..<200 {
            let number = CaseNumber.make(region: "150203", on: date, entropy: entropy)
            #expect(CaseNumber.isWellFormed(number))
            #expect(number.hasPrefix("15020320260302"))
            for index in number.indices {
                for digit in "0123456789" where digit != number[index] {
                    var wrong = number
                    wrong.replaceSubrange(index...index, with: [digit])
                    #expect(!CaseNumber.isWellFormed(wrong))
                }
            }
        }
    }

    @Test("does not follow from the number before it")
    func scattered() throws {
        let date = try #require(LocalDate(parsing: "2026-03-02"))
        let entropy = SeededEntropy(seed: 20_260_303)
        let serials = (0..<200).compactMap { _ in
            Int(CaseNumber.make(region: "150203", on: date, entropy: entropy).dropFirst(14).dropLast())
        }
        #expect(Set(serials).count == 200)
        let steps = zip(serials, serials.dropFirst()).map { $1 - $0 }
        #expect(Set(steps).count == 199 && steps.allSatisfy { abs($0) > 1 })
        #expect(serials.contains { $0 < 10_000_000 } && serials.contains { $0 >= 90_000_000 })
    }

    @Test("has a look-up code of six characters that nobody mistakes")
    func lookupCode() {
        let entropy = SeededEntropy(seed: 3)
        for _ in 0..<100 {
            let code = CaseNumber.makeLookupCode(entropy: entropy)
            #expect(code.count == 6)
            #expect(code.allSatisfy { !"01ILOUS".contains($0) || $0 == "S" })
        }
    }
}

@Suite("rules put to facts")
struct RuleBookTests {
    private static let yaml = """
        table: T
        hit: FIRST
        inputs:
          - {name: age, value: 'person.age', type: number}
        outputs:
          - {name: outcome, values: [pass, person, return, transfer, refuse]}
          - {name: reason}
          - {name: arguments}
        rows:
          - {id: young, when: ['< limits.age'], then: ['"return"', '"young"', '{who: person.label}']}
          - {id: old, when: ['-'], then: ['"pass"', '""', '{}']}
        """

    private func book(each: Bool = true) throws -> RuleBook {
        let table = try DecisionTable(yaml: Self.yaml, file: "T.yaml")
        return RuleBook(rules: [
            CaseRule(
                id: "R05",
                table: table,
                each: each ? CaseRule.Each(variable: "person", list: "people") : nil,
                when: nil,
                sources: ["police"]
            )
        ])
    }

    private func decide(_ values: JSON) throws -> [Finding] {
        let today = try #require(LocalDate(parsing: "2026-03-02"))
        let facts = Facts(values: values, times: ["police": Instant(today), "court": Instant(today)])
        return try book().decide(facts, limits: ["age": 18], today: today, calendar: nil)
    }

    @Test("each person gets a finding of his own, with row, inputs and data time")
    func each() throws {
        let findings = try decide(["people": [["label": "A", "age": 17], ["label": "B", "age": 40]]])
        #expect(findings.map(\.outcome) == [.return, .pass])
        #expect(findings[0].rows == ["young"])
        #expect(findings[0].arguments == ["who": "A"])
        #expect(findings[0].dataTimes.keys.sorted() == ["police"])
        #expect(findings.verdict == .return)
    }

    @Test("what is unknown goes to a person, never through")
    func unknown() throws {
        let findings = try decide(["people": [["label": "A", "age": nil]]])
        #expect(findings.map(\.outcome) == [.person])
        #expect(findings[0].reason == "unknown")
        #expect(try decide([:]).verdict == .person)
        #expect([Finding]().verdict == .person)
    }

    @Test("a finding can be read again as it was written")
    func roundTrip() throws {
        for finding in try decide(["people": [["label": "A", "age": 17]]]) {
            #expect(Finding(json: finding.json) == finding)
        }
    }

    @Test("only the rules that waited are asked again; what the others found stands, in their order")
    func again() throws {
        let table = try DecisionTable(yaml: Self.yaml, file: "T.yaml")
        let book = RuleBook(
            rules: [("R01", "people"), ("R02", "drawn"), ("R03", "people")].map { id, list in
                CaseRule(
                    id: id,
                    table: table,
                    each: CaseRule.Each(variable: "person", list: list),
                    when: nil,
                    sources: []
                )
            }
        )
        let today = try #require(LocalDate(parsing: "2026-03-02"))
        let waiting = Facts.AtGrant(rules: ["R02"]) { [:] }
        let people: JSON = [["label": "A", "age": 40], ["label": "B", "age": 40]]
        func decide(_ facts: Facts, only: Set<String>? = nil) -> [Finding] {
            book.decide(facts, limits: ["age": 18], today: today, calendar: nil, only: only)
        }
        let first = decide(Facts(values: ["people": people], times: [:], atGrant: waiting))
        #expect(first.map(\.rule) == ["R01", "R01", "R02", "R03", "R03"])
        #expect(first[2].rows == ["not-applicable"])
        let drawn = Facts(values: ["people": people, "drawn": [["label": "C", "age": 17]]], times: [:])
        let fresh = decide(drawn, only: waiting.rules)
        #expect(fresh.map(\.rule) == ["R02"])
        let second = book.splice(fresh, of: waiting.rules, into: first)
        #expect(second.map(\.rule) == first.map(\.rule))
        #expect(second.map(\.outcome) == [.pass, .pass, .return, .pass, .pass])
        #expect(second == decide(drawn))
    }

    @Test("the heaviest outcome decides")
    func weight() {
        #expect(RuleOutcome.allCases.sorted() == [.pass, .person, .return, .transfer, .refuse])
    }
}
