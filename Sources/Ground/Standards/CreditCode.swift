/// A unified social credit code (GB 32100-2015): 18 characters out of 31, with the organisation code inside.
///
/// Positions: 1 registering authority, 2 kind of organisation, 3-8 region, 9-17 organisation code (GB 11714, of
/// which 17 is its own check), 18 check.
public struct CreditCode: Hashable, Sendable, CustomStringConvertible, Codable {
    public let rawValue: String
    /// A code that fails a check digit and is accepted because the register says that it was issued so.
    public let isLegacy: Bool

    /// The characters in the order of their values (no I, O, S, V, Z).
    static let alphabet: [UInt8] = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)
    private static let weights: [Int] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    private static let values: [Int8] = {
        var values = [Int8](repeating: -1, count: 128)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = Int8(value) }
        return values
    }()

    /// Reads a code as people type it: full-width, spaces and lower case are put right first.
    /// - Throws: which check failed, and at which position: characters, region digits, the organisation code's
    ///   check (position 17), the whole code's check (position 18).
    public init(_ text: some StringProtocol) throws(IdentifierError) {
        let normalised = BorderText.code(text)
        let bytes = try Self.shaped(normalised)
        guard OrganisationCode.check(of: bytes[8..<16]) == bytes[16] else {
            throw IdentifierError(.creditCode, .check, position: 17)
        }
        guard Self.check(of: bytes[0..<17]) == bytes[17] else {
            throw IdentifierError(.creditCode, .check, position: 18)
        }
        rawValue = normalised
        isLegacy = false
    }

    /// Reads a code that the register already holds. A wrong check digit is then accepted and marked: early pilot
    /// places issued some (standards.md 1.1). Length and characters are still checked.
    public init(registered text: some StringProtocol) throws(IdentifierError) {
        let normalised = BorderText.code(text)
        let bytes = try Self.shaped(normalised)
        rawValue = normalised
        isLegacy =
            OrganisationCode.check(of: bytes[8..<16]) != bytes[16]
            || Self.check(of: bytes[0..<17]) != bytes[17]
    }

    private init(checked: String) {
        rawValue = checked
        isLegacy = false
    }

    /// Puts a new code together.
    /// - Parameters:
    ///   - authority: positions 1 and 2, such as `91` for an enterprise.
    ///   - region: six digits of GB/T 2260; a functional area's code is refused.
    public static func make(
        authority: Authority,
        region: Region,
        organisation: OrganisationCode
    ) throws(IdentifierError) -> CreditCode {
        guard region.mayStandInCreditCode, region.code.utf8.count == 6, BorderText.isDigits(region.code)
        else {
            throw IdentifierError(.creditCode, .region, position: 3)
        }
        var bytes = Array((authority.rawValue + region.code + organisation.rawValue).utf8)
        _ = try values(of: bytes)
        bytes.append(check(of: bytes[0..<17]))
        return CreditCode(checked: String(decoding: bytes, as: UTF8.self))
    }

    public var description: String { rawValue }
    /// `91`.
    public var authorityCode: String { String(rawValue.prefix(2)) }
    /// Nil for a combination that standards.md 1.1 does not list.
    public var authority: Authority? { Authority(rawValue: authorityCode) }
    /// Six digits: where it was first registered. Not where the firm sits today.
    public var regionCode: String { String(rawValue.dropFirst(2).prefix(6)) }
    public var organisationCode: String { String(rawValue.dropFirst(8).prefix(9)) }

    /// Positions 1 and 2: who registers what.
    public enum Authority: String, Sendable, CaseIterable {
        case stateOrgan = "11"
        case publicInstitution = "12"
        case massOrganisation = "13"
        case lawFirm = "31"
        case socialGroup = "51"
        case privateNonEnterprise = "52"
        case foundation = "53"
        case religious = "71"
        case tradeUnion = "81"
        case enterprise = "91"
        case soleTrader = "92"
        case farmersCooperative = "93"
        case collectiveEconomy = "N1"
        case other = "Y1"
    }

    /// Length, characters, and digits in the region.
    private static func shaped(_ text: String) throws(IdentifierError) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard bytes.count == 18, text.unicodeScalars.count == 18 else {
            if let wrong = text.unicodeScalars.enumerated().first(where: { !$1.isASCII }) {
                throw IdentifierError(.creditCode, .character, position: wrong.offset + 1)
            }
            throw IdentifierError(.creditCode, .length)
        }
        _ = try values(of: bytes)
        for position in 2..<8 where !(0x30...0x39).contains(bytes[position]) {
            throw IdentifierError(.creditCode, .region, position: position + 1)
        }
        return bytes
    }

    private static func values(of bytes: [UInt8]) throws(IdentifierError) -> [Int] {
        var numbers: [Int] = []
        numbers.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            guard byte < 128, values[Int(byte)] >= 0 else {
                throw IdentifierError(.creditCode, .character, position: index + 1)
            }
            numbers.append(Int(values[Int(byte)]))
        }
        return numbers
    }

    /// C18 = (31 − Σ Ci·Wi mod 31) mod 31 (GB 32100-2015, 4.2.6).
    private static func check(of bytes: ArraySlice<UInt8>) -> UInt8 {
        var sum = 0
        for (weight, byte) in zip(weights, bytes) { sum += Int(values[Int(byte)]) * weight }
        return alphabet[(31 - sum % 31) % 31]
    }
}

extension CreditCode {
    public init(from decoder: any Decoder) throws {
        self = try CreditCode(registered: decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

/// An organisation code (GB 11714): eight characters and a check.
public struct OrganisationCode: Hashable, Sendable, CustomStringConvertible {
    /// Nine characters without the hyphen.
    public let rawValue: String
    private static let weights: [Int] = [3, 7, 9, 10, 5, 8, 4, 2]

    /// Reads nine characters, with or without a hyphen before the last.
    public init(_ text: some StringProtocol) throws(IdentifierError) {
        let normalised = BorderText.code(text).filter { $0 != "-" && $0 != "－" }
        let bytes = Array(normalised.utf8)
        guard bytes.count == 9 else { throw IdentifierError(.organisationCode, .length) }
        for (index, byte) in bytes.enumerated() where Self.value(byte) == nil {
            throw IdentifierError(.organisationCode, .character, position: index + 1)
        }
        guard Self.check(of: bytes[0..<8]) == bytes[8] else {
            throw IdentifierError(.organisationCode, .check, position: 9)
        }
        rawValue = normalised
    }

    /// Adds the check to eight characters.
    public init(body: String) throws(IdentifierError) {
        let bytes = Array(body.utf8)
        guard bytes.count == 8 else { throw IdentifierError(.organisationCode, .length) }
        for (index, byte) in bytes.enumerated() where Self.value(byte) == nil {
            throw IdentifierError(.organisationCode, .character, position: index + 1)
        }
        rawValue = body + String(decoding: [Self.check(of: bytes[0..<8])], as: UTF8.self)
    }

    public var description: String { rawValue }

    /// C9 = 11 − Σ mod 11, 10 written X and 11 written 0; digits are 0-9, letters 10-35.
    static func check(of bytes: ArraySlice<UInt8>) -> UInt8 {
        var sum = 0
        for (weight, byte) in zip(weights, bytes) { sum += (value(byte) ?? 0) * weight }
        switch 11 - sum % 11 {
        case 10: return UInt8(ascii: "X")
        case 11: return UInt8(ascii: "0")
        case let digit: return UInt8(ascii: "0") + UInt8(digit)
        }
    }

    static func value(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte) - 0x30
        case 0x41...0x5A: Int(byte) - 0x41 + 10
        default: nil
        }
    }
}
