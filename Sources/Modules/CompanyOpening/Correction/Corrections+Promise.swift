import Cases
public import Kernel
import Registers
import Storage

/// What a firm promised when it was registered and must be able to keep.
public enum BrokenPromise: String, Sendable, CaseIterable, Codable {
    /// The place is as declared and the firm can be reached there.
    case address
    /// Nothing that needs a permit is done without it.
    case permit

    /// The registered item that the promise was about.
    var item: String {
        switch self {
        case .address: "address"
        case .permit: "scope"
        }
    }

    var law: String {
        switch self {
        case .address: "《市场主体登记管理条例》第十七条、第四十四条和登记时作出的住所承诺"
        case .permit: "《无证无照经营查处办法》第二条和登记时作出的许可承诺"
        }
    }

    var demand: String {
        switch self {
        case .address: "到登记机关办理住所（经营场所）变更登记，或者提交能够联系的证明"
        case .permit: "取得相应许可后经营，或者停止该项经营活动并办理经营范围变更登记"
        }
    }
}

extension Corrections {
    /// Orders a broken promise to be put right within the limit `promiseCorrect` (company-opening.md section 7 c).
    /// The registration stands; the note beside it raises the rate of later control.
    /// - Parameter facts: what was found.
    @discardableResult
    public func orderPromise(
        _ code: String,
        _ promise: BrokenPromise,
        facts: String,
        occasion: Occasion
    ) async throws -> Correction {
        let facts = try Self.checked(facts)
        let (_, granted) = try await matter(of: code)
        let matter = Self.matter(
            .promise,
            .ordered,
            of: granted,
            code: code,
            words: facts,
            item: promise.item,
            decision: ["promise": .string(promise.rawValue)],
            occasion: occasion
        )
        return try await begin(matter, as: "ordered", of: granted, occasion: occasion) { work in
            work.matter.clock = try work.startClock("promiseCorrect")
            try work.note(.brokenPromise)
            try work.orderPaper(
                facts: facts,
                law: promise.law,
                demand: promise.demand,
                consequence: "本机关将依法把你（单位）列入经营异常名录并向社会公示"
            )
            try work.happened("ordered")
        }
    }

    /// Enters the firm on the list of abnormal operation, when the term of the order is over and nothing was done.
    /// - Throws: `CorrectionError.termRunning`.
    @discardableResult
    public func list(
        _ id: ID<Correction>,
        of code: String,
        version: Int,
        reason: String,
        occasion: Occasion
    ) async throws -> Correction {
        let reason = try Self.checked(reason)
        return try await change(id, of: code, version: version, by: .list, occasion: occasion) { work in
            if let until = try work.due(work.matter.clock), occasion.now.date <= until {
                throw CorrectionError.termRunning(until: until)
            }
            try work.endClock()
            work.matter.decision["reason"] = .string(reason)
            for object in work.riskObjects { try work.note(.brokenPromise, on: object) }
            try work.note(.abnormal)
            if let place = work.placeObject { try work.note(.lostContact, on: place) }
            try work.paper(
                "abnormal-list-decision",
                [
                    "facts": .string(work.matter.words), "law": .string(work.listingLaw),
                    "remedyHow": .string(work.removal),
                ]
            )
            try work.happened("listed")
            try work.tell("abnormal-listed", about: work.subject)
        }
    }

    /// The firm put it right: the order is done, and where it was listed it is taken off and that is published.
    /// - Throws: `CorrectionError.wrongKind` for a name, which only another name puts right.
    @discardableResult
    public func comply(
        _ id: ID<Correction>,
        of code: String,
        version: Int,
        reason: String,
        occasion: Occasion
    ) async throws -> Correction {
        let reason = try Self.checked(reason)
        let (before, _) = try await found(id, of: code, version: version)
        guard before.kind != .name else { throw CorrectionError.wrongKind(.name) }
        return try await change(id, of: code, version: version, by: .comply, occasion: occasion) { work in
            try work.complied(reason: reason, wasListed: before.state == .listed)
            if before.state == .listed { try work.tell("abnormal-removed", about: work.subject) }
        }
    }
}

extension MatterWork {
    /// The people who answer for the firm: control looks at their next firms more often.
    var riskObjects: [String] {
        form.people.filter {
            $0.roles.contains(.legalRepresentative) || $0.roles.contains(.operatorRole)
        }.map { "person:\(opening.personKey($0))" }
    }

    /// The place itself, when the promise was about it: others who register there are looked at by a person (R10).
    var placeObject: String? {
        guard matter.kind == .promise, matter.item == BrokenPromise.address.item else { return nil }
        return "address:\(opening.keys.address(form.addressLine { opening.regionName($0) }))"
    }

    var listingLaw: String {
        matter.kind == .name
            ? "《企业名称登记管理规定》第二十三条、《企业信息公示暂行条例》第十七条" : "《企业信息公示暂行条例》第十七条"
    }

    var removal: String {
        matter.kind == .name ? "办理企业名称变更登记后，向本机关申请移出。" : "改正后向本机关申请移出，经核实后移出并公示。"
    }

    /// What is over when the firm has put things right.
    mutating func complied(reason: String, wasListed: Bool) throws {
        try endClock()
        matter.decidedAt = occasion.now
        matter.decision["compliedBy"] = .string(reason)
        try liftOrder(wasListed: wasListed)
        try happened("complied")
    }

    /// The notes that an order and its listing set.
    func liftOrder(wasListed: Bool) throws {
        try lift([.brokenPromise, .abnormal])
        guard wasListed else { return }
        for object in riskObjects { try lift([.brokenPromise], on: object) }
        if let place = placeObject { try lift([.lostContact], on: place) }
    }

    /// The order to put something right until the end of the running clock.
    mutating func orderPaper(facts: String, law: String, demand: String, consequence: String) throws {
        try paper(
            "correction-order",
            [
                "facts": .string(facts), "law": .string(law), "demand": .string(demand),
                "until": .string((try due(matter.clock) ?? today).description),
                "consequence": .string(consequence),
            ]
        )
    }
}
