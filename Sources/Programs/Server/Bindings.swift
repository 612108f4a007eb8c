import Cases
import Catalogue
import CompanyOpening
import Correspondence
import Credentials
import Cryptography
import Deadlines
import Exchange
import Foundation
import Identity
import Jobs
import Kernel
import Standards
import Storage

/// Where the ports of earlier engines meet the later engines that answer them. An object, because every port carries it
/// along.
final class Bindings: Sendable {
    let exchange: Exchange
    let correspondence: Correspondence
    let messenger: Messenger
    let credentials: CredentialAuthority
    let opening: CompanyOpening
    let personKeys: PersonKeys
    let identityKeys: IdentityKeys
    let standards: Standards
    let claims: Claims
    let charging: Charging
    /// Reads signatures that were made elsewhere, as authorities and lists stand at a moment.
    let elsewhere: @Sendable (Instant) async throws -> SignatureElsewhere
    let database: any Database

    init(
        exchange: Exchange,
        correspondence: Correspondence,
        messenger: Messenger,
        credentials: CredentialAuthority,
        opening: CompanyOpening,
        personKeys: PersonKeys,
        identityKeys: IdentityKeys,
        standards: Standards,
        claims: Claims,
        charging: Charging,
        elsewhere: @escaping @Sendable (Instant) async throws -> SignatureElsewhere,
        database: any Database
    ) {
        self.exchange = exchange
        self.correspondence = correspondence
        self.messenger = messenger
        self.credentials = credentials
        self.opening = opening
        self.personKeys = personKeys
        self.identityKeys = identityKeys
        self.standards = standards
        self.claims = claims
        self.charging = charging
        self.elsewhere = elsewhere
        self.database = database
    }

    var casePorts: CasePorts {
        CasePorts(
            openLine: openLine,
            tellParties: tellParties,
            message: Engines.notify(messenger: messenger, personKeys: personKeys),
            forgetLinks: { [self] subject, digests, tx in
                try messenger.forgetLinks(about: subject.number, in: tx) { link in
                    Engines.digest(ofLink: link).map(digests.contains) ?? false
                }
            },
            compareFace: compareFace,
            sign: sign,
            takeSignature: takeSignature,
            voidSignatures: { ids, why, occasion, tx in
                try DocumentSignatures.void(ids.map { ID($0) }, reason: why, occasion: occasion, in: tx)
            },
            forgetSignatures: { subject, tx in
                try DocumentSignatures.forget(under: "\(subject.id)", in: tx)
            },
            representative: { [self] in await opening.represents($0, in: $1, occasion: $2) },
            account: account,
            known: known,
            mayDecide: { [self] in try claims.mayDecide($0, ID($1), on: $2.now.date, in: $3) },
            isBanner: { [banners = Set(standards.regions.banners.map(\.code))] in banners.contains($0) },
            charges: charging.port
        )
    }

    /// The key of a step's line: once for each case, step and part.
    static func lineKey(_ subject: Case, step: String, part: String) -> String {
        "\(subject.id)/\(step)\(part.isEmpty ? "" : "/\(part)")"
    }

    @Sendable
    private func openLine(
        _ subject: Case,
        _ step: FlowStep,
        _ order: PartyOrder,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws {
        guard let party = step.party, let operation = step.operation else {
            throw CaseError.unknownStep(step.name)
        }
        let choice = step.asks.flatMap { Self.choice($0, in: subject.data) }
        _ = try exchange.open(
            LineOrder(
                party: party,
                operation: operation,
                caseID: subject.id.rawValue,
                caseNumber: subject.number,
                creditCode: order.code ?? subject.result ?? "",
                purpose: "\(subject.system).\(step.name)",
                consent: "promise.dataUse",
                fields: order.fields,
                key: Self.lineKey(subject, step: step.name, part: order.part),
                counts: step.closes,
                state: choice == "later" ? .later : choice == "none" ? .notNeeded : .pending,
                founderMay: Set(step.founderMay.compactMap(FounderWish.init(rawValue:)))
            ),
            occasion: occasion,
            in: tx
        )
    }

    /// The applicant's choice at a dotted path, such as `joined.tax.choice`.
    private static func choice(_ path: String, in data: JSON) -> String? {
        path.split(separator: ".").reduce(data) { $0[String($1)] }.text
    }

    @Sendable
    private func tellParties(
        _ subject: Case,
        _ operation: String,
        _ fields: JSON,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws {
        for party in ["publicity", "national-collection"] {
            let name = party == "publicity" ? "publish" : "collect"
            _ = try exchange.open(
                LineOrder(
                    party: party,
                    operation: name,
                    caseID: subject.id.rawValue,
                    caseNumber: subject.number,
                    creditCode: subject.result ?? "",
                    purpose: "\(subject.system).\(operation)",
                    consent: "law",
                    fields: fields,
                    key: Self.lineKey(subject, step: "\(operation)-\(occasion.request)", part: party),
                    counts: false
                ),
                occasion: occasion,
                in: tx
            )
        }
    }

    @Sendable
    private func compareFace(_ signer: Signer, _ sample: String, _ occasion: Occasion) async -> FaceAnswer {
        let answer = await PoliceChecks(exchange: exchange, standards: standards).compare(
            name: signer.representative?.name ?? signer.name,
            kind: signer.representative?.idKind ?? signer.idKind,
            number: signer.representative?.idNumber ?? signer.idNumber,
            sample: sample,
            purpose: "case.signing",
            occasion: occasion
        )
        // The police count per mille, our limits per cent.
        return answer.map { .compared(score: $0.score / 10, at: $0.at) } ?? .unknown
    }

    /// A signature of a person or firm over one paper: made here, stored in the transaction of the case.
    @Sendable
    private func sign(_ signer: Signer, _ paper: StoredPaper, _ occasion: Occasion) async throws
        -> MadeSignature
    {
        let made = try credentials.sign(
            [(document: "\(signer.caseID)/\(paper.kind)", text: Array(paper.content.utf8))],
            by: Self.documentSigner(signer),
            occasion: occasion
        )
        guard let signature = made.first else { throw CaseError.notVerified }
        return MadeSignature(reference: signature.id.rawValue) { tx in
            try DocumentSignatures.store(signature, on: paper.digest, occasion: occasion, in: tx)
        }
    }

    private static func documentSigner(_ signer: Signer) -> DocumentSigner {
        let kind: Holder.Kind = signer.kind == .person ? .person : .enterprise
        return DocumentSigner(
            holder: Holder(kind, code: kind == .person ? signer.key : signer.idNumber, name: signer.name),
            role: signer.roles.joined(separator: ","),
            check: signer.state == .inPerson ? "in-person" : "face \(signer.faceScore ?? 0)"
        )
    }

    /// A signature that somebody made elsewhere over one paper: judged here, stored in the transaction of the case.
    @Sendable
    private func takeSignature(
        _ signer: Signer,
        _ subject: Case,
        _ paper: StoredPaper,
        _ envelope: [UInt8],
        _ occasion: Occasion
    ) async throws -> MadeSignature {
        let signature = try await elsewhere(occasion.now).take(
            envelope,
            over: Array(paper.content.utf8),
            document: "\(signer.caseID)/\(paper.kind)",
            by: Self.documentSigner(signer),
            number: signer.idNumber,
            region: subject.region,
            since: signer.invitedAt,
            occasion: occasion
        )
        let authority = signature.elsewhere?.authority
        return MadeSignature(reference: signature.id.rawValue, authority: authority) { tx in
            try DocumentSignatures.store(signature, on: paper.digest, occasion: occasion, in: tx)
        }
    }

    /// What the platform tells the outside and hears from it besides the lines themselves.
    func jobKinds(database: any Database, settings: PlatformSettings) -> [JobKind] {
        messenger.jobKinds(database: database, clock: settings.clock, entropy: settings.entropy) {
            [self] short, occasion, tx in
            _ = try exchange.open(
                LineOrder(
                    party: "sms",
                    operation: "send",
                    caseID: "",
                    caseNumber: short.caseNumber,
                    creditCode: "",
                    purpose: "message",
                    consent: "service",
                    fields: ["phone": .string(short.phone), "text": .string(short.text)],
                    key: "sms/\(short.id)",
                    counts: false
                ),
                occasion: occasion,
                in: tx
            )
        }
    }

    /// Lines move steps; what the SMS carrier says moves messages.
    func subscribers(desk: CaseDesk, calendars: CalendarShelf, identityKeys: IdentityKeys, codeText: String)
        -> [Subscriber]
    {
        [
            Subscriber("case-clocks", events: [DeadlineTimers.warned, DeadlineTimers.due]) { event, tx in
                guard event.object.hasPrefix("case:") else { return }
                let occasion = Occasion(
                    now: event.at,
                    actor: .platform("deadlines"),
                    request: event.request
                )
                let id: ID<Case> = ID(String(event.object.dropFirst("case:".count)))
                try desk.clockWarned(event.payload, of: id, occasion: occasion, in: tx)
            },
            Subscriber("calendars", events: [Calendars.published]) { _, tx in
                try calendars.refresh(in: tx)
            },
            Subscriber("identity-sms", events: [SmsCodes.event]) { [self] event, tx in
                guard let code = try SmsCodes.message(event.payload, keys: identityKeys) else { return }
                let occasion = Occasion(now: event.at, actor: .platform("identity"), request: event.request)
                _ = try exchange.open(
                    LineOrder(
                        party: "sms",
                        operation: "send",
                        caseID: "",
                        caseNumber: "",
                        creditCode: "",
                        purpose: "identity.\(code.purpose.rawValue)",
                        consent: "service",
                        fields: [
                            "phone": .string(code.phone),
                            "text":
                                .string(
                                    codeText.replacingOccurrences(of: "{code}", with: code.code)
                                        .replacingOccurrences(of: "{minutes}", with: String(code.minutes))
                                ),
                        ],
                        key: event.object,
                        counts: false
                    ),
                    occasion: occasion,
                    in: tx
                )
            },
            // A text may hold the secret of a link or a code: once it is out, or never will be, it goes.
            Subscriber("sms-contents", events: ["exchange.line-changed"]) { event, tx in
                guard event.payload["party"].text == "sms", let id = event.payload["line"].text,
                    let line = try ExchangeStore.line(ID(id), in: tx)
                else { return }
                switch line.state {
                case .done, .notNeeded, .personNeeded: try Exchange.forgetContents(of: line.id, in: tx)
                case .pending, .sent, .received, .working, .returned, .overdue, .later: break
                }
            },
            Subscriber("case-steps", events: ["exchange.line-changed"]) { event, tx in
                // A line that is born waiting changes nothing: its step says so since it was opened.
                let isBirth = event.payload["from"].isNull
                guard !isBirth || event.payload["to"].text != CaseStep.ordered,
                    let caseID = event.payload["case"].text, !caseID.isEmpty,
                    let lineID = event.payload["line"].text,
                    let line = try ExchangeStore.line(ID(lineID), in: tx)
                else { return }
                let parts = line.order.key.split(separator: "/").map(String.init)
                guard parts.count >= 2, try StepStore.find(parts[1], of: ID(caseID), in: tx) != nil else {
                    return
                }
                let lines = try ExchangeStore.lines(of: caseID, in: tx).filter {
                    $0.order.key.hasPrefix("\(caseID)/\(parts[1])")
                }
                let occasion = Occasion(
                    now: event.at,
                    actor: .platform("exchange"),
                    request: event.request
                )
                try desk.stepMoved(
                    ID(caseID),
                    step: parts[1],
                    to: Self.step(lines),
                    outcome: line.state.rawValue,
                    occasion: occasion,
                    in: tx
                )
            },
        ]
    }
}
