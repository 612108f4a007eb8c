import Web

/// Where a case stands, for everybody who knows its number and code.
enum ProgressPages {
    static func routes(_ desk: PortalDesk) -> [Route] { [] }
}
