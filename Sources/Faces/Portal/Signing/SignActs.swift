import Cases
import Catalogue
import Cryptography
import Kernel
import Web

/// What the holder of a signing link can do.
enum SignActs {
    static func show(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let secret = try visit.segment("secret")
        do {
            let view = try await desk.desk.openLink(secret, occasion: visit.occasion)
            return try await page(view, secret: secret, problem: nil, visit: visit, desk: desk)
        } catch let error as CaseError where error == .linkUnknown || error == .linkExpired {
            // Who was named can object even after the link's time, or after a newer link.
            let named = try? await desk.desk.objector(secret)
            let isReplaced = error == .linkUnknown && named?.isNamed == true
            return closed(
                isReplaced ? .linkReplaced : error,
                objection: named.map { _ in "/sign/\(secret)/objection" },
                visit: visit
            )
        }
    }

    /// The text of one paper that this signer is asked to sign.
    static func paper(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let secret = try visit.segment("secret")
        let kind = try visit.segment("kind")
        let view = try await desk.desk.openLink(secret, occasion: visit.occasion)
        guard let paper = view.papers.first(where: { $0.kind == kind }) else { throw WebRefusal.notFound }
        return .page(
            "portal/paper",
            PaperView(title: paper.title, text: paper.content, digest: paper.digest, back: "/sign/\(secret)"),
            heading: Heading(
                paper.title,
                crumbs: [.init(visit.text("sign.title"), href: "/sign/\(secret)")],
                section: "sign"
            )
        )
    }

    /// Compares the face; the picture is handed on and kept nowhere.
    static func face(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let secret = try visit.segment("secret")
        let photo = visit.form.file("sample").map { Base64.encode($0.bytes) }
        guard let sample = photo ?? visit.form.trimmed("sample") else {
            let view = try await desk.desk.openLink(secret, occasion: visit.occasion)
            return try await page(
                view,
                secret: secret,
                problem: ErrorSummary.Line(visit.text("sign.face.none"), field: "sample"),
                visit: visit,
                desk: desk
            )
        }
        let path = "/sign/\(secret)"
        let view = try await desk.desk.openLink(secret, occasion: visit.occasion)
        // Pressed twice, or with all tries used: the page says how it stands.
        let isPassed = view.refusal(of: visit.cookie(proofCookie(of: view.signer)), at: visit.now) == nil
        guard !isPassed, view.signer.state != .inPerson else { return .redirect(to: path) }
        do {
            let check = try await desk.desk.verifyFace(
                secret,
                sample: sample,
                shown: visit.form.trimmed("shown") ?? "",
                occasion: visit.occasion
            )
            if let proof = check.proof, let until = check.until {
                return .redirect(to: path).setting(
                    FreshCookie(
                        name: proofCookie(of: check.signer),
                        value: proof,
                        ageSecondsMax: Int((until - visit.now) / 1_000)
                    )
                )
            }
            let isUnknown =
                check.signer.faceTries == view.signer.faceTries && check.signer.state != .inPerson
            return .redirect(to: isUnknown ? "\(path)?face=unknown" : path)
        } catch CaseError.papersChanged {
            return .redirect(to: "\(path)?face=changed")
        } catch CaseError.alreadySigned {
            return .redirect(to: path)
        }
    }

    /// The cookie of the browser that passed the check of one signer: it alone signs for him. Several people may sign in
    /// one browser, each after a check of his own.
    static func proofCookie(of signer: Signer) -> String {
        let digest = SM3.digest(Array("suban signer \(signer.caseID)/\(signer.key)".utf8))
        return "suban-sign-\(Hex.encode(digest).prefix(24))"
    }

    static func sign(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let secret = try visit.segment("secret")
        guard visit.form.has("agree") else {
            let view = try await desk.desk.openLink(secret, occasion: visit.occasion)
            return try await page(
                view,
                secret: secret,
                problem: ErrorSummary.Line(visit.text("sign.agree.none"), field: "agree"),
                visit: visit,
                desk: desk
            )
        }
        let cookie = proofCookie(of: try await desk.desk.openLink(secret, occasion: visit.occasion).signer)
        do {
            try await desk.desk.sign(secret, proof: visit.cookie(cookie), occasion: visit.occasion)
        } catch CaseError.alreadySigned {
            // Pressed twice: what was asked is done.
        }
        return .redirect(to: "/sign/\(secret)").setting(
            FreshCookie(name: cookie, value: "", ageSecondsMax: 0)
        )
    }

    private static func page(
        _ view: SigningView,
        secret: String,
        problem: ErrorSummary.Line?,
        visit: Visit,
        desk: PortalDesk
    ) async throws -> Reply {
        let definition = try await desk.desk.definition(of: view.subject)
        let limits = definition.limits(view.subject.region, visit.now.date)
        let page = SignPage(
            view,
            secret: secret,
            limits: limits,
            decision: definition.item.decision,
            refusal: view.refusal(of: visit.cookie(proofCookie(of: view.signer)), at: visit.now),
            isDemonstration: desk.isDemonstration,
            errors: ErrorSummary([problem].compactMap { $0 }, visit: visit),
            visit: visit
        )
        return .page(
            "portal/sign",
            page,
            heading: Heading(visit.text("sign.title"), section: "sign", hasErrors: problem != nil),
            status: problem == nil ? 200 : 422
        )
    }

    /// - Parameter typed: what somebody wrote before the link was found closed; shown so that it is not lost.
    static func closed(_ error: CaseError, objection: String?, typed: String = "", visit: Visit) -> Reply {
        let (wrong, next) = visit.explain(error)
        let view = SignClosedPage(
            wrong: wrong,
            next: next,
            objection: objection,
            typed: typed.isEmpty ? nil : typed
        )
        return .page(
            "portal/sign-closed",
            view,
            heading: Heading(wrong, section: "sign"),
            status: error.status.rawValue
        )
    }
}

/// A link that no longer opens, and what can be done about it.
struct SignClosedPage: PageView {
    let wrong: String
    let next: String
    /// Somebody who was named can object even after the link's time.
    let objection: String?
    let typed: String?
}
