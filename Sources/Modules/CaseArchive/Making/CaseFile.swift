import ArchivePackages
import Attachments
import Cases
import Correspondence
import Credentials
import Cryptography
import Exchange
import Kernel
import Storage

/// Everything that belongs to a closed case, as it stood in one moment of the database.
struct CaseFile: Sendable {
    let subject: Case
    let closedAt: Instant
    /// Who decided, as people call that body.
    let agency: String
    private(set) var items: [ArchiveItem] = []
    /// Things that the log may have entries about.
    private(set) var objects: [String]
    /// By thing, where in the package the content of its entries lies.
    private(set) var disclosing: [String: String] = [:]
    /// Files that were handed in, whose bytes lie in the folder.
    private(set) var files: [Attachment] = []

    /// - Parameter until: what happened after this does not belong to it.
    init(
        _ subject: Case,
        closedAt: Instant,
        until: Instant,
        agency: String,
        exchange: Exchange,
        in reader: any Reader
    ) throws {
        self.subject = subject
        self.closedAt = closedAt
        self.agency = agency
        objects = [subject.object]
        put(
            "form/form.json",
            "form",
            "申请表数据",
            .party,
            subject.submittedAt ?? closedAt,
            Self.applicant,
            subject.data
        )
        try papers(in: reader)
        files = try AttachmentStore.of(subject.object, in: reader)
        try decisions(in: reader)
        try documents(until: until, in: reader)
        try credentials(in: reader)
        try lines(exchange, until: until, in: reader)
        try history(until: until, in: reader)
    }

    static let applicant = "申请人"
    static let platform = "平台"

    /// Adds a file of text or bytes.
    mutating func add(
        _ path: String,
        _ kind: String,
        _ name: String,
        _ access: ArchiveFile.Access,
        _ date: Instant,
        _ body: String,
        _ bytes: [UInt8]
    ) {
        items.append(
            ArchiveItem(path, kind: kind, name: name, access: access, date: date, body: body, bytes: bytes)
        )
    }

    private mutating func put(
        _ path: String,
        _ kind: String,
        _ name: String,
        _ access: ArchiveFile.Access,
        _ date: Instant,
        _ body: String,
        _ json: JSON
    ) {
        add(path, kind, name, access, date, body, json.canonicalBytes)
    }

    /// `01`, `02` … and what may stand in a path.
    static func place(_ number: Int, _ name: String) -> String {
        let plain = name.unicodeScalars.filter {
            ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-"
        }
        return "\(number < 10 ? "0" : "")\(number)-\(String(String.UnicodeScalarView(plain)))"
    }

    // MARK: what the parties signed

    private mutating func papers(in reader: any Reader) throws {
        let signing = try SignerStore.state(of: subject.id, in: reader)
        for (index, paper) in signing.papers.enumerated() {
            let place = "papers/\(Self.place(index + 1, paper.kind))"
            let date = subject.signedAt ?? subject.submittedAt ?? closedAt
            add("\(place).txt", "paper", paper.title, .party, date, Self.applicant, Array(paper.content.utf8))
            let signatures = try DocumentSignatures.on("\(subject.id)/\(paper.kind)", in: reader)
            guard !signatures.isEmpty else { continue }
            put(
                "\(place).signatures.json",
                "signatures",
                "\(paper.title)的签名",
                .party,
                signatures.map(\.statement.at).max() ?? date,
                Self.applicant,
                .array(
                    signatures.enumerated().map { number, made in
                        Self.json(made, envelope: made.elsewhere.map { _ in "\(place).\(number + 1).p7s" })
                    }
                )
            )
            objects += signatures.map { "signature:\($0.id)" }
            for (number, made) in signatures.enumerated() {
                guard let elsewhere = made.elsewhere else { continue }
                let path = "\(place).\(number + 1).p7s"
                let at = made.statement.at
                add(path, "signatures", "\(paper.title)的签名", .party, at, Self.applicant, elsewhere.envelope)
            }
        }
        let objections = try ObjectionStore.of(subject.id, in: reader)
        let counter = try CounterRecordStore.of(subject.id, in: reader)
        guard !objections.isEmpty || !counter.isEmpty || !signing.signers.isEmpty else { return }
        put(
            "papers/signers.json",
            "signers",
            "签署人与窗口记录",
            .body,
            closedAt,
            agency,
            [
                "counter": .array(counter.map(Self.json)), "objections": .array(objections.map(Self.json)),
                "signers": .array(signing.signers.map(Self.json)),
            ]
        )
    }

    /// Text of the statement, signature and certificates: all that a verifier asks for beside the paper; of a signature
    /// made elsewhere, the file with its envelope, whose attributes the signature is over.
    private static func json(_ signature: DocumentSignature, envelope: String?) -> JSON {
        [
            "authority": JSON(signature.elsewhere?.authority), "envelope": JSON(envelope),
            "certificates": .array(signature.certificates.map { .string(Base64.encode($0)) }),
            "signature": .string(Base64.encode(signature.signature)),
            "statement": .string(String(decoding: signature.statement.bytes, as: UTF8.self)),
            "voidReason": JSON(signature.voidReason),
            "voidedAt": signature.voidedAt.map { JSON($0.milliseconds) } ?? .null,
        ]
    }

    private static func json(_ signer: Signer) -> JSON {
        [
            "kind": .string(signer.kind.rawValue), "name": .string(signer.name),
            "roles": .array(signer.roles.map(JSON.string)), "state": .string(signer.state.rawValue),
            "verifiedAt": signer.verifiedAt.map { JSON($0.milliseconds) } ?? .null,
            "signedAt": signer.signedAt.map { JSON($0.milliseconds) } ?? .null,
        ]
    }

    private static func json(_ objection: Objection) -> JSON {
        [
            "number": .string(objection.number), "at": JSON(objection.at.milliseconds),
            "words": .string(objection.text), "state": .string(objection.state.rawValue),
            "outcome": JSON(objection.outcome),
            "closedAt": objection.closedAt.map { JSON($0.milliseconds) } ?? .null,
        ]
    }

    private static func json(_ record: CounterRecord) -> JSON {
        [
            "at": JSON(record.at.milliseconds), "capacity": .string(record.capacity.rawValue),
            "clerk": .string(record.clerk),
            "proofs": .array(record.proofs.map(\.rawValue).sorted().map(JSON.string)),
            "signedBy": .string(record.signedBy), "words": .string(record.words),
        ]
    }

    // MARK: what the authority decided and wrote

    /// Exactly what the log digested, so that its entries vouch for them.
    private mutating func decisions(in reader: any Reader) throws {
        for (index, decision) in try DecisionStore.of(subject.id, in: reader).enumerated() {
            let place = "decisions/\(Self.place(index + 1, decision.outcome.rawValue))"
            put("\(place).json", "decision", "决定及其依据", .body, decision.at, agency, decision.logged)
            objects.append("decision:\(decision.id)")
            disclosing["decision:\(decision.id)"] = "\(place).json"
            if let form = try ReturnedFormStore.of(decision.id, in: reader) {
                put("\(place).form.json", "form", "退回时的申请表", .body, decision.at, Self.applicant, form)
            }
        }
    }

    private mutating func documents(until: Instant, in reader: any Reader) throws {
        let papers = try CorrespondenceStore.papers(of: subject.id.rawValue, in: reader)
        for (index, paper) in papers.filter({ $0.filedAt <= until }).enumerated() {
            let services = try CorrespondenceStore.services(of: paper.id, in: reader)
                .filter { $0.servedAt <= until }
            let place = "documents/\(Self.place(index + 1, paper.kind))"
            let isServed = services.contains { $0.recipient == subject.applicant }
            let access: ArchiveFile.Access = isServed ? .party : .body
            let body = paper.agency.isEmpty ? Self.applicant : agency
            add("\(place).txt", "document", paper.titleZh, access, paper.filedAt, body, paper.canonicalBytes)
            put(
                "\(place).json",
                "document-facts",
                "\(paper.titleZh)的文号、签章与送达",
                access,
                paper.filedAt,
                body,
                [
                    "digest": .string(Hex.encode(paper.digest)), "number": JSON(paper.number),
                    "seal": paper.seal ?? .null, "state": .string(paper.state.rawValue),
                    "version": JSON(paper.version),
                    "services": .array(
                        services.map { service in
                            [
                                "channel": .string(service.channel.rawValue),
                                "servedAt": JSON(service.servedAt.milliseconds),
                                "readAt": service.readAt.map { JSON($0.milliseconds) } ?? .null,
                                "proof": .string(service.proof),
                            ]
                        }
                    ),
                ]
            )
            objects.append("paper:\(paper.id)")
        }
    }

    /// What the grant brought forth; what the holder got otherwise, before or after, is not of this case.
    private mutating func credentials(in reader: any Reader) throws {
        guard let result = subject.result, let decided = subject.decidedAt else { return }
        // The result is the code of the firm that an opening brought forth, or the number of the licence that its applicant
        // was given.
        let given = try Credentials.held(by: subject.applicant, in: reader).filter { credential in
            credential.record.fields.members.contains { $0.value.text == result }
        }
        let held = (try Credentials.held(by: result, in: reader) + given)
            .filter { $0.record.issuedAt >= decided && $0.record.issuedAt <= closedAt }
            .sorted { ($0.record.issuedAt, $0.id.rawValue) < ($1.record.issuedAt, $1.id.rawValue) }
        for (index, credential) in held.enumerated() {
            let place = "credentials/\(Self.place(index + 1, credential.record.type)).suban"
            let record = credential.record
            add(
                place,
                "credential",
                record.name,
                .party,
                record.issuedAt,
                record.issuer.name,
                credential.file
            )
            objects.append("credential:\(credential.id)")
        }
    }

    // MARK: what was said to others

    private mutating func lines(_ exchange: Exchange, until: Instant, in reader: any Reader) throws {
        let lines = try ExchangeStore.lines(of: subject.id.rawValue, in: reader).filter {
            $0.openedAt <= until
        }
        for (index, line) in lines.enumerated() {
            let place = "messages/\(Self.place(index + 1, "\(line.order.party)-\(line.order.operation)"))"
            let changes = try ExchangeStore.changes(of: line.id, in: reader).filter { $0.at <= until }
            put(
                "\(place)/line.json",
                "line",
                "与外部单位的办理：\(line.order.party)",
                .body,
                line.openedAt,
                line.order.party,
                Self.json(line, changes)
            )
            objects.append("line:\(line.id)")
            let messages = try ExchangeStore.messages(line: line.id, in: reader).filter { $0.at <= until }
            // Contents that were forgotten, such as of text messages, are not there to be proven.
            var seen: Set<String> = []
            for message in messages where !message.bytes.isEmpty && seen.insert(message.message).inserted {
                let folder = "\(place)/\(seen.count)"
                for file in try exchange.evidence(of: message.message, in: reader) {
                    add(
                        "\(folder)/\(file.name)",
                        "message",
                        "往来报文及其证据",
                        .body,
                        message.at,
                        line.order.party,
                        file.bytes
                    )
                }
            }
        }
    }

    private static func json(_ line: PartyLine, _ changes: [LineChange]) -> JSON {
        [
            "party": .string(line.order.party), "operation": .string(line.order.operation),
            "purpose": .string(line.order.purpose), "consent": .string(line.order.consent),
            "answer": line.answer, "openedAt": JSON(line.openedAt.milliseconds),
            "changes": .array(
                changes.map { change in
                    [
                        "at": JSON(change.at.milliseconds), "from": .string(change.from.rawValue),
                        "to": .string(change.to.rawValue), "note": JSON(change.note),
                    ]
                }
            ),
        ]
    }

    // MARK: what happened

    private mutating func history(until: Instant, in reader: any Reader) throws {
        let all = try HappeningStore.timeline(of: subject.id, publicOnly: false, in: reader)
            .filter { $0.at <= until }
        func line(_ happening: CaseHappening, withActor: Bool) -> JSON {
            var line: JSON = [
                "act": .string(happening.act), "at": JSON(happening.at.milliseconds),
                "by": .string(happening.actor.kind.rawValue), "details": happening.details,
                "role": .string(happening.actor.role), "sequence": JSON(happening.sequence),
            ]
            if withActor { line["actor"] = .string(happening.actor.id) }
            return line
        }
        put(
            ArchivePackage.historyPath,
            "history",
            "办理过程",
            .party,
            closedAt,
            Self.platform,
            .array(all.filter(\.isPublic).map { line($0, withActor: false) })
        )
        put(
            "history/internal.json",
            "history",
            "办理过程（含内部步骤）",
            .body,
            closedAt,
            Self.platform,
            .array(all.map { line($0, withActor: true) })
        )
    }
}
