import Catalogue
import Forms
import Kernel
import Rules
import Testing

/// Items that run by their definition alone: what could not run is refused with its place.
@Suite("items without a module")
struct PlainItemTests {
    private static let world = CatalogueWorld(
        modules: [],
        parties: [
            "bank": ["open-account", "change-account", "close-account"]
        ],
        papers: [],
        licences: ["business-licence": ["营业执照复印件"], "professional-title": []],
        agencies: ["NMRST", "NMZWFW"],
        licenceTypes: [
            "professional-title": KnownLicence(
                holder: "person",
                fields: [
                    "number", "series", "speciality", "title", "level", "committee", "approvedOn", "document",
                    "employer",
                ],
                required: ["number", "series", "speciality", "title", "level", "committee", "approvedOn"],
                isDated: false
            ),
            "food-operation": KnownLicence(
                holder: "enterprise",
                fields: ["number"],
                required: ["number"],
                isDated: false
            ),
        ],
        seals: ["seal-official"],
        asks: [
            "bank.close-account": KnownOperation(
                fields: [
                    "creditCode", "name", "legalRepresentative", "address", "agent", "phone", "sealCode",
                    "application", "accountNumber", "reason", "restTo",
                ],
                required: ["creditCode", "accountNumber"]
            )
        ]
    )

    private func problems(_ system: String, _ file: String, _ old: String, _ new: String) throws -> [String] {
        var files = try SystemFolder(at: "\(Home.find().systems)/\(system)").files
        let text = String(decoding: files[file] ?? [], as: UTF8.self)
        #expect(old.isEmpty || text.contains(old), "\(file) has \(old)")
        files[file] = Array((old.isEmpty ? text : text.replacing(old, with: new)).utf8)
        return try SystemDefinition(SystemFolder(files: files)).problems(in: Self.world).map { problem in
            #expect(problem.position.file?.hasSuffix(".yaml") == true)
            return problem.reason.rawValue
        }
    }

    @Test("what was published with one text for the law of a charge goes on being read")
    func oldLaw() throws {
        var files = try SystemFolder(at: "\(Home.find().systems)/notary-online").files
        let text = String(decoding: files["system.yaml"] ?? [], as: UTF8.self)
        let old = text.replacing(/law: \{zh: ([^,}]+), en: [^}]+\}/) { "law: \($0.output.1)" }
        #expect(old != text)
        files["system.yaml"] = Array(old.utf8)
        let charges = try SystemDefinition(SystemFolder(files: files)).items.flatMap(\.charges)
        #expect(!charges.isEmpty && charges.allSatisfy { $0.law.zh == $0.law.en })
    }

    @Test("the shipped ones run", arguments: ["title-verify", "bank-account-eseal"])
    func shipped(system: String) throws {
        #expect(try problems(system, "system.yaml", "", "") == [])
    }

    @Test(
        "what cannot run is refused",
        arguments: [
            ("title-verify", "system.yaml", "agency: NMRST", "agency: NMXX", ["unknown-name"]),
            ("title-verify", "system.yaml", "district: district}", "district: nowhere}", ["unknown-name"]),
            ("title-verify", "system.yaml", "      applicant: applicant", "      applicant: title", 4),
            ("title-verify", "system.yaml", "type: professional-title", "type: colour", ["unknown-name"]),
            ("title-verify", "system.yaml", "type: professional-title", "type: food-operation", 9),
            (
                "title-verify", "system.yaml", "          number: '\"ZC\" + case.number'\n", "",
                ["missing-key"]
            ),
            (
                "title-verify", "system.yaml", "document: evidence.document", "document: evidenz.document",
                ["unknown-name"]
            ),
            ("title-verify", "system.yaml", "title: 'title.title", "title: 'titel.title", ["unknown-name"]),
            ("title-verify", "system.yaml", "for: [person]", "for: [enterprise]", ["bad-value"]),
            ("title-verify", "system.yaml", ", asks: evidence.result", "", ["missing-key", "bad-value"]),
            (
                "title-verify", "system.yaml", "asks: evidence.result", "asks: evidence.document",
                ["unknown-name", "bad-value"]
            ),
            (
                "title-verify", "system.yaml", "        type: professional-title",
                "        until: today()\n        type: professional-title", ["unknown-key"]
            ),
            ("title-verify", "limits.yaml", "name: faceTries", "name: faceTriesOnce", ["limit-not-armed"]),
            (
                "title-verify", "words.en.yaml", "rule.title.review: ", "rule.title.seen: ",
                ["missing-key", "missing-key"]
            ),
            (
                "title-verify", "forms/professional-title.form.yaml", "- page: evidence", "- page: seal",
                ["bad-value"]
            ),
            (
                "bank-account-eseal", "system.yaml", "seal: {type: seal-official", "seal: {type: seal-none",
                ["unknown-name", "unknown-name", "unknown-name"]
            ),
            (
                "bank-account-eseal", "system.yaml", "closed: bank.close-account", "closed: bank.shut",
                ["unknown-name", "unknown-name", "unknown-name"]
            ),
            (
                "bank-account-eseal", "system.yaml", "restTo: account.restTo", "rest: account.restTo",
                ["unknown-name"]
            ),
            ("bank-account-eseal", "system.yaml", "      firm: firm\n", "", 6),
            (
                "bank-account-eseal", "system.yaml",
                "provenBy: licence business-licence, note: {zh: 从电子证照库取用，不需要提交, en: Taken from the licence library; nothing to hand in}",
                "asks: firm.name", 3
            ),
        ] as [(String, String, String, String, any Sendable)]
    )
    func refused(system: String, file: String, old: String, new: String, expected: any Sendable) throws {
        let found = try problems(system, file, old, new)
        switch expected {
        case let reasons as [String]: #expect(found == reasons, "\(found)")
        case let count as Int: #expect(found.count == count, "\(found)")
        default: Issue.record("neither reasons nor their number")
        }
    }

    @Test("what a licence proves is not asked for")
    func provable() throws {
        let found = try problems(
            "bank-account-eseal",
            "system.yaml",
            "name: {zh: 营业执照, en: Business licence}, provenBy: licence business-licence, note:",
            "name: {zh: 营业执照复印件, en: Copy of the business licence}, note:"
        )
        #expect(found.filter { $0 == "provable" }.count == 3, "\(found)")
    }

    @Test("each kind of item calls its decisions by words of its own, and an item may bring others")
    func decisions() throws {
        func words(_ procedure: String, _ more: String = "") throws -> DecisionWords {
            var files = try SystemFolder(at: "\(Home.find().systems)/title-verify").files
            let text = String(decoding: files["system.yaml"] ?? [], as: UTF8.self)
            let own = "procedure: \(procedure)\n\(more)"
            files["system.yaml"] = Array(text.replacing("procedure: confirmation\n", with: own).utf8)
            return try #require(SystemDefinition(SystemFolder(files: files)).items.first).decision
        }
        var seen: Set<String> = []
        for procedure in ProcedureProfile.allCases {
            let words = try words(procedure.rawValue)
            for language in ["zh", "en"] {
                let yes = try #require(words.said("granted", language))
                let no = try #require(words.said("refused", language))
                #expect(seen.insert(yes).inserted && seen.insert(no).inserted, "\(procedure): \(yes), \(no)")
            }
            #expect(words.said("returned", "zh") == nil)
        }
        let licence = try words("licence")
        #expect(licence.grant.zh == "准予许可" && licence.refuse.zh == "不予许可")
        let own = try words("licence", "    decision: {grant: {zh: 发证, en: Hand out the card}}\n")
        #expect(own.grant.en == "Hand out the card" && own.refused == licence.refused)
    }
}
