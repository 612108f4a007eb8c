import Cryptography
import Documents
import ElectronicSeals
import Kernel
import Standards
public import Storage

extension FileVerifier {
    /// The verdict on a file with what the register of credentials knows of the licence in it and of an annotated copy.
    /// - Parameter types: say under which names a licence's words stand in its file.
    public func asking(
        _ verdict: FileVerdict,
        about file: [UInt8],
        types: LicenceTypes,
        in reader: any Reader
    ) throws -> FileVerdict {
        switch verdict.kind {
        case .ofd, .pdf: return try standing(verdict, of: file, types, in: reader)
        case .licence:
            let known = try credentials.verify(file, at: moment, in: reader)
            return FileVerdict(known)
        case .seal, .receipt, .signedText, .signature, .archive, .unknown: return verdict
        }
    }

    private func standing(
        _ verdict: FileVerdict,
        of file: [UInt8],
        _ types: LicenceTypes,
        in reader: any Reader
    ) throws -> FileVerdict {
        // What the register knows is told of no file that anybody may have written.
        guard verdict.isValid else { return verdict }
        guard let identifier = verdict.value("ZZBS"),
            let original = try CredentialStore.find(identifier: identifier, in: reader),
            let state = try Credentials.state(of: original, at: moment, in: reader)
        else {
            // Whoever may certify here has his licences in this register.
            guard Self.isLicence(verdict.content) else { return verdict }
            return verdict.adding(problems: [VerdictLine("credential.not-in-register")])
        }
        var problems = Self.differences(verdict.content, original.record, types)
        if let newer = original.replacedBy {
            problems.append(VerdictLine("licence.older-version", ["newer": newer]))
        }
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

extension FileVerifier {
    /// Which of the words in a licence's file are not its record's: number, holder, kind, body, days, and what the type
    /// says beside them. Values are not told.
    private static func differences(
        _ said: [OFDDocument.Field],
        _ record: CredentialRecord,
        _ types: LicenceTypes
    ) -> [VerdictLine] {
        guard let type = types[record.type] else { return [] }
        let known = CatalogueValues(of: record, type: type)
        // What an annotated copy says of itself is the copy's.
        var names = said.filter { !$0.name.hasPrefix("JZJ") && known[$0.name] != $0.value }.map(\.name)
        // A type may have got a field since the file was drawn; what every licence says is always there.
        let common = known.all.filter { $0.name.hasPrefix("ZZ") || $0.name.hasPrefix("CZZT") }
        names += common.filter { one in !said.contains { $0.name == one.name } }.map(\.name)
        guard !names.isEmpty else { return [] }
        return [VerdictLine("licence.differs", ["names": names.joined(separator: " ")])]
    }
}

extension FileVerdict {
    init(_ verdict: CredentialVerdict) {
        let record = verdict.record.map { record in
            VerdictLine(
                "credential.is",
                [
                    "name": record.name, "identifier": record.identifier.description,
                    "holder": record.holder.name,
                ]
            )
        }
        let line = record.map { [$0] } ?? []
        // Where nothing is proven, not even that is.
        let isSigned = !verdict.proven.isEmpty
        self.init(
            .licence,
            problems: verdict.problems.map { VerdictLine($0.code) },
            proven: (isSigned ? line : []) + verdict.proven.map { VerdictLine($0.code, $0.arguments) },
            claimed: (isSigned ? [] : line) + verdict.claimed.map { VerdictLine($0.code, $0.arguments) }
        )
    }
}
