import CompanyNames
import CompanyOpening
import Foundation
import Kernel
import Server
import Storage
import Testing
import TownSupport

@testable import Cases

/// A platform with its town, and what the tests of the guards do on it.
struct GuardTown: Sendable {
    let town: DemoTown
    let folder: String
    /// The shipped example of a company.
    let data: JSON

    var desk: CaseDesk { town.platform.desk }
    var database: any Database { town.platform.database }
    static let founder = Actor(.person, id: "founder", role: "person")
    static let anyone = Actor.anonymous

    /// On both engines, each time a new one.
    static func each(_ body: @Sendable (GuardTown) async throws -> Void) async throws {
        let path = try Home.find().resource("demo/llc.json")
        let data = try JSON.read(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        try await TownShop.plain.onEachEngine { copy in
            try await body(GuardTown(town: copy.town, folder: copy.folder, data: data))
        }
    }

    func occasion(_ actor: Actor = founder) -> Occasion {
        Occasion(
            now: town.clock.now,
            actor: actor,
            request: "test",
            entropy: town.platform.settings.entropy
        )
    }

    func start(
        _ data: JSON? = nil,
        region: String = "150203",
        by actor: Actor = founder
    ) async throws -> Case {
        try await desk.start(
            system: "company-opening",
            item: "llc",
            region: region,
            channel: .online,
            data: data ?? self.data,
            occasion: occasion(actor)
        )
    }

    /// The public look-up, with the numbers of the shipped service platform.
    func look(
        _ number: String,
        _ code: String,
        from address: String,
        as actor: Actor = anyone
    ) async throws -> Case {
        let limits: JSON = [
            "lookupTries": 5, "lookupLockMinutes": 15, "lookupNumberTries": 20,
            "lookupNumberDelayMinutes": 15,
            "lookupNumberDelayMinutesMax": 240, "lookupNumberQuietMinutes": 1_440,
        ]
        return try await desk.lookUp(
            number: number,
            code: code,
            address: address,
            policy: LookupPolicy(limits),
            occasion: occasion(actor)
        )
    }

    func save(_ subject: Case, _ data: JSON) async throws -> (saved: Case, voided: Int) {
        let now = try await desk.read(subject.id)
        return try await desk.save(subject.id, data: data, version: now.version, occasion: occasion())
    }

    func state(_ subject: Case) async throws -> SigningState {
        try await database.read { try SignerStore.state(of: subject.id, in: $0) }
    }

    /// Keeps the name for `owner` and puts its reservation into the form.
    func reserve(_ data: JSON, for owner: Actor = founder) async throws -> JSON {
        var data = data
        guard case .reserved = try await town.reserveName(of: &data, by: owner) else {
            throw CancellationError()
        }
        return data
    }

    /// Everybody who was asked shows a good face and signs.
    func sign(_ links: [SigningLink]) async throws {
        for link in links {
            let proof = try await pass(link.secret)
            try await desk.sign(link.secret, proof: proof, occasion: occasion(Self.anyone))
        }
    }

    /// A good face, shown in a browser of its own.
    /// - Returns: what that browser got.
    func pass(_ secret: String) async throws -> String {
        let check = try await desk.verifyFace(
            secret,
            sample: "score:950",
            occasion: occasion(Self.anyone)
        )
        return try #require(check.proof)
    }

    /// A case in review: a supervisor whose name the courts list without a number.
    func inReviewForTwin() async throws -> Case {
        var data = try await reserve(data)
        data["supervisors"] = [
            [
                "name": "李同名", "idKind": "resident-id", "idNumber": "150203198803030019",
                "phone": "13800010001", "idForever": true, "nationality": "CHN", "position": "supervisor",
            ]
        ]
        let draft = try await start(data)
        try await sign(try await desk.askSignatures(draft.id, occasion: occasion()))
        let handed = try await desk.submit(draft.id, occasion: occasion())
        try #require(handed.state == .review)
        return handed
    }

    /// Sends everybody who has not signed yet a fresh link, by which he does.
    func signMissing(of draft: Case) async throws {
        for signer in try await state(draft).missing {
            try await sign([try await desk.renewLink(draft.id, signer: signer.key, occasion: occasion())])
        }
    }

    /// The example with a firm as its second shareholder.
    func withFirm(
        name: String = "包头市青峰商贸有限公司",
        code: String = "91150203MA0DEM013P",
        signer: String = "赵青",
        number: String = "150203197506060014"
    ) -> JSON {
        var data = data
        data["beneficial"] = ["mode": "later"]
        data["promises"]["beneficial"] = .null
        var holders = data["shareholders"].elements
        holders[1] = [
            "kind": "organisation", "name": .string(name), "creditCode": .string(code),
            "organisationKind": "company", "signerName": .string(signer), "signerIdKind": "resident-id",
            "signerIdNumber": .string(number), "signerPhone": "13800009999", "amount": 40_000_000,
            "method": "cash", "dueDate": "2030-12-31",
        ]
        data["shareholders"] = .array(holders)
        guard case .object(var promises) = data["promises"] else { return data }
        promises["beneficial"] = nil
        data["promises"] = .object(promises)
        return data
    }

    /// Files of keys and certificates that were made for enterprises.
    var enterpriseKeys: [String] {
        let names = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
        return names.filter { ($0.split(separator: "/").last ?? "").hasPrefix("enterprise-") }
    }
}

extension GuardTown {
    func nameState(_ reservation: String) async throws -> NameState? {
        try await database.read { try NameLibrary.find(ID(reservation), in: $0)?.state }
    }
}
