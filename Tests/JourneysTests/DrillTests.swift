import Foundation
import Kernel
import TestSupport
import Testing

/// The drills of `Scripts/drills` in the small: real processes, killed at moments of chance. `make drill` runs them at
/// the counts of trust.md.
@Suite("drills in the small", .serialized)
struct DrillTests {
    private func drill(_ name: String, _ arguments: [String], says id: String) throws {
        let script = URL(fileURLWithPath: "\(try Home.find().root)/Scripts/drills/\(name)")
        let engines = postgresURL() == nil ? ["--engine", "sqlite"] : []
        let answer = try Program.run(script, arguments + engines)
        let lines = answer.out.split(separator: "\n").filter { $0.hasPrefix("TRUST \(id) ") }
        #expect(answer.exit == 0, "\(answer.out) \(answer.error.suffix(2_000))")
        #expect(lines.count == (engines.isEmpty ? 2 : 1), "\(answer.out)")
        #expect(lines.allSatisfy { $0.hasPrefix("TRUST \(id) PASS ") }, "\(answer.out)")
    }

    @Test(
        "D1: a server that is killed while cases are started loses and doubles none, each with its entry and event"
    )
    func server() throws {
        try drill("server-killed", ["--kills", "3", "--submissions", "240", "--clients", "6"], says: "D1")
    }

    @Test("D6: jobs of killed workers are done by others, each effect once")
    func workers() throws {
        try drill("workers-killed", ["--jobs", "600", "--every", "0.5", "--kills-min", "1"], says: "D6")
    }

    @Test("D5: no row names a file that is missing or short after kills in the middle of uploads")
    func uploads() throws {
        try drill(
            "uploads-killed",
            ["--uploads", "24", "--kills", "3", "--least", "1", "--most", "2"],
            says: "D5"
        )
    }

    @Test("C1: the same key many times at once is one case, with one answer")
    func keys() throws {
        try drill("same-keys", ["--keys", "5", "--times", "12"], says: "C1")
    }
}
