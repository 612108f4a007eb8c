public import Kernel
import Synchronization

/// A kind of identity document, from `id-kinds.tsv`.
public struct IdentityDocumentKind: Hashable, Sendable {
    public enum Scheme: String, Sendable, CaseIterable {
        case citizen
        case residentCard = "resident-card"
        case oldResidentCard = "resident-card-old"
        case lettersDigits = "letters-digits"
        case permitHongKongMacao = "permit-hm"
        case permitTaiwan = "permit-tw"
    }

    /// `resident-id`.
    public let code: String
    public let name: String
    public let englishName: String
    public let scheme: Scheme
    /// Whether the police source answers for it at once, so that an application can be decided at once.
    public let allowsInstant: Bool
    /// Whether its holder is an investor from outside the mainland (company-opening R14).
    public let isForeign: Bool
    public let certainty: String

    public init(
        code: String,
        name: String,
        englishName: String,
        scheme: Scheme,
        allowsInstant: Bool,
        isForeign: Bool,
        certainty: String
    ) {
        self.code = code
        self.name = name
        self.englishName = englishName
        self.scheme = scheme
        self.allowsInstant = allowsInstant
        self.isForeign = isForeign
        self.certainty = certainty
    }
}

/// A document's kind and number, read and normalised at the border.
public struct IdentityDocument: Hashable, Sendable, CustomStringConvertible {
    public let kind: String
    public let number: String
    /// Known only where the number tells it.
    public let birth: LocalDate?
    public let masked: String

    public var description: String { "\(kind) \(masked)" }

    /// What a keyed index is built over: kind and number.
    public var lookupText: String { "\(kind):\(number)" }
}

/// The kinds in force. Copies share them, so that what a bureau imports counts at once wherever documents are read.
public struct IdentityDocumentTable: Sendable {
    private final class Kept: Sendable {
        let kinds: Mutex<[IdentityDocumentKind]>

        init(_ kinds: [IdentityDocumentKind]) { self.kinds = Mutex(kinds) }
    }

    private let kept: Kept

    public var all: [IdentityDocumentKind] { kept.kinds.withLock { $0 } }

    public init(_ kinds: [IdentityDocumentKind]) { kept = Kept(kinds) }

    /// Puts other kinds in force, for every copy of this table.
    public func replace(by kinds: [IdentityDocumentKind]) { kept.kinds.withLock { $0 = kinds } }

    init(home: Home) throws(StandardsError) {
        let table = try TabTable(
            "id-kinds.tsv",
            home: home,
            columns: ["code", "name", "name_en", "scheme", "instant", "foreign", "certainty"]
        )
        let kinds = try table.map { (row: TabRow) throws(StandardsError) -> IdentityDocumentKind in
            guard let scheme = IdentityDocumentKind.Scheme(rawValue: row.text("scheme")) else {
                throw row.bad("scheme is not known")
            }
            return IdentityDocumentKind(
                code: row.text("code"),
                name: row.text("name"),
                englishName: row.text("name_en"),
                scheme: scheme,
                allowsInstant: row.text("instant") == "Y",
                isForeign: row.text("foreign") == "Y",
                certainty: row.text("certainty")
            )
        }
        self.init(kinds)
    }

    public subscript(code: String) -> IdentityDocumentKind? { all.first { $0.code == code } }

    /// - Throws: `travel-document.part` for an unknown kind, otherwise what is wrong with the number.
    public func read(
        kind code: String,
        number text: some StringProtocol,
        today: LocalDate,
        regions: RegionTable
    ) throws(IdentifierError) -> IdentityDocument {
        guard let kind = self[code] else { throw IdentifierError(.travelDocument, .part) }
        switch kind.scheme {
        case .citizen:
            let id = try CitizenID(text, today: today, regions: regions)
            guard id.isResidencePermit == kind.isForeign else {
                throw IdentifierError(.citizenID, .part, position: 1)
            }
            return IdentityDocument(kind: code, number: id.rawValue, birth: id.birth, masked: id.masked)
        case .residentCard, .oldResidentCard:
            let card = try ResidentCardNumber(text, today: today)
            guard (card.rawValue.utf8.count == 15) == (kind.scheme == .oldResidentCard) else {
                throw IdentifierError(.residentCard, .length)
            }
            return IdentityDocument(kind: code, number: card.rawValue, birth: card.birth, masked: card.masked)
        case .lettersDigits, .permitHongKongMacao, .permitTaiwan:
            let number = BorderText.code(text)
            try Self.check(Array(number.utf8), kind.scheme)
            return IdentityDocument(
                kind: code,
                number: number,
                birth: nil,
                masked: Masking.middle(of: number, front: 2, back: 2)
            )
        }
    }

    private static func check(
        _ bytes: [UInt8],
        _ scheme: IdentityDocumentKind.Scheme
    ) throws(IdentifierError) {
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
        let lengths: [Int]
        switch scheme {
        case .permitHongKongMacao: lengths = [9, 11]
        case .permitTaiwan: lengths = [8, 10]
        case .lettersDigits, .citizen, .residentCard, .oldResidentCard: lengths = Array(5...17)
        }
        guard lengths.contains(bytes.count) else { throw IdentifierError(.travelDocument, .length) }
        for (index, byte) in bytes.enumerated() {
            let fits: Bool
            switch scheme {
            case .permitHongKongMacao:
                fits = index == 0 ? byte == UInt8(ascii: "H") || byte == UInt8(ascii: "M") : isDigit(byte)
            case .permitTaiwan: fits = isDigit(byte)
            case .lettersDigits, .citizen, .residentCard, .oldResidentCard:
                fits = isDigit(byte) || isLetter(byte)
            }
            guard fits else { throw IdentifierError(.travelDocument, .character, position: index + 1) }
        }
    }
}
