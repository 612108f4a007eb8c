import Testing

@Suite("imports point downwards")
struct DirectionTests {
    private let tree = SourceTree.shared

    /// The lowest first; a target may import what stands in its own storey or below.
    private static let storeys: [[String]] = [
        ["COpenSSL", "CPostgres", "CPangoCairo", "CZip", "CZlib", "CXML", "CQREncode"],
        ["Kernel"],
        ["Standards"],
        [
            "Storage", "StorageSQLite", "StoragePostgres", "Cryptography", "Rules", "ElectronicSeals",
            "Documents",
        ],
        [
            "Audit", "Jobs", "Deadlines", "Draws", "Forms", "Identity", "Attachments", "Search",
            "ArchivePackages",
        ],
        [
            "Catalogue", "Registers", "Exchange", "Credentials", "Cases", "Correspondence", "Charges",
            "Tickets",
            "Credit", "Inspection", "Trade", "Assessment", "Matching", "Space", "Slots", "Changes",
        ],
    ]

    /// The one engine that reads another's definitions; everything else goes through ports and events.
    private static let engineImports: Set<String> = ["Cases>Catalogue"]

    private func height(_ target: String) -> Int? {
        if let known = Self.storeys.firstIndex(where: { $0.contains(target) }) { return known }
        guard let file = tree.sources.first(where: { $0.target == target }) else { return nil }
        switch file.storey {
        case "Modules": return 6
        case "Faces": return target == "Web" ? 7 : 8
        case "Programs": return target == "suban" ? 10 : 9
        default: return nil
        }
    }

    @Test("every target has a place in the house")
    func placed() {
        let homeless = Set(tree.sources.map(\.target)).filter { height($0) == nil }
        #expect(homeless.sorted() == [])
    }

    @Test("no file imports from above")
    func downwards() {
        var wrong: [String] = []
        for file in tree.sources {
            guard let own = height(file.target) else { continue }
            for module in file.imports where module != file.target {
                if let other = height(module), other > own { wrong.append("\(file.path) imports \(module)") }
            }
        }
        #expect(wrong == [])
    }

    @Test("engines know each other only through ports and events")
    func engines() {
        let engines = Set(Self.storeys[5])
        var wrong: [String] = []
        for file in tree.sources where engines.contains(file.target) {
            for module in file.imports where engines.contains(module) && module != file.target {
                if !Self.engineImports.contains("\(file.target)>\(module)") {
                    wrong.append("\(file.path) imports \(module)")
                }
            }
        }
        #expect(wrong == [])
    }

    @Test(
        "what comes from outside is used where it belongs",
        arguments: [
            (
                "Hummingbird",
                ["Web", "Portal", "Workbench", "Cockpit", "API", "Server", "Simulators", "Bench"]
            ),
            ("Mustache", ["Web", "Correspondence"]), ("GRDB", ["StorageSQLite"]),
            ("CPostgres", ["StoragePostgres"]),
            ("SQLite3", []), ("CSQLiteSetup", ["StorageSQLite"]), ("COpenSSL", ["Cryptography", "Bench"]),
            ("CQREncode", ["Web", "Documents"]),
            ("Crypto", []), ("NIOFoundationCompat", []), ("ArgumentParser", ["suban"]),
            ("StorageSQLite", ["Server", "Scenarios", "Bench", "suban"]),
            ("StoragePostgres", ["Server", "Scenarios", "Bench", "suban"]),
        ]
    )
    func outside(module: String, allowed: [String]) {
        let wrong = tree.sources.filter { $0.imports.contains(module) && !allowed.contains($0.target) }
        #expect(wrong.map(\.path) == [])
    }
}
