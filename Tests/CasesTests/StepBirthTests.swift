import Exchange
import Jobs
import Kernel
import Server
import Storage
import Testing

@testable import Cases

@Suite("steps of outside parties", .serialized)
struct StepBirthTests {
    private func granted(_ town: GuardTown) async throws -> Case {
        let draft = try await town.start(try await town.reserve(town.data))
        try await town.sign(try await town.desk.askSignatures(draft.id, occasion: town.occasion()))
        let handed = try await town.desk.submit(draft.id, occasion: town.occasion())
        try #require(handed.state == .granted)
        return handed
    }

    @Test("say from the moment they are opened that their message waits; the case comes back as it stands")
    func opened() async throws {
        try await GuardTown.each { town in
            let subject = try await granted(town)
            let (steps, lines, stored) = try await town.database.read { reader in
                (
                    try StepStore.of(subject.id, in: reader),
                    try ExchangeStore.lines(of: subject.id.rawValue, in: reader),
                    try CaseStore.find(subject.id, in: reader)
                )
            }
            #expect(subject.version == stored.version && subject.completedAt == stored.completedAt)
            let waiting = Set(
                lines.filter { $0.state == .pending }.compactMap { line in
                    line.order.key.split(separator: "/").dropFirst().first.map(String.init)
                }
            )
            #expect(waiting.contains("publicity") && waiting.count > 3)
            for step in steps where waiting.contains(step.name) {
                #expect(step.outcome == LineState.pending.rawValue, "\(step.name)")
            }
        }
    }

    @Test("are left alone by the birth of a line that waits, and follow every other")
    func births() async throws {
        try await GuardTown.each { town in
            let subject = try await granted(town)
            try await town.town.settle()
            let found = try await town.database.read { reader in
                try ExchangeStore.lines(of: subject.id.rawValue, in: reader).first {
                    $0.order.key == "\(subject.id)/publicity"
                }
            }
            let line = try #require(found)
            func outcome(after from: LineState?) async throws -> String? {
                try await town.database.write { tx in
                    var step = try #require(try StepStore.find("publicity", of: subject.id, in: tx))
                    step.outcome = "left alone"
                    try StepStore.update(step, in: tx)
                    try Outbox.emit(
                        "exchange.line-changed",
                        object: "case:\(subject.id)",
                        payload: [
                            "line": .string(line.id.rawValue), "party": "publicity",
                            "operation": .string(line.order.operation),
                            "case": .string(subject.id.rawValue), "caseNumber": .string(subject.number),
                            "creditCode": .string(line.order.creditCode), "from": JSON(from?.rawValue),
                            "to": .string(LineState.pending.rawValue), "counts": .bool(line.order.counts),
                            "reasonCode": nil,
                        ],
                        occasion: town.occasion(),
                        in: tx
                    )
                }
                try await town.town.settle()
                return try await town.database.read {
                    try StepStore.find("publicity", of: subject.id, in: $0)?.outcome
                }
            }
            #expect(try await outcome(after: nil) == "left alone")
            #expect(try await outcome(after: .returned) == line.state.rawValue)
        }
    }
}
