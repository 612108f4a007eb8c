public import Catalogue
public import Kernel

/// One matter before the authorities: what was asked, by whom, where it stands.
public struct Case: Sendable {
    public let id: ID<Case>
    /// 办件编号: region (6), date (8), eight random digits and a check digit.
    public let number: String
    /// Six characters that, with the number, open the public progress page.
    public let lookupCode: String
    public let system: String
    public let item: String
    public let procedure: ProcedureProfile
    /// The version of the system's definition that this case started with and keeps.
    public let definition: ID<CatalogueVersion>
    public var state: CaseState
    /// GB/T 2260 code of the banner whose authority decides.
    public var region: String
    public var agency: String
    /// The person who fills in and hands in (经办人).
    public let applicant: String
    public let channel: Channel
    /// The form as it stands, normalised.
    public var data: JSON
    /// Counts the edits of the form: what was signed on an older text is void where it touches a signed paper.
    public var text: Int
    public var version: Int
    public let createdAt: Instant
    /// When its applicant last changed the form.
    public var touchedAt: Instant
    public var submittedAt: Instant?
    /// When every needed signature was there, so that waiting for signers can be kept out of the approval time.
    public var signedAt: Instant?
    public var decidedAt: Instant?
    /// Every ticked line of the bundle has ended.
    public var completedAt: Instant?
    /// What pages call it, such as the company's name. Never a person's name.
    public var title: String
    /// The registered subject or licence that came out of it.
    public var result: String?

    public enum Channel: String, Sendable, CaseIterable, Codable {
        case online, app, window, terminal
    }

    public var object: String { "case:\(id)" }

    public init(
        id: ID<Case>,
        number: String,
        lookupCode: String,
        system: String,
        item: String,
        procedure: ProcedureProfile,
        definition: ID<CatalogueVersion>,
        state: CaseState,
        region: String,
        agency: String,
        applicant: String,
        channel: Channel,
        data: JSON,
        text: Int,
        version: Int,
        createdAt: Instant,
        touchedAt: Instant,
        submittedAt: Instant? = nil,
        signedAt: Instant? = nil,
        decidedAt: Instant? = nil,
        completedAt: Instant? = nil,
        title: String,
        result: String? = nil
    ) {
        self.id = id
        self.number = number
        self.lookupCode = lookupCode
        self.system = system
        self.item = item
        self.procedure = procedure
        self.definition = definition
        self.state = state
        self.region = region
        self.agency = agency
        self.applicant = applicant
        self.channel = channel
        self.data = data
        self.text = text
        self.version = version
        self.createdAt = createdAt
        self.touchedAt = touchedAt
        self.submittedAt = submittedAt
        self.signedAt = signedAt
        self.decidedAt = decidedAt
        self.completedAt = completedAt
        self.title = title
        self.result = result
    }
}

/// Something that happened to a case, in words for its timeline. Holds no personal data.
public struct CaseHappening: Sendable {
    public let sequence: Int
    public let at: Instant
    public let act: String
    public let actor: Actor
    /// Message arguments, codes and counts; shown through the message catalogue.
    public let details: JSON
    /// Shown to the applicant, or only to staff.
    public let isPublic: Bool

    public init(
        sequence: Int,
        at: Instant,
        act: String,
        actor: Actor,
        details: JSON,
        isPublic: Bool
    ) {
        self.sequence = sequence
        self.at = at
        self.act = act
        self.actor = actor
        self.details = details
        self.isPublic = isPublic
    }
}

/// The numbers a case carries. Made outside the transaction and handed in.
public enum CaseNumber {
    /// - Parameter region: six digits.
    public static func make(region: String, on date: LocalDate, entropy: some Entropy) -> String {
        make(region: region, on: date, serial: entropy.number(below: 100_000_000))
    }

    /// With a serial of another's making, 0..<100,000,000.
    public static func make(region: String, on date: LocalDate, serial: Int) -> String {
        let day = date.description.filter { $0 != "-" }
        let serial = String(serial)
        let body = region + day + String(repeating: "0", count: 8 - serial.count) + serial
        return body + String(checkDigit(of: body))
    }

    /// ISO/IEC 7064 MOD 11,10 over decimal digits: catches every single wrong digit and nearly every swap.
    static func checkDigit(of digits: String) -> Int {
        var product = 10
        for character in digits.utf8 {
            var sum = (product + Int(character) - 0x30) % 10
            if sum == 0 { sum = 10 }
            product = sum * 2 % 11
        }
        return (11 - product) % 10
    }

    /// Whether `number` has the shape and the check digit of a case number.
    public static func isWellFormed(_ number: String) -> Bool {
        guard number.utf8.count == 23, number.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return false
        }
        return number.hasSuffix(String(checkDigit(of: String(number.dropLast()))))
    }

    private static let lookupAlphabet = Array("23456789ABCDEFGHJKMNPQRSTVWXYZ")

    /// Six characters without look-alikes: 30^6, more than 29 bits.
    public static func makeLookupCode(entropy: some Entropy) -> String {
        let length = 6
        // Drawn at once: each draw asks the system.
        var drawn = entropy.number(below: (0..<length).reduce(1) { count, _ in count * lookupAlphabet.count })
        return String(
            (0..<length).map { _ in
                defer { drawn /= lookupAlphabet.count }
                return lookupAlphabet[drawn % lookupAlphabet.count]
            }
        )
    }
}
