/// A code of a service item (GB/T 39554.1; standards.md 2.2): basic (12), implementation (31 = credit code 18,
/// level 1, basic 12) or handling item (33 = implementation and two digits).
///
/// The 18 characters may be an old local code, so they are not held to the check of a credit code.
public struct ItemCode: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Int, Sendable, CaseIterable {
        case basic = 12
        case implementation = 31
        case handling = 33
    }

    public let rawValue: String
    public let kind: Kind
    public let type: ItemType

    public init(_ text: some StringProtocol) throws(IdentifierError) {
        let normalised = BorderText.code(text)
        let bytes = Array(normalised.utf8)
        guard let kind = Kind(rawValue: bytes.count) else { throw IdentifierError(.itemCode, .length) }
        let basicStart = kind == .basic ? 0 : 19
        for (index, byte) in bytes.enumerated() {
            let isPartOfUnit = kind != .basic && index < 18
            let fits = isPartOfUnit ? OrganisationCode.value(byte) != nil : (0x30...0x39).contains(byte)
            guard fits else { throw IdentifierError(.itemCode, .character, position: index + 1) }
        }
        if kind != .basic, !(0x31...0x36).contains(bytes[18]) {
            throw IdentifierError(.itemCode, .part, position: 19)
        }
        let typeCode = String(decoding: bytes[(basicStart + 2)..<(basicStart + 4)], as: UTF8.self)
        guard let type = ItemType(rawValue: typeCode) else {
            throw IdentifierError(.itemCode, .part, position: basicStart + 3)
        }
        rawValue = normalised
        self.kind = kind
        self.type = type
    }

    public var description: String { rawValue }

    /// The 12 digits.
    public var basic: String {
        switch kind {
        case .basic: rawValue
        case .implementation, .handling: String(rawValue.dropFirst(19).prefix(12))
        }
    }

    /// The 18 characters of the implementing body; nil for a basic code.
    public var implementer: String? { kind == .basic ? nil : String(rawValue.prefix(18)) }

    /// 1 national … 6 village; nil for a basic code.
    public var exerciseLevel: Int? { kind == .basic ? nil : rawValue.dropFirst(18).first?.wholeNumberValue }
}
