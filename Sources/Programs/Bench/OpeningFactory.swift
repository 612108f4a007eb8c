import Cases
import CompanyNames
import CompanyOpening
import Foundation
import Identity
import Kernel
import Server
import Standards
import Storage

/// Openings that are filled in and signed, each with people, phones, address and brand of its own, and each with a
/// founder who is signed in.
struct OpeningFactory: Sendable {
    struct Ready: Sendable {
        let number: Int
        let id: ID<Case>
        let founder: Actor
        /// Of the founder's session; empty until `signedIn`.
        var token = ""
    }

    private let town: DemoTown
    private let identity: IdentitySettings
    private let form: String
    /// What is particular to one opening in the form of the demonstration.
    private static let people = ["150203198510120010", "150203199003030023", "150203199205050030"]
    private static let phones = ["13800001234", "13800002345", "13800003456"]
    private static let door = "少先路12号3楼301室"

    init(town: DemoTown) async throws {
        self.town = town
        let home = town.platform.settings.home
        form = try String(contentsOfFile: home.resource("demo/llc.json"), encoding: .utf8)
        identity = try IdentitySettings(
            keys: town.platform.identityKeys,
            limits: IdentityLimits(home: home)
        )
    }

    func ready(_ numbers: [Int], at width: Int) async throws -> [Ready] {
        try await inParallel(numbers, at: width) { number in try await prepare(number) }
    }

    /// Signs every founder in by a code sent to his phone.
    func signedIn(_ ready: [Ready], at width: Int) async throws -> [Ready] {
        try await inParallel(ready, at: width) { one in
            var one = one
            one.token = try await signIn(one.number)
            return one
        }
    }

    /// Somebody who is signed in, with his session's token.
    func known(_ number: Int) async throws -> (actor: Actor, token: String) {
        (try await signUp(number), try await signIn(number))
    }

    func occasion(_ actor: Actor) -> Occasion {
        Occasion(
            now: town.clock.now,
            actor: actor,
            request: "bench",
            entropy: town.platform.settings.entropy
        )
    }

    private func prepare(_ number: Int) async throws -> Ready {
        let desk = town.platform.desk
        let founder = try await signUp(number)
        let data = try await reserve(try written(number), number: number, by: founder)
        let started = try await desk.start(
            system: "company-opening",
            item: "llc",
            region: data["district"].text ?? "",
            channel: .online,
            data: data,
            occasion: occasion(founder)
        )
        for link in try await desk.askSignatures(started.id, occasion: occasion(founder)) {
            let anyone = occasion(.anonymous)
            let check = try await desk.verifyFace(link.secret, sample: "score:950", occasion: anyone)
            _ = try await desk.sign(link.secret, proof: check.proof, occasion: anyone)
        }
        return Ready(number: number, id: started.id, founder: founder)
    }

    /// A person whose face was checked, with an account under his phone.
    private func signUp(_ number: Int) async throws -> Actor {
        let platform = town.platform
        let occasion = occasion(.platform("bench"))
        let document = try platform.standards.identityDocument(
            kind: "resident-id",
            number: Self.identityNumber(number * 3),
            on: occasion.now.date
        )
        let phone = try PhoneNumber.mobile(Self.phone(number))
        let (name, keys) = (try PersonName("张晓晨"), identity.keys)
        let person = try await platform.database.write { tx in
            let person = try People.register(
                name: name,
                document: document,
                phone: phone,
                keys: keys,
                occasion: occasion,
                in: tx
            )
            _ = try People.verified(
                person.id,
                as: .face,
                score: 990,
                reference: "bench",
                occasion: occasion,
                in: tx
            )
            _ = try Accounts.open(
                .person,
                holder: person.id.rawValue,
                logins: [.phone(phone.rawValue)],
                record: nil,
                keys: keys,
                occasion: occasion,
                in: tx
            )
            return person.id
        }
        return Actor(.person, id: person.rawValue, role: "person")
    }

    private func signIn(_ number: Int) async throws -> String {
        let database = town.platform.database
        let occasion = occasion(.anonymous)
        let phone = try PhoneNumber.mobile(Self.phone(number))
        let settings = identity
        let attempt = try await database.write { tx in
            try SmsCodes.send(to: phone, for: .signIn, settings: settings, occasion: occasion, in: tx)
        }
        let payload = try await database.read { try BenchStore.payload(of: "sms-code:\(attempt)", in: $0) }
        guard let payload, let message = try SmsCodes.message(payload, keys: settings.keys) else {
            throw BenchFault("no code was sent to founder \(number)")
        }
        return try await SignIn.withCode(
            message.code,
            attempt: attempt,
            phone: phone,
            origin: SignInOrigin(address: "127.0.0.1", device: "bench"),
            settings: settings,
            occasion: occasion,
            database: database
        ).token
    }

    private func written(_ number: Int) throws -> JSON {
        // The road has the numbers 1 to 300; number 9 is on the list of dangerous houses.
        let door = "少先路\(10 + number % 290)号\(1 + number / 290)楼301室"
        var text = form.replacingOccurrences(of: Self.door, with: door)
        for (place, known) in Self.people.enumerated() {
            text = text.replacingOccurrences(of: known, with: Self.identityNumber(number * 3 + place))
        }
        for (place, known) in Self.phones.enumerated() {
            text = text.replacingOccurrences(of: known, with: "139" + Self.padded(number * 3 + place, to: 8))
        }
        return try JSON.read(text)
    }

    /// The founder's.
    private static func phone(_ number: Int) -> String { "139" + padded(number * 3, to: 8) }

    /// A number of GB 11643 with its check digit: born from 1975 on, 900 people a day. The courts and the police of
    /// the demonstration know stories about people of other years.
    private static func identityNumber(_ person: Int) -> String {
        let first = LocalDate(year: 1975, month: 1, day: 1)?.dayNumber ?? 0
        let birth = LocalDate(dayNumber: first + person / 900).description.replacingOccurrences(
            of: "-",
            with: ""
        )
        let body = "150203" + birth + padded(person % 900 + 1, to: 3)
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(body, weights).reduce(0) { $0 + ($1.0.wholeNumberValue ?? 0) * $1.1 }
        return body + String(Array("10X98765432")[sum % 11])
    }

    private static func padded(_ number: Int, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Reserves a brand near to none; draws another when one is taken or near.
    private func reserve(_ data: JSON, number: Int, by founder: Actor) async throws -> JSON {
        let platform = town.platform
        let rules = platform.nameRules
        let brands = NameSource(seed: UInt64(number) + 1_000)
        for _ in 0..<50 {
            var data = data
            data["name"]["brand"] = .string(brands.brand(4))
            let occasion = occasion(founder)
            let proposal = platform.opening.proposal(
                for: CompanyForm(data),
                applicant: founder.id,
                on: occasion.now.date
            )
            let outcome = try await platform.database.write { tx -> ReserveOutcome? in
                let report = try NameCheck.run(proposal, under: rules, now: occasion.now, in: tx)
                guard !report.findings.contains(where: { $0.severity == .person || $0.severity == .refuse })
                else {
                    return nil
                }
                return try ReserveName.run(report, promised: true, under: rules, occasion: occasion, in: tx)
            }
            guard case .reserved(let reservation)? = outcome else { continue }
            data["name"]["reservation"] = .string(reservation.id.rawValue)
            data["name"]["full"] = .string(reservation.parts.text)
            return data
        }
        throw BenchFault("no free name for opening \(number)")
    }
}
