internal import Audit
internal import Cryptography
internal import Jobs
public import Kernel
public import Storage

/// Numbered official papers, how they reach people, and messages.
public struct Correspondence: Sendable {
    public let library: PaperLibrary

    public init(library: PaperLibrary) { self.library = library }

    /// Writes a paper from its template. Pure: nothing is stored and no number is used up.
    ///
    /// `fields` holds what the kind asks for (`library.fields(of:)`); a missing, malformed or unknown field is
    /// refused by name. `on` chooses the wording in force; `agencyWord` stands in the number, such as `包昆市监`.
    public func render(
        _ kind: String,
        fields: JSON,
        on date: LocalDate,
        agencyWord: String = ""
    ) throws(CorrespondenceError) -> RenderedDocument {
        let template = try library.template(kind, on: date)
        var context = try template.context(fields)
        let remedies = library.remedies.last { $0.from <= date } ?? library.remedies[0]
        context["remedyReview"] = remedies.review
        context["remedySuit"] = remedies.suit
        context["today"] = date.chineseText
        return RenderedDocument(
            kind: kind,
            wording: template.wording,
            titleZh: template.title(template.titleZh, with: fields),
            titleEn: template.title(template.titleEn, with: fields),
            numberPattern: template.numberPattern,
            series: template.series,
            agencyWord: PaperTemplate.clean(agencyWord),
            marked: template.marked(context)
        )
    }

    /// Files a paper in the caller's transaction. Its number is the next of its agency, series and year, without
    /// gaps; a paper that `supersedes` another is the next version of it.
    ///
    /// - Throws: `noSuchPaper`, `alreadySuperseded`.
    public func file(
        _ document: RenderedDocument,
        caseID: String,
        agency: String,
        supersedes: ID<Paper>? = nil,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Paper {
        var version: Int64 = 1
        if let supersedes {
            guard let before = try CorrespondenceStore.lock(supersedes, in: tx) else {
                throw CorrespondenceError.noSuchPaper
            }
            guard before.state == .filed else { throw CorrespondenceError.alreadySuperseded }
            version = before.version + 1
            try CorrespondenceStore.supersede(supersedes, in: tx)
        }
        var number: String?
        if let pattern = document.numberPattern, let series = document.series {
            let year = occasion.now.date.year
            let serial = try CorrespondenceStore.nextSerial(
                agency: agency,
                series: series,
                year: year,
                in: tx
            )
            number = pattern.filled([
                "agency": document.agencyWord, "year": String(year), "serial": String(serial),
            ])
        }
        let text = PaperText(document.marked).canonical(title: document.titleZh, number: number)
        let paper = Paper(
            id: occasion.newID(),
            kind: document.kind,
            wording: document.wording,
            caseID: caseID,
            agency: agency,
            number: number,
            titleZh: document.titleZh,
            titleEn: document.titleEn,
            marked: document.marked,
            version: version,
            supersedes: supersedes,
            state: .filed,
            digest: SM3.digest(Array(text.utf8)),
            filedAt: occasion.now,
            seal: nil
        )
        try CorrespondenceStore.insert(paper, in: tx)
        try AuditLog.append(
            "correspondence.paper-filed",
            object: "paper:\(paper.id)",
            after: ["kind": .string(paper.kind), "digest": .string(Hex.encode(paper.digest))],
            occasion: occasion,
            in: tx
        )
        try Outbox.emit(
            "correspondence.paper-filed",
            object: caseID.isEmpty ? "paper:\(paper.id)" : "case:\(caseID)",
            payload: [
                "paper": .string(paper.id.rawValue), "kind": .string(paper.kind), "case": .string(caseID),
                "number": JSON(paper.number),
            ],
            occasion: occasion,
            in: tx
        )
        return paper
    }

    /// Notes the seal or the signatures on a paper, once. `digest` is what was signed.
    public func seal(
        _ id: ID<Paper>,
        digest: [UInt8],
        with seal: JSON,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard let paper = try CorrespondenceStore.lock(id, in: tx) else {
            throw CorrespondenceError.noSuchPaper
        }
        guard paper.digest == digest else { throw CorrespondenceError.digestDiffers }
        guard paper.seal == nil else { throw CorrespondenceError.alreadySealed }
        try CorrespondenceStore.setSeal(seal, of: id, in: tx)
        try AuditLog.append(
            "correspondence.paper-sealed",
            object: "paper:\(id)",
            after: seal,
            occasion: occasion,
            in: tx
        )
    }

    /// Serves a paper on somebody (送达). Electronic service needs the recipient's consent.
    public func serve(
        _ id: ID<Paper>,
        on recipient: String,
        by channel: PaperService.Channel,
        consent: String = "",
        proof: String? = nil,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> PaperService {
        guard try CorrespondenceStore.lock(id, in: tx) != nil else { throw CorrespondenceError.noSuchPaper }
        guard channel != .electronic || !consent.isEmpty else { throw CorrespondenceError.consentMissing }
        let serviceID: ID<PaperService> = occasion.newID()
        let entry = try AuditLog.append(
            "correspondence.served",
            object: "paper:\(id)",
            after: [
                "recipient": .string(recipient), "channel": .string(channel.rawValue),
                "consent": .string(consent),
            ],
            occasion: occasion,
            in: tx
        )
        let service = PaperService(
            id: serviceID,
            paper: id,
            recipient: recipient,
            channel: channel,
            consent: consent,
            servedAt: occasion.now,
            proof: proof ?? entry.id.rawValue,
            readAt: nil
        )
        try CorrespondenceStore.insert(service, in: tx)
        try Outbox.emit(
            "correspondence.served",
            object: "paper:\(id)",
            payload: [
                "paper": .string(id.rawValue), "service": .string(serviceID.rawValue),
                "recipient": .string(recipient), "channel": .string(channel.rawValue),
            ],
            occasion: occasion,
            in: tx
        )
        return service
    }

    /// The recipient opened what was served; only the first time counts.
    public func opened(_ id: ID<PaperService>, occasion: Occasion, in tx: any Transaction) throws {
        guard let service = try CorrespondenceStore.service(id, in: tx) else {
            throw CorrespondenceError.noSuchService
        }
        guard service.readAt == nil else { return }
        try CorrespondenceStore.setRead(id, at: occasion.now, in: tx)
        try AuditLog.append(
            "correspondence.opened",
            object: "paper:\(service.paper)",
            occasion: occasion,
            in: tx
        )
    }
}

extension String {
    /// Fills `{name}` in one pass, so that a value never is a placeholder.
    func filled(_ values: [String: String]) -> String {
        var out = ""
        var rest = self[...]
        while let open = rest.firstIndex(of: "{") {
            out += rest[..<open]
            guard let close = rest[open...].firstIndex(of: "}") else { break }
            let name = String(rest[rest.index(after: open)..<close])
            out += values[name] ?? String(rest[open...close])
            rest = rest[rest.index(after: close)...]
        }
        return out + rest
    }
}
