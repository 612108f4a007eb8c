public import Credentials
public import Cryptography
public import Kernel
import Storage

extension Maintenance {
    /// What this installation goes by when it checks files: its revocation lists and the authorities that it recognises.
    public func trust(at moment: Instant, limits: RevocationLimits) async throws -> (
        revocation: Revocations, recognised: RecognisedTrust
    ) {
        let authority = try CredentialAuthority(home: settings.home, keys: keys(), database: database)
        let office = try CertificateOffice(settings: settings, database: database, authority: authority)
        return try await database.read { reader in
            (
                try office.lists.current(at: moment, in: reader),
                try office.trust.recognised(limits: limits, in: reader)
            )
        }
    }

    /// A verdict on a file with what this installation's register knows of the licence and the seals in it.
    public func asking(_ verifier: FileVerifier, about file: [UInt8], _ verdict: FileVerdict) async throws
        -> FileVerdict
    {
        let types = try LicenceTypes(home: settings.home)
        return try await database.read { reader in
            try verifier.asking(verdict, about: file, types: types, in: reader).withSealStates(in: reader)
        }
    }
}
