import Exchange
import Foundation
import Kernel
import TestSupport
import Testing

@Suite("parties as data")
struct PartiesTests {
    @Test("every party of the journeys is defined")
    func all() throws {
        let parties = try TestKeys.parties.get()
        let wanted = [
            "police-id", "police-face", "court-list", "agent-register", "company-query", "police-seal",
            "engraver",
            "tax", "social-insurance", "medical-insurance", "housing-fund", "bank", "publicity",
            "national-collection", "permit-department", "sms", "post", "payment",
        ]
        #expect(Set(parties.all.map(\.id)) == Set(wanted))
        for party in parties.all {
            for operation in party.operations where operation.kind != .question {
                #expect(!operation.overdueAfter.isEmpty, "\(party.id).\(operation.id)")
            }
        }
    }

    @Test("pauses grow and have a longest one")
    func pauses() throws {
        let date = try #require(LocalDate(parsing: "2026-11-20"))
        let terms = try TestKeys.parties.get().party("tax").terms(on: date)
        let pauses = (1...12).map { terms.pause(after: $0) }
        #expect(pauses.prefix(4) == [30_000, 60_000, 120_000, 240_000])
        #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(pauses.last == 1_800_000)
        #expect(terms.pause(after: .max) == 1_800_000)
    }

    @Test(
        "a party that is closed at night opens in the morning",
        arguments: [
            ("2026-11-20 05:59", "2026-11-20 06:00"), ("2026-11-20 06:00", "2026-11-20 06:00"),
            ("2026-11-20 22:59", "2026-11-20 22:59"), ("2026-11-20 23:00", "2026-11-21 06:00"),
        ]
    )
    func hours(from: String, to: String) throws {
        let terms = try TestKeys.parties.get().party("police-seal").terms(on: try moment(from).date)
        #expect(terms.open(from: try moment(from)) == (try moment(to)))
    }

    @Test(
        "a definition that cannot be used is refused with file and line",
        arguments: [
            ("kind: agency", "kind: circus", "kind is unknown"),
            ("queue: party.tax", "quue: party.tax", "quue is not a key here"),
            ("answerWithin: 5 s", "answerWithin: soon", "not a span"),
            ("hours: 00:00-24:00", "hours: 25:00-26:00", "hours is not"),
            ("id: tax", "id: taxes", "id is not the file's name"),
            ("taxOffice: text", "taxOffice: poem", "shape is unknown"),
            ("from: 2022-03-01", "from: 2022-02-30", "not a date"),
        ]
    )
    func badDefinition(right: String, wrong: String, what: String) async throws {
        try await withTemporaryFolder { folder in
            for name in ["envelope.yaml", "tax.yaml"] {
                let text = try String(contentsOfFile: home.resource("parties/\(name)"), encoding: .utf8)
                #expect(name == "envelope.yaml" || text.contains(right))
                try text.replacing(right, with: wrong).write(
                    toFile: "\(folder)/\(name)",
                    atomically: true,
                    encoding: .utf8
                )
            }
            do throws(ExchangeError) {
                _ = try Parties(folder: folder)
                Issue.record("accepted: \(wrong)")
            } catch {
                guard case .definition(let file, let said) = error else {
                    Issue.record(error)
                    return
                }
                #expect(file == "tax.yaml" && said.contains(what) && said.contains("line "), "\(said)")
            }
        }
    }
}
