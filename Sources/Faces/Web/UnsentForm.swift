import Foundation
import Kernel

/// A form of ours that came after its session had ended: nothing of it is done, and nothing of it is lost. The page
/// shows what was typed, leads to sign-in and back, and sends it again on wish.
struct UnsentForm: PageView {
    struct Field: PageView {
        let name: String
        let value: String
        let isLong: Bool
        /// Number of the field, for its label.
        let place: String
    }

    let action: String
    let fields: [Field]
    /// Hidden ones, such as the version that was on the page.
    let carried: [Field]
    let needsSignIn: Bool
    let signInHref: String
    let guardToken: String

    /// Secrets are never written into a page.
    private static let secret = ["password", "secret", "code", "factor", "login"]

    /// - Returns: nil for a form that was not surely sent by a page of ours, that holds files or secrets, or that a
    ///   signed-in visitor may not send at all.
    init?(_ visit: Visit, route: Route, refusal: WebRefusal, guardian: FormGuard) {
        guard route.face == .page, refusal == .forgedForm || refusal == .signInNeeded,
            guardian.isSurelyOurs(visit), visit.form.files.isEmpty, !visit.form.isEmpty
        else { return nil }
        let isMember = !visit.roles.isDisjoint(with: route.who)
        needsSignIn = visit.visitor == nil && !isMember
        guard needsSignIn || isMember else { return nil }
        let pairs = visit.form.pairs.filter { !["_form", "_once"].contains($0.name) }
        guard pairs.count <= 100,
            !pairs.contains(where: { pair in
                Self.secret.contains { pair.name.lowercased().contains($0) }
            })
        else { return nil }
        func field(_ index: Int, _ pair: (name: String, value: String)) -> Field {
            Field(
                name: pair.name,
                value: pair.value,
                isLong: pair.value.count > 60 || pair.value.contains("\n"),
                place: String(index + 1)
            )
        }
        let hidden = Set(["version", "_page", "_asked", "onward", "confirm"])
        carried = pairs.filter { hidden.contains($0.name) || $0.value.isEmpty }.enumerated().map(field)
        fields = pairs.filter { !hidden.contains($0.name) && !$0.value.isEmpty }.enumerated().map(field)
        action = visit.path
        guardToken = visit.guardToken
        let back = Self.page(behind: visit)
        signInHref = "\(guardian.settings.signInPath)?next=\(ReplyWriter.escapedQuery(back))"
    }

    /// The page on which the form stood, else the thing that the form was about.
    private static func page(behind visit: Visit) -> String {
        if let referer = visit.headers["referer"], let url = URLComponents(string: referer), !url.path.isEmpty
        {
            return url.path
        }
        return visit.path.split(separator: "/").dropLast().reduce(into: "") { $0 += "/\($1)" }
    }
}
