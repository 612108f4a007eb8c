public import Kernel

/// A citizen identity number (GB 11643-1999), or the number of a residence permit for residents of Hong Kong,
/// Macao (81, 82) and Taiwan (83), which is built the same way.
///
/// Personal data: `description` is masked; the full number leaves only through `rawValue`.
public struct CitizenID: Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String
    public let birth: LocalDate

    public enum Sex: String, Sendable, CaseIterable { case male, female }

    private static let weights: [Int] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    private static let checks: [UInt8] = Array("10X98765432".utf8)
    /// GB 11643 numbers were first given to people born after this day.
    private static let earliest = LocalDate(year: 1900, month: 1, day: 1)

    /// Reads 18 characters as people type them: full-width digits, spaces and a small x are put right.
    /// - Parameters:
    ///   - today: a later birth is refused.
    ///   - regions: its provinces decide on the first two digits. County codes are never refused: abolished ones
    ///     are as good as those in force.
    public init(_ text: some StringProtocol, today: LocalDate, regions: RegionTable) throws(IdentifierError) {
        let normalised = BorderText.code(text)
        let bytes = Array(normalised.utf8)
        guard bytes.count == 18, normalised.unicodeScalars.count == 18 else {
            throw IdentifierError(.citizenID, .length)
        }
        for (index, byte) in bytes.enumerated() {
            let fits = (0x30...0x39).contains(byte) || (index == 17 && byte == UInt8(ascii: "X"))
            guard fits else { throw IdentifierError(.citizenID, .character, position: index + 1) }
        }
        guard regions.provinces[String(normalised.prefix(2))] != nil else {
            throw IdentifierError(.citizenID, .region, position: 1)
        }
        birth = try Self.birth(bytes[6..<14], today: today, kind: .citizenID)
        guard Self.check(of: bytes[0..<17]) == bytes[17] else {
            throw IdentifierError(.citizenID, .check, position: 18)
        }
        rawValue = normalised
    }

    /// The 18 characters of an old number of 15 digits (19 put before the year, check added). For archives only:
    /// such numbers are no longer valid.
    public static func upgraded(
        from15 text: some StringProtocol,
        today: LocalDate,
        regions: RegionTable
    ) throws(IdentifierError) -> CitizenID {
        let old = BorderText.code(text)
        guard old.utf8.count == 15 else { throw IdentifierError(.citizenID, .length) }
        guard BorderText.isDigits(old) else { throw IdentifierError(.citizenID, .character) }
        let body = Array((old.prefix(6) + "19" + old.dropFirst(6)).utf8)
        let whole = String(decoding: body + [check(of: body[...])], as: UTF8.self)
        return try CitizenID(whole, today: today, regions: regions)
    }

    /// The check character of 17 digits (ISO 7064 MOD 11-2).
    static func check(of digits: ArraySlice<UInt8>) -> UInt8 {
        var sum = 0
        for (weight, digit) in zip(weights, digits) { sum += Int(digit - 0x30) * weight }
        return checks[sum % 11]
    }

    static func birth(
        _ digits: ArraySlice<UInt8>,
        today: LocalDate,
        kind: IdentifierError.Kind
    ) throws(IdentifierError) -> LocalDate {
        let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard let birth = LocalDate(year: number / 10_000, month: number / 100 % 100, day: number % 100)
        else {
            throw IdentifierError(kind, .date, position: 7)
        }
        if let earliest, birth < earliest { throw IdentifierError(kind, .dateRange, position: 7) }
        guard birth <= today else { throw IdentifierError(kind, .dateRange, position: 7) }
        return birth
    }

    /// Position 17: odd is male, even is female.
    public var sex: Sex { Array(rawValue.utf8)[16] % 2 == 1 ? .male : .female }

    /// Whole years on a day.
    public func age(on day: LocalDate) -> Int { birth.years(until: day) }

    /// Six digits, in force or abolished.
    public var regionCode: String { String(rawValue.prefix(6)) }

    /// Whether it is a residence permit for Hong Kong, Macao or Taiwan residents.
    public var isResidencePermit: Bool { ["81", "82", "83"].contains(rawValue.prefix(2)) }

    /// `150***********123X`: the first three and the last four.
    public var masked: String { Masking.middle(of: rawValue, front: 3, back: 4) }

    public var description: String { masked }
}

/// The card number of a foreigner with permanent residence: 15 characters until 2023, 18 since, the first of them 9.
public struct ResidentCardNumber: Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String
    /// Nil for the old kind, whose two-digit year does not tell the century.
    public let birth: LocalDate?

    /// Old: three letters of the nationality and twelve digits. New: 9, two digits of the region, three of the
    /// nationality, eight of the birth, three in sequence, and the check of GB 11643.
    public init(_ text: some StringProtocol, today: LocalDate) throws(IdentifierError) {
        let normalised = BorderText.code(text)
        let bytes = Array(normalised.utf8)
        func digits(_ range: Range<Int>) throws(IdentifierError) {
            for index in range where !(0x30...0x39).contains(bytes[index]) {
                throw IdentifierError(.residentCard, .character, position: index + 1)
            }
        }
        switch bytes.count {
        case 15:
            for index in 0..<3 where !(0x41...0x5A).contains(bytes[index]) {
                throw IdentifierError(.residentCard, .character, position: index + 1)
            }
            try digits(3..<15)
            birth = nil
        case 18:
            guard bytes[0] == UInt8(ascii: "9") else {
                throw IdentifierError(.residentCard, .part, position: 1)
            }
            try digits(0..<17)
            birth = try CitizenID.birth(bytes[6..<14], today: today, kind: .residentCard)
            guard CitizenID.check(of: bytes[0..<17]) == bytes[17] else {
                throw IdentifierError(.residentCard, .check, position: 18)
            }
        default: throw IdentifierError(.residentCard, .length)
        }
        rawValue = normalised
    }

    public var masked: String { Masking.middle(of: rawValue, front: 3, back: 4) }
    public var description: String { masked }
}

/// How personal data are shown unless somebody gave a purpose.
public enum Masking {
    /// Stars for all but the first `front` and last `back` characters; at least one star.
    public static func middle(of text: String, front: Int, back: Int) -> String {
        let count = text.count
        guard count > front + back else { return String(repeating: "*", count: max(1, count)) }
        return text.prefix(front) + String(repeating: "*", count: count - front - back) + text.suffix(back)
    }

    /// `张*三`, `张*`: the first and, from three characters, the last one stay.
    public static func name(_ name: String) -> String {
        switch name.count {
        case 0: ""
        case 1: "*"
        case 2: name.prefix(1) + "*"
        default: middle(of: name, front: 1, back: 1)
        }
    }
}
