import Audit
import Foundation
import Jobs
public import Kernel
import Storage
public import Web

/// Windows from the command line. A running server takes them over within seconds.
extension Maintenance {
    /// Announces a window: from then on pages say it, and in it nothing is changed.
    /// - Throws: `WindowRefusal.badPeriod`, `.noNotice`.
    public func announce(from: Instant, to: Instant, notice: Bilingual) async throws -> MaintenanceWindow {
        let occasion = occasion("maintenance", purpose: notice.zh)
        guard from < to, from >= occasion.now else { throw WindowRefusal.badPeriod }
        guard !notice.zh.isEmpty, !notice.en.isEmpty else { throw WindowRefusal.noNotice }
        let window = MaintenanceWindow(
            id: occasion.newID(MaintenanceWindow.self).rawValue,
            from: from,
            to: to,
            notice: notice
        )
        try await database.write { tx in
            try WindowStore.add(window, at: occasion.now, in: tx)
            try Jobs.enqueue(kind: WindowWork.kindName, key: window.id, payload: nil, at: from, in: tx)
            try AuditLog.append(
                "maintenance.announced",
                object: "maintenance:\(window.id)",
                after: [
                    "from": .string(from.description), "to": .string(to.description),
                    "notice": .string(notice.zh),
                ],
                occasion: occasion,
                in: tx
            )
        }
        return window
    }

    /// Takes a window back, or ends one that is on. Days that clocks were given stay given.
    /// - Throws: `WindowRefusal.unknown`.
    public func cancelWindow(_ id: String, reason: String) async throws {
        let occasion = occasion("maintenance", purpose: reason)
        try await database.write { tx in
            guard try WindowStore.cancel(id, at: occasion.now, in: tx) else {
                throw WindowRefusal.unknown(id: id)
            }
            try Jobs.cancel(kind: WindowWork.kindName, key: id, in: tx)
            try AuditLog.append(
                "maintenance.cancelled",
                object: "maintenance:\(id)",
                occasion: occasion,
                in: tx
            )
        }
    }

    /// Windows that are on or to come.
    public func windows() async throws -> [MaintenanceWindow] {
        let now = settings.clock.now
        return try await database.read { try WindowStore.coming(at: now, in: $0) }
    }
}
