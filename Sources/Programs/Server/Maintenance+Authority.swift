import CompanyOpening
public import Identity
public import Kernel
import Standards
import Storage

/// Mergers and delegations from the command line: who decides from which day on. A running server takes them over.
extension Maintenance {
    /// Writes down that a body's power goes to another.
    /// - Parameters:
    ///   - matter: such as `company-registration`; empty for all.
    ///   - region: six digits: the division and everything below it; nil for every division.
    ///   - toRegion: six digits; nil for the same division.
    ///   - until: last day; nil while it lasts.
    ///   - basis: the decision, such as the number of its document.
    /// - Throws: `IdentityError`: `unknownBody` for an agency or division that is not in the tables, `collectiveAgency`,
    ///   `badPeriod`, `unknownMatter`, `authorityGiven`.
    public func changeAuthority(
        _ kind: AuthorityChange.Kind,
        matter: String,
        agency: String,
        region: String?,
        toAgency: String,
        toRegion: String?,
        from: LocalDate,
        until: LocalDate?,
        basis: String
    ) async throws -> AuthorityChange {
        // Whatever else were written down, nobody would ever ask for it.
        guard matter.isEmpty || matter == CompanyOpening.matter else {
            throw IdentityError.unknownMatter(matter, known: [CompanyOpening.matter])
        }
        for code in [agency, toAgency] {
            guard let agency = standards.agencies[code] else { throw IdentityError.unknownBody(code) }
            if agency.isCollective { throw IdentityError.collectiveAgency(code) }
        }
        for code in [region, toRegion].compactMap({ $0 }) where standards.regions[code] == nil {
            throw IdentityError.unknownBody(code)
        }
        let occasion = occasion("authority", purpose: basis)
        return try await database.write { tx in
            try StaffRegister.changeAuthority(
                kind,
                matter: matter,
                agency: agency,
                regionPrefix: region.map(Self.prefix) ?? "",
                toAgency: toAgency,
                toRegion: toRegion ?? "",
                from: from,
                until: until,
                basis: basis,
                occasion: occasion,
                in: tx
            )
        }
    }

    /// Ends a merger or delegation with a day.
    /// - Throws: `IdentityError.badPeriod` when there is no such change, or it ends before that day.
    public func endAuthority(_ id: String, on day: LocalDate, reason: String) async throws {
        let occasion = occasion("authority", purpose: reason)
        try await database.write { tx in
            try StaffRegister.endAuthorityChange(id, on: day, occasion: occasion, in: tx)
        }
    }

    /// All changes, the earliest first.
    public func authorityChanges() async throws -> [AuthorityChange] {
        try await database.read { try StaffRegister.authority(in: $0).changes }
    }

    /// `150200` covers what begins with `1502`, `150000` what begins with `15`.
    private static func prefix(_ region: String) -> String {
        var digits = Substring(region)
        while digits.hasSuffix("00") { digits = digits.dropLast(2) }
        return String(digits)
    }
}
