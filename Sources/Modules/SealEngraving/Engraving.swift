import Audit
public import CompanyNames
public import Exchange
public import Identity
public import Jobs
public import Kernel
import Registers
import Standards
public import Storage

/// Orders of seals of metal: to a registered engraver, once the police have filed the seals.
public struct Engraving: Sendable {
    private let exchange: Exchange
    /// How many sets a firm of a region gets without paying, on a day.
    private let freeSets: @Sendable (_ region: String, _ day: LocalDate) throws -> Int?

    public init(
        exchange: Exchange,
        freeSets: @escaping @Sendable (_ region: String, _ day: LocalDate) throws -> Int?
    ) {
        self.exchange = exchange
        self.freeSets = freeSets
    }

    /// What a firm asks for.
    public struct Wish: Sendable {
        public let kinds: [String]
        public let engraver: String
        public let payer: EngravingOrder.Payer
        public let delivery: EngravingOrder.Delivery
        public let receiver: String
        public let phone: String
        public let address: String

        public init(
            kinds: [String],
            engraver: String,
            payer: EngravingOrder.Payer,
            delivery: EngravingOrder.Delivery,
            receiver: String,
            phone: String,
            address: String
        ) {
            self.kinds = kinds
            self.engraver = engraver
            self.payer = payer
            self.delivery = delivery
            self.receiver = receiver
            self.phone = phone
            self.address = address
        }
    }

    // MARK: - Ordering

    /// Engravers of a firm's league that are in service.
    public func engravers(near region: String, on day: LocalDate, in reader: any Reader) throws
        -> [ReferenceRow]
    {
        try (ReferenceImport.table("engravers", on: day, in: reader)?.rows(on: day) ?? []).filter {
            $0["state"] == "active" && $0["league"].prefix(4) == region.prefix(4)
        }
    }

    /// Kinds of seal that a firm can order: a company has others than a sole trader.
    public func kinds(for owner: String, on day: LocalDate, in reader: any Reader) throws -> [ReferenceRow] {
        let register = try RegisterStore.find(owner, in: reader)?.register
        let subject = register == "company" ? "limited-company" : "sole-trader"
        return try (ReferenceImport.table("seal-kinds", on: day, in: reader)?.rows(on: day) ?? []).filter {
            $0["subjects"].split(separator: ",").contains { $0 == subject }
        }
    }

    /// Whether a firm still has a set that it does not pay for; that of its opening counts, what came back does not.
    public func isFree(_ owner: String, region: String, on day: LocalDate, in reader: any Reader) throws
        -> Bool
    {
        guard let most = try freeSets(region, day) else { throw EngravingError.noLimit }
        var had = try orders(of: owner, limit: Self.ordersMax, in: reader).count {
            $0.order.payer != .own && !$0.state.isBack
        }
        if let opening = try RegisterStore.entries(of: owner, in: reader).first?.caseID, !opening.isEmpty {
            let lines = try ExchangeStore.lines(of: opening, in: reader)
            had += lines.count {
                $0.order.party == "engraver"
                    && ![.later, .notNeeded, .returned, .personNeeded].contains($0.state)
            }
        }
        return had < most
    }

    /// More than a firm ever ordered.
    private static let ordersMax = 500

    /// Orders a set in the name of a firm. The police are asked first.
    @discardableResult
    public func order(
        _ wish: Wish,
        for owner: String,
        by person: ID<Person>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> EngravingOrder {
        let day = occasion.now.date
        guard let firm = try Enterprises.find(owner, in: tx),
            try Enterprises.acting(person, for: owner, at: occasion.now, in: tx)?.isLegalRepresentative
                == true,
            let subject = try RegisterStore.find(owner, in: tx)
        else { throw EngravingError.notRepresentative }
        try check(wish, for: owner, region: firm.region, on: day, in: tx)
        try EngravingStore.takeTurn(of: owner, in: tx)
        let isFree = try isFree(owner, region: firm.region, on: day, in: tx)
        switch wish.payer {
        case .government where !isFree: throw EngravingError.notFree
        case .own where isFree: throw EngravingError.free
        case .government, .bank, .own: break
        }
        let items = subject.items
        let order = EngravingOrder(
            id: occasion.newID(),
            owner: owner,
            name: firm.name,
            representative: items["legalRepresentative"].text ?? items["operator"].text ?? "",
            region: firm.region,
            kinds: wish.kinds,
            engraver: wish.engraver,
            payer: wish.payer,
            delivery: wish.delivery,
            receiver: wish.receiver,
            phone: wish.phone,
            address: wish.delivery == .courier ? wish.address : "",
            orderedBy: person.rawValue,
            orderedAt: occasion.now
        )
        try EngravingStore.insert(order, in: tx)
        try open(
            order,
            EngravingOrder.filing,
            party: "police-seal",
            operation: "file",
            fields: [
                "name": .string(order.name), "creditCode": .string(owner),
                "legalRepresentative": .string(order.representative),
                "seals": .array(order.kinds.map(JSON.string)), "engraver": .string(order.engraver),
                "region": .string(order.region),
            ],
            occasion: occasion,
            in: tx
        )
        let facts: JSON = [
            "owner": .string(owner), "engraver": .string(order.engraver),
            "payer": .string(order.payer.rawValue),
            "kinds": .array(order.kinds.map(JSON.string)),
        ]
        try AuditLog.append(
            "seal-order.placed",
            object: order.object,
            after: facts,
            occasion: occasion,
            in: tx
        )
        try Outbox.emit("seal-order.placed", object: order.object, payload: facts, occasion: occasion, in: tx)
        return order
    }

    private func check(
        _ wish: Wish,
        for owner: String,
        region: String,
        on day: LocalDate,
        in reader: any Reader
    ) throws {
        guard !wish.kinds.isEmpty else { throw EngravingError.noKinds }
        let known = Set(try kinds(for: owner, on: day, in: reader).map { $0["code"] })
        if let strange = wish.kinds.first(where: { !known.contains($0) }) {
            throw EngravingError.unknownKind(strange)
        }
        guard
            try engravers(near: region, on: day, in: reader).contains(where: { $0["code"] == wish.engraver })
        else { throw EngravingError.noEngraver }
        func isSaid(_ text: String) -> Bool { (1...200).contains(text.count) }
        guard isSaid(wish.receiver) else { throw EngravingError.receiverMissing }
        do { _ = try PhoneNumber(wish.phone) } catch { throw EngravingError.phone }
        guard wish.delivery == .pickup || isSaid(wish.address) else { throw EngravingError.addressMissing }
    }

    private func open(
        _ order: EngravingOrder,
        _ step: String,
        party: String,
        operation: String,
        fields: JSON,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        _ = try exchange.open(
            LineOrder(
                party: party,
                operation: operation,
                caseID: "",
                caseNumber: order.number,
                creditCode: order.owner,
                purpose: "seal-engraving.\(step)",
                consent: "promise.dataUse",
                fields: fields,
                key: order.key(step),
                counts: false
            ),
            occasion: occasion,
            in: tx
        )
    }

    /// What the police filed is made: the engraver gets the order with the codes.
    public func subscriber(clock: any Clock) -> Subscriber {
        Subscriber("seal-orders", events: ["exchange.line-changed"]) { event, tx in
            guard event.payload["party"].text == "police-seal", event.payload["to"].text == "done",
                let id = event.payload["line"].text, let line = try ExchangeStore.line(ID(id), in: tx)
            else { return }
            let parts = line.order.key.split(separator: "/").map(String.init)
            guard parts.count == 3, parts[0] == "seal-order",
                let order = try EngravingStore.find(ID(parts[1]), in: tx)
            else { return }
            var fields: JSON = [
                "engraver": .string(order.engraver), "name": .string(order.name),
                "creditCode": .string(order.owner), "seals": line.answer["seals"],
                "payer": .string(order.payer.rawValue), "delivery": .string(order.delivery.rawValue),
                "receiver": .string(order.receiver), "phone": .string(order.phone),
            ]
            if !order.address.isEmpty { fields["address"] = .string(order.address) }
            let occasion = Occasion(
                now: max(clock.now, event.at),
                actor: .platform("seal-orders"),
                request: event.request
            )
            try open(
                order,
                EngravingOrder.making,
                party: "engraver",
                operation: "make",
                fields: fields,
                occasion: occasion,
                in: tx
            )
        }
    }

    // MARK: - Finding

    /// The orders of a firm and where each stands, the newest first.
    public func orders(of owner: String, limit: Int = 100, in reader: any Reader) throws
        -> [EngravingProgress]
    {
        try EngravingStore.of(owner, limit: limit, in: reader).map { order in
            let filing = try ExchangeStore.line(key: order.key(EngravingOrder.filing), in: reader)
            let making = try ExchangeStore.line(key: order.key(EngravingOrder.making), in: reader)
            return EngravingProgress(
                order: order,
                state: EngravingState(filing: filing, making: making, delivery: order.delivery),
                filed: (filing?.answer["seals"].elements ?? []).compactMap { seal in
                    guard let kind = seal["kind"].text, let code = seal["code"].text else { return nil }
                    return (kind, code)
                },
                pickup: making?.answer["pickup"].text,
                reason: (making ?? filing)?.reasonText
            )
        }
    }
}
