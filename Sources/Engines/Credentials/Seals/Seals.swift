import Audit
public import Identity
import Jobs
public import Kernel
public import Storage

/// What an enterprise applies for.
public struct SealApplication: Sendable {
    public let owner: Holder
    public let kind: SealKind
    /// The second line: a department, or the person of a personal seal.
    public let line: String?
    /// The owner's name in Mongolian script, for a seal in both languages; nil for one in Chinese alone.
    public let mongolian: String?
    public let region: String
    /// The seal that it takes the place of; it ends with the application, unless it ended before.
    public let replaces: ID<Seal>?

    public init(
        owner: Holder,
        kind: SealKind,
        line: String?,
        mongolian: String? = nil,
        region: String,
        replaces: ID<Seal>? = nil
    ) {
        self.owner = owner
        self.kind = kind
        self.line = line
        self.mongolian = mongolian
        self.region = region
        self.replaces = replaces
    }

    /// What is wrong with the second line; nil when nothing is.
    public var fault: SealError? {
        if kind.line == .none { return line == nil ? nil : .lineUnwanted }
        return (1...Seals.lineMax).contains((line ?? "").count) ? nil : .lineNeeded
    }
}

extension SealApplication {
    /// Characters of a name in Mongolian; no picture holds more.
    private static let mongolianMax = 60

    /// - Throws: `fault`, `SealError.mongolian`.
    func check() throws(SealError) {
        if let fault { throw fault }
        guard let mongolian else { return }
        // Letters and marks of the Mongolian block, and the blanks between words and before suffixes.
        let isScript = mongolian.unicodeScalars.allSatisfy {
            (0x1800...0x18AF).contains($0.value) || $0.value == 0x20 || $0.value == 0x202F
        }
        guard kind.bilingual != nil, isScript, mongolian.contains(where: { !$0.isWhitespace }),
            mongolian.count <= Self.mongolianMax
        else { throw .mongolian }
    }
}

/// The life of seals: each act is one transaction of state, step, log entry and event, and moves the credential along.
public enum Seals {
    /// Characters of a second line; no picture holds more.
    static let lineMax = 20

    /// The reason of the step by which the desk grants an application.
    public static let approved = "approved"

    /// Applies for a seal in the name of the enterprise that a person represents.
    @discardableResult
    public static func apply(
        _ application: SealApplication,
        by person: ID<Person>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Seal {
        try requireRepresentative(person, of: application.owner.code, at: occasion.now, in: tx)
        try application.check()
        var number: Int?
        var old: Seal?
        if let replaced = application.replaces {
            let found = try require(replaced, in: tx)
            guard found.owner.code == application.owner.code, found.kind == application.kind.key,
                found.replacedBy == nil, found.state != .rejected
            else { throw SealError.unknown }
            old = found.state.isFinal ? found : try end(found, reason: "re-made", occasion: occasion, in: tx)
            number = found.number
        }
        let free = try SealStore.nextNumber(of: application.kind.key, owner: application.owner.code, in: tx)
        guard application.kind.isSeveral || free == 1 else { throw SealError.oneOnly }
        let seal = Seal(application, id: occasion.newID(), number: number ?? free)
        try SealStore.insert(seal, in: tx)
        try note(seal, event: nil, reason: "applied", effective: occasion.now, occasion: occasion, in: tx)
        if let old { try link(old, to: seal, in: tx) }
        return seal
    }

    /// The act of a member of staff or of the platform, without more to it than a reason.
    /// - Parameter expecting: the version that was looked at.
    @discardableResult
    public static func move(
        _ id: ID<Seal>,
        by event: SealEvent,
        reason: String,
        expecting version: Int64? = nil,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Seal {
        guard (1...200).contains(reason.count) else { throw SealError.reason }
        let seal = try require(id, expecting: version, in: tx)
        switch event {
        case .approve, .make, .record: throw SealError.notAllowed(event: event.rawValue, state: seal.state)
        case .void: return try end(seal, reason: reason, occasion: occasion, in: tx)
        case .suspend, .resume:
            let stops = try SealStops(of: seal, in: tx)
            let state = try stops.state(after: event, of: seal, by: .authority, at: occasion.now)
            return try step(seal, event, to: state, reason: reason, occasion: occasion, in: tx)
        case .reject, .deliver, .lose:
            return try step(seal, event, reason: reason, occasion: occasion, in: tx)
        }
    }

    /// The owner's own act: claim what was made, suspend, resume, report the loss, give up.
    @discardableResult
    public static func move(
        _ id: ID<Seal>,
        by event: SealEvent,
        reason: String,
        owner person: ID<Person>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Seal {
        let seal = try require(id, in: tx)
        guard [.deliver, .suspend, .resume, .lose, .void].contains(event) else {
            throw SealError.notAllowed(event: event.rawValue, state: seal.state)
        }
        // A loss may be told by anybody who acts for the owner: every minute counts.
        if event == .lose {
            guard try Enterprises.acting(person, for: seal.owner.code, at: occasion.now, in: tx) != nil else {
                throw SealError.notActing
            }
        } else {
            try requireRepresentative(person, of: seal.owner.code, at: occasion.now, in: tx)
        }
        if event == .suspend || event == .resume {
            guard (1...200).contains(reason.count) else { throw SealError.reason }
            let stops = try SealStops(of: seal, in: tx)
            let state = try stops.state(after: event, of: seal, by: .owner, at: occasion.now)
            return try step(seal, event, to: state, reason: reason, occasion: occasion, in: tx)
        }
        return try move(id, by: event, reason: reason, occasion: occasion, in: tx)
    }

    /// Stores the approval with the credential that was prepared for it, which gives the seal its code.
    @discardableResult
    static func approve(
        _ id: ID<Seal>,
        with prepared: PreparedCredential,
        expecting version: Int64,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Seal {
        let seal = try require(id, expecting: version, in: tx)
        let credential = try Credentials.store(prepared, occasion: occasion, in: tx)
        var next = seal
        next.code = credential.record.sealCode
        next.credential = credential.id
        return try step(next, .approve, reason: approved, occasion: occasion, in: tx)
    }

    /// The police filed it; from here on it is made by itself.
    /// - Parameter filing: the number of the police: 1...40 letters and digits. Most are thirteen digits that begin with
    ///   the division (GA 241.1-2000); what else stands in them differs by place.
    /// - Parameter byHand: why the desk enters it, 1...200 characters; nil when the police told it themselves.
    @discardableResult
    public static func record(
        _ id: ID<Seal>,
        filing: String,
        byHand reason: String? = nil,
        expecting version: Int64? = nil,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Seal {
        var seal = try require(id, expecting: version, in: tx)
        guard !filing.isEmpty else { throw SealError.filingMissing }
        guard filing.utf8.count <= 40, filing.utf8.allSatisfy(isOfFiling) else { throw SealError.filing }
        if let reason, !(1...200).contains(reason.count) { throw SealError.reason }
        seal.filing = filing
        let recorded = try step(seal, .record, reason: reason ?? "filed", occasion: occasion, in: tx)
        try Jobs.enqueue(
            kind: SealWorkshop.makeJob,
            key: seal.object,
            payload: ["seal": .string(id.rawValue)],
            at: occasion.now,
            in: tx
        )
        return recorded
    }

    private static func isOfFiling(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    // MARK: - Finding

    public static func find(_ id: ID<Seal>, in reader: any Reader) throws -> Seal? {
        try SealStore.find(id, in: reader)
    }

    /// By esID.
    public static func find(code: String, in reader: any Reader) throws -> Seal? {
        try SealStore.find(code: code, in: reader)
    }

    /// By the serial of the owner's certificate for it, in hexadecimal digits.
    public static func find(certificate serial: String, in reader: any Reader) throws -> Seal? {
        try SealStore.find(certificate: serial.lowercased(), in: reader)
    }

    /// The seal of a signed record.
    public static func find(of credential: ID<Credential>, in reader: any Reader) throws -> Seal? {
        try SealStore.find(credential: credential, in: reader)
    }

    /// Of owners in whose name these letters stand, in divisions from the first code up to but not with the second, the
    /// newest first.
    public static func named(
        _ words: String,
        from low: String,
        below high: String,
        limit: Int = 100,
        in reader: any Reader
    ) throws -> [Seal] {
        let plain = words.map { "!%_".contains($0) ? "!\($0)" : String($0) }.joined()
        return try SealStore.named("%\(plain)%", from: low, below: high, limit: limit, in: reader)
    }

    /// When a seal took the step on which it stands.
    public static func since(_ seal: Seal, in reader: any Reader) throws -> Instant? {
        try SealStore.since(seal, in: reader)
    }

    /// All of an owner's, in the order of their applications, those that ended too.
    public static func owned(by code: String, limit: Int = 200, in reader: any Reader) throws -> [Seal] {
        try SealStore.owned(by: code, limit: limit, in: reader)
    }

    /// Those that wait in a state, in divisions from the first code up to but not with the second, the oldest first.
    public static func waiting(
        in state: SealState,
        from low: String,
        below high: String,
        limit: Int = 100,
        in reader: any Reader
    ) throws -> [Seal] {
        try SealStore.inState(state, from: low, below: high, limit: limit, in: reader)
    }

    /// Everything that happened to a seal, in the order in which it was written down.
    public static func history(of id: ID<Seal>, in reader: any Reader) throws -> [SealStep] {
        try SealStore.steps(of: id, in: reader)
    }

    /// Whether one that is suspended was stopped by its owner alone, who may resume it, and not by an authority.
    public static func isStoppedByOwner(_ seal: Seal, in reader: any Reader) throws -> Bool {
        guard seal.state == .suspended else { return false }
        return try SealStops(of: seal, in: reader).by == [.owner]
    }

    /// The state at a past moment, as it is known today; nil before it was applied for.
    public static func state(of seal: Seal, at moment: Instant, in reader: any Reader) throws -> SealState? {
        let steps = try SealStore.steps(of: seal.id, in: reader)
        guard let last = steps.last(where: { $0.at <= moment }) else { return nil }
        return Seal.state(last.state, of: seal, at: moment)
    }
}
