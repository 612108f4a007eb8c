import Cases
import Credentials
import Cryptography
import Forms
import Foundation
import Kernel
import Server
import Standards

/// Another place that issues licences under a root of its own, which the platforms of stories trust for some types and
/// for some time.
final class Neighbour: Sendable {
    let root: ForeignRoots.Root
    private let home: Home
    private let keys: PlatformKeys
    private let folder: String

    private static let name = "邻省政务服务（样例）"
    /// Its root and everything under it, and until when it is trusted here.
    private static let terms =
        "from: 2026-01-01\nuntil: 2026-12-31\ntypes: [professional-title, food-operation]\n"

    init(home: Home) throws {
        folder =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("suban-neighbour-\(UUID().uuidString)").path
        self.home = home
        guard let made = LocalDate(parsing: "2025-12-31") else {
            throw StepFailure("2025-12-31 is no day")
        }
        keys = try PlatformKeys.openOrCreate(
            in: .open(folder: folder),
            organization: Self.name,
            now: Instant(made)
        )
        let lines = keys.root.pem.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
        root = try ForeignRoots.Root(
            yaml: "name: \(Self.name)\n\(Self.terms)root: |\n\(lines)\n",
            file: "neighbour.yaml",
            types: LicenceTypes(home: home)
        )
    }

    /// Its keys live as long as the stories do.
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// What it issues: the file that its holder takes along.
    func issue(_ draft: LicenceDraft, on platform: Platform, occasion: Occasion) async throws -> [UInt8] {
        let authority = try CredentialAuthority(home: home, keys: keys, database: platform.database)
        return try await authority.prepare(draft, occasion: occasion).signed.file
    }
}

/// A licence of the other place, and what is done with it here.
struct ForeignAct: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        /// There.
        case issues
        /// Here, by a member of staff: what was handed out last.
        case recognises
    }

    var kind: Kind
    var type = "professional-title"
    /// Of the cast: who holds it; of a type for enterprises his firm.
    var to: String?
    var fields: [String: String] = [:]
    /// One byte of the file is another.
    var altered = false
}

extension Scenario {
    static func foreignAct(_ kind: ForeignAct.Kind, _ node: SourceNode) throws(DefinitionError) -> ForeignAct
    {
        var act = ForeignAct(kind: kind)
        if case .text(let text) = node.content, text.isEmpty { return act }
        let map = try node.map(kind == .issues ? ["type", "to", "fields"] : ["altered"])
        if let type = map["type"] { act.type = try type.word() }
        act.to = try map["to"]?.word()
        for entry in try map["fields"]?.entries() ?? [] { act.fields[entry.key] = try entry.value.text() }
        if let altered = map["altered"] { act.altered = try altered.flag() }
        return act
    }
}

extension Stage {
    func foreign(_ name: String, _ act: ForeignAct) async throws {
        switch act.kind {
        case .issues:
            guard let neighbour else { throw StepFailure("there is no other place") }
            guard name == "邻省" else { throw StepFailure("\(name) issues nothing; only 邻省 does") }
            handedOut = try await neighbour.issue(
                try await foreignDraft(act),
                on: platform,
                occasion: occasion(.platform("neighbour"))
            )
        case .recognises:
            guard let actor = cast.staff[name] else {
                throw StepFailure("\(name) is not among the staff of cast.yaml")
            }
            guard var file = handedOut else { throw StepFailure("nothing was handed out") }
            if act.altered { file[file.count / 2] ^= 1 }
            _ = try await platform.recognition.recognise(
                file,
                occasion: occasion(actor),
                in: platform.database
            )
        }
    }

    private func foreignDraft(_ act: ForeignAct) async throws -> LicenceDraft {
        guard let type = platform.credentials.types.licences[act.type] else {
            throw StepFailure("there is no type \(act.type)")
        }
        guard let person = act.to ?? last else { throw StepFailure("nobody is named") }
        let holder: Holder
        if type.holder == .person {
            holder = Holder(.person, code: cast.people[person]?["idNumber"].text ?? "", name: person)
        } else {
            let code = try await firmCode(of: person)
            holder = Holder(
                .enterprise,
                code: code,
                name: try await platform.desk.read(current(person)).title
            )
        }
        return LicenceDraft(
            type: act.type,
            holder: holder,
            issuer: IssuingBody(code: "130000", name: "邻省某市\(type.issues.zh)"),
            region: "130000",
            fields: sampleFields(of: type, named: act.fields)
        )
    }
}
