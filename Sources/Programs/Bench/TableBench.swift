import Foundation
import Kernel
import Rules

/// A decision table, UNIQUE, 200 rules by 10 inputs, against two other engines on the same table and inputs.
enum TableBench {
    static func run(_ settings: BenchSettings) async throws -> [BenchFigure] {
        let script = "\(settings.home.root)/Tools/bench/decision_table_peers.py"
        let file = "\(settings.folder)/table.json"
        guard let made = try python([script, "generate"], home: settings.home), !made.isEmpty else {
            throw BenchFault("python3 did not make the table (Tools/bench/decision_table_peers.py generate)")
        }
        try made.write(to: URL(fileURLWithPath: file))
        let data = try JSON.read(Array(made), sizeBytesMax: 64 << 20)
        let table = try DecisionTable(yaml: data["yaml"].text ?? "", file: "bench")
        let cases = data["cases"].elements.map { (RuleContext(json: $0["input"]), $0["row"].text) }
        for (context, row) in cases {
            let decision = try table.decide(in: context)
            guard decision["answer"].json.text == row else {
                throw BenchFault("wrong answer for row \(row ?? "")")
            }
        }
        // By the time on the core, on both sides, as each runs on one thread.
        var rounds = 0
        var spent = 0.0
        while spent < 3 {
            spent += try Stopwatch.coreSeconds {
                for (context, _) in cases { _ = try table.decide(in: context) }
            }
            rounds += 1
        }
        let own = Double(rounds * cases.count) / spent
        let answers = try python([script, "run", file, "--seconds", "3"], home: settings.home)
        let peers = try answers.map { try JSON.read(Array($0)) } ?? .null
        return ["zen-engine", "SpiffWorkflow"].map { peer in
            BenchFigure(
                "decision-table.\(peer)",
                own,
                "decisions/s",
                peer: peer,
                against: peers[peer]["perSecond"].double,
                note: peers.isNull
                    ? "\(peer) is missing; see Docs/bench.md"
                    : "\(peer) \(peers[peer]["version"].text ?? "?"), 200 rules by 10 inputs, \(cases.count) inputs, seed 1, one thread each, every answer checked"
            )
        }
    }

    /// What a program of Python prints, with the peers' folder in its path; nil when it fails or is not there.
    static func python(_ arguments: [String], home: Home) throws -> Data? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["PYTHONPATH": "\(home.root)/.assets/py-bench", "PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? data : nil
    }
}

extension JSON {
    var double: Double? { if case .number(let digits) = self { Double(digits) } else { nil } }
}
