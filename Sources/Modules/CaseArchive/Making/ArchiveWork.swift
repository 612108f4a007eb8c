import ArchivePackages
import Attachments
public import Audit
public import Cases
import Cryptography
public import Documents
public import Exchange
import Forms
import Foundation
public import Jobs
public import Kernel
import Storage

/// Puts the file of each closed case into its archive: a job that begins some time after the closing, when the papers
/// that follow it are written.
public struct ArchiveWork: Sendable {
    private let archives: Archives
    private let desk: CaseDesk
    private let exchange: Exchange
    private let keeper: LogKeeper
    /// What people call the body that decided.
    private let agencyName: @Sendable (Case) -> String
    private let sheets: ArchiveSheets
    private let readme: [UInt8]
    private let clock: any Clock
    private let entropy: any Entropy
    /// Milliseconds between the closing and the archive, on a day.
    private let quiet: @Sendable (LocalDate) -> Int64

    public init(
        home: Home,
        archives: Archives,
        desk: CaseDesk,
        exchange: Exchange,
        keeper: LogKeeper,
        agencyName: @escaping @Sendable (Case) -> String,
        press: DocumentPress,
        clock: any Clock,
        entropy: any Entropy,
        quiet: @escaping @Sendable (LocalDate) -> Int64
    ) throws {
        self.archives = archives
        self.desk = desk
        self.exchange = exchange
        self.keeper = keeper
        self.agencyName = agencyName
        sheets = try ArchiveSheets(home: home, press: press)
        readme = Array(try String(contentsOfFile: home.resource("archive/README.txt"), encoding: .utf8).utf8)
        self.clock = clock
        self.entropy = entropy
        self.quiet = quiet
    }

    public static let kindName = "archive"

    static func key(_ id: ID<Case>, closed: Instant) -> String { "\(id)/\(closed.milliseconds)" }

    /// Ends of a case, and what undoes one or brings it back: then another package follows.
    private static let closings: Set = [
        "case.completed", "case.refused", "case.withdrawn", "case.transferred", "case.lapsed",
        "correction.withdraw", "correction.restore",
    ]

    public var subscriber: Subscriber {
        Subscriber("archives", events: Self.closings) { event, tx in
            guard let id = event.payload["case"].text else { return }
            let subject = try CaseStore.find(ID(id), in: tx)
            // What was never handed in is nobody's file.
            guard subject.submittedAt != nil else { return }
            try Jobs.enqueue(
                kind: Self.kindName,
                key: Self.key(subject.id, closed: event.at),
                payload: ["case": .string(id), "closedAt": JSON(event.at.milliseconds)],
                at: event.at + quiet(event.at.date),
                in: tx
            )
        }
    }

    public var jobKind: JobKind {
        JobKind(Self.kindName) { job in
            guard let id = job.payload["case"].text, let closed = job.payload["closedAt"].int else {
                return .done
            }
            let occasion = Occasion(
                now: clock.now,
                actor: .platform(Self.kindName),
                request: "\(Self.kindName):\(job.key)",
                entropy: entropy
            )
            do {
                _ = try await make(ID(id), closedAt: Instant(milliseconds: closed), occasion: occasion)
            } catch AuditError.outsideTree {
                // An entry is not numbered or signed yet, as while another node is at it.
                return .again(at: clock.now + Instant.minute, why: "log")
            } catch is ArchiveOvertaken {
                return .again(at: clock.now + Instant.minute, why: "overtaken")
            }
            return .done
        }
    }

    /// Makes and keeps the archive of a case that was closed at a moment; the one that there is when it was made before.
    func make(_ id: ID<Case>, closedAt: Instant, occasion: Occasion) async throws -> Archive {
        let (subject, before) = try await archives.database.read { reader in
            (try CaseStore.find(id, in: reader), try ArchiveStore.of(id, in: reader))
        }
        if let made = before.first(where: { $0.index.matter.closedAt == closedAt }) { return made }
        let (index, items) = try await compose(subject, closedAt: closedAt, after: before)
        let archivist = try archives.archivist(occasion.now)
        let package = try ArchivePackage(index, items, by: archivist, now: occasion.now)
        return try await archives.keep(package, of: subject, occasion: occasion)
    }

    /// Everything that is sealed: the same for the same case, however often it is asked.
    func compose(_ subject: Case, closedAt: Instant, after before: [Archive]) async throws -> (
        ArchiveIndex, [ArchiveItem]
    ) {
        let until = closedAt + quiet(closedAt.date)
        let agency = agencyName(subject)
        let file = try await archives.database.read { reader in
            try CaseFile(
                subject,
                closedAt: closedAt,
                until: until,
                agency: agency,
                exchange: exchange,
                in: reader
            )
        }
        var items = file.items + [readmeItem(closedAt)]
        items += try await handedIn(file)
        items += try await form(file)
        let parts = try await archives.database.read { reader in
            try AuditLog.parts(of: subject.object, limit: 1_000, in: reader)
        }
        let extract = try await keeper.extract(
            about: file.objects + parts,
            until: until,
            disclosing: file.disclosing
        )
        items.append(
            ArchiveItem(
                ArchivePackage.logPath,
                kind: "log",
                name: "审计日志条目及包含证明",
                access: .party,
                date: extract.head.at,
                body: CaseFile.platform,
                bytes: extract.file
            )
        )
        let matter = ArchivedMatter(
            kind: "case",
            number: subject.number,
            system: subject.system,
            item: subject.item,
            title: subject.title,
            outcome: subject.state.rawValue,
            result: subject.result,
            openedAt: subject.createdAt,
            closedAt: closedAt
        )
        let retention = archives.schedule.term(
            item: subject.item,
            outcome: subject.state.rawValue,
            closed: closedAt.date,
            on: closedAt.date
        )
        let number = before.first?.number ?? Self.number(subject, retention, closed: closedAt.date)
        let fonds = ArchiveFonds(code: subject.region, name: agency)
        items += try await list(items, number: number, matter, fonds, retention)
        let index = ArchiveIndex(
            number: number,
            version: before.count + 1,
            follows: before.last?.index.digest,
            fonds: fonds,
            matter: matter,
            retention: retention,
            objects: extract.objects,
            files: items.map(\.file)
        )
        return (index, items)
    }

    /// 档号: region, year of closing, term, and what tells the case from others of the region.
    private static func number(_ subject: Case, _ retention: ArchiveRetention, closed: LocalDate) -> String {
        let term = retention.years.map { "D\($0)" } ?? "Y"
        return "\(subject.region)-\(closed.year)-\(term)-\(subject.number.dropFirst(6))"
    }

    private func readmeItem(_ date: Instant) -> ArchiveItem {
        ArchiveItem(
            "README.txt",
            kind: "readme",
            name: "怎样打开、怎样核验",
            access: .party,
            date: date,
            body: CaseFile.platform,
            bytes: readme
        )
    }

    /// Files under names that name nobody; what their senders called them stands in a list of its own.
    private func handedIn(_ file: CaseFile) async throws -> [ArchiveItem] {
        var items: [ArchiveItem] = []
        var names: [JSON] = []
        for (index, attachment) in file.files.enumerated() {
            guard let bytes = try await archives.blobs.read(attachment.digest) else {
                throw AttachmentError.noSuchFile
            }
            let path = "files/\(CaseFile.place(index + 1, "file")).\(attachment.kind.rawValue)"
            items.append(
                ArchiveItem(
                    path,
                    kind: "file",
                    name: "申请人提交的文件 \(index + 1)",
                    access: .party,
                    date: attachment.addedAt,
                    body: CaseFile.applicant,
                    bytes: bytes
                )
            )
            names.append([
                "path": .string(path), "name": .string(attachment.name),
                "digest": .string(attachment.digest),
            ])
        }
        guard !names.isEmpty else { return [] }
        items.append(
            ArchiveItem(
                "files/names.json",
                kind: "file-names",
                name: "提交的文件的原名",
                access: .party,
                date: file.closedAt,
                body: CaseFile.applicant,
                bytes: JSON.array(names).canonicalBytes
            )
        )
        return items
    }

    private func form(_ file: CaseFile) async throws -> [ArchiveItem] {
        let subject = file.subject
        let definition = try await desk.definition(of: subject)
        let day = (subject.submittedAt ?? file.closedAt).date
        let context = desk.formContext(region: subject.region, definition: definition, today: day)
        let title = definition.form.title.zh
        let sections = definition.form.summary(subject.data, masked: false, context: context)
        let pages = try await sheets.form(file, sections, title: title)
        return [("ofd", pages.ofd), ("pdf", pages.pdf)].map { format, bytes in
            ArchiveItem(
                "form/form.\(format)",
                kind: "form",
                name: title,
                access: .party,
                date: subject.submittedAt ?? file.closedAt,
                body: CaseFile.applicant,
                bytes: bytes
            )
        }
    }

    private func list(
        _ items: [ArchiveItem],
        number: String,
        _ matter: ArchivedMatter,
        _ fonds: ArchiveFonds,
        _ retention: ArchiveRetention
    ) async throws -> [ArchiveItem] {
        let pages = try await sheets.list(
            items.map(\.file),
            number: number,
            matter,
            fonds,
            retention: retention
        )
        return [("ofd", pages.ofd), ("pdf", pages.pdf)].map { format, bytes in
            ArchiveItem(
                "index.\(format)",
                kind: "index",
                name: "卷内目录",
                access: .party,
                date: matter.closedAt,
                body: fonds.name,
                bytes: bytes
            )
        }
    }
}
