import Cases
public import Identity
public import Kernel
import Standards
import Storage

/// A member of staff as an operator opens him: what he signs in with for the first time. Shown once.
public struct OpenedStaff: Sendable {
    public let login: String
    public let password: String
    /// With which he enrols his second factor.
    public let code: String
    public let until: Instant
}

/// Members of staff from the command line: without the first of them nobody can appoint another.
extension Maintenance {
    /// Opens an account for a member of staff with one post from today on, a password that nobody chose and a code to
    /// enrol a second factor with.
    /// - Parameters:
    ///   - agency: code of `agencies.tsv`.
    ///   - region: six digits, the division whose body of that agency it is.
    ///   - basis: the appointment, such as the number of its document.
    /// - Throws: `IdentityError`: `unknownBody` for an agency or region that is not in the tables, `collectiveAgency`,
    ///   `loginTaken`.
    public func openStaff(
        _ login: String,
        name: String,
        role: StaffRole,
        agency: String,
        region: String,
        basis: String
    ) async throws -> OpenedStaff {
        let (agency, region) = try body(agency, of: region)
        let limits = try IdentityLimits(home: settings.home)
        let identity = IdentitySettings(
            keys: try identityKeys(),
            limits: limits,
            entropy: settings.entropy
        )
        let occasion = occasion("staff", purpose: basis)
        let password = Base32.encode(occasion.entropy.bytes(15))
        let record = try await Passwords.record(for: password, settings: identity, occasion: occasion)
        let handed = try await database.write { tx in
            let account = try StaffRegister.open(
                login,
                name: name,
                record: record,
                role: role,
                agency: agency,
                region: region,
                basis: basis,
                keys: identity.keys,
                occasion: occasion,
                in: tx
            )
            return try SecondFactor.handOut(
                to: account,
                keys: identity.keys,
                limits: limits,
                occasion: occasion,
                in: tx
            )
        }
        return OpenedStaff(login: login, password: password, code: handed.code, until: handed.until)
    }

    /// Gives a further post to a member of staff.
    /// - Parameters:
    ///   - agency: code of `agencies.tsv`.
    ///   - region: six digits, the division whose body of that agency it is.
    ///   - from: today when nil.
    /// - Throws: `IdentityError`: `unknownLogin`, `unknownBody` for an agency or region that is not in the tables,
    ///   `collectiveAgency`, `badPeriod`, `rolesExclude`.
    public func giveStaffPost(
        _ login: String,
        role: StaffRole,
        agency: String,
        region: String,
        from: LocalDate?,
        until: LocalDate?,
        basis: String
    ) async throws -> Post {
        let (agency, region) = try body(agency, of: region)
        let occasion = occasion("staff", purpose: basis)
        let keys = try identityKeys()
        return try await database.write { tx in
            let account = try Self.staffAccount(login, keys: keys, in: tx)
            return try StaffRegister.appoint(
                ID(account.holder),
                agency: agency,
                region: region,
                role: role,
                from: from ?? occasion.now.date,
                until: until,
                basis: basis,
                occasion: occasion,
                in: tx
            )
        }
    }

    /// Shuts the account of a member of staff at once: his sessions end, and what he has claimed goes back to the pool.
    /// - Returns: how many claimed cases went back.
    /// - Throws: `IdentityError.unknownLogin` when nobody of the staff signs in with `login`.
    public func closeStaff(_ login: String, reason: String) async throws -> Int {
        let occasion = occasion("staff", purpose: reason)
        let (keys, claims) = (try identityKeys(), try claims())
        return try await database.write { tx in
            let account = try Self.staffAccount(login, keys: keys, in: tx)
            try Accounts.setDisabled(true, account.id, occasion: occasion, in: tx)
            return try claims.free(ID(account.holder), occasion: occasion, in: tx)
        }
    }

    /// Ends the post that a member of staff holds in a role, with the end of a day. What he has claimed goes back to the
    /// pool as soon as the post is over: at once when the day is past, else with the next daily round.
    /// - Parameters:
    ///   - region: six digits; nil when he holds the role in one division only.
    ///   - day: his last day.
    /// - Returns: how many claimed cases went back at once.
    /// - Throws: `IdentityError`: `unknownLogin`, `postNotHeld` when no open post fits or more than one does, `badPeriod`
    ///   for a post that ends before that day.
    public func endStaffPost(
        _ login: String,
        role: StaffRole,
        region: String?,
        on day: LocalDate,
        reason: String
    ) async throws -> Int {
        let occasion = occasion("staff", purpose: reason)
        let (keys, claims) = (try identityKeys(), try claims())
        return try await database.write { tx in
            let account = try Self.staffAccount(login, keys: keys, in: tx)
            let staff = ID<Staff>(account.holder)
            let today = occasion.now.date
            let open = try StaffRegister.posts(of: staff, in: tx).filter {
                $0.role == role && (region ?? $0.region) == $0.region && $0.until.map { $0 >= today } ?? true
            }
            guard open.count == 1, let post = open.first else {
                throw IdentityError.postNotHeld(login: login, role: role.rawValue)
            }
            try StaffRegister.endPost(post.id, on: day, occasion: occasion, in: tx)
            return try claims.free(staff, occasion: occasion, in: tx)
        }
    }

    /// - Throws: `IdentityError.unknownBody` with the code that is not in the tables.
    func body(_ agency: String, of region: String) throws(IdentityError) -> (Agency, Region) {
        guard let known = standards.agencies[agency] else { throw .unknownBody(agency) }
        guard let division = standards.regions[region] else { throw .unknownBody(region) }
        return (known, division)
    }

    private func claims() throws -> Claims {
        Claims(
            permissions: try PermissionTable(home: settings.home),
            agencies: DecidingAgencies(authority: settings.authority, agencies: standards.agencies)
        )
    }

    private static func staffAccount(_ login: String, keys: IdentityKeys, in reader: any Reader) throws
        -> Account
    {
        guard let account = try Accounts.find(login: .name(login), keys: keys, in: reader),
            account.kind == .staff
        else { throw IdentityError.unknownLogin(login) }
        return account
    }
}
