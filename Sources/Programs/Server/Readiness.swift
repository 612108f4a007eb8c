import Audit
import Kernel
import Storage
import Web

/// What a load balancer and an operator ask: is the process alive, and may it be given work.
struct Readiness: Sendable {
    private let database: any Database
    private let keeper: LogKeeper
    private let clock: any Clock

    init(database: any Database, keeper: LogKeeper, clock: any Clock) {
        self.database = database
        self.keeper = keeper
        self.clock = clock
    }

    var face: Face {
        Face(routes: [
            Route(
                .get,
                "/health",
                face: .api,
                who: .everyone,
                scope: .open,
                summary: Bilingual(zh: "进程存活", en: "The process is alive"),
                response: .object(["state": .choice("Always the same", ["alive"])])
            ) { _ in .json(["state": "alive"]) },
            Route(
                .get,
                "/ready",
                face: .api,
                who: .everyone,
                scope: .open,
                summary: Bilingual(zh: "是否可以接收请求", en: "Whether it may be given work"),
                response: .object([
                    "state": .choice("With status 503 when not ready", ["ready", "not-ready"]),
                    "checks": .anything(
                        "Names of promises, and whether each holds: true, false, pending soon after the start, or missing for the mirror of the log's heads"
                    ),
                ])
            ) { _ in
                let checks = await checks()
                let isReady = checks.allSatisfy { $0.state != .fails }
                return .json(
                    [
                        "state": isReady ? "ready" : "not-ready",
                        "checks": .object(
                            Dictionary(uniqueKeysWithValues: checks.map { ($0.name, $0.state.json) })
                        ),
                    ],
                    status: isReady ? 200 : 503
                )
            },
        ])
    }

    enum State: Sendable {
        case holds
        /// Nobody has looked yet, and there is still time for it: work may be given meanwhile.
        case pending
        /// A promise that cannot be kept now, and no reason to give no work.
        case lacks
        case fails

        init(_ holds: Bool) { self = holds ? .holds : .fails }

        init(_ tables: LogKeeper.Tables) {
            switch tables {
            case .logged: self = .holds
            case .pending: self = .pending
            case .doubtful: self = .fails
            }
        }

        var json: JSON {
            switch self {
            case .holds: true
            case .pending: "pending"
            case .lacks: "missing"
            case .fails: false
            }
        }
    }

    /// Each promise that must hold; no details, since anybody may ask.
    func checks() async -> [(name: String, state: State)] {
        let now = clock.now
        do {
            let isSealing = try await database.read { reader in
                try AuditLog.readable { try AuditLog.isSealing(now: now, in: reader) } ?? false
            }
            return [
                ("database", .holds), ("log-sealed", State(isSealing)),
                ("log-signed", State(await keeper.isSigned(at: now))),
                ("log-whole", State(await keeper.isWhole(at: now))),
                ("tables-logged", State(await keeper.tables(at: now))),
                // Whoever begins the log anew, as after a restore, puts the mirror aside and must be able to start.
                ("log-mirrored", await keeper.lacksMirror ? .lacks : .holds),
            ]
        } catch {
            return [("database", .fails)]
        }
    }
}
