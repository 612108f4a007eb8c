import Cases
import CompanyNames
import CompanyOpening
import Foundation
import Kernel
import Server
import Storage

/// Openings that are filled in and signed, each with people, phones, address and brand of its own.
struct OpeningFactory: Sendable {
    struct Ready: Sendable {
        let id: ID<Case>
        let founder: Actor
    }

    private let town: DemoTown
    private let form: String
    /// What is particular to one opening in the form of the demonstration.
    private static let people = ["150203198510120010", "150203199003030023", "150203199205050030"]
    private static let phones = ["13800001234", "13800002345", "13800003456"]
    private static let door = "少先路12号3楼301室"

    init(town: DemoTown) throws {
        self.town = town
        form = try String(
            contentsOfFile: town.platform.settings.home.resource("demo/llc.json"),
            encoding: .utf8
        )
    }

    func ready(_ count: Int, at width: Int) async throws -> [Ready] {
        try await inParallel(Array(0..<count), at: width) { number in try await prepare(number) }
    }

    private func occasion(_ actor: Actor) -> Occasion {
        Occasion(
            now: town.clock.now,
            actor: actor,
            request: "bench",
            entropy: town.platform.settings.entropy
        )
    }

    private func prepare(_ number: Int) async throws -> Ready {
        let desk = town.platform.desk
        let founder = Actor(.person, id: "bench-founder-\(number)", role: "person")
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
            _ = try await desk.verifyFace(link.secret, sample: "score:950", occasion: occasion(.anonymous))
            _ = try await desk.sign(link.secret, occasion: occasion(.anonymous))
        }
        return Ready(id: started.id, founder: founder)
    }

    private func written(_ number: Int) throws -> JSON {
        var text = form.replacingOccurrences(of: Self.door, with: "少先路\(number + 1)号3楼301室")
        for (place, known) in Self.people.enumerated() {
            text = text.replacingOccurrences(of: known, with: Self.identity(number * 3 + place))
        }
        for (place, known) in Self.phones.enumerated() {
            text = text.replacingOccurrences(of: known, with: "139" + Self.padded(number * 3 + place, to: 8))
        }
        return try JSON.read(text)
    }

    /// A number of GB 11643 with its check digit: born from 1980 on, 900 people a day.
    private static func identity(_ person: Int) -> String {
        let first = LocalDate(year: 1980, month: 1, day: 1)?.dayNumber ?? 0
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
        for _ in 0..<20 {
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
