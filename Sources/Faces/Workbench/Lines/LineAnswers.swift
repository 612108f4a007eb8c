import Exchange
import Foundation
import Identity
import Kernel
import Storage
import Web

/// A party's clerk answers a line for his party where its system does not: done with what the party gives, or refused
/// with a reason. To put it off he sets the line aside, as everybody does who follows it.
enum LineAnswers {
    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            act("answer-done", zh: "人工回复办结", en: "Answer by hand: done", desk) { line, operation, visit in
                .done(answer: try answer(operation, of: line, visit))
            },
            act("answer-return", zh: "人工回复退回", en: "Answer by hand: refused", desk) { _, operation, visit in
                let code = visit.form.trimmed("code") ?? ""
                let words = visit.form.trimmed("reason")
                guard code == other ? words != nil : operation.reason(code) != nil,
                    (words ?? "").count <= 200
                else { throw WebRefusal.badField(name: visit.text("workbench.line.reason")) }
                return .returned(reasonCode: code == other ? nil : code, words: words)
            },
        ]
    }

    private static let other = "other"

    private typealias Reading = @Sendable (PartyLine, PartyOperation, Visit) throws -> WordByHand

    private static func act(
        _ name: String,
        zh: String,
        en: String,
        _ desk: WorkbenchDesk,
        _ word: @escaping Reading
    ) -> Route {
        .page(.post, "/desk/lines/{line}/\(name)", who: .officers, scope: .region, zh: zh, en: en) { visit in
            let (line, seat) = try await LinePages.open(visit, desk)
            try await LineActs.require("line.answer", object: "line:\(line.id)", seat, visit, desk)
            let operation = try desk.exchange.parties.operation(line.order.operation, of: line.order.party)
            do {
                let said = try word(line, operation, visit)
                try await desk.database.write { tx in
                    guard let now = try ExchangeStore.line(line.id, in: tx),
                        visit.form["version"] == String(now.version)
                    else { throw ExchangeError.lineChanged }
                    try desk.exchange.answer(now.id, by: said, occasion: visit.occasion, in: tx)
                }
            } catch let refusal as any Refusal {
                let id = line.id
                let now = try await desk.database.read { try ExchangeStore.line(id, in: $0) } ?? line
                return try await LinePages.page(now, seat, visit, desk, problem: refusal)
            }
            return .redirect(to: "/desk/lines/\(line.id)?done=\(name)")
        }
    }

    // MARK: What was typed

    /// Every field that the party gives, read as its shape wants it.
    /// - Throws: `WebRefusal.badField` with the words of the first that is missing or of another shape.
    private static func answer(_ operation: PartyOperation, of line: PartyLine, _ visit: Visit) throws -> JSON
    {
        var answer: JSON = [:]
        for field in operation.gives {
            let value = try value(of: field, line, visit)
            if value.isNull || value.elements.isEmpty && field.shape == .list {
                guard !field.required else { throw bad(field, visit) }
                continue
            }
            answer[field.name] = value
        }
        return answer
    }

    private static func value(of field: PartyOperation.Field, _ line: PartyLine, _ visit: Visit) throws
        -> JSON
    {
        let kinds = parts(of: field, line)
        if !kinds.isEmpty {
            return .array(
                try kinds.map { kind in
                    guard let code = visit.form.trimmed("\(prefix)\(field.name).\(kind)"), code.count <= 40
                    else {
                        throw bad(field, visit)
                    }
                    return ["kind": .string(kind), "code": .string(code)]
                }
            )
        }
        guard let text = visit.form.trimmed(prefix + field.name) else { return .null }
        guard text.count <= 2_000 else { throw bad(field, visit) }
        switch field.shape {
        case .text: return .string(text)
        case .bool:
            guard ["yes", "no"].contains(text) else { throw bad(field, visit) }
            return .bool(text == "yes")
        case .number:
            // A party counts money in fen; people write it in yuan.
            if field.name.hasSuffix("Fen") {
                guard let amount = Money(yuan: text) else { throw bad(field, visit) }
                return JSON(amount.fen)
            }
            guard let number = Int64(text), number >= 0 else { throw bad(field, visit) }
            return JSON(number)
        case .list:
            let rows = text.split(whereSeparator: \.isNewline).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            return .array(rows.filter { !$0.isEmpty }.map(JSON.string))
        // No party gives one to be typed; what a system gives stays with the system.
        case .object, .any: throw bad(field, visit)
        }
    }

    private static let prefix = "give."

    private static func bad(_ field: PartyOperation.Field, _ visit: Visit) -> WebRefusal {
        .badField(name: LineFields.label(field.name, visit))
    }

    /// The seals that were asked for, each of which gets a code of its own; empty for every other field.
    private static func parts(of field: PartyOperation.Field, _ line: PartyLine) -> [String] {
        guard field.name == "seals", field.required else { return [] }
        return line.order.fields["seals"].elements.compactMap(\.text)
    }

    // MARK: What the page offers

    /// Only to a clerk of the party, and only what the state allows.
    static func offered(
        _ line: PartyLine,
        _ operation: PartyOperation,
        seals: [String: String],
        seat: Seat,
        visit: Visit,
        desk: WorkbenchDesk
    ) -> [ActView] {
        let own = PermissionSubject(agency: seat.post.agency, region: seat.post.region)
        guard
            (try? Permission.check("line.answer", on: own, by: seat.principal, table: desk.permissions))
                != nil
        else { return [] }
        var acts: [ActView] = []
        if case .to = line.state.step(.done) {
            acts.append(
                act(
                    "answer-done",
                    key: "d",
                    line,
                    visit,
                    style: "btn-primary",
                    boxes: operation.gives.flatMap { boxes($0, line, seals, visit) }
                )
            )
        }
        if case .to = line.state.step(.returned) {
            let reasons = operation.reasons.filter { !$0.passes }.map {
                ActView.Option(
                    value: $0.code,
                    label: visit.language == .en ? $0.text.en : $0.text.zh
                )
            }
            let first = ActView.Option(value: "", label: visit.text("workbench.box.choose"))
            let last = ActView.Option(value: other, label: visit.text("workbench.line.other-reason"))
            acts.append(
                act(
                    "answer-return",
                    key: "x",
                    line,
                    visit,
                    style: "btn-danger",
                    boxes: [
                        .init(
                            "code",
                            visit.text("workbench.line.reason"),
                            of: "answer-return",
                            options: [first] + reasons + [last]
                        ),
                        .init(
                            "reason",
                            visit.text("workbench.line.reason-words"),
                            of: "answer-return",
                            isLines: false
                        ),
                    ]
                )
            )
        }
        return acts
    }

    private static func boxes(
        _ field: PartyOperation.Field,
        _ line: PartyLine,
        _ seals: [String: String],
        _ visit: Visit
    ) -> [ActView.Box] {
        let label = LineFields.label(field.name, visit)
        let kinds = parts(of: field, line)
        if !kinds.isEmpty {
            return kinds.map { kind in
                ActView.Box(
                    "\(prefix)\(field.name).\(kind)",
                    visit.text("workbench.line.part", ["label": label, "part": seals[kind] ?? kind]),
                    of: "answer",
                    isLines: false
                )
            }
        }
        let words = visit.text(
            field.required ? "workbench.line.needed" : "workbench.line.optional",
            ["label": field.shape == .list ? visit.text("workbench.line.each", ["label": label]) : label]
        )
        switch field.shape {
        case .object, .any: return []
        case .bool:
            return [
                .init(
                    prefix + field.name,
                    words,
                    of: "answer",
                    options: [ActView.Option(value: "", label: visit.text("workbench.box.choose"))]
                        + ["yes", "no"].map { .init(value: $0, label: visit.text("workbench.\($0)")) }
                )
            ]
        case .text, .number: return [.init(prefix + field.name, words, of: "answer", isLines: false)]
        case .list: return [.init(prefix + field.name, words, of: "answer")]
        }
    }

    private static func act(
        _ name: String,
        key: String,
        _ line: PartyLine,
        _ visit: Visit,
        style: String,
        boxes: [ActView.Box]
    ) -> ActView {
        ActView(
            visit.text("workbench.line-act.\(name)"),
            action: "/desk/lines/\(line.id)/\(name)",
            key: key,
            version: String(line.version),
            hint: visit.text("workbench.line-act.\(name).hint"),
            style: style,
            boxes: boxes
        )
    }
}
