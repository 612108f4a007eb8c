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
    /// - Throws: `IdentityError`: `noPost` for an agency or region that is not in the tables, `collectiveAgency`,
    ///   `loginTaken`.
    public func openStaff(
        _ login: String,
        name: String,
        role: StaffRole,
        agency: String,
        region: String,
        basis: String
    ) async throws -> OpenedStaff {
        guard let agency = standards.agencies[agency], let region = standards.regions[region] else {
            throw IdentityError.noPost
        }
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
}
