import Audit
import Cryptography
import Foundation
import Kernel
import Storage
import TestSupport
import Testing

let start = Instant(milliseconds: 1_795_238_000_000)

func occasion(
    _ turn: Int64 = 0,
    _ id: String = "p1",
    purpose: String? = nil,
    entropy: any Entropy = SystemEntropy()
) -> Occasion {
    Occasion(
        now: start + turn,
        actor: Actor(.person, id: id, role: "founder"),
        request: "r\(turn)",
        purpose: purpose,
        entropy: entropy
    )
}

/// One authority and one log key for all tests: making them costs more than using them.
struct Keys {
    let root: CertificateAuthority
    let log: SigningIdentity

    static let shared = Result { try Keys() }

    init() throws {
        func request(_ name: String) -> CertificateAuthority.Request {
            .init(
                subject: DistinguishedName(commonName: name),
                serial: SystemEntropy().bytes(16),
                validFrom: start + -Instant.day,
                validUntil: start + 365 * Instant.day
            )
        }
        root = try .root(request("root"))
        log = try root.authority(request("issuing")).identity(request("log"), for: .log)
    }
}

/// A keeper whose heads follow each other without a pause.
func keeper(
    of database: any Database,
    mirror: HeadMirror? = nil,
    clock: ManualClock = ManualClock(start),
    startMax: Int64 = 0
) throws -> LogKeeper {
    var pace = pace
    pace.startMax = startMax
    return LogKeeper(
        database: database,
        identity: try Keys.shared.get().log,
        mirror: mirror,
        clock: clock,
        pace: pace
    )
}

/// As the platform ships, but without a pause between heads.
let pace = LogKeeper.Pace(
    pause: .zero,
    ageMax: 10 * Instant.minute,
    entriesMax: 10_000,
    unsignedMax: 4 * Instant.hour,
    lookMax: Instant.minute,
    wholeMax: 2 * Instant.day,
    firstMax: 15 * Instant.minute
)

/// Writes `count` entries and seals them, on either engine.
func fill(_ database: any Database, _ keeper: LogKeeper, count: Int, from turn: Int64 = 0) async throws {
    try await database.write { tx in
        for index in 0..<Int64(count) {
            try AuditLog.append(
                "case.submitted",
                object: "case:\(turn + index)",
                after: ["n": JSON(index)],
                occasion: occasion(turn + index),
                in: tx
            )
        }
    }
    try await keeper.round()
}

func verify(_ database: any Database, mirror: HeadMirror? = nil) async throws -> LogVerdict {
    try await LogVerifier(
        database: database,
        keys: [try Keys.shared.get().log.key.publicKey],
        mirrored: try mirror?.heads() ?? []
    ).verify()
}
