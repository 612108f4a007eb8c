public import Audit
import Cryptography
public import Kernel
public import Storage

/// What about a subject is not as it was entered.
public enum RegisterProblem: Hashable, Sendable {
    /// An entry's digest does not fit the chain.
    case chain(sequence: Int)
    /// The log has no such entry, or one with another content.
    case notInLog(sequence: Int)
    /// The log has more entries of this subject than the register.
    case missing(count: Int)
    /// The subject stands otherwise than its last entry left it: its items, its state, its authority or what is filed.
    case subject
    /// The register has something of it that cannot be read.
    case unreadable

    /// Stable, for programs; `verdict.<code>` is its message, filled from `arguments`.
    public var code: String {
        switch self {
        case .chain: "register.chain"
        case .notInLog: "register.not-in-log"
        case .missing: "register.missing"
        case .subject: "register.subject"
        case .unreadable: "register.unreadable"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .chain(let sequence), .notInLog(let sequence): ["sequence": String(sequence)]
        case .missing(let count): ["count": String(count)]
        case .subject, .unreadable: [:]
        }
    }
}

/// Compares the register with the log: each entry's digest was logged with it, so that whoever writes the register anew
/// needs the log too.
public enum RegisterProof {
    /// - Returns: what is wrong, or the entries of the log on which the subject rests. Whether those are in the signed
    ///   tree is for the keeper of the log to say.
    public static func of(_ code: String, in reader: any Reader) throws -> (
        problem: RegisterProblem?, log: [ID<AuditEntry>]
    ) {
        guard let subject = try RegisterStore.find(code, in: reader) else { throw RegisterError.notFound }
        return try of(subject, entries: try RegisterStore.entries(of: code, in: reader), in: reader)
    }

    /// The same of a subject whose entries were read already.
    public static func of(_ subject: RegisterSubject, entries: [RegisterEntry], in reader: any Reader) throws
        -> (problem: RegisterProblem?, log: [ID<AuditEntry>])
    {
        if let sequence = Register.firstBroken(of: entries) { return (.chain(sequence: sequence), []) }
        var logged = try AuditLog.kept(about: subject.object, in: reader).filter {
            acts.contains($0.entry.act) && $0.entry.outcome == .done
        }
        var found: [ID<AuditEntry>] = []
        for entry in entries {
            guard let place = logged.firstIndex(where: { $0.isOf(entry) }) else {
                return (.notInLog(sequence: entry.sequence), [])
            }
            found.append(logged.remove(at: place).entry.id)
        }
        guard logged.isEmpty else { return (.missing(count: logged.count), []) }
        guard let last = entries.last, last.items == subject.items, last.state == subject.state else {
            return (.subject, [])
        }
        if let standing = last.standing, try Self.standing(of: subject, at: last.at, in: reader) != standing {
            return (.subject, [])
        }
        return (nil, found)
    }

    private static let acts = Set(RegisterAct.allCases.map { "register.\($0.rawValue)" })

    /// All subjects of all registers, and those that the log knows and no register has any more.
    /// - Parameter progress: told how many subjects are done.
    /// - Returns: how many subjects there are, and at most `max` with what is wrong with them.
    public static func all(
        in database: any Database,
        max: Int,
        progress: @Sendable (_ done: Int) async -> Void = { _ in }
    ) async throws -> (subjects: Int, problems: [(code: String, problem: RegisterProblem)]) {
        var subjects = 0
        var problems: [(code: String, problem: RegisterProblem)] = []
        var last = ""
        while true {
            try Task.checkCancellation()
            let after = last
            let page = try await database.read { reader -> [(code: String, problem: RegisterProblem?)] in
                try RegisterStore.codes(after: after, limit: 100, in: reader).map { code in
                    guard let code else { return (code: "", problem: RegisterProblem.unreadable) }
                    let proof = try AuditLog.readable { try of(code, in: reader) }
                    guard let proof else { return (code: code, problem: .unreadable) }
                    return (code: code, problem: proof.problem)
                }
            }
            subjects += page.count
            for (code, problem) in page {
                if let problem, problems.count < max { problems.append((code, problem)) }
            }
            // Codes that are no text come after all others.
            guard let end = page.last, !end.code.isEmpty else {
                let lost = try await lost(in: database, max: max - problems.count)
                return (subjects, problems + lost)
            }
            last = end.code
            await progress(subjects)
        }
    }

    private static func lost(in database: any Database, max: Int) async throws -> [(
        code: String, problem: RegisterProblem
    )] {
        try await AuditLog.lost("register", acts: acts, in: database, max: max) { id, reader in
            guard let code = id.split(separator: ":").last else { return false }
            return try RegisterStore.exists(String(code), in: reader)
        }
        .map { (String($0.object.split(separator: ":").last ?? ""), .missing(count: $0.count)) }
    }

    /// SM3 over name, authority and day of the subject and all that is filed of it at that moment, in hexadecimal.
    static func standing(of subject: RegisterSubject, at moment: Instant, in reader: any Reader) throws
        -> String
    {
        standing(
            of: subject,
            filings: try RegisterStore.filings(of: subject.code, on: moment.date, in: reader)
        )
    }

    /// - Parameter filings: by kind, then in their order.
    static func standing(of subject: RegisterSubject, filings: [RegisterFiling]) -> String {
        let words: JSON = [
            "name": .string(subject.name), "region": .string(subject.region),
            "agency": .string(subject.agency),
            "establishedOn": .string(subject.establishedOn.description),
            "filings": .array(
                filings.map {
                    [
                        "kind": .string($0.kind), "value": $0.value, "confidential": .bool($0.isConfidential),
                        "from": .string($0.from.description),
                    ]
                }
            ),
        ]
        return Hex.encode(SM3.digest(words.canonicalBytes))
    }
}

extension RegisterEntry {
    /// The digest that this entry must have after the one before it.
    func digest(after previous: String?) -> String {
        Hex.encode(SM3.digest(chained(after: previous).canonicalBytes))
    }

    /// What the log's entry of this act digests.
    var anchor: JSON {
        ["digest": .string(digest), "sequence": JSON(sequence), "standing": JSON(standing)]
    }
}

extension KeptEntry {
    /// Whether this is the log's entry of that act. Before digests were logged it had the items only.
    fileprivate func isOf(_ entry: RegisterEntry) -> Bool {
        guard self.entry.act == "register.\(entry.act.rawValue)" else { return false }
        return stands(for: entry.anchor) || (entry.standing == nil && stands(for: entry.items))
    }
}
