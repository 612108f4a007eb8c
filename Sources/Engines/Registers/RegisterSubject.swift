public import Kernel

/// Somebody or something that stands in a register with legal effect: a company, a sole trader.
public struct RegisterSubject: Sendable {
    /// Which register: `company`, `sole-trader`.
    public let register: String
    /// Its number in the register, here the unified social credit code.
    public let code: String
    public var name: String
    public var state: SubjectState
    /// Banner of the registering authority, six digits.
    public var region: String
    public var agency: String
    /// For a company the day its licence was issued (Company Law, article 33).
    public let establishedOn: LocalDate
    /// The registered items as they stand now, by name.
    public var items: JSON
    /// A code from before the block allocation, which may fail today's check digits.
    public let isLegacy: Bool
    public var version: Int
    public let updatedAt: Instant

    public init(
        register: String,
        code: String,
        name: String,
        state: SubjectState,
        region: String,
        agency: String,
        establishedOn: LocalDate,
        items: JSON,
        isLegacy: Bool,
        version: Int,
        updatedAt: Instant
    ) {
        self.register = register
        self.code = code
        self.name = name
        self.state = state
        self.region = region
        self.agency = agency
        self.establishedOn = establishedOn
        self.items = items
        self.isLegacy = isLegacy
        self.version = version
        self.updatedAt = updatedAt
    }

    public var object: String { "register:\(register):\(code)" }
}

/// Where a subject stands. Raw values are stored: never rename, only add.
public enum SubjectState: String, Sendable, CaseIterable, Codable {
    /// 存续
    case active
    /// 歇业, at most three years (Regulations, article 30).
    case dormant
    /// 吊销: the licence was taken as a penalty; still to be wound up.
    case revoked
    /// 撤销登记: false from the start.
    case withdrawn
    /// 注销
    case cancelled

    /// The state after an act. Pure.
    public func after(_ act: RegisterAct) throws(RegisterError) -> SubjectState {
        switch (self, act) {
        // One item that fell away can come back while the rest stands.
        case (.active, .change), (.active, .correct), (.active, .withdrawItem), (.active, .restore):
            return .active
        case (.dormant, .change), (.dormant, .correct), (.dormant, .withdrawItem), (.dormant, .restore):
            return .dormant
        case (.active, .suspend): return .dormant
        case (.dormant, .resume): return .active
        case (.active, .revoke), (.dormant, .revoke): return .revoked
        case (.active, .withdraw), (.dormant, .withdraw), (.revoked, .withdraw): return .withdrawn
        case (.withdrawn, .restore): return .active
        case (.active, .cancel), (.dormant, .cancel), (.revoked, .cancel): return .cancelled
        case (.active, _), (.dormant, _), (.revoked, _), (.withdrawn, _), (.cancelled, _):
            throw .notAllowed(act: act, in: self)
        }
    }
}

/// What a register entry does.
public enum RegisterAct: String, Sendable, CaseIterable, Codable {
    case establish, change
    /// Taken over as it stood in another register, whose act it was and not ours.
    case takeOver = "take-over"
    /// A slip of the authority, put right with the same code.
    case correct
    case suspend, resume, revoke
    /// 撤销 of the whole registration.
    case withdraw
    /// 撤销 of one false item, such as one shareholder.
    case withdrawItem = "withdraw-item"
    /// A mistaken withdrawal undone (Regulations, article 42).
    case restore
    case cancel
}

/// One line of the register's history. Entries are only added; each carries the digest of the one before.
public struct RegisterEntry: Sendable {
    public let register: String
    public let code: String
    public let sequence: Int
    public let act: RegisterAct
    /// What changed: item by item the new value, for a withdrawal what falls away.
    public let changes: JSON
    /// The whole of the items after this entry.
    public let items: JSON
    public let state: SubjectState
    public let at: Instant
    /// The case that brought it about.
    public let caseID: String
    public let by: Actor
    /// SM3 over the entry before and this one's canonical text, hexadecimal.
    public let digest: String
    /// SM3 over how the subject stood after this entry, with what was filed beside it; nil in entries from before it was
    /// kept.
    public let standing: String?

    public init(
        register: String,
        code: String,
        sequence: Int,
        act: RegisterAct,
        changes: JSON,
        items: JSON,
        state: SubjectState,
        at: Instant,
        caseID: String,
        by: Actor,
        digest: String,
        standing: String?
    ) {
        self.register = register
        self.code = code
        self.sequence = sequence
        self.act = act
        self.changes = changes
        self.items = items
        self.state = state
        self.at = at
        self.caseID = caseID
        self.by = by
        self.digest = digest
        self.standing = standing
    }

    func chained(after previous: String?) -> JSON {
        [
            "register": .string(register), "code": .string(code), "sequence": JSON(sequence),
            "act": .string(act.rawValue), "changes": changes, "items": items,
            "state": .string(state.rawValue),
            "at": .string(at.description), "case": .string(caseID), "by": .string(by.id),
            "previous": JSON(previous),
        ]
    }
}

/// A filed item beside the registered ones: directors, supervisors, manager, liaison, articles, beneficial owners.
public struct RegisterFiling: Sendable {
    public let kind: String
    public let value: JSON
    /// Not shown in public extracts (beneficial owners, identity numbers).
    public let isConfidential: Bool
    public let from: LocalDate
    public let until: LocalDate?

    public init(kind: String, value: JSON, isConfidential: Bool, from: LocalDate, until: LocalDate? = nil) {
        self.kind = kind
        self.value = value
        self.isConfidential = isConfidential
        self.from = from
        self.until = until
    }

    /// Without what joins a person to his other entries: the digest of his identity number is nobody's business.
    var publicValue: JSON {
        guard case .object(var members) = value else { return value }
        members["key"] = nil
        return .object(members)
    }

    var published: RegisterFiling {
        RegisterFiling(
            kind: kind,
            value: publicValue,
            isConfidential: isConfidential,
            from: from,
            until: until
        )
    }
}

/// A note that stands beside an entry: a complaint, a court's notice, a freeze of shares.
public struct RegisterNote: Sendable {
    public enum Kind: String, Sendable, CaseIterable, Codable {
        case complaint, courtNotice = "court-notice", dispute, freeze, lostContact = "lost-contact"
        case brokenPromise = "broken-promise"
        /// Barred from registering for three years (Regulations, article 40).
        case ban
        /// 经营异常名录 (Regulations on Publication of Enterprise Information, article 17).
        case abnormal = "abnormal-operation"

        /// Shown to everybody beside the entry.
        public var isPublic: Bool {
            switch self {
            case .abnormal, .lostContact: true
            case .complaint, .courtNotice, .dispute, .freeze, .brokenPromise, .ban: false
            }
        }
    }

    public let id: ID<RegisterNote>
    public let register: String
    /// The subject's code, or another object such as `person:<key>` or `address:<key>`.
    public let object: String
    public let kind: Kind
    public let text: String
    /// Nothing may be changed while it stands.
    public let blocks: Bool
    public let from: Instant
    public let until: Instant?
    public let liftedAt: Instant?

    public init(
        id: ID<RegisterNote>,
        register: String,
        object: String,
        kind: Kind,
        text: String,
        blocks: Bool,
        from: Instant,
        until: Instant?,
        liftedAt: Instant?
    ) {
        self.id = id
        self.register = register
        self.object = object
        self.kind = kind
        self.text = text
        self.blocks = blocks
        self.from = from
        self.until = until
        self.liftedAt = liftedAt
    }
}

/// What a register refuses.
public enum RegisterError: Refusal, Equatable {
    case notFound
    case notAllowed(act: RegisterAct, in: SubjectState)
    case frozen(kind: String)
    case codeTaken
    case changedMeanwhile
    case codesExhausted(region: String)
    case unknownRegion(String)
    /// What the register has is not what the log says was entered: nothing is certified.
    case altered
    /// What was entered a moment ago has no signed head yet: nothing is certified before.
    case notSealedYet

    public var code: String {
        switch self {
        case .notFound: "register.not-found"
        case .notAllowed: "register.not-allowed"
        case .frozen: "register.frozen"
        case .codeTaken: "register.code-taken"
        case .changedMeanwhile: "register.changed-meanwhile"
        case .codesExhausted: "register.codes-exhausted"
        case .unknownRegion: "register.unknown-region"
        case .altered: "register.altered"
        case .notSealedYet: "register.not-sealed-yet"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .notAllowed(let act, let state): ["act": act.rawValue, "state": state.rawValue]
        case .frozen(let kind): ["kind": kind]
        case .codesExhausted(let region), .unknownRegion(let region): ["region": region]
        case .notFound, .codeTaken, .changedMeanwhile, .altered, .notSealedYet: [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .notFound: .notFound
        case .notAllowed, .frozen, .codeTaken, .changedMeanwhile: .notAllowedNow
        case .codesExhausted, .altered, .notSealedYet: .unavailable
        case .unknownRegion: .unacceptable
        }
    }
}
