import Credentials
import Cryptography
import Identity
import Kernel
import Storage
import Web

/// What one does with certificates: apply, sign, renew, revoke.
enum CertificateActs {
    static func routes(_ desk: PortalDesk) -> [Route] {
        func post(
            _ path: String,
            zh: String,
            en: String,
            upload: Route.Upload? = nil,
            _ work: @escaping @Sendable (Visit) async throws -> Reply
        ) -> Route {
            .page(.post, path, who: .applicants, scope: .own, zh: zh, en: en, upload: upload, handle: work)
        }
        let one = CertificatePages.one
        return [
            post(CertificatePages.all, zh: "申请数字证书", en: "Apply for a certificate") {
                try await apply($0, desk)
            },
            post("\(one)/sign", zh: "用证书签名", en: "Sign with a certificate", upload: .verification) {
                try await sign($0, desk)
            },
            post("\(one)/renew", zh: "更新证书", en: "Renew a certificate") { try await renew($0, desk) },
            post("\(one)/revoke", zh: "吊销证书", en: "Revoke a certificate") { try await revoke($0, desk) },
        ]
    }

    private static func person(_ visit: Visit) throws -> ID<Person> { ID(try visit.someone().actor.id) }

    private static func own(_ visit: Visit, _ desk: PortalDesk) async throws -> HolderCertificate {
        try await desk.database.read { try CertificatePages.own(visit, desk, in: $0) }
    }

    /// Does what a form asks for. What is refused is said on the page of the form.
    private static func answer(
        _ form: CertificateForm,
        _ visit: Visit,
        _ desk: PortalDesk,
        _ work: () async throws -> Reply
    ) async throws -> Reply {
        do { return try await work() } catch let problem as CertificateError
            where
            problem.status != .notFound && problem.status != .unavailable
        {
            let refused = CertificateRefused(
                form,
                [.init(form.field, visit.sentence(problem))],
                status: problem.status.rawValue
            )
            return form == .apply
                ? try await CertificatePages.list(visit, desk, refused: refused)
                : try await CertificatePages.show(visit, desk, refused: refused)
        }
    }

    private static func apply(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let code = visit.form.trimmed("holder")
        let holders = try await desk.database.read { try CertificatePages.holders(visit, desk, in: $0) }
        return try await answer(.apply, visit, desk) {
            guard let code else { throw CertificateError.holder }
            guard let holder = holders.first(where: { $0.code == code }) else {
                throw CertificateError.notHis
            }
            let made = try await desk.certificates.issue(
                to: holder,
                by: try person(visit),
                occasion: visit.occasion
            )
            return .redirect(to: CertificatePages.path(made))
        }
    }

    /// Hands the signature out as a file; it is not kept, and the document is not either.
    private static func sign(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let certificate = try await own(visit, desk)
        return try await answer(.sign, visit, desk) {
            guard let file = visit.form.file("file"), !file.bytes.isEmpty else {
                throw CertificateError.nothing
            }
            let signature = try await desk.certificates.sign(
                file.bytes,
                named: visit.form.trimmed("name") ?? String(file.fileName.prefix(200)),
                with: certificate.id,
                by: try person(visit),
                occasion: visit.occasion
            )
            // Whoever gets several knows by its name which file it signs.
            let name = file.fileName.isEmpty ? String(certificate.serial.prefix(8)) : file.fileName
            return .file(
                signature,
                type: "application/pkcs7-signature",
                name: "\(name.prefix(200)).p7s",
                keeping: .never
            )
        }
    }

    private static func renew(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let certificate = try await own(visit, desk)
        return try await answer(.renew, visit, desk) {
            let made = try await desk.certificates.renew(
                certificate.id,
                by: try person(visit),
                occasion: visit.occasion
            )
            return .redirect(to: CertificatePages.path(made))
        }
    }

    private static func revoke(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let certificate = try await own(visit, desk)
        let (occasion, person) = (visit.occasion, try person(visit))
        return try await answer(.revoke, visit, desk) {
            guard let code = Int(visit.form.trimmed("reason") ?? ""),
                let reason = CertificatePage.allowed.first(where: { $0.rawValue == code })
            else { throw CertificateError.reason }
            try await desk.database.write { tx in
                try Certificates.revoke(certificate.id, reason, by: person, occasion: occasion, in: tx)
            }
            return .redirect(to: CertificatePages.path(certificate))
        }
    }
}

/// The forms of certificates.
enum CertificateForm: Hashable, Sendable {
    case apply, sign, renew, revoke

    /// The question to mend.
    var field: String {
        switch self {
        case .apply: "holder"
        case .sign: "file"
        case .renew: "renew"
        case .revoke: "reason"
        }
    }
}

typealias CertificateRefused = RefusedForm<CertificateForm>
