import Credentials
import Cryptography
import Identity
import Kernel
import Storage
import Web

/// What officials propose and decide about trust.
enum TrustDeskActs {
    private static let proposes = "trust.propose"
    private static let confirms = "trust.confirm"

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

    private static func recognise(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        try await require(proposes, visit, desk)
        guard let from = LocalDate(parsing: visit.form.trimmed("from") ?? "") else {
            throw TrustError.badField(visit.text("trust-desk.from"))
        }
        let until = visit.form.trimmed("until")
        let last = until.flatMap { LocalDate(parsing: $0) }
        guard until == nil || last != nil else {
            throw TrustError.badField(visit.text("trust-desk.until"))
        }
        let draft = AuthorityDraft(
            name: visit.form.trimmed("name") ?? "",
            certificates: visit.form.trimmed("certificates") ?? "",
            holders: Set(visit.form.all("holders").compactMap(Holder.Kind.init(rawValue:))),
            areas: (visit.form.trimmed("areas") ?? "").split(separator: " ").map(String.init),
            makers: try SealMaker.all(reading: visit.form.trimmed("makers") ?? ""),
            from: from,
            until: last
        )
        let (words, occasion) = (visit.form.trimmed("reason") ?? "", visit.occasion)
        try await desk.database.write { tx in
            _ = try TrustDesk.propose(recognising: draft, because: words, occasion: occasion, in: tx)
        }
        return .redirect(to: TrustDeskPages.all)
    }

    private static func revoke(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        try await require(proposes, visit, desk)
        let id = ID<HolderCertificate>(try visit.segment("certificate"))
        let code = Int(visit.form.trimmed("why") ?? "")
        let reason = reasons.first { $0.rawValue == code }
        let (words, occasion) = (visit.form.trimmed("reason") ?? "", visit.occasion)
        try await desk.database.write { tx in
            guard try Certificates.find(id, in: tx) != nil else { throw WebRefusal.notFound }
            guard let reason else { throw CertificateError.reason }
            _ = try TrustDesk.propose(revoking: id, reason, because: words, occasion: occasion, in: tx)
        }
        return .redirect(to: TrustDeskPages.all)
    }

    private static func move(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        try await require(proposes, visit, desk)
        let id = ID<RecognisedAuthority>(try visit.segment("authority"))
        let act = visit.form.trimmed("act").flatMap(TrustAct.init(rawValue:))
        let (words, occasion) = (visit.form.trimmed("reason") ?? "", visit.occasion)
        try await desk.database.write { tx in
            guard try TrustDesk.authority(id, in: tx) != nil else { throw WebRefusal.notFound }
            guard let act else { throw TrustError.badField("act") }
            _ = try TrustDesk.propose(act, for: id, because: words, occasion: occasion, in: tx)
        }
        return .redirect(to: TrustDeskPages.all)
    }

    private static func list(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        try await require(proposes, visit, desk)
        let id = ID<RecognisedAuthority>(try visit.segment("authority"))
        let bytes = visit.form.file("list")?.bytes ?? []
        let (limits, occasion) = (desk.listLimits(visit.now.date), visit.occasion)
        try await desk.database.write { tx in
            guard try TrustDesk.authority(id, in: tx) != nil else { throw WebRefusal.notFound }
            try TrustDesk.keep(bytes, of: id, limits: limits, occasion: occasion, in: tx)
        }
        return .redirect(to: "\(TrustDeskPages.all)/authorities/\(id)")
    }

    private static func decide(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let id = ID<TrustProposal>(try visit.segment("proposal"))
        let isConfirmed = visit.form["answer"] == "confirm"
        try await require(isConfirmed ? confirms : proposes, visit, desk)
        let occasion = visit.occasion
        try await desk.database.write { tx in
            guard try TrustDesk.find(id, in: tx) != nil else { throw WebRefusal.notFound }
            try TrustDesk.decide(id, isConfirmed: isConfirmed, occasion: occasion, in: tx)
        }
        return .redirect(to: TrustDeskPages.all)
    }
}
