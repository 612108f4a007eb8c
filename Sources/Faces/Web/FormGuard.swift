import Cryptography
import Kernel

/// Keeps other sites from sending our forms in a visitor's name: a token bound to the session (or, before
/// sign-in, to a random cookie), the `Origin` header and `Sec-Fetch-Site` must all agree.
struct FormGuard: Sendable {
    let settings: SiteSettings

    func token(session: String?, seed: String) -> String {
        let subject = session.map { "session:\($0)" } ?? "seed:\(seed)"
        return Hex.encode(SM3.hmac(key: settings.secret, message: Array("form:\(subject)".utf8)).prefix(16))
    }

    /// - Parameter cookieSeed: nil when the browser has never been shown a form; then no token can be right.
    func check(_ visit: Visit, route: Route, cookieSeed: String?) throws(WebRefusal) {
        if let site = visit.headers["sec-fetch-site"], site != "same-origin", site != "none" {
            throw .forgedForm
        }
        if let origin = visit.headers["origin"], !isOurs(origin, host: visit.headers["host"]) {
            throw .forgedForm
        }
        guard route.face == .page else { return }
        guard visit.visitor != nil || cookieSeed != nil, let sent = visit.form["_form"],
            Self.isSame(sent, visit.guardToken) || isUnsent(sent, visit, cookieSeed)
        else { throw .forgedForm }
    }

    /// For the page that shows a form again whose session had ended: good in the same browser, for the same address,
    /// and only where the browser itself says that a page of ours sent it.
    func unsentToken(seed: String, path: String) -> String {
        Hex.encode(SM3.hmac(key: settings.secret, message: Array("unsent:\(seed):\(path)".utf8)).prefix(16))
    }

    private func isUnsent(_ sent: String, _ visit: Visit, _ seed: String?) -> Bool {
        guard let seed, isSurelyOurs(visit) else { return false }
        return Self.isSame(sent, unsentToken(seed: seed, path: visit.path))
    }

    private static func isSame(_ sent: String, _ right: String) -> Bool {
        ConstantTime.equal(Array(sent.utf8), Array(right.utf8))
    }

    /// The browser itself says that a page of ours sent it.
    func isSurelyOurs(_ visit: Visit) -> Bool {
        if let site = visit.headers["sec-fetch-site"] { return site == "same-origin" }
        return visit.headers["origin"].map { isOurs($0, host: visit.headers["host"]) } ?? false
    }

    private func isOurs(_ origin: String, host: String?) -> Bool {
        if let configured = settings.origin { return origin == configured }
        guard let host else { return false }
        return origin == "http://\(host)"
    }
}
