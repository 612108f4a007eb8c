import Kernel
import Storage
import Web

/// Announced windows. A cancelled one stays, so that its number keeps its meaning.
enum WindowStore {
    static func add(_ window: MaintenanceWindow, at: Instant, in tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO installation_window (id, starts, ends, notice_zh, notice_en, announced)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            window.id,
            window.from,
            window.to,
            window.notice.zh,
            window.notice.en,
            at
        )
    }

    /// Not cancelled and not over, the earliest first.
    static func coming(at now: Instant, in reader: any Reader) throws -> [MaintenanceWindow] {
        try reader.query(
            """
            SELECT id, starts, ends, notice_zh, notice_en FROM installation_window
            WHERE ends > $1 AND cancelled IS NULL ORDER BY starts, id
            """,
            now
        ).map(window)
    }

    static func find(_ id: String, in reader: any Reader) throws -> MaintenanceWindow? {
        try reader.first(
            """
            SELECT id, starts, ends, notice_zh, notice_en FROM installation_window
            WHERE id = $1 AND cancelled IS NULL
            """,
            id
        ).map(window)
    }

    /// A window that is on ends now; one that has not begun never does.
    /// - Returns: whether there was one.
    static func cancel(_ id: String, at: Instant, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            "UPDATE installation_window SET cancelled = $2 WHERE id = $1 AND ends > $2 AND cancelled IS NULL",
            id,
            at
        ) == 1
    }

    private static func window(_ row: Row) throws -> MaintenanceWindow {
        MaintenanceWindow(
            id: try row.text(0),
            from: try row.instant(1),
            to: try row.instant(2),
            notice: Bilingual(zh: try row.text(3), en: try row.text(4))
        )
    }
}
