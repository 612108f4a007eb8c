/// A telephone number of the mainland.
public struct PhoneNumber: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable, CaseIterable { case mobile, landline }

    /// Digits only: `13800001234`, `04725123456`.
    public let rawValue: String
    public let kind: Kind

    /// Reads a number with spaces, hyphens, brackets, `+86`, `0086` or full-width digits.
    public init(_ text: some StringProtocol) throws(IdentifierError) {
        var digits = BorderText.code(text).filter { !"-—–()（）".contains($0) }
        if digits.hasPrefix("+86") {
            digits.removeFirst(3)
        } else if digits.hasPrefix("0086") {
            digits.removeFirst(4)
        }
        if let wrong = digits.unicodeScalars.enumerated().first(where: { !("0"..."9").contains($1) }) {
            throw IdentifierError(.phone, .character, position: wrong.offset + 1)
        }
        let bytes = Array(digits.utf8)
        if bytes.first == UInt8(ascii: "1"), bytes.count == 11 {
            guard (UInt8(ascii: "3")...UInt8(ascii: "9")).contains(bytes[1]) else {
                throw IdentifierError(.phone, .part, position: 2)
            }
            kind = .mobile
        } else if bytes.first == UInt8(ascii: "0"), (10...12).contains(bytes.count) {
            guard bytes[1] != UInt8(ascii: "0") else { throw IdentifierError(.phone, .part, position: 2) }
            kind = .landline
        } else {
            throw IdentifierError(.phone, .length)
        }
        rawValue = digits
    }

    /// A number that can receive a text message.
    public static func mobile(_ text: some StringProtocol) throws(IdentifierError) -> PhoneNumber {
        let number = try PhoneNumber(text)
        guard number.kind == .mobile else { throw IdentifierError(.phone, .part, position: 1) }
        return number
    }

    /// `138****1234`.
    public var masked: String { Masking.middle(of: rawValue, front: 3, back: 4) }
    public var description: String { masked }
}
