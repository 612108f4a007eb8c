import CompanyNames
import Identity
import Kernel
import SealEngraving
import Storage
import Web

/// Seals of metal that a firm orders outside of its opening, and where each order stands.
enum EngravingPages {
    static func path(_ code: String) -> String { "/wallet/\(code)/engraving" }

    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .get,
                "/wallet/{code}/engraving",
                who: .applicants,
                scope: .relation,
                zh: "刻制实物印章",
                en: "Seals of metal"
            ) { visit in try await show(visit, desk) },
            .page(
                .post,
                "/wallet/{code}/engraving",
                who: .applicants,
                scope: .relation,
                zh: "订制实物印章",
                en: "Order seals of metal"
            ) { visit in try await order(visit, desk) },
        ]
    }

    /// What the reader is shown at once.
    private struct Facts {
        let firm: Enterprise
        let orders: [EngravingProgress]
        let engravers: [ReferenceRow]
        let kinds: [ReferenceRow]
        let isFree: Bool
        let mayOrder: Bool
    }

    private static func show(_ visit: Visit, _ desk: PortalDesk, refused: EngravingError? = nil) async throws
        -> Reply
    {
        let code = try visit.segment("code")
        let (person, now) = (ID<Person>(try visit.someone().actor.id), visit.now)
        let facts = try await desk.database.read { reader in
            try desk.require(WalletPages.reads, for: code, visit, in: reader)
            guard let firm = try Enterprises.find(code, in: reader) else { throw WebRefusal.notFound }
            let acting = try Enterprises.acting(person, for: code, at: now, in: reader)
            return Facts(
                firm: firm,
                orders: try desk.engraving.orders(of: code, in: reader),
                engravers: try desk.engraving.engravers(near: firm.region, on: now.date, in: reader),
                kinds: try desk.engraving.kinds(for: code, on: now.date, in: reader),
                isFree: try desk.engraving.isFree(code, region: firm.region, on: now.date, in: reader),
                mayOrder: acting?.isLegalRepresentative == true
            )
        }
        return .page(
            "portal/engraving",
            EngravingPage(
                lead: visit.text(facts.isFree ? "engraving.lead.free" : "engraving.lead.paid"),
                orders: facts.orders.isEmpty
                    ? nil : TaskListView(facts.orders.map { task($0, facts, visit) }),
                empty: facts.orders.isEmpty
                    ? EmptyView(visit.text("engraving.empty"), text: visit.text("engraving.empty.next"))
                    : nil,
                done: visit.query["done"] == nil ? nil : NoticeView(.good, visit.text("engraving.done")),
                form: facts.mayOrder ? form(facts, refused, visit) : nil
            ),
            heading: Heading(
                visit.text("engraving.title"),
                crumbs: [
                    .init(visit.text("wallet.title"), href: "/wallet"),
                    .init(facts.firm.name, href: "/wallet/\(code)"),
                ],
                section: "wallet",
                hasErrors: refused != nil
            ),
            status: refused?.status.rawValue ?? 200
        )
    }

    /// The question to which an error belongs.
    private static func field(of error: EngravingError) -> String {
        switch error {
        case .noKinds, .unknownKind, .notRepresentative, .noLimit: "kinds"
        case .noEngraver: "engraver"
        case .notFree, .free: "payer"
        case .receiverMissing: "receiver"
        case .phone: "phone"
        case .addressMissing: "address"
        }
    }

    private static func label(_ row: ReferenceRow, _ visit: Visit) -> String {
        row[visit.language == .en ? "name_en" : "name_zh"]
    }

    private static func task(_ progress: EngravingProgress, _ facts: Facts, _ visit: Visit)
        -> TaskListView.Task
    {
        let order = progress.order
        func name(_ kind: String) -> String {
            facts.kinds.first { $0["code"] == kind }.map { label($0, visit) } ?? kind
        }
        let filed = progress.filed.map { "\(name($0.kind)) \($0.code)" }
        let hints = [
            visit.text("engraving.ordered", ["at": order.orderedAt.minuteText]),
            facts.engravers.first { $0["code"] == order.engraver }.map { label($0, visit) },
            visit.text("engraving.payer.\(order.payer.rawValue)"),
            visit.text("engraving.delivery.\(order.delivery.rawValue)"),
            progress.state.isBack && facts.mayOrder ? visit.text("engraving.again") : nil,
            filed.isEmpty ? nil : visit.text("engraving.filed", ["codes": filed.joined(separator: "、")]),
            progress.pickup.map { visit.text("engraving.pickup", ["words": $0]) }, progress.reason,
        ]
        let isDone = [.ready, .sent].contains(progress.state)
        return TaskListView.Task(
            "\(order.number)　\(order.kinds.map(name).joined(separator: "、"))",
            hint: hints.compactMap { $0 }.joined(separator: "　"),
            // What came back is ordered anew: the form with the same answers, for whoever may order.
            href: progress.state.isBack && facts.mayOrder
                ? "\(path(facts.firm.code))?again=\(order.id)#new" : nil,
            badge: BadgeView(
                visit.text("engraving-state.\(progress.state.rawValue)"),
                isDone ? .good : progress.state.isBack ? .bad : .info
            )
        )
    }

    private static func form(_ facts: Facts, _ refused: EngravingError?, _ visit: Visit) -> FormView {
        // What was typed stands there again when it was refused.
        let typed = refused == nil ? nil : visit.form
        func options(_ rows: [ReferenceRow], chosen: (ReferenceRow) -> Bool = { _ in false })
            -> [FieldView.Option]
        {
            rows.map {
                FieldView.Option(value: $0["code"], label: label($0, visit), isChosen: chosen($0))
            }
        }
        func words<Choice: RawRepresentable<String> & CaseIterable & Equatable>(
            _ name: String,
            _ first: Choice,
            _ all: [Choice] = Array(Choice.allCases)
        ) -> [FieldView.Option] {
            all.map { choice in
                FieldView.Option(
                    value: choice.rawValue,
                    label: visit.text("engraving.\(name).\(choice.rawValue)"),
                    isChosen: typed.map { $0[name] == choice.rawValue } ?? (choice == first)
                )
            }
        }
        // The order that came back and is placed anew.
        let before = facts.orders.first { $0.order.id.rawValue == visit.query["again"] && $0.state.isBack }?
            .order
        let payer: EngravingOrder.Payer = facts.isFree ? .government : .own
        let fields =
            [
                FieldView(
                    name: "kinds",
                    label: visit.text("engraving.kinds"),
                    kind: .boxes,
                    options: options(facts.kinds) { kind in
                        typed.map { $0.all("kinds").contains(kind["code"]) } ?? before?.kinds.contains(
                            kind["code"]
                        )
                            ?? (facts.isFree && kind["in_set"] == "yes")
                    }
                ),
                FieldView(
                    name: "engraver",
                    label: visit.text("engraving.engraver"),
                    kind: .select,
                    options: options(facts.engravers) {
                        $0["code"] == (typed?["engraver"] ?? before?.engraver)
                    }
                ),
                FieldView(
                    name: "payer",
                    label: visit.text("engraving.payer"),
                    kind: .radios,
                    options: words(
                        "payer",
                        facts.isFree ? before?.payer ?? payer : payer,
                        // Nobody is offered what he has had.
                        facts.isFree ? [.government, .bank] : [.own, .bank]
                    )
                ),
                FieldView(
                    name: "delivery",
                    label: visit.text("engraving.delivery"),
                    kind: .radios,
                    options: words("delivery", before?.delivery ?? .pickup)
                ),
            ] + receiver(before, typed, visit)
        let wrong = refused.map { (field: field(of: $0), words: visit.sentence($0)) }
        return FormView(
            action: path(facts.firm.code),
            elements: fields.map { field in
                var field = field
                if let wrong, wrong.field == field.name { field.errors = [wrong.words] }
                return .field(field)
            },
            errors: wrong.flatMap { ErrorSummary([.init($0.words, field: $0.field)], visit: visit) },
            submit: visit.text("engraving.submit")
        )
    }

    /// Who gets them, and where.
    private static func receiver(_ before: EngravingOrder?, _ typed: FormValues?, _ visit: Visit)
        -> [FieldView]
    {
        [
            FieldView(
                name: "receiver",
                label: visit.text("engraving.receiver"),
                value: typed?["receiver"] ?? before?.receiver ?? "",
                lengthMax: 60
            ),
            FieldView(
                name: "phone",
                label: visit.text("engraving.phone"),
                kind: .telephone,
                value: typed?["phone"] ?? before?.phone ?? "",
                lengthMax: 20
            ),
            FieldView(
                name: "address",
                label: visit.text("engraving.address"),
                value: typed?["address"] ?? before?.address ?? "",
                hint: visit.text("engraving.address.hint"),
                isOptional: true,
                lengthMax: 200
            ),
        ]
    }

    private static func order(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let code = try visit.segment("code")
        try await desk.database.read { try desk.require(SealActs.uses, for: code, visit, in: $0) }
        let form = visit.form
        let wish = Engraving.Wish(
            kinds: form.all("kinds"),
            engraver: form.trimmed("engraver") ?? "",
            payer: EngravingOrder.Payer(rawValue: form.trimmed("payer") ?? "") ?? .own,
            delivery: EngravingOrder.Delivery(rawValue: form.trimmed("delivery") ?? "") ?? .pickup,
            receiver: form.trimmed("receiver") ?? "",
            phone: form.trimmed("phone") ?? "",
            address: form.trimmed("address") ?? ""
        )
        let (occasion, person) = (visit.occasion, ID<Person>(try visit.someone().actor.id))
        do {
            try await desk.database.write { tx in
                try desk.require(SealActs.uses, for: code, visit, in: tx)
                try desk.engraving.order(wish, for: code, by: person, occasion: occasion, in: tx)
            }
        } catch let refused as EngravingError {
            return try await show(visit, desk, refused: refused)
        }
        return .redirect(to: "\(path(code))?done=ordered")
    }
}

/// Template: `portal/engraving`.
struct EngravingPage: PageView {
    let lead: String
    let orders: TaskListView?
    let empty: EmptyView?
    let done: NoticeView?
    let form: FormView?
}
