import Credentials
import Identity
import Kernel
import Storage
import Web

/// What the people of a firm do with its seals.
enum SealActs {
    static func routes(_ desk: PortalDesk) -> [Route] {
        let one = "/wallet/{code}/seals/{seal}"
        func post(
            _ path: String,
            zh: String,
            en: String,
            upload: Route.Upload? = nil,
            _ work: @escaping @Sendable (Visit) async throws -> Reply
        ) -> Route {
            .page(
                .post,
                path,
                who: .applicants,
                scope: .relation,
                zh: zh,
                en: en,
                upload: upload,
                handle: work
            )
        }
        return [
            post("/wallet/{code}/seals", zh: "申请电子印章", en: "Apply for a seal") { try await apply($0, desk) },
            post("\(one)/state", zh: "印章停用、恢复、挂失、注销", en: "Change the state of a seal") {
                try await move($0, desk)
            },
            post("\(one)/permits", zh: "授权用印", en: "Permit the use of a seal") { try await permit($0, desk) },
            post("\(one)/permits/{permit}/end", zh: "收回用印授权", en: "Take a permit back") {
                try await endPermit($0, desk)
            },
            post("\(one)/requests", zh: "申请用印", en: "Ask for a seal", upload: .verification) {
                try await SealRequestActs.ask($0, desk)
            },
            post("\(one)/requests/{request}/decide", zh: "审批用印", en: "Approve a use") {
                try await SealRequestActs.decide($0, desk)
            },
            post("\(one)/requests/{request}/code", zh: "获取用印验证码", en: "Ask for a code to confirm a use") {
                try await SealConfirming.send($0, desk)
            },
            post("\(one)/requests/{request}/withdraw", zh: "撤回用印申请", en: "Take a request back") {
                try await SealRequestActs.withdraw($0, desk)
            },
            post(
                "\(one)/requests/{request}/compare",
                zh: "核对用印文件",
                en: "Compare a file with a request",
                upload: .verification
            ) { try await SealRequestActs.compare($0, desk) },
            post("\(one)/requests/{request}/sign", zh: "盖章", en: "Put the seal", upload: .verification) {
                try await SealRequestActs.sign($0, desk)
            },
        ]
    }

    /// A row of the permission table.
    static let uses = "seal.use"

    static func person(_ visit: Visit) throws -> ID<Person> { ID(try visit.someone().actor.id) }

    /// Before anything that was typed is looked at: whoever has no right for the firm learns nothing of it.
    @discardableResult
    static func require(_ visit: Visit, _ desk: PortalDesk) async throws -> Seal {
        try await desk.database.read { try SealPages.own(uses, visit, desk, in: $0) }
    }

    /// Does what a form asks for. What is refused is said on the page of the form, and nothing that was typed is lost.
    static func answer(
        _ form: SealForm,
        _ visit: Visit,
        _ desk: PortalDesk,
        _ work: () async throws -> Reply
    ) async throws -> Reply {
        let refused: SealRefused
        do { return try await work() } catch let problem as SealRefused { refused = problem } catch let
            problem as SealError where problem.status != .notFound && problem.status != .unavailable
        { refused = SealRefused(form, [problem], visit) }
        return form == .apply
            ? try await SealPages.list(visit, desk, refused: refused)
            : try await SealPages.show(visit, desk, refused: refused)
    }

    private static func apply(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let code = try visit.segment("code")
        try await desk.database.read { try desk.require(uses, for: code, visit, in: $0) }
        return try await answer(.apply, visit, desk) {
            let kind = try desk.seals.kinds.kind(visit.form.trimmed("kind") ?? "")
            let line = visit.form.trimmed("line")
            let mongolian = visit.form.trimmed("mongolian")
            if visit.form.has("_save") {
                return try await SealPages.preview(kind, line: line, mongolian: mongolian, visit, desk)
            }
            let replaces = visit.form.trimmed("replaces")
            let (occasion, person) = (visit.occasion, try person(visit))
            let seal = try await desk.database.write { tx in
                try desk.require(uses, for: code, visit, in: tx)
                guard let firm = try Enterprises.find(code, in: tx) else { throw WebRefusal.notFound }
                return try Seals.apply(
                    SealApplication(
                        owner: Holder(.enterprise, code: code, name: firm.name),
                        kind: kind,
                        line: line,
                        mongolian: mongolian,
                        region: firm.region,
                        replaces: replaces.map { ID($0) }
                    ),
                    by: person,
                    occasion: occasion,
                    in: tx
                )
            }
            return .redirect(to: SealSaid.apply.path(seal))
        }
    }

    private static func move(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        try await require(visit, desk)
        guard let event = visit.form.trimmed("act").flatMap(SealEvent.init(rawValue:)) else {
            throw WebRefusal.badField(name: visit.text("seal.act"))
        }
        let (occasion, person) = (visit.occasion, try person(visit))
        return try await answer(.state, visit, desk) {
            let (seal, isApplied) = try await desk.database.write { tx in
                let seal = try SealPages.own(uses, visit, desk, in: tx)
                let next = try Seals.move(
                    seal.id,
                    by: event,
                    reason: "owner",
                    owner: person,
                    occasion: occasion,
                    in: tx
                )
                return (next, seal.state == .applied)
            }
            let said = SealSaid(rawValue: event.rawValue) ?? .suspend
            return .redirect(to: (said == .void && isApplied ? SealSaid.takeBack : said).path(seal))
        }
    }

    private static func permit(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        try await require(visit, desk)
        let until = LocalDate(parsing: visit.form.trimmed("permit-until") ?? "")
        let role = SealPermit.Role(rawValue: visit.form.trimmed("permit-role") ?? "") ?? .use
        let agent = visit.form.trimmed("permit-agent") ?? ""
        let kinds = role == .use ? Set(visit.form.all("permit-kinds")) : []
        let count = Int(visit.form.trimmed("permit-uses") ?? "") ?? 0
        let (occasion, person) = (visit.occasion, try person(visit))
        return try await answer(.permit, visit, desk) {
            let faults = SealPermits.faults(
                agent: agent,
                as: role,
                kinds: kinds,
                until: until,
                usesMax: count,
                on: occasion.now.date
            )
            guard let until, faults.isEmpty else { throw SealRefused(.permit, faults, visit) }
            let seal = try await desk.database.write { tx in
                let seal = try SealPages.own(uses, visit, desk, in: tx)
                try SealPermits.grant(
                    seal.id,
                    to: ID(agent),
                    as: role,
                    kinds: kinds,
                    from: occasion.now.date,
                    until: until,
                    usesMax: count,
                    by: person,
                    occasion: occasion,
                    in: tx
                )
                return seal
            }
            return .redirect(to: SealSaid.permit.path(seal, "#permits"))
        }
    }

    private static func endPermit(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let id = ID<SealPermit>(try visit.segment("permit"))
        let (occasion, person) = (visit.occasion, try person(visit))
        try await require(visit, desk)
        return try await answer(.permit, visit, desk) {
            let seal = try await desk.database.write { tx in
                let seal = try SealPages.own(uses, visit, desk, in: tx)
                guard try SealPermits.all(of: seal.id, in: tx).contains(where: { $0.id == id }) else {
                    throw WebRefusal.notFound
                }
                try SealPermits.revoke(id, by: person, occasion: occasion, in: tx)
                return seal
            }
            return .redirect(to: SealSaid.permitEnd.path(seal, "#permits"))
        }
    }
}
