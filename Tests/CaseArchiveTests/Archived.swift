import CaseArchive
import Cases
import Credentials
import Cryptography
import Foundation
import Kernel
import Server
import Storage
import TestSupport
import Testing
import TownSupport

/// A town with one opening that was granted, served by every party, and put into its archive.
struct Archived {
    let town: DemoTown
    let folder: String
    let subject: Case
    let archive: Archive

    static let reader = Actor(.staff, id: "head", role: "head")

    static func on(
        _ engine: DatabaseEngine,
        _ body: @Sendable (Archived) async throws -> Void
    ) async throws {
        try await TownShop.plain.on(engine) { copy in
            let path = try Home.find().resource("demo/llc.json")
            let data = try JSON.read(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
            try await DemoJourney(town: copy.town, say: { _ in }).openCompany(
                data,
                into: "\(copy.folder)/out"
            )
            try await copy.town.move(to: copy.town.clock.now + 3 * Instant.day)
            let (town, platform) = (copy.town, copy.town.platform)
            let found = try await platform.database.read {
                try CaseStore.mine("demo-founder", limit: 1, in: $0)
            }
            let subject = try #require(found.first)
            let archives = try await platform.database.read { try platform.archives.of(subject.id, in: $0) }
            try await body(
                Archived(
                    town: town,
                    folder: copy.folder,
                    subject: subject,
                    archive: try #require(archives.first)
                )
            )
        }
    }

    var platform: Platform { town.platform }

    func file() async throws -> [UInt8] { try await platform.archives.file(archive) }

    /// Whom a stranger trusts, and at this moment.
    func verifier() throws -> FileVerifier {
        FileVerifier(
            anchors: platform.credentials.trust,
            moment: town.clock.now,
            limits: try VerificationLimits(home: Home.find(), on: town.clock.now.date)
        )
    }

    func occasion(_ actor: Actor = reader) -> Occasion {
        Occasion(
            now: town.clock.now,
            actor: actor,
            request: "test",
            entropy: platform.settings.entropy
        )
    }
}
