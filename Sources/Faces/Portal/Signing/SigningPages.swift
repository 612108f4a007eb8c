import Web

/// Signing by link: face check, papers, signature.
enum SigningPages {
    static func routes(_ desk: PortalDesk) -> [Route] { [] }
}
