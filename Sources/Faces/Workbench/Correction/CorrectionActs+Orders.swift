import Cases
import CompanyNames
import CompanyOpening
import Identity
import Kernel
import Registers
import Storage
import Web

/// Orders to put something right: a broken promise, a name that must be given up.
extension CorrectionActs {
    static var orders: [Entry] {
        [
            ("order-promise", "register.correct", "责令履行承诺", "Order a broken promise put right", orderPromise),
            ("order-name", "register.correct", "提出责令变更名称", "Propose to order a name given up", orderName),
            ("list", "register.correct", "列入经营异常名录", "Enter on the list of abnormal operation", list),
            ("comply", "register.correct", "确认已改正", "Note that it was put right", comply),
            ("rename", "register.correct", "办理名称变更", "Take the firm's new name", rename),
            ("take-back", "register.correct", "提出撤销责令变更名称", "Propose to give an ordered name back", takeBack),
        ]
    }

    private static let orderPromise: Act = { desk, subject, visit in
        guard let promise = BrokenPromise(rawValue: visit.form["promise"] ?? "") else {
            throw WebRefusal.badField(name: visit.text("workbench.box.promise"))
        }
        try await desk.corrections.orderPromise(
            subject.code,
            promise,
            facts: visit.form["facts"] ?? "",
            occasion: visit.occasion
        )
    }

    private static let orderName: Act = { desk, subject, visit in
        try await desk.corrections.orderName(
            subject.code,
            facts: visit.form["facts"] ?? "",
            occasion: visit.occasion
        )
    }

    private static let takeBack: Act = { desk, subject, visit in
        try await propose(.takeBack, finding(visit), of: subject, visit, desk)
    }

    private static let list: Act = { desk, subject, visit in
        let (id, version) = try await matter(of: subject, visit, desk)
        try await desk.corrections.list(
            id,
            of: subject.code,
            version: version,
            reason: visit.form["reason"] ?? "",
            occasion: visit.occasion
        )
    }

    private static let comply: Act = { desk, subject, visit in
        let (id, version) = try await matter(of: subject, visit, desk)
        try await desk.corrections.comply(
            id,
            of: subject.code,
            version: version,
            reason: visit.form["reason"] ?? "",
            occasion: visit.occasion
        )
    }

    /// Only a name that one of the firm's own people has reserved.
    private static let rename: Act = { desk, subject, visit in
        let (id, version) = try await matter(of: subject, visit, desk)
        let wanted = visit.form["reservation"] ?? ""
        let kept = try await desk.database.read { try reservations(for: subject, at: visit.now, in: $0) }
        guard let reservation = kept.first(where: { $0.id.rawValue == wanted }) else {
            throw NameError.unknown
        }
        try await desk.corrections.rename(
            id,
            of: subject.code,
            version: version,
            reservation: reservation.id,
            occasion: visit.occasion
        )
    }

    /// Live reservations of the applicant of the opening and of the legal representative, the oldest first.
    static func reservations(for subject: RegisterSubject, at now: Instant, in reader: any Reader) throws
        -> [Reservation]
    {
        let people = [
            try CaseStore.granting(subject.code, in: reader)?.applicant,
            try Enterprises.find(subject.code, in: reader)?.legalRepresentative?.rawValue,
        ]
        return try Set(people.compactMap(\.self)).sorted().flatMap {
            try NameLibrary.reservations(of: $0, now: now, in: reader)
        }.filter { $0.state == .reserved }
    }

    // MARK: What the page offers

    /// Orders that begin a matter.
    var beginnings: [ActView] {
        let promises = BrokenPromise.allCases.map {
            ActView.Option(value: $0.rawValue, label: visit.text("broken-promise.\($0.rawValue)"))
        }
        let promise = act(
            "order-promise",
            key: "p",
            version: "0",
            hint: visit.text("workbench.correction.order-promise.hint"),
            boxes: [
                box("promise", of: "order-promise", options: [unchosen] + promises),
                box("facts", of: "order-promise"),
            ]
        )
        guard let name = subject.items["name"].text, name != subject.code else { return [promise] }
        let order = act(
            "order-name",
            key: "m",
            version: "0",
            hint: visit.text("workbench.correction.order-name.hint"),
            boxes: [box("facts", of: "order-name")]
        )
        return [promise, order]
    }

    /// What may be done while an order runs, and after its term.
    func ordered(_ matter: Correction, version: String) -> [ActView] {
        var acts: [ActView] = []
        if matter.kind == .name {
            let kept = reservations.map { ActView.Option(value: $0.id.rawValue, label: $0.text) }
            acts +=
                kept.isEmpty
                ? []
                : [
                    act(
                        "rename",
                        key: "n",
                        version: version,
                        hint: visit.text("workbench.correction.rename.hint"),
                        style: "btn-primary",
                        boxes: [
                            box(
                                "reservation",
                                of: "rename",
                                isLines: false,
                                options: kept
                            )
                        ]
                    )
                ]
        } else {
            acts.append(
                act(
                    "comply",
                    key: "c",
                    version: version,
                    style: "btn-primary",
                    boxes: [box("reason", of: "comply")]
                )
            )
        }
        if matter.kind == .name {
            acts.append(
                act(
                    "take-back",
                    key: "d",
                    version: version,
                    hint: visit.text("workbench.correction.propose.hint"),
                    boxes: [box("reason", of: "take-back")]
                )
            )
        }
        guard matter.state == .ordered else { return acts }
        acts.append(
            act(
                "list",
                key: "l",
                version: version,
                hint: visit.text("workbench.correction.list.hint"),
                boxes: [box("reason", of: "list")]
            )
        )
        if matter.kind != .name {
            acts.append(
                act(
                    "dismiss",
                    key: "d",
                    version: version,
                    title: "take-back",
                    boxes: [box("reason", of: "dismiss")]
                )
            )
        }
        return acts
    }
}
