public import Identity
public import Kernel
public import Storage

/// Uses of seals: one asks, another approves, then it is signed.
public enum SealRequests {
    /// Somebody asks to put the seal to a document. The legal representative needs no permit, others the one that covers
    /// the kind of document.
    @discardableResult
    public static func ask(
        for subject: SealSubject,
        with seal: ID<Seal>,
        by person: ID<Person>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> SealRequest {
        let found = try Seals.require(seal, in: tx)
        if let fault = subject.faults.first { throw fault }
        let permit = try right(of: person, to: found, kind: subject.kind, at: occasion.now, in: tx)
        try requireForce(found, at: occasion.now, in: tx)
        let request = SealRequest(
            id: occasion.newID(),
            seal: seal,
            permit: permit?.id,
            requester: person.rawValue,
            subject: subject,
            state: .waiting,
            version: 1,
            at: occasion.now,
            decidedBy: nil,
            reason: nil,
            confirmation: nil
        )
        try SealUseStore.insert(request, in: tx)
        try SealPermits.tell(
            "requested",
            found,
            facts(of: request),
            logged: LoggedSeal.asking(request),
            occasion: occasion,
            in: tx
        )
        return request
    }

    /// Another than the requester approves or refuses.
    /// - Parameters:
    ///   - digest: of the document that he looked at; only that one may be signed.
    ///   - refusal: why not; nil approves.
    public static func decide(
        _ id: ID<SealRequest>,
        digest: String,
        refusal: String?,
        by person: ID<Person>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let request = try require(id, in: tx)
        let seal = try Seals.require(request.seal, in: tx)
        try requireApprover(person, of: seal, at: occasion.now, in: tx)
        guard person.rawValue != request.requester else { throw SealError.fourEyes }
        guard request.state == .waiting else { throw SealError.notWaiting(state: request.state.rawValue) }
        guard request.subject.digest == digest else { throw SealError.documentChanged }
        if let refusal, !(1...200).contains(refusal.count) { throw SealError.reason }
        if refusal == nil { try requireForce(seal, at: occasion.now, in: tx) }
        try SealUseStore.move(
            request,
            to: refusal == nil ? .approved : .refused,
            by: person.rawValue,
            reason: refusal,
            at: occasion.now,
            in: tx
        )
        try SealPermits.tell(
            refusal == nil ? "request-approved" : "request-refused",
            seal,
            facts(of: request),
            logged: LoggedSeal.deciding(request, by: person.rawValue, refusal: refusal),
            occasion: occasion,
            in: tx
        )
    }

    /// Whoever asked takes the request back, as long as nothing was signed.
    public static func withdraw(
        _ id: ID<SealRequest>,
        by person: ID<Person>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let request = try require(id, in: tx)
        guard person.rawValue == request.requester else { throw SealError.notRequester }
        guard request.state == .waiting || request.state == .approved else {
            throw SealError.notWaiting(state: request.state.rawValue)
        }
        try SealUseStore.move(
            request,
            to: .withdrawn,
            by: person.rawValue,
            reason: nil,
            at: occasion.now,
            in: tx
        )
        let seal = try Seals.require(request.seal, in: tx)
        try SealPermits.tell("request-withdrawn", seal, facts(of: request), occasion: occasion, in: tx)
    }

    /// Why the seal cannot be put to what was approved, at this moment; nil when it can.
    public static func obstacle(
        to request: SealRequest,
        of seal: Seal,
        at now: Instant,
        in reader: any Reader
    )
        throws -> SealError?
    {
        do {
            try check(request, of: seal, at: now, in: reader)
            return nil
        } catch let refusal as SealError { return refusal }
    }

    /// What a person is to decide: requests of others for seals of these owners, the oldest first.
    public static func waiting(
        for person: ID<Person>,
        of owners: [String],
        at now: Instant,
        in reader: any Reader
    ) throws -> [(request: SealRequest, seal: Seal)] {
        try owners.flatMap { try SealUseStore.waiting(of: $0, limit: waitingMax, in: reader) }
            .filter { $0.requester != person.rawValue }
            .compactMap { request in
                let seal = try Seals.require(request.seal, in: reader)
                return try isApprover(person, of: seal, at: now, in: reader) ? (request, seal) : nil
            }
    }

    private static let waitingMax = 50

    private static func isApprover(
        _ person: ID<Person>,
        of seal: Seal,
        at now: Instant,
        in reader: any Reader
    ) throws -> Bool {
        do {
            try requireApprover(person, of: seal, at: now, in: reader)
            return true
        } catch SealError.notApprover { return false } catch SealError.notActing { return false }
    }

    /// What has to hold for a signature at this moment: the request approved, its permit in force and not used up, the
    /// requester and the approver still acting for the owner, seal and record in force.
    static func check(_ request: SealRequest, of seal: Seal, at now: Instant, in reader: any Reader) throws {
        guard request.state == .approved, let approver = request.decidedBy else {
            throw SealError.notWaiting(state: request.state.rawValue)
        }
        guard approver != request.requester || request.confirmation != nil else { throw SealError.fourEyes }
        let requester: ID<Person> = ID(request.requester)
        let acting = try Seals.acting(requester, for: seal, at: now, in: reader)
        try requireApprover(ID(approver), of: seal, at: now, in: reader)
        if let id = request.permit {
            guard let permit = try SealUseStore.permit(id, in: reader) else { throw SealError.noPermit }
            try permit.check(request.subject.kind, at: now)
        } else if !acting.isLegalRepresentative {
            throw SealError.noPermit
        }
        try requireForce(seal, at: now, in: reader)
    }

    /// A seal is in force when it and its record are.
    static func requireForce(_ seal: Seal, at now: Instant, in reader: any Reader) throws {
        let state = seal.state(at: now)
        guard state == .active else { throw SealError.notInForce(state: state) }
        guard let id = seal.credential, let credential = try Credentials.find(id, in: reader) else {
            throw SealError.unknown
        }
        switch credential.state(on: now.date) {
        case .valid: return
        case .suspended, .other: throw SealError.notInForce(state: .suspended)
        case .expired: throw SealError.notInForce(state: .expired)
        case .replaced, .cancelled, .withdrawn, .revoked, .transferred:
            throw SealError.notInForce(state: .voided)
        }
    }

    /// The permit by which somebody may use the seal for a kind of document; nil for the legal representative.
    private static func right(
        of person: ID<Person>,
        to seal: Seal,
        kind: String,
        at now: Instant,
        in reader: any Reader
    ) throws -> SealPermit? {
        let acting = try Seals.acting(person, for: seal, at: now, in: reader)
        if acting.isLegalRepresentative { return nil }
        let permits = try SealUseStore.permits(of: seal.id, agent: person.rawValue, in: reader)
            .filter { $0.role == .use }
        var why = SealError.noPermit
        for permit in permits.reversed() {
            do throws(SealError) {
                try permit.check(kind, at: now)
                return permit
            } catch { if why == .noPermit { why = error } }
        }
        throw why
    }

    private static func requireApprover(
        _ person: ID<Person>,
        of seal: Seal,
        at now: Instant,
        in reader: any Reader
    )
        throws
    {
        let acting = try Seals.acting(person, for: seal, at: now, in: reader)
        guard !acting.isLegalRepresentative else { return }
        guard
            try SealUseStore.permits(of: seal.id, agent: person.rawValue, in: reader).contains(where: {
                $0.role == .approve && $0.isInForce(at: now)
            })
        else { throw SealError.notApprover }
    }

    static func require(_ id: ID<SealRequest>, in reader: any Reader) throws -> SealRequest {
        guard let request = try SealUseStore.request(id, in: reader) else { throw SealError.unknownRequest }
        return request
    }

    static func facts(of request: SealRequest) -> JSON {
        [
            "request": .string(request.id.rawValue), "digest": .string(request.subject.digest),
            "kind": .string(request.subject.kind), "permit": JSON(request.permit?.rawValue),
        ]
    }

    public static func find(_ id: ID<SealRequest>, in reader: any Reader) throws -> SealRequest? {
        try SealUseStore.request(id, in: reader)
    }

    /// The newest for a case.
    public static func last(of seal: ID<Seal>, for caseNumber: String, in reader: any Reader) throws
        -> SealRequest?
    {
        try SealUseStore.request(of: seal, for: caseNumber, in: reader)
    }

    /// All of a seal, the newest first.
    public static func all(of seal: ID<Seal>, limit: Int = 200, in reader: any Reader) throws -> [SealRequest]
    {
        try SealUseStore.requests(of: seal, limit: limit, in: reader)
    }
}
