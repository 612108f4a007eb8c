public import Identity
public import Kernel
import Storage

/// Second factors from the command line: for the first members of staff, and for a security administrator who lost
/// his own.
extension Maintenance {
    /// Hands out the code with which a member of staff enrols.
    /// - Throws: `IdentityError`: `unknownLogin`, `factorOn`, `unknownStaff`.
    public func handOutCode(to login: String) async throws -> (code: String, until: Instant) {
        let (keys, limits) = (try identityKeys(), try IdentityLimits(home: settings.home))
        let occasion = occasion("factor", purpose: "command line")
        return try await database.write { tx in
            guard let account = try Accounts.find(login: Login(typed: login), keys: keys, in: tx) else {
                throw IdentityError.unknownLogin(login)
            }
            return try SecondFactor.handOut(
                to: account,
                keys: keys,
                limits: limits,
                occasion: occasion,
                in: tx
            )
        }
    }

    /// Takes away a second factor that its owner cannot use any more.
    /// - Throws: `IdentityError`: `unknownLogin`, `factorOff`.
    public func takeFactor(from login: String, reason: FactorReason) async throws {
        let (keys, limits) = (try identityKeys(), try IdentityLimits(home: settings.home))
        let occasion = occasion("factor", purpose: reason.rawValue)
        try await database.write { tx in
            guard let account = try Accounts.find(login: Login(typed: login), keys: keys, in: tx) else {
                throw IdentityError.unknownLogin(login)
            }
            try SecondFactor.takeAway(
                from: account,
                reason: reason,
                keys: keys,
                limits: limits,
                occasion: occasion,
                in: tx
            )
        }
    }

    /// Never made anew here: where there is no secret, there is no account either.
    /// - Throws: `InstallationError.neverServed`.
    func identityKeys() throws -> IdentityKeys {
        guard let secret = try InstallationSecrets.read("identity", folder: settings.folder) else {
            throw InstallationError.neverServed(folder: settings.folder)
        }
        return IdentityKeys(masterKey: secret)
    }
}
