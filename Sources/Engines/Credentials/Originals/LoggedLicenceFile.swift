import Audit
import Kernel
public import Storage

/// A licence's file and those that it took the place of, as the log knows them.
struct LoggedLicenceFile {
    private let credential: Credential
    /// The present one and all before it.
    private let files: [LicenceFile]

    /// - Parameter name: `01J…/ofd`.
    init?(_ name: String, in reader: any Reader) throws {
        let parts = name.split(separator: "/")
        guard parts.count == 2, let format = LicencePress.Format(rawValue: String(parts[1])),
            let credential = try CredentialStore.find(ID(String(parts[0])), in: reader),
            let file = try LicenceFileStore.find(credential.id, format, in: reader)
        else { return nil }
        self.credential = credential
        files = [file] + (try LicenceFileStore.former(of: credential.id, format, in: reader))
    }

    /// Whether each file has an entry of its own, the present one the last.
    func isBorneOut(by entries: [KeptEntry]) -> Bool {
        let kept = entries.filter { $0.entry.outcome == .done }
        guard kept.count == files.count else { return false }
        return files.allSatisfy { file in
            let facts = file.facts(of: credential)
            return kept.contains { $0.entry.at == file.madeAt && $0.stands(for: facts) }
        }
    }
}

extension LicenceOriginals {
    /// Compares the digests of all kept files of licences with the log.
    /// - Returns: how many were compared, and at most `max` that are not as they were logged.
    public static func compareWithLog(in database: any Database, max: Int) async throws -> (
        count: Int, altered: [String]
    ) {
        try await AuditLog.compare("licence-file", in: database, max: max) { name, entries, reader in
            try LoggedLicenceFile(name, in: reader)?.isBorneOut(by: entries) ?? false
        }
    }
}

extension LicenceCopy {
    static let made = "licence.copied"

    /// What the log's entry of its making digested.
    var logged: JSON {
        var facts = loggedBefore.members
        facts["identifier"] = .string(identifier)
        facts["for"] = .string(forWhom)
        facts["purpose"] = .string(purpose)
        facts["case"] = .string(caseNumber)
        facts["by"] = .string(madeBy)
        facts["at"] = JSON(madeAt.milliseconds)
        facts["until"] = .string(validUntil.description)
        return .object(facts)
    }

    /// What was digested before the rest was.
    var loggedBefore: JSON { ["copy": .string(id.rawValue), "digest": .string(digest)] }

    /// Whether the copies of a licence are those of its entries, each by its own.
    static func areBorneOut(_ original: ID<Credential>, by entries: [KeptEntry], in reader: any Reader) throws
        -> Bool
    {
        var left = entries.filter { $0.entry.outcome == .done && $0.entry.act == made }
        guard !left.isEmpty else { return true }
        for copy in try LicenceCopyStore.of(original, in: reader) {
            let place = left.firstIndex { $0.stands(for: copy.logged) || $0.stands(for: copy.loggedBefore) }
            guard let place else { return false }
            left.remove(at: place)
        }
        return left.isEmpty
    }
}
