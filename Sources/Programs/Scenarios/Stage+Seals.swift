import Cases
import Credentials
import Cryptography
import Documents
import Forms
import Identity
import Kernel
import SealFiling
import Server
import Storage

/// What is done with a seal of the firm of the case, by its people or by staff.
struct SealAct: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        /// By the firm's people.
        case apply, remake, claim, suspend, resume, lose, void, permit, takeBack = "take-back", ask, agree,
            deny, confirm, sign
        /// By staff.
        case approve, reject, file, send
    }

    var kind: Kind
    /// Of `seal-kinds.tsv`.
    var seal = "seal-official"
    var line: String?
    var agent: String?
    var role = SealPermit.Role.use
    var kinds: [String] = ["contract"]
    var until: String?
    var uses = 1
    /// What the document says: another text is another document.
    var document = "采购合同"
    var words = "样例"
    var isLocking = true
}

extension Scenario {
    static func sealAct(_ node: SourceNode) throws(DefinitionError) -> SealAct {
        let map = try node.map([
            "act", "seal", "line", "agent", "role", "kinds", "until", "uses", "document", "words", "locks",
        ])
        var act = SealAct(kind: try map.needed("act").one(of: SealAct.Kind.self))
        if let seal = map["seal"] { act.seal = try seal.word() }
        act.line = try map["line"]?.text()
        act.agent = try map["agent"]?.word()
        if let role = map["role"] { act.role = try role.one(of: SealPermit.Role.self) }
        if let kinds = map["kinds"] { act.kinds = try kinds.words() }
        act.until = try map["until"]?.word()
        if let uses = map["uses"] { act.uses = try uses.integer(0...1_000) }
        if let document = map["document"] { act.document = try document.text() }
        if let words = map["words"] { act.words = try words.text() }
        if let locks = map["locks"] { act.isLocking = try locks.flag() }
        return act
    }
}

extension Stage {
    /// The firm's newest seal of a kind.
    private func seal(_ kind: String) async throws -> Seal {
        let code = try await firm()
        let all = try await platform.database.read { try Seals.owned(by: code, in: $0) }
        guard let seal = all.filter({ $0.kind == kind }).max(by: { $0.id.rawValue < $1.id.rawValue }) else {
            throw StepFailure("the firm has no \(kind)")
        }
        return seal
    }

    func seals(_ name: String, _ act: SealAct) async throws {
        if let actor = cast.staff[name] { return try await staffSeals(actor, act) }
        let (person, occasion) = (try person(name), occasion(actor(name)))
        switch act.kind {
        case .apply, .remake: try await apply(act, person, occasion)
        case .claim: try await move(act, .deliver, person, occasion)
        case .suspend: try await move(act, .suspend, person, occasion)
        case .resume: try await move(act, .resume, person, occasion)
        case .lose: try await move(act, .lose, person, occasion)
        case .void: try await move(act, .void, person, occasion)
        case .permit: try await permit(act, person, occasion)
        case .takeBack:
            let seal = try await seal(act.seal)
            try await platform.database.write { tx in
                for permit in try SealPermits.all(of: seal.id, in: tx) where permit.revokedAt == nil {
                    try SealPermits.revoke(permit.id, by: person, occasion: occasion, in: tx)
                }
            }
        case .ask, .agree, .deny, .confirm, .sign: try await use(act, person, occasion)
        case .approve, .reject, .file, .send: throw StepFailure("only staff do that; name one of cast.yaml")
        }
    }

    private func staffSeals(_ actor: Actor, _ act: SealAct) async throws {
        let (seal, occasion) = (try await seal(act.seal), occasion(actor))
        switch act.kind {
        case .approve:
            let issuer = IssuingBody(code: seal.region, name: platform.seals.maker.name)
            _ = try await platform.seals.approve(
                seal.id,
                issuer: issuer,
                expecting: seal.version,
                occasion: occasion
            )
        case .file:
            try await platform.database.write {
                _ = try Seals.record(
                    seal.id,
                    filing: act.words,
                    byHand: "窗口备案",
                    occasion: occasion,
                    in: $0
                )
            }
        case .send:
            let filing = SealFiling(exchange: platform.exchange)
            try await platform.database.write {
                _ = try filing.send(seal, occasion: occasion, in: $0)
            }
        default:
            guard let event = SealEvent(rawValue: act.kind.rawValue) else {
                throw StepFailure("staff do not \(act.kind.rawValue) seals")
            }
            try await platform.database.write {
                _ = try Seals.move(seal.id, by: event, reason: act.words, occasion: occasion, in: $0)
            }
        }
    }

    private func apply(_ act: SealAct, _ person: ID<Person>, _ occasion: Occasion) async throws {
        let (code, kind) = (try await firm(), try platform.seals.kinds.kind(act.seal))
        let old = act.kind == .remake ? try await seal(act.seal).id : nil
        try await platform.database.write { tx in
            guard let firm = try Enterprises.find(code, in: tx) else { throw StepFailure("no such firm") }
            try Seals.apply(
                SealApplication(
                    owner: Holder(.enterprise, code: code, name: firm.name),
                    kind: kind,
                    line: act.line,
                    region: firm.region,
                    replaces: old
                ),
                by: person,
                occasion: occasion,
                in: tx
            )
        }
    }

    private func move(
        _ act: SealAct,
        _ event: SealEvent,
        _ person: ID<Person>,
        _ occasion: Occasion
    ) async throws {
        let seal = try await seal(act.seal)
        try await platform.database.write {
            _ = try Seals.move(
                seal.id,
                by: event,
                reason: act.words,
                owner: person,
                occasion: occasion,
                in: $0
            )
        }
    }

    private func permit(_ act: SealAct, _ person: ID<Person>, _ occasion: Occasion) async throws {
        guard let agent = act.agent, let id = accounts[agent] else {
            throw StepFailure("agent: somebody with an account")
        }
        let seal = try await seal(act.seal)
        let until = act.until.flatMap { LocalDate(parsing: $0) } ?? now.date.adding(days: 30)
        try await platform.database.write { tx in
            _ = try SealPermits.grant(
                seal.id,
                to: id,
                as: act.role,
                kinds: act.role == .use ? Set(act.kinds) : [],
                from: occasion.now.date,
                until: until,
                usesMax: act.uses,
                by: person,
                occasion: occasion,
                in: tx
            )
        }
    }

    // MARK: use

    private func use(_ act: SealAct, _ person: ID<Person>, _ occasion: Occasion) async throws {
        let seal = try await seal(act.seal)
        let document = try await contract(act.document)
        let digest = Hex.encode(SM3.digest(document))
        if act.kind == .ask {
            try await platform.database.write { tx in
                _ = try SealRequests.ask(
                    for: SealSubject(
                        digest: digest,
                        name: act.document,
                        kind: act.kinds.first ?? "",
                        purpose: act.words,
                        caseNumber: ""
                    ),
                    with: seal.id,
                    by: person,
                    occasion: occasion,
                    in: tx
                )
            }
            return
        }
        let all = try await platform.database.read { try SealRequests.all(of: seal.id, in: $0) }
        guard let request = all.first else { throw StepFailure("nobody asked for the \(act.seal)") }
        if act.kind == .confirm {
            let workshop = platform.seals
            return try await platform.database.write {
                try workshop.confirm(
                    request.id,
                    digest: digest,
                    after: .textMessage,
                    by: person,
                    occasion: occasion,
                    in: $0
                )
            }
        }
        guard act.kind == .sign else {
            let refusal = act.kind == .deny ? act.words : nil
            try await platform.database.write {
                try SealRequests.decide(
                    request.id,
                    digest: digest,
                    refusal: refusal,
                    by: person,
                    occasion: occasion,
                    in: $0
                )
            }
            return
        }
        handedOut = try await platform.seals.sign(
            request.id,
            document: document,
            isLocking: act.isLocking,
            limits: verification().package,
            by: person,
            occasion: occasion
        ).bytes
    }

    private static let press = Memo<String, DocumentPress>()

    /// A page that says something, as an unsigned OFD file.
    private func contract(_ words: String) async throws -> [UInt8] {
        let home = platform.settings.home
        let press = try await Self.press.value(home.root) {
            try DocumentPress(home: home, threads: 1, queueMax: 100)
        }
        let sheet = try SheetTemplate(contentsOf: home.resource("documents/sheets/notice.yaml"))
        let content = SheetContent(texts: [
            "agency": "合同", "title": words, "number": "", "addressee": "乙方", "body": words, "issuer": "甲方",
            "issued": "2026年3月2日", "link": "https://suban.example/", "identifier": "",
        ])
        let description = DocumentDescription(
            id: Hex.encode(SM3.digest(Array(words.utf8)).prefix(16)),
            title: words,
            author: "",
            created: Instant(milliseconds: 0)
        )
        return try await press.make { typesetter throws(DocumentError) in
            let page = try sheet.sheet(content, by: typesetter)
            return try Package(OFDWriter.entries(page, description, by: typesetter.typefaces)).zipped()
        }
    }

    // MARK: what can be expected

    func verification() throws -> VerificationLimits {
        try VerificationLimits(home: platform.settings.home, on: now.date)
    }

    /// States of the firm's seals by kind, how often each was used, and what a stranger and the register say of the file
    /// that was handed out last.
    func checkSeals(_ expected: Expectation) async throws -> [String] {
        var wrong: [String] = []
        for (kind, wanted) in expected.seals.sorted(by: { $0.key < $1.key }) {
            let found = try await seal(kind).state(at: now).rawValue
            if found != wanted { wrong.append("\(kind): expected \(wanted), found \(found)") }
        }
        for (kind, wanted) in expected.uses.sorted(by: { $0.key < $1.key }) {
            let seal = try await seal(kind)
            let count = try await platform.database.read { try SealLedger.uses(of: seal.id, in: $0).count }
            if String(count) != wanted { wrong.append("\(kind) uses: expected \(wanted), found \(count)") }
        }
        guard expected.verdict != nil || expected.proven != nil || expected.claimed != nil else {
            return wrong
        }
        let verdict = try await verdict()
        let found = verdict.isValid ? ["valid"] : verdict.problems.map { $0.classCode ?? $0.code }
        if let wanted = expected.verdict, Self.list(wanted) != Self.list(found) {
            wrong.append("verdict: expected \(Self.list(wanted)), found \(Self.list(found))")
        }
        for code in expected.proven ?? [] where !verdict.proven.map(\.code).contains(code) {
            wrong.append("proven: expected \(code), found \(Self.list(verdict.proven.map(\.code)))")
        }
        for code in expected.claimed ?? [] where !verdict.claimed.map(\.code).contains(code) {
            wrong.append("claimed: expected \(code), found \(Self.list(verdict.claimed.map(\.code)))")
        }
        return wrong
    }

    private func verdict() async throws -> FileVerdict {
        let verifier = FileVerifier(
            anchors: platform.credentials.trust,
            moment: now,
            limits: try verification()
        )
        guard let bytes = handedOut else { throw StepFailure("no file was handed out") }
        let alone = verifier.verify(bytes)
        let types = platform.credentials.types.licences
        return try await platform.database.read { reader in
            try verifier.asking(alone, about: bytes, types: types, in: reader).withSealStates(in: reader)
        }
    }
}
