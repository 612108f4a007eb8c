import Foundation
import Kernel
import Testing

/// What the manuals say can be typed: every command with its options, every script, target and file that they name.
@Suite("the manuals")
struct ManualTests {
    /// A command of the program with the names of its options, `--` included.
    private struct Command {
        let options: Set<String>
        let flags: Set<String>
        let children: [String: Command]
        let takesMore: Bool
        /// The child that is meant when none is named.
        let usual: String?

        init(_ json: JSON) {
            let arguments = json["arguments"].elements
            func names(_ kind: String) -> Set<String> {
                Set(
                    arguments.filter { $0["kind"].text == kind }.flatMap { $0["names"].elements }.compactMap {
                        name in
                        name["name"].text.map { (name["kind"].text == "long" ? "--" : "-") + $0 }
                    }
                )
            }
            options = names("option")
            flags = names("flag")
            usual = json["defaultSubcommand"].text
            takesMore = arguments.contains { $0["kind"].text == "positional" }
            children = Dictionary(
                json["subcommands"].elements.map { ($0["commandName"].text ?? "", Command($0)) },
                uniquingKeysWith: { first, _ in first }
            )
        }

        /// Everything that any command below takes.
        var all: Set<String> { children.values.reduce(options.union(flags)) { $0.union($1.all) } }

        /// What of the words after its name does not exist; nil when all does.
        func fault(_ words: [String]) -> String? {
            var words = words[...]
            if let child = words.first.flatMap({ children[$0] }) {
                return child.fault(Array(words.dropFirst()))
            }
            if let child = usual.flatMap({ children[$0] }) { return child.fault(Array(words)) }
            if !children.isEmpty, let first = words.first, !first.hasPrefix("-") { return first }
            while let word = words.popFirst() {
                if word.hasPrefix("-"), word != "-" {
                    let name = String(word.prefix { $0 != "=" })
                    if flags.contains(name) || name == "--help" { continue }
                    guard options.contains(name) else { return word }
                    if name == word { _ = words.popFirst() }
                } else if !takesMore {
                    return word
                }
            }
            return nil
        }
    }

    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    private static let manuals: [String] = {
        let docs = FileManager.default.enumerator(atPath: "\(root)/Docs")?.allObjects as? [String] ?? []
        return ["README.md", "README.zh-CN.md"]
            + docs.filter { $0.hasSuffix(".md") }.sorted().map { "Docs/\($0)" }
    }()

    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: "\(Self.root)/\(path)", encoding: .utf8)
    }

    private func commands() throws -> Command {
        let answer = try Program.run(["--experimental-dump-help"])
        return Command(try JSON.read(Array(answer.out.utf8))["command"])
    }

    /// Lines of code: indented ones, those between fences, and what stands between back-ticks.
    private func code(_ text: String) -> [String] {
        var lines: [String] = []
        var isFenced = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isFenced.toggle()
            } else if isFenced || line.hasPrefix("    ") {
                lines.append(line.split(separator: "#").first.map(String.init) ?? "")
            } else {
                lines += line.matches(of: /`([^`]+)`/).map { String($0.output.1) }
            }
        }
        return lines
    }

    /// The words of a command line, without the brackets and dots that say what may be left out. What stands in quotes is
    /// one word.
    private func words(_ line: String) -> [String] {
        line.replacing(/"[^"]*"/) { $0.output.replacing(" ", with: "_") }.split(separator: " ").map {
            $0.filter { !"[]…".contains($0) }
        }.filter { !$0.isEmpty }
    }

    @Test("every command line of the program can be typed")
    func typed() throws {
        let program = try commands()
        #expect(program.children.count > 10)
        var count = 0
        for manual in Self.manuals {
            for line in code(try text(manual)) {
                let words = words(line)
                guard let at = words.firstIndex(where: { $0 == "suban" || $0.hasSuffix("/suban") }),
                    words.count > at + 1
                else { continue }
                count += 1
                let fault = program.fault(Array(words[(at + 1)...]))
                #expect(fault == nil, "\(manual): “\(line)”: \(fault ?? "")")
            }
        }
        #expect(count > 15)
    }

    /// A line that another program reads.
    private static func isForeign(_ line: String) -> Bool {
        [
            "openssl ", "pg_dump ", "pg_restore ", "createuser ", "createdb ", "initdb ", "pg_amcheck ",
            "pgbench ", "apt-get ", "systemctl ", "systemd-run ", "systemd-nspawn ", "systemd-tmpfiles ",
            "podman ",
        ].contains { line.contains($0) }
    }

    @Test("every option that is named belongs to a command, a script or a tool")
    func options() throws {
        var known = try commands().all
        for folder in ["Scripts", "Scripts/drills", "Tools", "Deploy"] {
            for script in try FileManager.default.contentsOfDirectory(atPath: "\(Self.root)/\(folder)") {
                let path = "\(folder)/\(script)"
                var isFolder: ObjCBool = false
                guard FileManager.default.fileExists(atPath: "\(Self.root)/\(path)", isDirectory: &isFolder),
                    !isFolder.boolValue
                else { continue }
                known.formUnion(try text(path).matches(of: /--[a-z][a-z-]+/).map { String($0.output) })
            }
        }
        for manual in Self.manuals {
            for line in code(try text(manual)) where !Self.isForeign(line) {
                for match in line.matches(of: /(?:^|[ \[(])(--[a-z][a-z-]*)/) {
                    let name = String(match.output.1)
                    #expect(known.contains(name), "\(manual): \(name)")
                }
            }
        }
    }

    @Test("every target of make, script, tool and linked file is there")
    func files() throws {
        let targets = Set(try text("Makefile").matches(of: /(?m)^([a-z]+):/).map { String($0.output.1) })
        for manual in Self.manuals {
            let text = try text(manual)
            for line in code(text) {
                if let match = line.firstMatch(of: /^\s*make ([a-z]+)/) {
                    #expect(targets.contains(String(match.output.1)), "\(manual): make \(match.output.1)")
                }
                for match in line.matches(
                    of: /\b(?:Scripts|Tools|Tests|Resources|Sources|Systems)\/[A-Za-z0-9_\/.-]+/
                ) {
                    let path = String(match.output).trimmingCharacters(in: ["."])
                    guard !path.hasSuffix("-"), !path.hasSuffix("/") else { continue }
                    #expect(
                        FileManager.default.fileExists(atPath: "\(Self.root)/\(path)") || line.contains("<"),
                        "\(manual): \(path)"
                    )
                }
            }
            let folder = URL(fileURLWithPath: "\(Self.root)/\(manual)").deletingLastPathComponent().path
            for match in text.matches(of: /\]\(([^)#:\s]+)(?:#[^)]*)?\)/) {
                let path = "\(folder)/\(match.output.1)"
                #expect(FileManager.default.fileExists(atPath: path), "\(manual): \(match.output.1)")
            }
        }
    }
}
