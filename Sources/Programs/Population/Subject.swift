import CompanyNames
import Identity
import Kernel
import Standards

/// A made-up firm or sole trader with the person who stands for it.
struct Subject {
    let at: Instant
    let isCompany: Bool
    let place: PopulationTables.Place
    let trade: PopulationTables.Trade
    let name: NameParts
    let code: String
    let person: ID<Person>
    let personName: String
    let document: String
    let phone: String
    let address: String
    let phrases: [(code: String, text: String)]
    let capital: Money

    var authority: RegistrationAuthority { isCompany ? place.company : place.soleTrader }
    var telling: String { name.brand + name.trade }
    var register: String { isCompany ? "company" : "sole-trader" }
    var scope: String { phrases.map(\.text).joined(separator: "；") }

    /// What the register says of it.
    var items: JSON {
        var items: JSON = [
            "type": .string(isCompany ? "有限责任公司（自然人独资）" : "个体工商户"), "address": .string(address),
            "scope": .string("一般项目：\(scope)。（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）"),
            "scopeCodes": .array(phrases.map { .string($0.code) }), "name": .string(name.text),
        ]
        guard isCompany else {
            items["operator"] = .string(personName)
            items["operation"] = "individual"
            return items
        }
        items["capitalFen"] = JSON(capital.fen)
        items["legalRepresentative"] = .string(personName)
        items["shareholders"] = [
            [
                "name": .string(personName), "kind": "person", "amountFen": JSON(capital.fen),
                "method": "cash",
                "dueDate": .string(at.date.adding(months: 60).description),
            ]
        ]
        return items
    }
}

/// Makes the subjects of a population, each by its number.
struct SubjectMaker {
    let tables: PopulationTables
    let request: PopulationRequest

    /// Firms among a hundred subjects; the others are sole traders.
    private static let companies = 35

    func subject(_ index: Int) throws -> Subject {
        var dice = Dice(seed: request.seed, .subject, index)
        let isCompany = dice.below(100) < Self.companies
        let place = tables.places.pick(&dice)
        let trade = (isCompany ? tables.companies : tables.soleTraders).pick(&dice)
        let at = moment(index, &dice)
        let personName = personName(&dice)
        let brand = brand(index)
        let region = place.region
        let phrases = Set((0..<(1 + dice.below(3))).map { _ in dice.below(trade.phrases.count) }).sorted()
        return Subject(
            at: at,
            isCompany: isCompany,
            place: place,
            trade: trade,
            name: NameParts(
                division: place.division,
                brand: isCompany ? brand : personName,
                trade: trade.word,
                form: isCompany ? "有限公司" : ["店", "经营部", "工作室"][dice.below(3)]
            ),
            code: try code(index, isCompany, place),
            person: person(index, at: at),
            personName: personName,
            document: document(index, region: region.code),
            phone: "1400" + digits(index &* 7_919 % 10_000_000, 7),
            address: "内蒙古自治区" + place.division + dice.pick(place.roads) + "\(1 + dice.below(300))号",
            phrases: phrases.map { trade.phrases[$0] },
            capital: Money(fen: [10, 30, 50, 100, 200, 500, 1_000][dice.below(7)] * 1_000_000)
        )
    }

    /// Evenly over the years, so that what is made one after the other lies side by side in the tables.
    private func moment(_ index: Int, _ dice: inout Dice) -> Instant {
        request.moment(index, of: request.subjects, days: PopulationRequest.subjectDays)
    }

    func person(_ index: Int, at moment: Instant) -> ID<Identity.Person> {
        var dice = Dice(seed: request.seed, .person, index)
        return dice.id(at: moment)
    }

    private func personName(_ dice: inout Dice) -> String {
        if dice.below(1_000) < tables.mongolianShare { return dice.pick(tables.mongolian) }
        let given = (0..<(dice.below(5) == 0 ? 1 : 2)).map { _ in dice.pick(tables.characters) }
        return tables.surnames.pick(&dice) + String(given)
    }

    /// Two to four characters, and no two alike.
    private func brand(_ index: Int) -> String {
        let count = tables.brands.count
        func spelt(_ number: Int, _ length: Int) -> String {
            var (rest, text) = (number, "")
            for _ in 0..<length {
                text.append(tables.brands[rest % count])
                rest /= count
            }
            return text
        }
        let (pairs, threes) = (count * count, count * count * count)
        // A step without a common factor with the whole runs through all of it before it comes back.
        if index % 4 == 1, index / 4 < pairs { return spelt(index / 4 &* 7_919 % pairs, 2) }
        if index % 4 > 1, index < threes { return spelt(index &* 1_000_003 % threes, 3) }
        return spelt(index &* 1_000_003 % (threes * count), 4)
    }

    /// In the order in which they are made. The numbers that a register gives out lie elsewhere in the block; one that
    /// meets a code of these is passed over.
    private func code(_ index: Int, _ isCompany: Bool, _ place: PopulationTables.Place) throws -> String {
        let capacity = Int(place.codes.capacity)
        guard request.subjects <= capacity else { throw AllocationError.exhausted(region: place.region.code) }
        var rest = index * (capacity / request.subjects)
        var body: [UInt8] = []
        for _ in 0..<(8 - place.codes.stem.utf8.count) {
            body.append(Self.alphabet[rest % 31])
            rest /= 31
        }
        return try CreditCode.make(
            authority: isCompany ? .enterprise : .soleTrader,
            region: place.region,
            organisation: OrganisationCode(
                body: place.codes.stem + String(decoding: body.reversed(), as: UTF8.self)
            )
        ).rawValue
    }

    private static let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)

    /// A citizen's number of GB 11643 that nobody else here has.
    private func document(_ index: Int, region: String) -> String {
        let days = 18_000
        let birth = LocalDate(dayNumber: index &* 7_919 % days - 5_000).description.filter { $0 != "-" }
        let body = region + birth + digits(1 + index / days % 999, 3)
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(body.utf8, weights).reduce(0) { $0 + Int($1.0 - 0x30) * $1.1 }
        return body + String(Array("10X98765432")[sum % 11])
    }
}

func digits(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
}
