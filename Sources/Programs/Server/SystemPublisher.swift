public import Catalogue
import CompanyOpening
import Correspondence
import Credentials
import Exchange
import Foundation
public import Kernel
import Standards
import Storage

/// Brings the systems' folders into the catalogue: what changed is published as a new version, what did not stays.
struct SystemPublisher: Sendable {
    let home: Home
    let standards: Standards
    let parties: Parties
    let papers: PaperLibrary
    let types: CredentialTypes
    let published: PublishedSystems
    let modules: [String]

    /// What definitions may name.
    static let modules = ["company-opening", "company-names"]
    private static let installed = "installed with the program"

    /// What definitions may lean on.
    var world: CatalogueWorld {
        CatalogueWorld(
            modules: Set(modules),
            parties: Dictionary(
                uniqueKeysWithValues: parties.all.map { ($0.id, Set($0.operations.map(\.id))) }
            ),
            papers: Set(papers.kinds),
            licences: types.licences.proofs,
            items: Set(standards.items.all.map(\.name)),
            agencies: Set(standards.agencies.all.filter { !$0.isCollective }.map(\.code)),
            licenceTypes: Dictionary(
                uniqueKeysWithValues: types.licences.all.map { ($0.key, KnownLicence($0)) }
            ),
            seals: Set(types.seals.map(\.key)),
            asks: asks
        )
    }

    private var asks: [String: KnownOperation] {
        var asks: [String: KnownOperation] = [:]
        for party in parties.all {
            for operation in party.operations {
                asks["\(party.id).\(operation.id)"] = KnownOperation(
                    fields: Set(operation.asks.map(\.name)),
                    required: Set(operation.asks.filter(\.required).map(\.name))
                )
            }
        }
        return asks
    }

    /// The folders under `Systems`, by id.
    func folders() throws -> [String: SystemFolder] {
        var folders: [String: SystemFolder] = [:]
        for id in try FileManager.default.contentsOfDirectory(atPath: home.systems).sorted() {
            guard FileManager.default.fileExists(atPath: "\(home.systems)/\(id)/system.yaml") else {
                continue
            }
            folders[id] = try SystemFolder(at: "\(home.systems)/\(id)")
        }
        return folders
    }

    func publish(
        _ folders: [String: SystemFolder],
        occasion: Occasion,
        into database: any Database
    ) async throws {
        for (id, folder) in folders.sorted(by: { $0.key < $1.key }) {
            let last = try await database.read { try CatalogueStore.versions(of: id, in: $0).first }
            // A version that somebody published stays until somebody publishes another.
            if let last, last.digest == folder.digest || last.note != Self.installed { continue }
            _ = try await published.publish(
                folder,
                effective: occasion.now.date,
                note: Self.installed,
                world: world,
                occasion: occasion,
                database: database
            )
        }
    }
}

extension Platform {
    /// Publishes the folder of a system as its next version, while the platform runs: cases that are under way keep
    /// theirs.
    @discardableResult
    public func publish(
        _ folder: SystemFolder,
        region: String = "150000",
        effective: LocalDate,
        note: String,
        occasion: Occasion
    ) async throws -> CatalogueVersion {
        try await published.publish(
            folder,
            region: region,
            effective: effective,
            note: note,
            world: SystemPublisher(
                home: settings.home,
                standards: standards,
                parties: exchange.parties,
                papers: correspondence.library,
                types: credentials.types,
                published: published,
                modules: [opening.name, "company-names"]
            ).world,
            occasion: occasion,
            database: database
        )
    }
}

extension KnownLicence {
    init(_ type: LicenceType) {
        self.init(
            holder: type.holder.rawValue,
            fields: Set(type.fields.map(\.key)),
            required: Set(type.fields.filter(\.isRequired).map(\.key)),
            isDated: type.validity == .dated
        )
    }
}
