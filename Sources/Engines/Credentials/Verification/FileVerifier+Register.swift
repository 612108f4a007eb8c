import Cryptography
import ElectronicSeals
import Kernel
public import Storage

extension FileVerifier {
    /// The verdict on a file with what the register of credentials knows of the licence in it and of an annotated copy.
    public func asking(_ verdict: FileVerdict, about file: [UInt8], in reader: any Reader) throws
        -> FileVerdict
    {
        switch verdict.kind {
        case .ofd, .pdf: return try standing(verdict, of: file, in: reader)
        case .licence:
            let known = try CredentialVerifier(anchors: anchors.national).verify(file, at: moment, in: reader)
            return FileVerdict(known)
        case .seal, .receipt, .signedText, .signature, .archive, .unknown: return verdict
        }
    }

    private func standing(_ verdict: FileVerdict, of file: [UInt8], in reader: any Reader) throws
        -> FileVerdict
    {
        guard let identifier = verdict.value("ZZBS"),
            let original = try CredentialStore.find(identifier: identifier, in: reader),
            let state = try Credentials.state(of: original, at: moment, in: reader)
        else { return verdict }
        var problems: [VerdictLine] = []
        if state != .valid {
            problems.append(VerdictLine(VerificationProblem(.licenceState, identifier)))
            problems.append(VerdictLine("credential.not-in-force.\(state.rawValue)"))
        }
        var proven = state == .valid ? [VerdictLine("credential.state.\(state.rawValue)")] : []
        if verdict.value("JZJZZSJ") != nil {
            let digest = Hex.encode(SM3.digest(file))
            if let copy = try LicenceCopies.verify(digest: digest, at: moment, in: reader).copy {
                proven.append(
                    VerdictLine("copy.made", ["whom": copy.forWhom, "purpose": copy.purpose])
                )
            } else {
                problems.append(VerdictLine("copy.unknown"))
            }
        }
        return verdict.adding(
            problems: problems,
            proven: proven,
            withoutClaims: ["credential.state-unknown"]
        )
    }
}

extension FileVerdict {
    init(_ verdict: CredentialVerdict) {
        self.init(
            .licence,
            problems: verdict.problems.map { VerdictLine($0.code) },
            proven: verdict.proven.map { VerdictLine($0.code, $0.arguments) },
            claimed: verdict.claimed.map { VerdictLine($0.code, $0.arguments) }
        )
    }
}
