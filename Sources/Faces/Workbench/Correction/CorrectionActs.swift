import Cases
import CompanyNames
import CompanyOpening
import Foundation
import Kernel
import Registers
import Storage
import Web

/// The acts on a register entry and its matters.
struct CorrectionActs {
    let subject: RegisterSubject
    /// What stands filed beside the registered items.
    let filings: [RegisterFiling]
    /// Names that are kept for the firm's people: what an ordered name can be exchanged for.
    let reservations: [Reservation]
    let visit: Visit

    typealias Act = @Sendable (WorkbenchDesk, RegisterSubject, Visit) async throws -> Void
    typealias Entry = (name: String, operation: String, zh: String, en: String, act: Act)

    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        let acts: [Entry] =
            [
                ("slip", "register.correct", "提出更正登记错误", "Propose to correct a slip", slip),
                ("confirm", "register.confirm", "复核同意所提决定", "Confirm a proposed decision", confirm),
                ("drop", "register.confirm", "不同意所提决定", "Do not agree with a proposed decision", drop),
                ("open", "register.revoke", "立案调查虚假登记", "Open the matter of a false registration", open),
                ("accept", "register.revoke", "受理撤销申请", "Take the application up", accept),
                ("dismiss", "register.revoke", "不予受理撤销申请", "Do not take it up", dismiss),
                ("extend", "register.extend", "延长调查期限", "Extend the investigation", extend),
                ("publish", "register.revoke", "公示无法联系情形", "Publish: nobody can be reached", publish),
                ("suspend", "register.revoke", "涉诉中止调查", "Suspend: a court has it", suspend),
                ("resume", "register.revoke", "恢复调查", "Resume the investigation", resume),
                ("withdraw", "register.revoke", "提出撤销登记", "Propose to withdraw the registration", withdraw),
                (
                    "withdraw-item", "register.revoke", "提出撤销登记事项", "Propose to withdraw one item",
                    withdrawItem
                ),
                ("keep", "register.revoke", "提出不予撤销", "Propose not to withdraw", keep),
                ("restore", "register.revoke", "提出恢复登记", "Propose to undo a withdrawal", restore),
            ] + orders
        return acts.map { name, operation, zh, en, act in
            let route: Route = .page(
                .post,
                "/desk/corrections/{code}/\(name)",
                who: .officers,
                scope: .region,
                zh: zh,
                en: en
            ) { visit in
                let (subject, seat) = try await CorrectionPages.open(visit, operation, desk)
                do {
                    try CorrectionCare.check(name, visit)
                    try await act(desk, subject, visit)
                } catch let refusal as any Refusal {
                    let code = subject.code
                    let now = try await desk.database.read { try RegisterStore.find(code, in: $0) } ?? subject
                    return try await CorrectionPages.page(now, seat, visit, desk, problem: refusal)
                }
                return .redirect(
                    to:
                        "/desk/corrections/\(subject.code)?done=\(proposing.contains(name) ? "propose" : name)"
                )
            }
            return route.takingPurpose(from: CorrectionCare.purposeField(of: name))
        }
    }

    /// Acts that propose what a second person confirms.
    static let proposing: Set<String> = [
        "slip", "withdraw", "withdraw-item", "keep", "restore", "order-name", "take-back",
    ]

    // MARK: What each does

    private static let slip: Act = { desk, subject, visit in
        // What was typed was typed over one version of the entry; another one would be written back as it was.
        if let seen = visit.form["version"].flatMap({ Int($0) }), seen != subject.version {
            throw CorrectionError.changedMeanwhile
        }
        try await desk.corrections.proposeSlip(
            subject.code,
            changes: .object(try slipChanges(visit, of: subject)),
            reason: visit.form["reason"] ?? "",
            occasion: visit.occasion
        )
    }

    /// What stands in the boxes of a slip and not in the register. A box leaves lines with another end than the
    /// register has.
    private static func slipChanges(_ visit: Visit, of subject: RegisterSubject) throws -> [String: JSON] {
        func plain(_ text: String) -> String {
            text.replacing("\r\n", with: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
        }
        var changes: [String: JSON] = [:]
        for (name, typed) in visit.form.pairs where name.hasPrefix(slipPrefix) {
            let item = String(name.dropFirst(slipPrefix.count))
            let standing = subject.items[item]
            if standing.int != nil {
                guard let sum = Money(tenThousandYuan: plain(typed)) else {
                    throw CorrectionError.badValue(item)
                }
                changes[item] = JSON(sum.fen)
            } else if standing.text.map({ plain($0) != plain(typed) }) ?? true {
                changes[item] = .string(plain(typed))
            }
        }
        return changes.filter { subject.items[$0.key] != $0.value }
    }

    private static let confirm: Act = { desk, subject, visit in
        let (id, version) = try await matter(of: subject, visit, desk)
        try await desk.corrections.confirm(
            id,
            of: subject.code,
            version: version,
            occasion: visit.occasion
        )
    }

    private static let drop: Act = { desk, subject, visit in
        let (id, version) = try await matter(of: subject, visit, desk)
        try await desk.corrections.drop(
            id,
            of: subject.code,
            version: version,
            reason: visit.form["reason"] ?? "",
            occasion: visit.occasion
        )
    }

    private static let open: Act = { desk, subject, visit in
        guard let item = visit.form.trimmed("item") else {
            throw WebRefusal.badField(name: visit.text("workbench.box.item"))
        }
        try await desk.corrections.open(
            subject.code,
            words: visit.form["reason"] ?? "",
            item: item == "whole" ? nil : item,
            applicant: visit.form.trimmed("applicant") ?? "",
            occasion: visit.occasion
        )
    }

    private static let accept: Act = { desk, subject, visit in
        let (id, version) = try await matter(of: subject, visit, desk)
        try await desk.corrections.accept(id, of: subject.code, version: version, occasion: visit.occasion)
    }

    private static let dismiss: Act = { desk, subject, visit in
        let (id, version) = try await matter(of: subject, visit, desk)
        try await desk.corrections.dismiss(
            id,
            of: subject.code,
            version: version,
            reason: visit.form["reason"] ?? "",
            occasion: visit.occasion
        )
    }

    private static let extend: Act = { desk, subject, visit in
        let (id, version) = try await matter(of: subject, visit, desk)
        try await desk.corrections.extend(id, of: subject.code, version: version, occasion: visit.occasion)
    }

    private static let publish: Act = { desk, subject, visit in
        let (id, version) = try await matter(of: subject, visit, desk)
        try await desk.corrections.publish(id, of: subject.code, version: version, occasion: visit.occasion)
    }

    private static let suspend: Act = { desk, subject, visit in
        let (id, version) = try await matter(of: subject, visit, desk)
        try await desk.corrections.court(
            id,
            of: subject.code,
            version: version,
            isPending: true,
            occasion: visit.occasion
        )
    }

    private static let resume: Act = { desk, subject, visit in
        let (id, version) = try await matter(of: subject, visit, desk)
        try await desk.corrections.court(
            id,
            of: subject.code,
            version: version,
            isPending: false,
            occasion: visit.occasion
        )
    }

    private static let withdraw: Act = { desk, subject, visit in
        try await propose(.withdraw, finding(visit), of: subject, visit, desk)
    }

    /// Of a list, such as the shareholders, the row with the typed name falls away; of a plain item its value.
    private static let withdrawItem: Act = { desk, subject, visit in
        let (id, _) = try await matter(of: subject, visit, desk)
        guard let item = try await desk.database.read({ try CorrectionStore.find(id, in: $0) })?.item else {
            throw CorrectionError.unknownItem("")
        }
        let before = subject.items[item]
        let typed = visit.form.trimmed("value")
        // Of a list and of what is filed one row is chosen; nothing chosen is no choice.
        guard typed != nil || before.elements.isEmpty && !before.isNull else {
            throw WebRefusal.badField(name: visit.text("workbench.box.row"))
        }
        var after = typed.flatMap { $0 == allFiled && before.isNull ? nil : JSON.string($0) } ?? .null
        if !before.elements.isEmpty {
            let left = before.elements.filter { ($0["name"].text ?? $0.text) != typed }
            guard left.count < before.elements.count else { throw CorrectionError.unknownItem(typed ?? "") }
            after = .array(left)
        }
        try await propose(.withdrawItem, finding(visit, value: after), of: subject, visit, desk)
    }

    private static let keep: Act = { desk, subject, visit in
        try await propose(.keep, finding(visit), of: subject, visit, desk)
    }

    private static let restore: Act = { desk, subject, visit in
        try await propose(.restore, finding(visit), of: subject, visit, desk)
    }

    static func propose(
        _ event: CorrectionEvent,
        _ finding: CorrectionFinding,
        of subject: RegisterSubject,
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) async throws {
        let (id, version) = try await matter(of: subject, visit, desk)
        try await desk.corrections.propose(
            event,
            id,
            of: subject.code,
            version: version,
            finding: finding,
            occasion: visit.occasion
        )
    }

    /// The matter that the form names, if it is one of this registration: permission was asked for this one only.
    static func matter(
        of subject: RegisterSubject,
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) async throws -> (ID<Correction>, Int) {
        let parts = (visit.form["version"] ?? "").split(separator: "/").map(String.init)
        guard parts.count == 2, let version = Int(parts[1]) else {
            throw WebRefusal.badField(name: "version")
        }
        let id = ID<Correction>(parts[0])
        let found = try await desk.database.read { try CorrectionStore.of(subject.code, in: $0) }
        guard found.contains(where: { $0.id == id }) else { throw WebRefusal.notFound }
        return (id, version)
    }

    static func finding(_ visit: Visit, value: JSON = .null) -> CorrectionFinding {
        CorrectionFinding(
            facts: visit.form["facts"] ?? "",
            evidence: visit.form["evidence"] ?? "",
            reason: visit.form["reason"] ?? "",
            responsible: (visit.form["responsible"] ?? "").split(whereSeparator: { "、,， ".contains($0) }).map(
                String.init
            ),
            value: value
        )
    }
}
