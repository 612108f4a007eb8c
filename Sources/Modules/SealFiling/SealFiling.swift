import Audit
public import Credentials
public import Exchange
public import Jobs
public import Kernel
public import Storage

/// Files electronic seals with the police: what the desk approved is sent to them, and the seal is made under the number
/// that comes back. Seals that come with a registration are filed with the other orders of its case.
public struct SealFiling: Sendable {
    static let party = "police-seal"
    static let operation = "file-electronic"
    private static let keyStart = "seal-filing/"

    private let exchange: Exchange

    public init(exchange: Exchange) { self.exchange = exchange }

    /// Sends a seal that waits for its filing: for the first time, or anew after it came back or nobody answered in time.
    /// - Throws: `SealError.notAllowed` for one that does not wait for it, `ExchangeError.notAllowed` while it is with the
    ///   police.
    @discardableResult
    public func send(_ seal: Seal, occasion: Occasion, in tx: any Transaction) throws -> PartyLine {
        guard seal.state == .approved, let code = seal.code else {
            throw SealError.notAllowed(event: SealEvent.record.rawValue, state: seal.state)
        }
        if let line = try Self.line(of: seal.id, in: tx) {
            return try exchange.resubmit(line.id, fields: line.order.fields, occasion: occasion, in: tx)
        }
        var fields: JSON = [
            "name": .string(seal.owner.name), "creditCode": .string(seal.owner.code),
            "kind": .string(seal.kind), "sealCode": .string(code), "region": .string(seal.region),
        ]
        if let line = seal.line { fields["line"] = .string(line) }
        if let mongolian = seal.mongolian { fields["nameMongolian"] = .string(mongolian) }
        return try exchange.open(
            LineOrder(
                party: Self.party,
                operation: Self.operation,
                caseID: "",
                caseNumber: code,
                creditCode: seal.owner.code,
                purpose: "e-seal.filing",
                consent: "promise.dataUse",
                fields: fields,
                key: Self.keyStart + seal.id.rawValue,
                counts: false
            ),
            occasion: occasion,
            in: tx
        )
    }

    /// Where the filing of a seal stands with the police; nil for one that was not sent to them.
    public static func line(of seal: ID<Seal>, in reader: any Reader) throws -> PartyLine? {
        try ExchangeStore.line(key: keyStart + seal.rawValue, in: reader)
    }

    /// Hears of approvals, of what the police answer, and of seals that need no answer any more.
    public func subscriber(clock: any Clock) -> Subscriber {
        Subscriber(
            "seal-filing",
            events: ["seal.approved", "seal.recorded", "seal.voided", "exchange.line-changed"]
        ) { event, tx in
            let occasion = Occasion(
                now: max(clock.now, event.at),
                actor: .platform("seals"),
                request: event.request
            )
            if event.name == "exchange.line-changed" { return try hear(event, occasion: occasion, in: tx) }
            guard let id = event.payload["seal"].text, let seal = try Seals.find(ID(id), in: tx) else {
                return
            }
            if event.name == "seal.approved" {
                // Of a registration, or of an issuing body: this is not the desk's approval. The desk may have sent it.
                guard event.payload["reason"].text == Seals.approved, seal.state == .approved,
                    try Self.line(of: seal.id, in: tx) == nil
                else { return }
                try send(seal, occasion: occasion, in: tx)
            } else if let line = try Self.line(of: seal.id, in: tx), line.state != .done {
                // Filed by hand, or ended: nobody asks the police any more.
                _ = try exchange.halt(line.id, note: event.name, occasion: occasion, in: tx)
            }
        }
    }

    /// The police filed it: it goes on to be made. What they say too late changes nothing, and a number that is none is left
    /// to the desk.
    private func hear(_ event: Event, occasion: Occasion, in tx: any Transaction) throws {
        guard event.payload["party"].text == Self.party, event.payload["to"].text == LineState.done.rawValue,
            let id = event.payload["line"].text, let line = try ExchangeStore.line(ID(id), in: tx),
            line.order.operation == Self.operation, line.order.key.hasPrefix(Self.keyStart),
            let seal = try Seals.find(ID(String(line.order.key.dropFirst(Self.keyStart.count))), in: tx),
            seal.state == .approved
        else { return }
        let filing = line.answer["filing"].text ?? ""
        do { try Seals.record(seal.id, filing: filing, occasion: occasion, in: tx) } catch let error
            as SealError
        {
            try AuditLog.append(
                "seal.filing-unread",
                object: "seal:\(seal.id)",
                after: [
                    "line": .string(line.id.rawValue), "filing": .string(filing), "why": .string(error.code),
                ],
                occasion: occasion,
                in: tx
            )
        }
    }
}
