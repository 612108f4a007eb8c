import Cases
public import CompanyNames
import Credentials
import Identity
public import Kernel
import Registers
import Storage

extension Corrections {
    /// Orders a name to be given up: from this moment the credit code stands for it in the register, on the licence
    /// and wherever it is published, until the firm has another one; it has the limit `nameCorrect` for that
    /// (企业名称登记管理规定, article 23; company-opening.md section 7 d). The old name stays blocked like any left name.
    /// - Throws: `CorrectionError.nothingChanges` when the firm has no name, or its code stands for it already.
    @discardableResult
    public func orderName(_ code: String, facts: String, occasion: Occasion) async throws -> Correction {
        let facts = try Self.checked(facts)
        let (subject, granted) = try await matter(of: code)
        guard let name = subject.items["name"].text, name != code else {
            throw CorrectionError.nothingChanges
        }
        let changes: [String: JSON] = ["name": .string(code)]
        let prepared = try await opening.nextCredentials(of: subject, changes: changes, occasion: occasion)
        let matter = Self.matter(
            .name,
            .ordered,
            of: granted,
            code: code,
            words: facts,
            item: "name",
            decision: ["name": .string(name)],
            occasion: occasion
        )
        return try await begin(
            matter,
            as: "ordered",
            of: granted,
            seen: subject.version,
            occasion: occasion
        ) { work in
            let after = try work.act(.change, changes)
            try Credentials.store(prepared, occasion: occasion, in: work.tx)
            try NameLibrary.leave(
                enterprise: code,
                as: .rename,
                under: opening.nameRules,
                occasion: occasion,
                in: work.tx
            )
            try Enterprises.rename(code, to: code, in: work.tx)
            try work.orderName(facts: facts)
            try work.tell("name-ordered", about: after)
        }
    }

    /// The firm takes another name, which it has reserved: the order is done.
    /// - Parameter reservation: a live reservation of the firm's people.
    /// - Throws: `NameError` when it cannot be used, `CorrectionError.wrongKind` for a matter that is about no name.
    @discardableResult
    public func rename(
        _ id: ID<Correction>,
        of code: String,
        version: Int,
        reservation: ID<NameEntry>,
        occasion: Occasion
    ) async throws -> Correction {
        let (before, subject) = try await found(id, of: code, version: version)
        guard before.kind == .name else { throw CorrectionError.wrongKind(before.kind) }
        let entry = try await database.read { try NameLibrary.find(reservation, in: $0) }
        guard let name = entry?.text else { throw NameError.unknown }
        let changes: [String: JSON] = ["name": .string(name)]
        let prepared = try await opening.nextCredentials(of: subject, changes: changes, occasion: occasion)
        return try await change(
            id,
            of: code,
            version: version,
            by: .comply,
            seen: subject.version,
            occasion: occasion
        ) { work in
            try ConsumeName.run(reservation, enterprise: subject.code, occasion: occasion, in: work.tx)
            let after = try work.act(.change, changes)
            try Credentials.store(prepared, occasion: occasion, in: work.tx)
            try Enterprises.rename(subject.code, to: name, in: work.tx)
            try work.complied(reason: name, wasListed: before.state == .listed)
            try work.paper(
                "registration-notice",
                [
                    "companyName": .string(name), "matter": "名称变更登记",
                    "registeredOn": .string(occasion.now.date.description),
                    "changes": [
                        [
                            "item": "名称", "before": work.matter.decision["name"], "after": .string(name),
                        ]
                    ],
                ]
            )
            try work.tell("name", about: after)
        }
    }
}

extension MatterWork {
    /// The order itself: term and paper.
    mutating func orderName(facts: String) throws {
        matter.clock = try startClock("nameCorrect")
        try orderPaper(
            facts: facts,
            law: "《企业名称登记管理规定》第二十三条",
            demand: "办理企业名称变更登记；名称变更前，以统一社会信用代码代替名称",
            consequence: "本机关将依法把你（单位）列入经营异常名录并向社会公示"
        )
        try happened("ordered")
    }
}
