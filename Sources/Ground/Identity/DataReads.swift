internal import Audit
public import Kernel
public import Storage

/// One look at a person's data, as the person is told of it: when, by which body in which post, what for. Not by
/// whom: the officer's name is not the person's to have, the body answers for him.
public struct DataRead: Hashable, Sendable {
    public let at: Instant
    /// What was read, such as `case.form-read`.
    public let act: String
    /// Of which thing, such as `case:01J…`.
    public let object: String
    /// The reader's words, or the code of a reason.
    public let purpose: String?
    public let by: Actor.Kind
    /// Role of a post, or identifier of an outside party.
    public let role: String
    /// Code in `agencies.tsv` of the body that the reader's post was in on that day.
    public let agency: String?
    /// Six digits of its division.
    public let region: String?
}

/// One line of the answer.
public enum DataReadLine: Hashable, Sendable {
    case read(DataRead)
    /// The log has an entry about the person that cannot be read; with its number, once it has one.
    case unreadable(sequence: Int64?)
}

/// The answer to 谁查过我的信息 (个人信息保护法, articles 44 and 45).
public enum DataReads {
    /// Every act by which somebody's data are read, as pages have words for it: `data-read.<act>`.
    public static let acts = [
        "archive.read", "case.counter-read", "case.file-read", "case.form-read", "case.paper-read",
        "licence.presented", "licence.queried", "licence.read",
        "licence.shared", "log.exported", "log.searched", "person.document-read",
    ]

    /// The latest first.
    public static func of(_ person: ID<Person>, limit: Int = 200, in reader: any Reader) throws
        -> [DataReadLine]
    {
        var posts: [String: [Post]] = [:]
        return try AuditLog.whoRead(person.rawValue, limit: limit, in: reader).map { line in
            guard let entry = line.entry else { return .unreadable(sequence: line.sequence) }
            return .read(try read(entry, &posts, in: reader))
        }
    }

    /// Every look at one thing, in order, each once however many people it concerned: for the body that keeps it.
    public static func about(_ object: String, in reader: any Reader) throws -> [DataRead] {
        var posts: [String: [Post]] = [:]
        var seen: Set<String> = []
        return try AuditLog.history(of: object, in: reader).compactMap { entry in
            guard entry.outcome == .read, seen.insert("\(entry.request) \(entry.act)").inserted else {
                return nil
            }
            return try read(entry, &posts, in: reader)
        }
    }

    private static func read(_ entry: AuditEntry, _ posts: inout [String: [Post]], in reader: any Reader)
        throws -> DataRead
    {
        var post: Post?
        if entry.actor.kind == .staff {
            let all = try posts[entry.actor.id] ?? StaffStore.posts(of: ID(entry.actor.id), in: reader)
            posts[entry.actor.id] = all
            post = all.first { $0.role.rawValue == entry.actor.role && $0.isInForce(on: entry.at.date) }
        }
        return DataRead(
            at: entry.at,
            act: entry.act,
            object: entry.object,
            purpose: entry.purpose,
            by: entry.actor.kind,
            role: entry.actor.role,
            agency: post?.agency,
            region: post?.region
        )
    }
}
