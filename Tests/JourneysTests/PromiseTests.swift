import Foundation
import Kernel
import Portal
import Testing

@testable import Server

@Suite("promises and their tests")
struct PromiseTests {
    private let home: Home

    init() throws { home = try Home.find() }

    /// A home with the promises of ours and this record of a run.
    private func withHome(record: String?, _ look: (Home) throws -> Void) throws {
        let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: root) }
        let standards = root.appending(path: "Resources/standards")
        try FileManager.default.createDirectory(at: standards, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: home.resource("standards/promises.tsv"),
            toPath: standards.appending(path: "promises.tsv").path
        )
        if let record {
            let assets = root.appending(path: ".assets")
            try FileManager.default.createDirectory(at: assets, withIntermediateDirectories: true)
            try Data(record.utf8).write(to: assets.appending(path: "promises.tsv"))
        }
        try look(Home(root: root.path))
    }

    @Test("what did not run is said to be not run, never kept")
    func notRun() throws {
        try withHome(record: nil) { home in
            let promises = try Promise.load(home: home)
            #expect(promises.count > 40)
            #expect(promises.allSatisfy { $0.verdict == .notRun && $0.at == nil && $0.tests == 0 })
            #expect(promises.allSatisfy { !$0.zh.isEmpty && !$0.en.isEmpty })
        }
    }

    /// What the script makes of a run in which one proof of A1 failed, those of S6 and C5 ran, the second of C5 not.
    private func judged(_ cases: String) throws -> (exit: Int32, record: String) {
        let folder = FileManager.default.temporaryDirectory
        let results = folder.appending(path: "\(UUID().uuidString).xml").path
        let record = folder.appending(path: "\(UUID().uuidString).tsv").path
        defer { for path in [results, record] { try? FileManager.default.removeItem(atPath: path) } }
        try Data("<testsuites><testsuite>\(cases)</testsuite></testsuites>".utf8)
            .write(to: URL(fileURLWithPath: results))
        let script = Process()
        script.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        script.arguments = ["python3", "\(home.root)/Scripts/promises", results, record]
        script.standardOutput = FileHandle.nullDevice
        try script.run()
        script.waitUntilExit()
        return (script.terminationStatus, try String(contentsOfFile: record, encoding: .utf8))
    }

    @Test("a promise is kept when all its tests ran and passed, broken when one failed")
    func verdicts() throws {
        let evidence = #"<testcase classname="ExchangeTests.EvidenceTests" name="openssl()" time="1.5"/>"#
        let clocks = #"<testcase classname="DeadlinesTests.ClockPropertyTests" name="generated()" time="2"/>"#
        let access = #"""
            <testcase classname="WorkbenchTests.AccessTests" name="table()" time="3"><failure message="x"/></testcase>
            """#
        let broken = try judged(evidence + clocks + access)
        #expect(broken.exit == 1)
        try withHome(record: broken.record) { home in
            let promises = try Promise.load(home: home)
            func verdict(_ id: String) -> Promise.Verdict? { promises.first { $0.id == id }?.verdict }
            #expect(verdict("S6") == .kept)
            #expect(verdict("C5") == .notRun, "one of its two tests did not run")
            #expect(verdict("A1") == .broken)
            #expect(promises.first { $0.id == "S6" }?.tests == 1)
            #expect(promises.first { $0.id == "S6" }?.at != nil)
            #expect(promises.first { $0.id == "S6" }?.isOfThisProgram == false, "those are other files")
        }
        #expect(try judged(evidence).exit == 0)
    }

    @Test("a record belongs to the files that were tested: one byte more and it is another program's")
    func version() throws {
        let evidence = #"<testcase classname="ExchangeTests.EvidenceTests" name="openssl()" time="1.5"/>"#
        let record = try judged(evidence).record
        let tested = ProgramDigest.read(home.root)
        #expect(record.contains("\tversion\n") && record.contains("\t\(tested)\n"), "as the script says it")
        let seconds = "id\tverdict\ttests\tseconds\tat\nS6\tPASS\t1\t1\t2026-11-21T10:00:00Z\n"
        try withHome(record: seconds) { home in
            let promise = try Promise.load(home: home).first { $0.id == "S6" }
            #expect(promise?.verdict == .kept && promise?.isOfThisProgram == false, "from before versions")
            let own = ProgramDigest.read(home.root)
            let versioned = "id\tverdict\ttests\tat\tversion\nS6\tPASS\t1\t2026-11-21T10:00:00Z\t\(own)\n"
            let path = URL(fileURLWithPath: "\(home.root)/.assets/promises.tsv")
            try Data(versioned.utf8).write(to: path)
            #expect(try Promise.load(home: home).first { $0.id == "S6" }?.isOfThisProgram == true)
            for folder in ["Sources", "Systems", "Resources"] {
                let before = ProgramDigest.read(home.root)
                let file = "\(home.root)/\(folder)/added"
                try FileManager.default.createDirectory(
                    atPath: "\(home.root)/\(folder)",
                    withIntermediateDirectories: true
                )
                try Data("x".utf8).write(to: URL(fileURLWithPath: file))
                #expect(ProgramDigest.read(home.root) != before, "\(folder)")
            }
        }
    }

    @Test("a record that cannot be read is refused, not taken for kept")
    func unreadable() throws {
        for record in ["id\tverdict\n", "id\tverdict\ttests\tat\nA1\tGOOD\t1\t2026-11-21\n"] {
            try withHome(record: record) { home in
                #expect(throws: (any Error).self) { try Promise.load(home: home) }
            }
        }
    }
}
