/// What of the site the outer zone may ask for: the portal's pages. The desks of staff, the calls of programs and the
/// questions of operators stay inside. The relay asks this again: the outer zone may be anybody's by then.
enum PublicPaths {
    /// How their paths begin.
    static let beginnings: Set<String> = [
        "", "account", "apply", "assets", "cases", "drafts", "guides", "my", "objections", "preferences",
        "progress", "receipts", "search", "sign", "sign-in", "sign-out", "sign-up", "sitemap", "trust", "v",
        "verify", "wallet",
    ]

    static func isOpen(_ method: String, _ path: String) -> Bool {
        guard ["GET", "HEAD", "POST"].contains(method), path.hasPrefix("/") else { return false }
        let first = path.dropFirst().prefix { $0 != "/" }
        return beginnings.contains(String(first)) && !path.hasPrefix("//")
    }
}
