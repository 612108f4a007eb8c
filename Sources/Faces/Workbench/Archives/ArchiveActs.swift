import CaseArchive
import Identity
import Kernel
import Storage
import Web

/// What staff do with an archive.
enum ArchiveActs {
    enum Act: String, Sendable, CaseIterable { case hold, lift, propose, agree, disagree }

    /// Hands the package out, for a purpose that the people concerned are told.
    static func take(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let archive = try await ArchiveDeskPages.open(visit, desk)
        let purpose = String((visit.form.trimmed("purpose") ?? "").prefix(200))
        let bytes = try await desk.archives.take(archive, purpose: purpose, occasion: visit.occasion)
        return .file(bytes, type: "application/zip", name: archive.fileName)
    }

    static func act(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let archive = try await ArchiveDeskPages.open(visit, desk)
        let seat = try desk.seat(visit)
        try await Permission.require(
            ArchiveDeskPages.disposes,
            on: ArchiveDeskPages.subject(archive, desk),
            object: archive.object,
            by: seat.principal,
            table: desk.permissions,
            occasion: visit.occasion,
            database: desk.database
        )
        guard let act = visit.form.trimmed("act").flatMap(Act.init(rawValue:)) else {
            throw WebRefusal.badField(name: visit.text("archive-desk.disposal"))
        }
        let (reason, occasion, id) = (visit.form.trimmed("reason") ?? "", visit.occasion, archive.id)
        let archives = desk.archives
        try await desk.database.write { tx in
            switch act {
            case .hold: try archives.hold(id, reason: reason, occasion: occasion, in: tx)
            case .lift: try archives.lift(id, reason: reason, occasion: occasion, in: tx)
            case .propose: try archives.propose(id, reason: reason, occasion: occasion, in: tx)
            case .agree: try archives.decide(id, true, words: reason, occasion: occasion, in: tx)
            case .disagree: try archives.decide(id, false, words: reason, occasion: occasion, in: tx)
            }
        }
        return .redirect(to: "/desk/archives/\(id)")
    }
}
