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
            ConstantTime.equal(Array(sent.utf8), Array(visit.guardToken.utf8))
        else { throw .forgedForm }
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
