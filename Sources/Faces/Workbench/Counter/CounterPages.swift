import Cases
import Catalogue
import CompanyOpening
import Identity
import Kernel
import Storage
import Web

/// The counter: a firm that no register can vouch for signs in front of a clerk, and whoever objected takes it back in
/// person. The applicant brings number and code of the case, the objector the number of his objection in place of the
/// code; without them a clerk sees no case that was not handed in.
enum CounterPages {
    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(
                .get,
                "/desk/counter",
                who: .officers,
                scope: .region,
                zh: "窗口现场签署",
                en: "Signing at the counter"
            ) { visit in
                _ = try desk.permissions.scope("case.counter", of: try desk.seat(visit).principal)
                let done = visit.query["done"].map { what in
                    let isBack = what == "taken-back"
                    return NoticeView(
                        .good,
                        visit.text(isBack ? "workbench.counter.taken-back" : "workbench.counter.done")
                    )
                }
                return page(CounterView(visit, notice: done), visit, status: 200)
            },
            .page(
                .post,
                "/desk/counter",
                who: .officers,
                scope: .region,
                zh: "按编号和查询码打开签署中的办件",
                en: "Open a case that is being signed, by number and code"
            ) { visit in
                try await open(visit, desk)
            },
            .page(
                .post,
                "/desk/counter/sign",
                who: .officers,
                scope: .region,
                zh: "登记现场签署",
                en: "Record a signature at the counter"
            ) { visit in
                try await sign(visit, desk)
            },
            .page(
                .post,
                "/desk/counter/take-back",
                who: .officers,
                scope: .region,
                zh: "登记当面撤回异议",
                en: "Record that an objection was taken back in person"
            ) { visit in
                try await CounterObjections.takeBack(visit, desk)
            },
        ]
    }

    /// The case of number and code, in the post's reach; the number of an objection serves for the code.
    /// - Throws: `CaseError.lookupWrong` and `.lookupLocked`; `.elsewhere` for one of another region.
    static func find(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Case {
        let seat = try desk.seat(visit)
        let scope = try desk.permissions.scope("case.counter", of: seat.principal)
        guard let number = visit.form.trimmed("number"), let code = visit.form.trimmed("code") else {
            throw CaseError.lookupWrong
        }
        let clean = String(number.filter { !$0.isWhitespace }.prefix(40))
        let isObjection = CounterObjections.number(visit) != nil
        let found = try await desk.desk.lookUp(
            number: clean,
            code: isObjection
                ? try await CounterObjections.code(for: clean, code, desk) : String(code.prefix(20)),
            address: visit.address,
            policy: try await desk.lookUpPolicy(seat.post.region, visit.now.date),
            occasion: visit.occasion
        )
        // Before it is handed in a case is nobody's but the applicant's: who brings its code lets the clerk of its
        // own region in, and no other.
        let agency = desk.agencies.agency(of: found)
        guard scope.covers(PermissionSubject(agency: agency, region: found.region)) else {
            throw CaseError.elsewhere(body: try await desk.desk.module(of: found).bodyName(found.agency))
        }
        return found
    }

    private static func open(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        do {
            let found = try await find(visit, desk)
            let why = visit.text("workbench.counter.purpose", ["number": found.number])
            try await CaseReads.note("case.counter-read", of: found, purpose: why, visit, desk)
            return try await show(found, problem: nil, visit, desk)
        } catch let error as CaseError { return refused(error, visit) }
    }

    private static func sign(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let found: Case
        do { found = try await find(visit, desk) } catch let error as CaseError {
            return refused(error, visit)
        }
        do {
            try await desk.desk.signAtCounter(
                found.id,
                signer: visit.form["signer"] ?? "",
                evidence: CounterEvidence(
                    proofs: Set(visit.form.all("proof").compactMap(CounterRecord.Proof.init(rawValue:))),
                    signedBy: visit.form.trimmed("signedBy") ?? "",
                    capacity: visit.form["capacity"].flatMap(CounterRecord.Capacity.init(rawValue:))
                        ?? .representative,
                    words: visit.form["words"] ?? ""
                ),
                occasion: visit.occasion
            )
        } catch let refusal as any Refusal {
            return try await show(found, problem: refusal, visit, desk)
        }
        return .redirect(to: "/desk/counter?done=yes")
    }

    static func refused(_ error: CaseError, _ visit: Visit) -> Reply {
        let words = visit.explain(error)
        let status = error == .lookupWrong ? 422 : error.status.rawValue
        let notice = NoticeView(.bad, title: words.wrong, words.next)
        return page(CounterView(visit, notice: notice), visit, status: status)
    }

    static func show(
        _ found: Case,
        problem: (any Refusal)?,
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) async throws -> Reply {
        let (state, records, objections) = try await desk.database.read { reader in
            (
                try SignerStore.state(of: found.id, in: reader),
                try CounterRecordStore.of(found.id, in: reader),
                try ObjectionStore.of(found.id, in: reader)
            )
        }
        let decision = try await desk.desk.definition(of: found).item.decision
        let number = CounterObjections.number(visit)
        let isSigning = found.state == .signing
        let waiting = state.active.filter {
            $0.kind == .enterprise && !state.isComplete($0) && isSigning && number == nil
        }
        let open = objections.filter {
            $0.state == .open && found.state.isEditable && (number == nil || $0.number == number)
        }
        let notice = problem.map { refusal in
            let words = visit.explain(refusal)
            return NoticeView(.bad, title: words.wrong, words.next)
        }
        var view = CounterView(visit, notice: notice)
        view.subject = CounterView.Subject(
            title: found.title,
            number: found.number,
            state: CasePages.state(found.state, decision, visit),
            firms: waiting.map { CounterView.Firm($0, of: found, state, visit) },
            isEmpty: waiting.isEmpty && open.isEmpty,
            objections: open.map { CounterView.Objector($0, visit) },
            records: CounterTable.view(records, state, visit)
        )
        return page(view, visit, status: problem?.status.rawValue ?? 200)
    }

    private static func page(_ view: CounterView, _ visit: Visit, status: Int) -> Reply {
        .page(
            "workbench/counter",
            view,
            heading: Heading(
                visit.text("workbench.counter.title"),
                section: "counter",
                hasErrors: status >= 400
            ),
            status: status
        )
    }
}

/// What was signed at a counter, for those who examine the case.
enum CounterTable {
    static func view(_ records: [CounterRecord], _ state: SigningState, _ visit: Visit) -> TableView {
        TableView(
            caption: visit.text("workbench.counter.records"),
            columns: ["at", "company", "signed-by", "proofs", "words"].map {
                visit.text("workbench.column.\($0)")
            },
            rows: records.map { record in
                let capacity = visit.text("counter-capacity.\(record.capacity.rawValue)")
                return [
                    TableView.Cell(record.at.minuteText),
                    TableView.Cell(
                        state.signers.first { $0.key == record.signer }.map {
                            $0.kind == .person ? PersonMask.name($0.name) : $0.name
                        } ?? visit.dash(nil)
                    ),
                    TableView.Cell("\(PersonMask.name(record.signedBy)) (\(capacity))"),
                    TableView.Cell(
                        CounterRecord.Proof.allCases.filter(record.proofs.contains).map {
                            visit.text("counter-proof.\($0.rawValue)")
                        }.joined(separator: "、")
                    ),
                    TableView.Cell(record.words),
                ]
            },
            emptyText: visit.text("workbench.counter.records.none")
        )
    }
}

/// Template: `workbench/counter`.
struct CounterView: PageView {
    struct Choice: PageView {
        let id: String
        let value: String
        let label: String
        let isChosen: Bool
    }

    /// One firm that has not signed yet, with everything it is to sign.
    struct Firm: PageView {
        let key: String
        let name: String
        let facts: SummaryView
        let papers: [PaperView]
        let proofs: [Choice]
        let capacities: [Choice]
        let signedBy: String
        let words: String
        let signedByID: String
        let wordsID: String

        init(_ signer: Signer, of subject: Case, _ state: SigningState, _ visit: Visit) {
            let isSame = visit.form["signer"] == signer.key
            func typed(_ field: String) -> String { isSame ? visit.form[field] ?? "" : "" }
            let chosen = isSame ? Set(visit.form.all("proof")) : []
            let capacity = isSame ? visit.form["capacity"] ?? "" : ""
            key = signer.key
            name = signer.name
            facts = SummaryView(rows: [
                .init(visit.text("workbench.column.result"), signer.idNumber),
                .init(
                    visit.text("workbench.counter.representative"),
                    visit.dash(signer.representative.map { "\($0.name) \(FormSummary.mask($0.idNumber))" })
                ),
            ])
            papers = state.papers.filter {
                signer.papers.contains($0.kind) && state.standing(of: signer, on: $0.kind) != .signed
            }.map {
                PaperView(title: $0.title, note: String($0.digest.prefix(16)), text: $0.content, href: nil)
            }
            let stem = "firm-\(signer.key.prefix(12))"
            proofs = CounterRecord.Proof.ofFirms.map {
                Choice(
                    id: "\(stem)-\($0.rawValue)",
                    value: $0.rawValue,
                    label: visit.text("counter-proof.\($0.rawValue)"),
                    isChosen: chosen.contains($0.rawValue)
                )
            }
            capacities = CounterRecord.Capacity.signing.map {
                Choice(
                    id: "\(stem)-as-\($0.rawValue)",
                    value: $0.rawValue,
                    label: visit.text("counter-capacity.\($0.rawValue)"),
                    isChosen: $0.rawValue == capacity
                )
            }
            signedBy = typed("signedBy")
            words = typed("words")
            signedByID = "\(stem)-by"
            wordsID = "\(stem)-words"
        }
    }

    struct Subject: PageView {
        let title: String
        let number: String
        let state: BadgeView
        let firms: [Firm]
        let isEmpty: Bool
        let objections: [Objector]
        let records: TableView
    }

    let notice: NoticeView?
    let number: String
    let code: String
    var subject: Subject?

    init(_ visit: Visit, notice: NoticeView?) {
        self.notice = notice
        number = visit.form.trimmed("number") ?? ""
        code = visit.form.trimmed("code") ?? ""
    }
}
