import CompanyNames
import Credentials
import Kernel
import Standards

/// Makes the licences and seals of a population, each by its number: first every subject's business licence, then its
/// seals, round by round.
struct LicenceMaker {
    let subjects: SubjectMaker
    let request: PopulationRequest
    let types: [CredentialType]
    /// When they were taken over.
    let now: Instant

    /// The upper half of each range: numbers that are given out begin at its lower end.
    private static let firstSerial = 5_000_000_000
    private static let firstSeal = 50_000_000

    func add(_ index: Int, to rows: inout CredentialRows) throws {
        var dice = Dice(seed: request.seed, .licence, index)
        let subject = try subjects.subject(index % request.subjects)
        let round = index / request.subjects
        let type = types[round % types.count]
        let issued = subject.at + Int64(round) * Instant.hour
        let isSeal = type.category == .seal
        let authority = subject.authority
        try rows.add(
            dice.id(at: issued),
            type: type,
            serial: String(issued.date.year) + digits(Self.firstSerial + index, 10),
            name: type.nameZH,
            holder: Holder(.enterprise, code: subject.code, name: subject.name.text),
            issuer: IssuingBody(code: authority.region, name: authority.name),
            sealCode: isSeal ? authority.region + digits(Self.firstSeal + index, 8) : nil,
            code: code(index, &dice),
            fields: isSeal ? sealFields(subject) : licenceFields(subject),
            issuedAt: issued,
            validUntil: type.validYears.map { issued.date.adding(months: 12 * $0) },
            recordedAt: now
        )
    }

    /// Ascending, so that codes of licences made one after the other lie side by side in their index.
    private func code(_ index: Int, _ dice: inout Dice) -> VerificationCode {
        let place = UInt64(Double(index) / Double(request.licences) * 4_294_967_295)
        let front = (0..<4).map { UInt8(truncatingIfNeeded: place >> UInt64(24 - 8 * $0)) }
        return VerificationCode(random: front + dice.bytes(4))
    }

    private func licenceFields(_ subject: Subject) -> JSON {
        let items = subject.items
        var fields: JSON = [
            "address": items["address"], "authority": .string(subject.authority.name),
            "creditCode": .string(subject.code), "establishedOn": .string(subject.at.date.description),
            "name": items["name"], "scope": items["scope"], "type": items["type"],
        ]
        if subject.isCompany {
            fields["capitalFen"] = items["capitalFen"]
            fields["legalRepresentative"] = items["legalRepresentative"]
        } else {
            fields["operator"] = items["operator"]
        }
        return fields
    }

    private func sealFields(_ subject: Subject) -> JSON {
        ["legalRepresentative": .string(subject.personName), "name": .string(subject.name.text)]
    }
}
