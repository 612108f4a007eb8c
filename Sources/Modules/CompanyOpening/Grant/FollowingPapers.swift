import Cases
import CompanyNames
import Correspondence
import Credentials
import Exchange
public import Jobs
import Kernel
import Registers
import Storage

/// Papers that follow what has happened already: the licence in print with its duplicates, what was filed, what the scope needs, the
/// receipts of the parties, proofs of service, the catalogue of the file. None of them has to stand in the transaction
/// that it follows, so they are written right after it, each once.
public struct FollowingPapers: Sendable {
    /// The kinds written here, in the order in which a case comes to them.
    public static let kinds = [
        CompanyOpening.nameNotice, "business-licence", "business-licence-duplicate", "filing-notice",
        "permit-notice", "party-receipt", "service-proof", "archive-catalogue",
    ]

    let opening: CompanyOpening
    /// Goes before the path of an address that is printed.
    let origin: String

    public init(opening: CompanyOpening, origin: String) {
        self.opening = opening
        self.origin = origin
    }

    public var subscriber: Subscriber {
        Subscriber(
            "papers",
            events: [
                "case.granted", "credential.issued", "exchange.line-changed", "correspondence.served",
                "correspondence.paper-filed",
            ]
        ) { event, tx in
            let occasion = Occasion(now: event.at, actor: .platform("papers"), request: event.request)
            switch event.name {
            case "case.granted":
                let granted = try CaseStore.find(ID(event.payload["case"].text ?? ""), in: tx)
                guard opening.runs(granted) else { return }
                try noticeFilings(of: granted, occasion: occasion, in: tx)
                try noticePermits(of: granted, occasion: occasion, in: tx)
            case "credential.issued":
                try print(event.payload, occasion: occasion, in: tx)
            case "exchange.line-changed":
                guard let id = event.payload["line"].text, event.payload["to"].text == "done",
                    let line = try ExchangeStore.line(ID(id), in: tx)
                else { return }
                try receipt(of: line, occasion: occasion, in: tx)
            case "correspondence.served": try prove(event.payload, occasion: occasion, in: tx)
            default: try catalogue(event.payload, occasion: occasion, in: tx)
            }
        }
    }

    // MARK: the licence

    /// A licence as it was issued, in print: the original and as many duplicates as the form orders, one at least. Those
    /// of the next version take the place of the ones before.
    private func print(_ issued: JSON, occasion: Occasion, in tx: any Transaction) throws {
        guard issued["type"].text == "business-licence",
            let credential = try Credentials.find(identifier: issued["identifier"].text ?? "", in: tx),
            let caseID = try RegisterStore.entries(of: credential.record.holder.code, in: tx).first?.caseID,
            !caseID.isEmpty
        else { return }
        let subject = try CaseStore.find(ID(caseID), in: tx)
        let record = credential.record
        var fields: JSON = [
            "companyName": .string(record.holder.name), "creditCode": .string(record.holder.code),
            "publicURL": .string(origin + record.code.path), "agencyName": .string(record.issuer.name),
        ]
        for name in [
            "nameMongolian", "type", "legalRepresentative", "operator", "capitalText", "establishedOn",
            "address", "scope",
        ] where !record.fields[name].isNull { fields[name] = record.fields[name] }
        let earlier = try CorrespondenceStore.papers(of: caseID, in: tx).filter { $0.state == .filed }
        func write(_ kind: String, number: String?) throws {
            var fields = fields
            if let number { fields["copyNumber"] = .string(number) }
            let before = earlier.first { paper in
                paper.kind == kind && number.map { paper.text.contains("副本编号\t\($0)\n") } != false
            }
            try opening.write(
                kind,
                for: subject,
                fields: fields,
                supersedes: before?.id,
                occasion: occasion,
                in: tx
            )
        }
        try write("business-licence", number: nil)
        let ordered = CompanyForm(subject.data).data["joined"]["paperLicence"]["duplicates"]
        let count = max(1, Int(ordered.int ?? ordered.text.flatMap { Int64($0) } ?? 1))
        for index in 1...count { try write("business-licence-duplicate", number: "\(count)-\(index)") }
    }

    // MARK: what was filed and what is needed

    /// What the register keeps as filed (Regulations, article 9). What is confidential is told by its name alone: the
    /// notice goes to the applicant, who may be an agent.
    private func noticeFilings(of granted: Case, occasion: Occasion, in tx: any Transaction) throws {
        let code = granted.result ?? ""
        let filings = try RegisterStore.filings(of: code, on: occasion.now.date, in: tx)
        var items = filings.compactMap { filing -> JSON? in
            guard let item = FilingWords.items[filing.kind] else { return nil }
            let name = filing.value["name"].text
            let isPerson = !filing.isConfidential || filing.kind == "liaison"
            return ["item": .string(item), "value": .string(isPerson ? name ?? "已备案" : "已备案（不公示）")]
        }
        let articles = try SignerStore.state(of: granted.id, in: tx).papers.first { $0.kind == "articles" }
        if let articles { items.insert(["item": "公司章程", "value": .string(articles.title)], at: 0) }
        guard !items.isEmpty else { return }
        var unique: [JSON] = []
        for item in items where !unique.contains(item) { unique.append(item) }
        var fields = opening.headFields(of: granted)
        fields["items"] = .array(unique)
        fields["filedOn"] = .string(occasion.now.date.description)
        try opening.write("filing-notice", for: granted, fields: fields, occasion: occasion, in: tx)
    }

    /// One notice for each department whose permits the scope needs afterwards (双告知): the same departments, by the
    /// same day's catalogue, that the line of the bundle tells.
    private func noticePermits(of granted: Case, occasion: Occasion, in tx: any Transaction) throws {
        let groups = ScopeFacts.permitsAfter(
            CompanyForm(granted.data),
            book: opening.book,
            on: granted.createdAt.date
        )
        for department in groups.keys.sorted() {
            var fields = opening.headFields(of: granted)
            fields["permits"] = .array(
                (groups[department] ?? []).map { row in
                    var permit: JSON = [
                        "phrase": .string(row["text_zh"]), "permit": .string(row["permit_item"]),
                        "department": .string(department),
                    ]
                    // A path alone opens nothing from paper.
                    if row["link"].hasPrefix("https://") { permit["link"] = .string(row["link"]) }
                    return permit
                }
            )
            try opening.write("permit-notice", for: granted, fields: fields, occasion: occasion, in: tx)
        }
    }

    // MARK: the parties

    /// What a joined party gave, once it is done. National systems only take note: they give no receipt to anybody.
    private func receipt(of line: PartyLine, occasion: Occasion, in tx: any Transaction) throws {
        let order = line.order
        guard line.state == .done, !order.caseID.isEmpty,
            ReceiptWords.matters[order.party]?.contains(order.operation) == true
        else { return }
        let party = try opening.exchange.parties.party(order.party)
        let artefacts = ReceiptWords.artefacts(of: line.answer)
        guard let operation = party.operation(order.operation), !artefacts.isEmpty else { return }
        let subject = try CaseStore.find(ID(order.caseID), in: tx)
        guard opening.runs(subject) else { return }
        var fields = opening.headFields(of: subject)
        fields["party"] = .string(party.name.zh)
        fields["matter"] = .string(operation.name.zh)
        fields["matterEn"] = .string(operation.name.en)
        fields["doneAt"] = .string((line.endedAt ?? occasion.now).minuteText)
        fields["artefacts"] = .array(
            artefacts.map { ["name": .string($0.name), "value": .string($0.value)] }
        )
        try opening.write(
            "party-receipt",
            for: subject,
            fields: fields,
            agency: order.party,
            occasion: occasion,
            in: tx
        )
    }

    // MARK: the file

    /// That a paper counts as served, for the file; itself it is served on nobody.
    private func prove(_ served: JSON, occasion: Occasion, in tx: any Transaction) throws {
        guard let paper = try CorrespondenceStore.paper(ID(served["paper"].text ?? ""), in: tx),
            !paper.caseID.isEmpty,
            let service = try CorrespondenceStore.services(of: paper.id, in: tx).first(where: {
                $0.id.rawValue == served["service"].text
            })
        else { return }
        let subject = try CaseStore.find(ID(paper.caseID), in: tx)
        guard opening.runs(subject) else { return }
        var fields: JSON = opening.headFields(of: subject)
        fields["recipient"] = fields["applicant"]
        fields["paperTitle"] = .string(paper.titleZh)
        if let number = paper.number { fields["paperNumber"] = .string(number) }
        fields["channel"] = .string(ReceiptWords.channel(service.channel))
        fields["servedAt"] = .string(service.servedAt.minuteText)
        if let read = service.readAt { fields["readAt"] = .string(read.minuteText) }
        fields["proof"] = .string(service.proof)
        try opening.write(
            "service-proof",
            for: subject,
            fields: fields,
            agency: paper.agency,
            occasion: occasion,
            in: tx
        )
    }

    /// The catalogue is written when the bundle is complete. What is filed later brings its next version, so that it
    /// never lists less than there is; a paper that was served is listed with its proof.
    private func catalogue(_ filed: JSON, occasion: Occasion, in tx: any Transaction) throws {
        guard let caseID = filed["case"].text, !caseID.isEmpty, let kind = filed["kind"].text,
            kind != "archive-catalogue", let paper = filed["paper"].text
        else { return }
        let subject = try CaseStore.find(ID(caseID), in: tx)
        guard subject.completedAt != nil, subject.result != nil, opening.runs(subject) else { return }
        if try !CorrespondenceStore.services(of: ID(paper), in: tx).isEmpty { return }
        let papers = try CorrespondenceStore.papers(of: caseID, in: tx)
        var fields = opening.headFields(of: subject)
        fields["entries"] = .array(
            try ArchiveEntry.all(of: subject, papers: papers, in: tx).enumerated().map { index, entry in
                [
                    "number": .string(String(index + 1)), "title": .string(entry.title),
                    "date": .string(entry.date.description), "digest": .string(entry.digest),
                ]
            }
        )
        try opening.write(
            "archive-catalogue",
            for: subject,
            fields: fields,
            supersedes: papers.last { $0.kind == "archive-catalogue" && $0.state == .filed }?.id,
            occasion: occasion,
            in: tx
        )
    }
}
