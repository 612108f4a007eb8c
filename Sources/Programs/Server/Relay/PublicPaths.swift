/// What of the site the outer zone may ask for: the portal's pages. The desks of staff, the calls of programs and the
/// questions of operators stay inside. The relay asks this again: the outer zone may be anybody's by then.
enum PublicPaths {
    /// How their paths begin.
    static let beginnings: Set<String> = [
        "", "account", "apply", "assets", "bills", "cases", "certificates", "drafts", "guides", "my",
        "objections",
        "preferences",
        "present", "progress", "receipts", "search", "sign", "sign-in", "sign-out", "sign-up", "sitemap",
        "trust", "v",
        "verify", "wallet",
    ]

    /// After a form to it nobody looks again at what was answered before.
    static let signOut = "/sign-out"

    /// What crosses; who asks for a head alone is answered from the whole page.
    static let methods: Set<String> = ["GET", "POST"]

    static func isOpen(_ path: String) -> Bool {
        guard path.hasPrefix("/"), !path.hasPrefix("//") else { return false }
        let first = path.dropFirst().prefix { $0 != "/" }
        return beginnings.contains(String(first))
    }
}
