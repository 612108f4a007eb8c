public import Credentials
import Storage

extension Maintenance {
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
