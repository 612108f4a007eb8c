import Attachments
public import Cases
import CompanyNames
import Foundation
import Identity
public import Kernel
import Server
import Simulators
import Storage

/// How the towns of the tests come by cases: drafts of the shipped example, signed, granted at once or in review.
extension FaceTown {
    /// The case as it stands now.
    public func read(_ subject: Case) async throws -> Case { try await platform.desk.read(subject.id) }

    /// The shipped example of a company, its name reserved, with the account's holder as the third shareholder: who
    /// applies as a founder is one.
    /// - Parameter brand: in the place of the example's own.
    public func form(brand: String? = nil, for login: String) async throws -> JSON {
        var data = try JSON.read(
            Array(try Data(contentsOf: URL(fileURLWithPath: home.resource("demo/llc.json"))))
        )
        if let brand { data["name"]["brand"] = .string(brand) }
        var holders = data["shareholders"].elements
        if let line = try DemoAccounts.read(home: home).first(where: { $0.login == login }),
            var third = holders.first
        {
            let part: Int64 = 10_000_000
            holders[0]["amount"] = JSON((third["amount"].int ?? 0) - part)
            third["name"] = .string(line.name)
            third["idKind"] = .string(line.documentKind)
            third["idNumber"] = .string(line.document)
            third["phone"] = .string(line.phone)
            third["amount"] = JSON(part)
            data["shareholders"] = .array(holders + [third])
        }
        let founder = try await session(login).principal.actor
        guard case .reserved = try await town.reserveName(of: &data, by: founder) else {
            throw CancellationError()
        }
        return data
    }

    /// - Parameters:
    ///   - proof: a file handed in as the document for the premises.
    ///   - change: what is filled in otherwise.
    public func draft(
        _ brand: String? = nil,
        of login: String,
        proof: [UInt8]? = nil,
        change: (inout JSON) -> Void = { _ in }
    ) async throws -> Case {
        var data = try await form(brand: brand, for: login)
        change(&data)
        let started = try await platform.desk.start(
            system: "company-opening",
            item: "llc",
            region: data["district"].text ?? "",
            channel: .online,
            data: data,
            occasion: try await occasion(of: login)
        )
        guard let proof else { return started }
        let file = try await platform.desk.attach(
            proof,
            name: "租约.pdf",
            to: started.id,
            blobs: platform.settings.blobs,
            occasion: try await occasion(of: login)
        )
        // A form takes only a file that its case holds already.
        data["premises"]["mode"] = "proof"
        data["premises"]["proof"] = .string(file.digest)
        let held = try await platform.desk.read(started.id)
        return try await platform.desk.save(
            held.id,
            data: data,
            version: held.version,
            occasion: try await occasion(of: login)
        ).saved
    }

    /// Asks for every signature and gives it.
    /// - Returns: the links' secrets.
    @discardableResult
    public func sign(_ id: ID<Case>, of login: String) async throws -> [String] {
        let links = try await platform.desk.askSignatures(id, occasion: try await occasion(of: login))
        let anyone = Occasion(
            now: town.clock.now,
            actor: .anonymous,
            request: "test",
            entropy: platform.settings.entropy
        )
        for link in links {
            let check = try await platform.desk.verifyFace(
                link.secret,
                sample: "score:950",
                occasion: anyone
            )
            _ = try await platform.desk.sign(link.secret, proof: check.proof, occasion: anyone)
        }
        return links.map(\.secret)
    }

    /// Opens a signing link and shows a face there, as its page asks for it.
    @discardableResult
    public func showFace(_ link: String, score: Int = 950, as login: String? = nil) async throws -> Answer {
        let page = try await get(link, as: login).text
        let shown = page.firstMatch(of: /name="shown" value="([0-9a-f]+)"/).map { String($0.output.1) }
        let fields = ["sample": "score:\(score)", "shown": shown ?? ""]
        return try await post("\(link)/face", fields, as: login)
    }

    /// Makes the account's holder the legal representative of a firm that was granted.
    public func lead(_ granted: Case, as login: String) async throws {
        let person = try await session(login).principal.actor.id
        let agency = platform.settings.authority
        try await platform.database.write { tx in
            try Enterprises.put(
                code: granted.result ?? "",
                name: granted.title,
                state: .active,
                legalRepresentative: ID(person),
                region: granted.region,
                agency: agency,
                in: tx
            )
        }
    }

    /// A company that the rules grant at once.
    public func granted(
        _ brand: String,
        of login: String,
        change: (inout JSON) -> Void = { _ in }
    ) async throws -> Case {
        let draft = try await draft(brand, of: login, change: change)
        try await sign(draft.id, of: login)
        return try await platform.desk.submit(draft.id, occasion: try await occasion(of: login))
    }

    /// An individual business of the account's holder with its seal ordered, granted at once.
    public func soleTrader(of login: String) async throws -> Case {
        var data = try JSON.read(
            Array(try Data(contentsOf: URL(fileURLWithPath: home.resource("demo/sole-trader.json"))))
        )
        if let line = try DemoAccounts.read(home: home).first(where: { $0.login == login }) {
            for part in ["applicant", "operator", "liaison", "taxOfficer"] {
                data[part]["name"] = .string(line.name)
                data[part]["idKind"] = .string(line.documentKind)
                data[part]["idNumber"] = .string(line.document)
                data[part]["phone"] = .string(line.phone)
            }
        }
        data["joined"]["seals"] = [
            "choice": "now", "kinds": ["official-sole-trader"], "engraver": "EN005", "payer": "self",
            "delivery": "pickup",
        ]
        let founder = try await session(login).principal.actor
        guard case .reserved = try await town.reserveName(of: &data, by: founder) else {
            throw CancellationError()
        }
        let draft = try await platform.desk.start(
            system: "company-opening",
            item: "sole-trader",
            region: data["district"].text ?? "",
            channel: .online,
            data: data,
            occasion: try await occasion(of: login)
        )
        try await sign(draft.id, of: login)
        return try await platform.desk.submit(draft.id, occasion: try await occasion(of: login))
    }

    /// A company that waits for a person, because the court's list did not answer while it was handed in.
    public func inReview(_ brand: String, of login: String, proof: [UInt8]? = nil) async throws -> Case {
        let draft = try await draft(brand, of: login, proof: proof)
        try await sign(draft.id, of: login)
        try party("court-list", is: "down")
        let submitted = try await platform.desk.submit(draft.id, occasion: try await occasion(of: login))
        try party("court-list", is: "up")
        return submitted
    }

    /// Handed in and taken back before it was decided.
    public func withdrawn(_ brand: String, of login: String) async throws -> Case {
        let review = try await inReview(brand, of: login)
        return try await platform.desk.withdraw(
            review.id,
            version: review.version,
            occasion: try await occasion(of: login)
        )
    }

    /// Turns a switch of an outside party, such as `down`, `silent` or `up`.
    public func party(_ id: String, is words: String) throws { try town.town.party(id).set(words) }
}
