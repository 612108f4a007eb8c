import Cases
import Credentials
import Forms
import Identity
import Kernel
import Server
import Standards
import Storage

/// What staff do at the desk of the licence library with a licence of the firm of the case.
struct LibraryAct: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case issue, change, suspend, resume, cancel, withdraw, revoke, reinstate
        case setAside = "set-aside"
        /// By a second official: what waits longest.
        case confirm, refuse
    }

    var kind: Kind
    var type = "food-operation"
    var words = "样例"
    /// What stands on it; the other fields that its type wants hold a sample of their kind.
    var fields: [String: String] = [:]
    /// Left out although its type wants it.
    var without: String?
}

extension Scenario {
    static func libraryAct(_ node: SourceNode) throws(DefinitionError) -> LibraryAct {
        let map = try node.map(["act", "type", "words", "fields", "without"])
        var act = LibraryAct(kind: try map.needed("act").one(of: LibraryAct.Kind.self))
        if let type = map["type"] { act.type = try type.word() }
        if let words = map["words"] { act.words = try words.text() }
        for entry in try map["fields"]?.entries() ?? [] { act.fields[entry.key] = try entry.value.text() }
        act.without = try map["without"]?.word()
        return act
    }
}

extension Stage {
    func keepLicences(_ name: String, _ act: LibraryAct) async throws {
        guard let actor = cast.staff[name] else {
            throw StepFailure("\(name) is not among the staff of cast.yaml")
        }
        let desk = LicenceDesk(authority: platform.credentials, database: platform.database)
        let (occasion, decision) = (
            occasion(actor), try LicenceDecision(number: "样例〔2026〕1号", reason: act.words)
        )
        switch act.kind {
        case .confirm, .refuse:
            let waiting = try await platform.database.read {
                try LicenceDesk.waiting(
                    of: "",
                    reach: LibraryReach(from: "", upTo: "~"),
                    limit: 1,
                    in: $0
                )
            }
            guard let first = waiting.first else { throw StepFailure("nothing waits") }
            try await desk.decide(
                first.id,
                isConfirmed: act.kind == .confirm,
                because: act.words,
                occasion: occasion
            )
        case .issue:
            try await desk.propose(issuing: try await draft(act), decision, occasion: occasion)
        case .change:
            let held = try await held(act)
            try await desk.propose(
                changing: held.id,
                expecting: held.version,
                to: try await draft(act),
                decision,
                occasion: occasion
            )
        case .suspend, .resume, .setAside:
            let (held, step) = (try await held(act), try step(act))
            try await desk.carryOut(
                step,
                decision,
                on: held.id,
                expecting: held.version,
                occasion: occasion
            )
        case .cancel, .withdraw, .revoke, .reinstate:
            let (held, step) = (try await held(act), try step(act))
            try await desk.propose(step, decision, on: held.id, expecting: held.version, occasion: occasion)
        }
    }

    private func step(_ act: LibraryAct) throws -> LicenceAct {
        guard let step = LicenceAct(rawValue: act.kind.rawValue) else {
            throw StepFailure("no licence is moved by \(act.kind.rawValue)")
        }
        return step
    }

    private func held(_ act: LibraryAct) async throws -> Credential {
        let code = try await firm()
        let all = try await platform.database.read { try Credentials.held(by: code, in: $0) }
        // Of versions that were made in one moment the number says which is the newest.
        let versions = all.filter { $0.record.type == act.type }
        guard let newest = versions.max(by: { $0.record.identifier.version < $1.record.identifier.version })
        else { throw StepFailure("the firm has no \(act.type)") }
        return newest
    }

    private func draft(_ act: LibraryAct) async throws -> LicenceDraft {
        guard let type = platform.credentials.types.licences[act.type] else {
            throw StepFailure("there is no type \(act.type)")
        }
        let code = try await firm()
        guard let firm = try await platform.database.read({ try Enterprises.find(code, in: $0) }) else {
            throw StepFailure("no such firm")
        }
        return LicenceDraft(
            type: act.type,
            holder: Holder(.enterprise, code: code, name: firm.name),
            issuer: IssuingBody(code: firm.region, name: "包头市昆都仑区\(type.issues.zh)"),
            region: firm.region,
            fields: sampleFields(of: type, named: act.fields, without: act.without)
        )
    }

    /// What a story names, and for the other fields that the type wants a sample of their kind.
    func sampleFields(of type: LicenceType, named: [String: String], without left: String? = nil) -> JSON {
        var fields: JSON = [:]
        for field in type.fields where field.key != left {
            guard let text = named[field.key] ?? (field.isRequired ? field.sample(now.date) : nil) else {
                continue
            }
            switch field.kind {
            case .text, .code, .date: fields[field.key] = .string(text)
            case .amount: fields[field.key] = Int64(text).map { JSON($0) } ?? .string(text)
            case .list: fields[field.key] = [.string(text)]
            }
        }
        return fields
    }
}

extension LicenceField {
    /// Something of its kind.
    fileprivate func sample(_ day: LocalDate) -> String {
        switch kind {
        case .text, .list: "样例\(name.zh)"
        case .code: "YL-1"
        case .date: day.adding(days: 400).description
        case .amount: "100"
        }
    }
}
