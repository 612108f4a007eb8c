import Credentials
import Cryptography
import Documents
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
                try await ask($0, desk)
            },
            post("\(one)/requests/{request}/decide", zh: "审批用印", en: "Approve a use") {
                try await decide($0, desk)
            },
            post("\(one)/requests/{request}/sign", zh: "盖章", en: "Put the seal", upload: .verification) {
                try await sign($0, desk)
            },
        ]
    }

    /// A row of the permission table.
    static let uses = "seal.use"

    private static func person(_ visit: Visit) throws -> ID<Person> { ID(try visit.someone().actor.id) }

    /// Before anything that was typed is looked at: whoever has no right for the firm learns nothing of it.
    private static func requireRight(_ visit: Visit, _ desk: PortalDesk) async throws {
        _ = try await desk.database.read { try SealPages.own(uses, visit, desk, in: $0) }
    }

    private static func apply(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let code = try visit.segment("code")
        try await desk.database.read { try desk.require(uses, for: code, visit, in: $0) }
        let kind = try desk.seals.kinds.kind(visit.form.trimmed("kind") ?? "")
        let line = visit.form.trimmed("line")
        let mongolian = visit.form.trimmed("mongolian")
        let replaces = visit.form.trimmed("replaces")
        let (occasion, person) = (visit.occasion, try person(visit))
        if visit.form.has("_save") {
            return try await SealPages.preview(kind, line: line, mongolian: mongolian, visit, desk)
        }
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
        return .redirect(to: SealPages.path(seal))
    }

    private static func move(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        try await requireRight(visit, desk)
        guard let event = visit.form.trimmed("act").flatMap(SealEvent.init(rawValue:)) else {
            throw WebRefusal.badField(name: visit.text("seal.act"))
        }
        let (occasion, person) = (visit.occasion, try person(visit))
        let seal = try await desk.database.write { tx in
            let seal = try SealPages.own(uses, visit, desk, in: tx)
            return try Seals.move(
                seal.id,
                by: event,
                reason: "owner",
                owner: person,
                occasion: occasion,
                in: tx
            )
        }
        return .redirect(to: SealPages.path(seal))
    }

    private static func permit(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        try await requireRight(visit, desk)
        guard let until = LocalDate(parsing: visit.form.trimmed("permit-until") ?? "") else {
            throw SealError.badPeriod
        }
        let role = SealPermit.Role(rawValue: visit.form.trimmed("permit-role") ?? "") ?? .use
        let agent = visit.form.trimmed("permit-agent") ?? ""
        let kinds = Set(visit.form.all("permit-kinds"))
        let count = Int(visit.form.trimmed("permit-uses") ?? "") ?? 0
        let (occasion, person) = (visit.occasion, try person(visit))
        let seal = try await desk.database.write { tx in
            let seal = try SealPages.own(uses, visit, desk, in: tx)
            try SealPermits.grant(
                seal.id,
                to: ID(agent),
                as: role,
                kinds: role == .use ? kinds : [],
                from: occasion.now.date,
                until: until,
                usesMax: count,
                by: person,
                occasion: occasion,
                in: tx
            )
            return seal
        }
        return .redirect(to: "\(SealPages.path(seal))#permits")
    }

    private static func endPermit(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let id = ID<SealPermit>(try visit.segment("permit"))
        let (occasion, person) = (visit.occasion, try person(visit))
        let seal = try await desk.database.write { tx in
            let seal = try SealPages.own(uses, visit, desk, in: tx)
            guard try SealPermits.all(of: seal.id, in: tx).contains(where: { $0.id == id }) else {
                throw WebRefusal.notFound
            }
            try SealPermits.revoke(id, by: person, occasion: occasion, in: tx)
            return seal
        }
        return .redirect(to: "\(SealPages.path(seal))#permits")
    }

    private static func ask(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        try await requireRight(visit, desk)
        guard let file = visit.form.file("ask-file"), !file.bytes.isEmpty else {
            throw WebRefusal.badField(name: visit.text("seal.ask.file"))
        }
        let subject = SealSubject(
            digest: Hex.encode(SM3.digest(file.bytes)),
            name: visit.form.trimmed("ask-name") ?? String(file.fileName.prefix(200)),
            kind: visit.form.trimmed("ask-kind") ?? "",
            purpose: visit.form.trimmed("ask-purpose") ?? "",
            caseNumber: visit.form.trimmed("ask-case") ?? ""
        )
        let (occasion, person) = (visit.occasion, try person(visit))
        let seal = try await desk.database.write { tx in
            let seal = try SealPages.own(uses, visit, desk, in: tx)
            try SealRequests.ask(for: subject, with: seal.id, by: person, occasion: occasion, in: tx)
            return seal
        }
        return .redirect(to: "\(SealPages.path(seal))#requests")
    }

    /// The request of the path, which has to be one of the seal's.
    private static func ownRequest(_ visit: Visit, of seal: Seal, in reader: any Reader) throws -> SealRequest
    {
        guard let request = try SealRequests.find(ID(try visit.segment("request")), in: reader),
            request.seal == seal.id
        else { throw WebRefusal.notFound }
        return request
    }

    private static func decide(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let isRefused = visit.form["answer"] == "refuse"
        let reason = visit.form.trimmed("reason")
        let digest = visit.form.trimmed("digest") ?? ""
        let (occasion, person) = (visit.occasion, try person(visit))
        let seal = try await desk.database.write { tx in
            let seal = try SealPages.own(uses, visit, desk, in: tx)
            try SealRequests.decide(
                try ownRequest(visit, of: seal, in: tx).id,
                digest: digest,
                refusal: isRefused ? reason ?? "" : nil,
                by: person,
                occasion: occasion,
                in: tx
            )
            return seal
        }
        return .redirect(to: "\(SealPages.path(seal))#requests")
    }

    /// Hands out the sealed file; it is not kept, only its digest.
    private static func sign(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let request = try await desk.database.read { reader in
            let seal = try SealPages.own(uses, visit, desk, in: reader)
            return try ownRequest(visit, of: seal, in: reader)
        }
        guard let file = visit.form.file("file-\(request.id)"), !file.bytes.isEmpty else {
            throw WebRefusal.badField(name: visit.text("seal.ask.file"))
        }
        let limits = desk.verification(visit.now.date).package
        let sealed = try await desk.seals.sign(
            request.id,
            document: file.bytes,
            isLocking: visit.form["lock-\(request.id)"] != nil,
            limits: limits,
            by: try person(visit),
            occasion: visit.occasion
        )
        return .file(sealed.bytes, type: "application/ofd", name: "sealed-\(request.id).ofd", keeping: .never)
    }
}
