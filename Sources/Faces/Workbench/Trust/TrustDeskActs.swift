import Credentials
import Cryptography
import Identity
import Kernel
import Standards
import Storage
import Web

/// What officials propose and decide about trust.
enum TrustDeskActs {
    static let proposes = "trust.propose"
    static let confirms = "trust.confirm"

    /// What an official may say; the others are for owners and authorities.
    static let reasons: [RevocationReason] = [
        .privilegeWithdrawn, .keyCompromise, .affiliationChanged, .cessationOfOperation, .unspecified,
    ]

    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        func post(
            _ path: String,
            zh: String,
            en: String,
            upload: Route.Upload? = nil,
            _ work: @escaping @Sendable (Visit) async throws -> Reply
        ) -> Route {
            .page(.post, path, who: .officers, scope: .platform, zh: zh, en: en, upload: upload, handle: work)
        }
        let all = TrustDeskPages.all
        return [
            post(all, zh: "提议互认机构", en: "Propose to recognise an authority") {
                try await recognise($0, desk)
            },
            post("\(all)/certificates/{certificate}", zh: "提议吊销证书", en: "Propose to revoke a certificate") {
                try await revoke($0, desk)
            },
            post("\(all)/authorities/{authority}", zh: "提议变更互认", en: "Propose to change a recognition") {
                try await move($0, desk)
            },
            post(
                "\(all)/authorities/{authority}/list",
                zh: "更新互认机构撤销列表",
                en: "Keep a newer revocation list",
                upload: .verification
            ) { try await list($0, desk) },
            post("\(all)/proposals/{proposal}", zh: "确认或否决提议", en: "Confirm or refuse a proposal") {
                try await decide($0, desk)
            },
        ]
    }

    private static func require(_ operation: String, _ visit: Visit, _ desk: WorkbenchDesk) async throws {
        let seat = try desk.seat(visit)
        try await Permission.require(
            operation,
            on: TrustDeskPages.subject(seat, desk),
            object: "trust",
            by: seat.principal,
            table: desk.permissions,
            occasion: visit.occasion,
            database: desk.database
        )
    }

    /// What was done, told by the page to which an act leads.
    static func done(_ visit: Visit) -> NoticeView? {
        guard let done = visit.query["done"],
            ["proposed", "confirmed", "refused", "taken-back", "list"].contains(done)
        else { return nil }
        return NoticeView(.good, visit.text("trust-desk.done.\(done)"))
    }

    /// Does what a form asks for. What is refused is said on the page of the form, with everything that was typed.
    private static func answer(
        _ form: TrustForm,
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        _ work: () async throws -> Reply
    ) async throws -> Reply {
        let refused: TrustRefused
        do { return try await work() } catch let problem as TrustRefused { refused = problem } catch let
            problem as TrustError where problem.status != .notFound
        { refused = TrustRefused(form, [problem], visit) } catch let problem as CertificateError
            where
            problem.status != .notFound
        { refused = TrustRefused(form, [problem], visit) }
        switch form {
        case .recognise, .proposal: return try await TrustDeskPages.list(visit, desk, refused: refused)
        case .revoke: return try await TrustSheets.certificate(visit, desk, refused: refused)
        case .act, .list: return try await TrustSheets.authority(visit, desk, refused: refused)
        }
    }

    /// Divisions as people write them down: one behind the other with spaces, commas or lines between.
    private static func areas(_ typed: String) -> [String] {
        typed.split { $0.isWhitespace || "、，,；;".contains($0) }.map(String.init)
    }

    private static func recognise(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        try await require(proposes, visit, desk)
        let (words, occasion) = (visit.form.trimmed("reason") ?? "", visit.occasion)
        let from = visit.form.trimmed("from").flatMap { LocalDate(parsing: $0) }
        let until = visit.form.trimmed("until")
        let last = until.flatMap { LocalDate(parsing: $0) }
        let makers: [SealMaker]?
        do { makers = try SealMaker.all(reading: visit.form.trimmed("makers") ?? "") } catch { makers = nil }
        let draft = AuthorityDraft(
            name: visit.form.trimmed("name") ?? "",
            certificates: visit.form.trimmed("certificates") ?? "",
            holders: Set(visit.form.all("holders").compactMap(Holder.Kind.init(rawValue:))),
            areas: areas(visit.form.trimmed("areas") ?? ""),
            makers: makers ?? [],
            from: from ?? occasion.now.date,
            until: last
        )
        return try await answer(.recognise, visit, desk) {
            var wrong: [TrustError] = []
            if !draft.areas.allSatisfy({ desk.standards.regions[$0] != nil }) {
                wrong.append(.badField("areas"))
            }
            if makers == nil { wrong.append(.badField("makers")) }
            if from == nil { wrong.append(.badField("from")) }
            if until != nil, last == nil { wrong.append(.badField("until")) }
            let faults = TrustDesk.faults(of: draft, because: words, others: wrong)
            guard faults.isEmpty else { throw TrustRefused(.recognise, faults, visit) }
            try await desk.database.write { tx in
                _ = try TrustDesk.propose(recognising: draft, because: words, occasion: occasion, in: tx)
            }
            return .redirect(to: "\(TrustDeskPages.all)?done=proposed")
        }
    }

    private static func revoke(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        try await require(proposes, visit, desk)
        let id = ID<HolderCertificate>(try visit.segment("certificate"))
        let code = Int(visit.form.trimmed("why") ?? "")
        let reason = reasons.first { $0.rawValue == code }
        let (words, occasion) = (visit.form.trimmed("reason") ?? "", visit.occasion)
        return try await answer(.revoke, visit, desk) {
            try await desk.database.write { tx in
                guard try Certificates.find(id, in: tx) != nil else { throw WebRefusal.notFound }
                var faults: [any Refusal] = reason == nil ? [CertificateError.reason] : []
                if words.isEmpty { faults.append(TrustError.badField("reason")) }
                guard let reason, faults.isEmpty else { throw TrustRefused(.revoke, faults, visit) }
                guard try TrustDesk.waiting(on: id.rawValue, in: tx).isEmpty else { throw TrustError.stale }
                _ = try TrustDesk.propose(revoking: id, reason, because: words, occasion: occasion, in: tx)
            }
            return .redirect(to: "\(TrustDeskPages.all)?done=proposed")
        }
    }

    private static func move(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        try await require(proposes, visit, desk)
        let id = ID<RecognisedAuthority>(try visit.segment("authority"))
        let occasion = visit.occasion
        guard try await desk.database.read({ try TrustDesk.authority(id, in: $0) }) != nil else {
            throw WebRefusal.notFound
        }
        guard let act = visit.form.trimmed("act").flatMap(TrustAct.init(rawValue:)) else {
            throw WebRefusal.badField(name: visit.text("seal.act"))
        }
        let words = visit.form.trimmed("reason-\(act.rawValue)") ?? ""
        return try await answer(.act(act), visit, desk) {
            try await desk.database.write { tx in
                _ = try TrustDesk.propose(act, for: id, because: words, occasion: occasion, in: tx)
            }
            return .redirect(to: "\(TrustDeskPages.all)?done=proposed")
        }
    }

    private static func list(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        try await require(proposes, visit, desk)
        let id = ID<RecognisedAuthority>(try visit.segment("authority"))
        let (limits, occasion) = (desk.listLimits(visit.now.date), visit.occasion)
        return try await answer(.list, visit, desk) {
            guard try await desk.database.read({ try TrustDesk.authority(id, in: $0) }) != nil else {
                throw WebRefusal.notFound
            }
            guard let bytes = visit.form.file("list")?.bytes, !bytes.isEmpty else {
                throw TrustRefused(.list, [.init("list", visit.text("seal.file.none"))])
            }
            try await desk.database.write { tx in
                try TrustDesk.keep(bytes, of: id, limits: limits, occasion: occasion, in: tx)
            }
            return .redirect(to: "\(TrustDeskPages.all)/authorities/\(id)?done=list")
        }
    }

    private static func decide(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let id = ID<TrustProposal>(try visit.segment("proposal"))
        let isConfirmed = visit.form["answer"] == "confirm"
        try await require(isConfirmed ? confirms : proposes, visit, desk)
        let (occasion, words) = (visit.occasion, visit.form.trimmed("answer-\(id)"))
        return try await answer(.proposal(id), visit, desk) {
            let isOwn = try await desk.database.write { tx in
                guard let proposal = try TrustDesk.find(id, in: tx) else { throw WebRefusal.notFound }
                let isOwn = proposal.proposedBy == occasion.actor.id
                // Whoever proposed it is told why it was refused; taking back what is one's own needs no words.
                try TrustDesk.decide(
                    id,
                    isConfirmed: isConfirmed,
                    because: isConfirmed || isOwn ? nil : words ?? "",
                    occasion: occasion,
                    in: tx
                )
                return isOwn
            }
            let done = isConfirmed ? "confirmed" : isOwn ? "taken-back" : "refused"
            return .redirect(to: "\(TrustDeskPages.all)?done=\(done)")
        }
    }
}
