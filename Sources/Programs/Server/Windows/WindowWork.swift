import Audit
import Cases
import CompanyNames
import Deadlines
import Foundation
import Jobs
import Kernel
import Storage
import Web

/// What a running server makes of announced windows: banners, refusals, and clocks that are given their days back.
struct WindowWork: Sendable {
    static let kindName = "maintenance.clocks"

    let database: any Database
    let clock: any Clock
    let clocks: MovedClocks
    let entropy: any Entropy
    /// Those that are on or to come, as last read.
    private let shelf = Shelf<[MaintenanceWindow]>([])

    init(database: any Database, clock: any Clock, clocks: MovedClocks, entropy: any Entropy) {
        self.database = database
        self.clock = clock
        self.clocks = clocks
        self.entropy = entropy
    }

    /// Takes over what was announced since.
    func refresh() async throws {
        let now = clock.now
        shelf.replace(by: try await database.read { try WindowStore.coming(at: now, in: $0) })
    }

    /// What pages say now: of the window that is on, else of the next one.
    func notice(at now: Instant) -> SiteNotice? {
        let coming = shelf.current.filter { $0.to > now }
        guard let window = coming.first(where: { $0.isOn(at: now) }) ?? coming.first else { return nil }
        return SiteNotice(
            from: window.from,
            to: window.to,
            isOn: window.isOn(at: now),
            words: window.notice
        )
    }

    func isOn(at now: Instant) -> Bool { shelf.current.contains { $0.isOn(at: now) } }

    /// The job that is due when a window begins.
    func kind(calendars: CalendarShelf) -> JobKind {
        JobKind(Self.kindName) { job in
            let id = job.key
            guard let window = try await database.read({ try WindowStore.find(id, in: $0) }) else {
                return .done
            }
            let closed = ClosedTime(
                from: window.from,
                to: window.to,
                clocks: clocks.inForce(on: window.from.date),
                announcement: window.announcement
            )
            let occasion = Occasion(
                now: clock.now,
                actor: .platform("maintenance"),
                request: "job:\(Self.kindName):\(id)",
                entropy: entropy
            )
            try await closed.giveBack(in: database, calendars: calendars, occasion: occasion) { clock, tx in
                try Self.tell(clock, window, occasion, tx)
            }
            return .done
        }
    }

    /// The notice: a line on the timeline of the case, and an event for whoever follows the clock.
    private static func tell(
        _ clock: DeadlineClock,
        _ window: MaintenanceWindow,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws {
        let details: JSON = [
            "clock": .string(clock.name), "window": .string(window.id),
            "from": .string(window.from.minuteText), "to": .string(window.to.minuteText),
        ]
        if clock.object.hasPrefix("case:") {
            try HappeningStore.append(
                "clock-moved",
                to: ID(String(clock.object.dropFirst("case:".count))),
                details: details,
                occasion: occasion,
                in: tx
            )
        }
        try Outbox.emit("clock.moved", object: clock.object, payload: details, occasion: occasion, in: tx)
    }
}
