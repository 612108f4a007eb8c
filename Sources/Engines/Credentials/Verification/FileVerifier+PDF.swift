import Cryptography
import Documents
import ElectronicSeals
import Kernel

extension FileVerifier {
    func pdf(_ bytes: [UInt8]) -> FileVerdict {
        let verdict = PDFVerifier(
            trust: documentTrust,
            limits: limits.pdf,
            tolerance: limits.toleranceMilliseconds
        ).verify(bytes, at: moment)
        var problems: [VerdictLine] = []
        if let problem = verdict.problem { problems.append(Self.line(problem, "")) }
        problems += verdict.signatures.compactMap { one in one.problem.map { Self.line($0, one.field) } }
        var proven: [VerdictLine] = []
        var claimed: [VerdictLine] = []
        for one in verdict.signatures {
            guard let signer = one.signer else { continue }
            let found = recognition(of: one, signer)
            problems += found.problems
            proven += found.proven
            let words = ["signer": signer.subject.commonName, "reason": one.reason ?? ""]
            if one.problem == nil {
                proven.append(VerdictLine("pdf.signed", words))
                if let time = one.proven {
                    proven.append(VerdictLine("file.time-proven", ["time": time.minuteText]))
                } else if let time = one.claimed {
                    claimed.append(VerdictLine("file.time-claimed", ["time": time.minuteText]))
                }
            } else {
                claimed.append(VerdictLine("pdf.signed", words))
            }
        }
        let record = verdict.attachments.first { $0.name == Self.recordName }
        let content = record.map { Self.fields(of: $0.bytes) } ?? []
        if problems.isEmpty {
            problems += licenceProblems(content)
            if Self.isLicence(content), !isOwn(verdict) { problems.append(VerdictLine("credential.issuer")) }
            proven.append(VerdictLine("file.covered", ["count": String(verdict.signatures.count)]))
            if Self.isLicence(content) { claimed.append(VerdictLine("credential.state-unknown")) }
        }
        return FileVerdict(.pdf, problems: problems, proven: proven, claimed: claimed, content: content)
    }

    /// Whether the platform itself signed: documents of recognised authorities' subscribers certify no licence.
    private func isOwn(_ verdict: PDFVerdict) -> Bool {
        verdict.signatures.contains { one in
            guard one.problem == nil, let signer = one.signer else { return false }
            return signer.check(
                others: one.others,
                anchors: anchors.international,
                at: one.proven ?? moment
            ).isTrusted
        }
    }

    /// Whose authority another's signature leads to, and why it does not count.
    private func recognition(of one: PDFSignatureVerdict, _ signer: P256Certificate) -> (
        problems: [VerdictLine], proven: [VerdictLine]
    ) {
        guard one.problem == nil else { return ([], []) }
        do throws(VerificationProblem) {
            let authority = try recognising(
                signer,
                own: anchors.international,
                others: one.others,
                proven: one.proven
            )
            return ([], authority.map { [VerdictLine("signature.recognised", ["authority": $0.name])] } ?? [])
        } catch { return ([VerdictLine(error)], []) }
    }

    /// Under this name the fields of a licence lie in its PDF, as a JSON list of pairs.
    static let recordName = "licence.json"

    private static func line(_ problem: VerificationClass, _ place: String) -> VerdictLine {
        VerdictLine("class.\(problem.rawValue)", ["place": place])
    }

    /// The fields of `licence.json`, in their order.
    private static func fields(of bytes: [UInt8]) -> [OFDDocument.Field] {
        guard let json = try? JSON.read(bytes, sizeBytesMax: bytes.count) else { return [] }
        return json["fields"].elements.compactMap { pair in
            guard let name = pair["name"].text, let value = pair["value"].text else { return nil }
            return OFDDocument.Field(name: name, value: value)
        }
    }
}
