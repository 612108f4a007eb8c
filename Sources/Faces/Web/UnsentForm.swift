import Foundation
import Kernel

/// What a question is called, and an answer to it in words.
public struct AnswerWords: Sendable {
    public let label: String
    public let answer: String

    public init(label: String, answer: String) {
        self.label = label
        self.answer = answer
    }
}

/// A form of ours that came after its session had ended: nothing of it is done, and nothing of it is lost. The page
/// shows what was answered, leads to sign-in and back, and sends it again on wish.
struct UnsentForm: PageView {
    struct Field: PageView {
        let name: String
        let value: String
    }

    /// An answer as its sender knows it.
    struct Row: PageView {
        let label: String
        let value: String
    }

    let action: String
    /// Everything that was sent, sent again as it was.
    let fields: [Field]
    let rows: [Row]
    let hasRows: Bool
    let needsSignIn: Bool
    let signInHref: String
    let guardToken: String

    /// Secrets are never written into a page.
    private static let secret = ["password", "secret", "code", "factor", "login"]
    /// What the page itself carried.
    private static let own: Set<String> = ["version", "onward", "confirm"]

    /// An answer for which the route has no words stands as it was sent.
    /// - Returns: nil for a form that was not surely sent by a page of ours, that holds files or secrets, or that a
    ///   signed-in visitor may not send at all.
    init?(_ visit: Visit, route: Route, refusal: WebRefusal, guardian: FormGuard, seed: String) async {
        guard route.face == .page, refusal == .forgedForm || refusal == .signInNeeded,
            guardian.isSurelyOurs(visit), visit.form.files.isEmpty, !visit.form.isEmpty
        else { return nil }
        let isMember = !visit.roles.isDisjoint(with: route.who)
        needsSignIn = visit.visitor == nil && !isMember
        guard needsSignIn || isMember else { return nil }
        let pairs = visit.form.pairs.filter { !["_form", "_once"].contains($0.name) }
        let holdsSecret = pairs.contains { pair in
            Self.secret.contains { pair.name.lowercased().contains($0) } && route.wording == nil
        }
        guard !holdsSecret else { return nil }
        fields = pairs.map { Field(name: $0.name, value: $0.value) }
        let words = await route.wording?(visit) ?? [:]
        var rows: [Row] = []
        var said: Set<String> = []
        for (name, value) in pairs
        where !name.hasPrefix("_") && !Self.own.contains(name) && !value.isEmpty {
            let known = words[name]
            // Ticks of one question are one answer.
            guard known == nil || said.insert(name).inserted else { continue }
            rows.append(
                Row(
                    label: known?.label ?? visit.text("web.unsent.typed", ["number": String(rows.count + 1)]),
                    value: known?.answer ?? value
                )
            )
        }
        self.rows = rows
        hasRows = !rows.isEmpty
        action = visit.path
        // Whoever signs in meanwhile sends it under another session: the page's own token stays good for this form.
        guardToken = needsSignIn ? guardian.unsentToken(seed: seed, path: visit.path) : visit.guardToken
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
