import Cryptography
public import Kernel

/// What lies in an archive: the signed list of its files, canonical JSON (Docs/formats/archive.md, section 2). It names
/// no person, so that it may outlive the files.
public struct ArchiveIndex: Hashable, Sendable {
    public static let format = "suban-archive-1"
    /// Its name in the package.
    public static let name = "archive.json"

    /// The archive's number (档号).
    public let number: String
    /// 1, and one more for each package that follows because something happened after the matter was closed.
    public let version: Int
    /// SM3 of the index of the version before, hexadecimal; nil for the first.
    public let follows: String?
    /// Who is responsible for it (全宗).
    public let fonds: ArchiveFonds
    public let matter: ArchivedMatter
    public let retention: ArchiveRetention
    /// Things that the log may speak of in this archive, sorted.
    public let objects: [String]
    /// By path.
    public let files: [ArchiveFile]

    public init(
        number: String,
        version: Int,
        follows: String?,
        fonds: ArchiveFonds,
        matter: ArchivedMatter,
        retention: ArchiveRetention,
        objects: [String],
        files: [ArchiveFile]
    ) {
        self.number = number
        self.version = version
        self.follows = follows
        self.fonds = fonds
        self.matter = matter
        self.retention = retention
        self.objects = objects.sorted()
        self.files = files.sorted { $0.path < $1.path }
    }

    public var bytes: [UInt8] { json.canonicalBytes }
    /// SM3, hexadecimal.
    public var digest: String { Hex.encode(SM3.digest(bytes)) }

    public func file(_ path: String) -> ArchiveFile? { files.first { $0.path == path } }

    private var json: JSON {
        [
            "files": .array(files.map(\.json)), "follows": JSON(follows), "fonds": fonds.json,
            "format": .string(Self.format), "matter": matter.json, "number": .string(number),
            "objects": .array(objects.map(JSON.string)), "retention": retention.json,
            "version": JSON(version),
        ]
    }

    /// Reads an index; nil unless the bytes are exactly what `bytes` would write.
    public init?(bytes: [UInt8]) {
        guard let json = try? JSON.read(bytes, depthMax: 4, sizeBytesMax: 4_194_304),
            json["format"].text == Self.format, let number = json["number"].text,
            let version = json["version"].int.flatMap(Int.init(exactly:)), version > 0,
            let fonds = ArchiveFonds(json["fonds"]), let matter = ArchivedMatter(json["matter"]),
            let retention = ArchiveRetention(json["retention"])
        else { return nil }
        let files = json["files"].elements.compactMap(ArchiveFile.init)
        self.init(
            number: number,
            version: version,
            follows: json["follows"].text,
            fonds: fonds,
            matter: matter,
            retention: retention,
            objects: json["objects"].elements.compactMap(\.text),
            files: files
        )
        guard self.bytes == bytes, Set(files.map { $0.path.lowercased() }).count == files.count else {
            return nil
        }
    }
}

/// The body whose file it is.
public struct ArchiveFonds: Hashable, Sendable {
    /// Six digits of its region.
    public let code: String
    public let name: String

    public init(code: String, name: String) {
        self.code = code
        self.name = name
    }

    init?(_ json: JSON) {
        guard let code = json["code"].text, let name = json["name"].text else { return nil }
        self.init(code: code, name: name)
    }

    var json: JSON { ["code": .string(code), "name": .string(name)] }
}

/// The matter whose file it is.
public struct ArchivedMatter: Hashable, Sendable {
    /// Such as `case`.
    public let kind: String
    /// By which people know it: 办件编号.
    public let number: String
    public let system: String
    public let item: String
    /// What pages call it. Never a person's name.
    public let title: String
    /// How it ended, such as `granted`.
    public let outcome: String
    /// What came out of it, such as a credit code; nil when nothing did.
    public let result: String?
    public let openedAt: Instant
    public let closedAt: Instant

    public init(
        kind: String,
        number: String,
        system: String,
        item: String,
        title: String,
        outcome: String,
        result: String?,
        openedAt: Instant,
        closedAt: Instant
    ) {
        self.kind = kind
        self.number = number
        self.system = system
        self.item = item
        self.title = title
        self.outcome = outcome
        self.result = result
        self.openedAt = openedAt
        self.closedAt = closedAt
    }

    init?(_ json: JSON) {
        guard let kind = json["kind"].text, let number = json["number"].text,
            let system = json["system"].text,
            let item = json["item"].text, let title = json["title"].text, let outcome = json["outcome"].text,
            let opened = json["openedAt"].int, let closed = json["closedAt"].int
        else { return nil }
        self.init(
            kind: kind,
            number: number,
            system: system,
            item: item,
            title: title,
            outcome: outcome,
            result: json["result"].text,
            openedAt: Instant(milliseconds: opened),
            closedAt: Instant(milliseconds: closed)
        )
    }

    var json: JSON {
        [
            "closedAt": JSON(closedAt.milliseconds), "item": .string(item), "kind": .string(kind),
            "number": .string(number), "openedAt": JSON(openedAt.milliseconds), "outcome": .string(outcome),
            "result": JSON(result), "system": .string(system), "title": .string(title),
        ]
    }
}

/// How long an archive is kept, by which rule.
public struct ArchiveRetention: Hashable, Sendable {
    /// The row of the retention table.
    public let rule: String
    /// Nil: for ever.
    public let years: Int?
    /// The day from which the years count.
    public let from: LocalDate

    public init(rule: String, years: Int?, from: LocalDate) {
        self.rule = rule
        self.years = years
        self.from = from
    }

    /// The last day on which it has to be there; nil when that is every day.
    public var until: LocalDate? { years.map { from.adding(months: $0 * 12) } }

    init?(_ json: JSON) {
        guard let rule = json["rule"].text, let from = json["from"].text.flatMap({ LocalDate(parsing: $0) })
        else { return nil }
        let years = json["years"].int.flatMap(Int.init(exactly:))
        guard years.map({ (1...1_000).contains($0) }) ?? true else { return nil }
        self.init(rule: rule, years: years, from: from)
    }

    var json: JSON {
        ["from": .string(from.description), "rule": .string(rule), "years": years.map { JSON($0) } ?? .null]
    }
}

/// One file of an archive, as its index lists it.
public struct ArchiveFile: Hashable, Sendable {
    /// Who may be given it beside the body that keeps the archive.
    public enum Access: String, Sendable, CaseIterable {
        /// Whoever asked for the matter.
        case party
        /// Bodies only: what others said of people, what the authority wrote for itself.
        case body
    }

    public let path: String
    /// `form`, `paper`, `file`, `decision`, `document`, `credential`, `message`, `history`, `log`, `index`.
    public let kind: String
    /// What people call it.
    public let name: String
    public let access: Access
    public let size: Int
    /// SM3, hexadecimal.
    public let digest: String
    /// When it came to be.
    public let date: Instant
    /// Who is responsible for it: a body, a party, or the applicant.
    public let body: String

    init(
        path: String,
        kind: String,
        name: String,
        access: Access,
        size: Int,
        digest: String,
        date: Instant,
        body: String
    ) {
        self.path = path
        self.kind = kind
        self.name = name
        self.access = access
        self.size = size
        self.digest = digest
        self.date = date
        self.body = body
    }

    /// - Parameter bytes: its content.
    public init(
        _ path: String,
        kind: String,
        name: String,
        access: Access,
        date: Instant,
        body: String,
        bytes: [UInt8]
    ) {
        self.init(
            path: path,
            kind: kind,
            name: name,
            access: access,
            size: bytes.count,
            digest: Hex.encode(SM3.digest(bytes)),
            date: date,
            body: body
        )
    }

    init?(_ json: JSON) {
        guard let path = json["path"].text, let kind = json["kind"].text, let name = json["name"].text,
            let access = json["access"].text.flatMap(Access.init(rawValue:)),
            let size = json["size"].int.flatMap(Int.init(exactly:)), let digest = json["sm3"].text,
            let date = json["date"].int, let body = json["body"].text
        else { return nil }
        self.init(
            path: path,
            kind: kind,
            name: name,
            access: access,
            size: size,
            digest: digest,
            date: Instant(milliseconds: date),
            body: body
        )
    }

    var json: JSON {
        [
            "access": .string(access.rawValue), "body": .string(body), "date": JSON(date.milliseconds),
            "kind": .string(kind), "name": .string(name), "path": .string(path), "size": JSON(size),
            "sm3": .string(digest),
        ]
    }
}
