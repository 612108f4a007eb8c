import Cryptography
import Documents
import ElectronicSeals
import Kernel
import Standards

extension FileVerifier {
    func ofd(_ bytes: [UInt8]) -> FileVerdict {
        let verdict = OFDVerifier(trust: trust, limits: limits.package).verify(bytes)
        let fields = verdict.document?.bodies.flatMap(\.fields) ?? []
        var problems = verdict.problems.map { VerdictLine($0) }
        var proven: [VerdictLine] = []
        var claimed: [VerdictLine] = []
        for one in verdict.signatures {
            guard let signature = one.signature else { continue }
            let found = recognition(of: one, signature)
            problems += found.problems
            proven += found.proven
            let words = [
                "name": signature.seal.content.name, "code": signature.seal.content.code,
                "signer": one.signer?.subject.commonName ?? "", "time": signature.time.minuteText,
            ]
            let making = making(of: one, signature)
            problems += making.problem.map { [VerdictLine($0)] } ?? []
            if let authority = making.authority {
                // Without the seal's name: that is its maker's word.
                proven.append(VerdictLine("ofd.sealed-elsewhere", words.filter { $0.key != "name" }))
                claimed.append(Self.made(signature.seal, under: authority))
            }
            if one.problem == nil, making.problem == nil {
                if making.authority == nil { proven.append(VerdictLine("ofd.sealed", words)) }
                if let time = one.proven {
                    proven.append(VerdictLine("file.time-proven", ["time": time.minuteText]))
                } else {
                    claimed.append(VerdictLine("file.time-claimed", words))
                }
            } else {
                claimed.append(VerdictLine("ofd.sealed", words))
            }
        }
        if problems.isEmpty {
            problems += licenceProblems(fields)
            if !mayCertify(verdict, fields) { problems.append(VerdictLine("credential.issuer")) }
            proven.append(VerdictLine("file.covered", ["count": String(verdict.signatures.count)]))
            if verdict.signatures.last?.isLocking == false { claimed.append(VerdictLine("ofd.unlocked")) }
            // A licence is withdrawn or not; of any other file only the seals on it are.
            let isLicence = Self.isLicence(fields)
            claimed.append(VerdictLine(isLicence ? "credential.state-unknown" : "seal.state-unknown"))
        }
        return FileVerdict(
            .ofd,
            problems: problems,
            proven: proven,
            claimed: claimed,
            content: fields,
            seals: problems.isEmpty ? verdict.signatures.compactMap(sealed) : []
        )
    }

    /// What the register is asked about a seal of a valid file.
    private func sealed(_ one: SealVerdict) -> SealedMoment? {
        guard let signature = one.signature else { return nil }
        guard let proven = one.proven else {
            return SealedMoment(seal: signature.seal, claimed: signature.time, asked: moment)
        }
        return SealedMoment(seal: signature.seal, proven: proven)
    }

    /// Under whose authority the seal of a good signature was made, and why it may not have been.
    private func making(of one: SealVerdict, _ signature: SealSignature) -> (
        problem: VerificationProblem?, authority: RecognisedAuthority?
    ) {
        guard one.problem == nil else { return (nil, nil) }
        do throws(VerificationProblem) {
            let authority = try making(signature.seal, at: one.proven ?? signature.time)
            if authority != nil, one.proven == nil {
                throw VerificationProblem(.notStamped, signature.seal.content.code)
            }
            return (nil, authority)
        } catch { return (error, nil) }
    }

    /// Whose authority another's seal leads to, and why it does not count.
    private func recognition(of one: SealVerdict, _ signature: SealSignature) -> (
        problems: [VerdictLine], proven: [VerdictLine]
    ) {
        guard one.problem == nil, let signer = one.signer else { return ([], []) }
        do throws(VerificationProblem) {
            let authority = try recognising(
                signer,
                own: anchors.national,
                others: signature.issuers,
                proven: one.proven
            )
            return ([], authority.map { [VerdictLine("signature.recognised", ["authority": $0.name])] } ?? [])
        } catch { return ([VerdictLine(error)], []) }
    }

    /// Whether whoever sealed a file that calls itself a licence may issue one. Firms and persons lead to the same root, and
    /// recognised authorities have subscribers of their own: their seals are good on what they write, and certify
    /// nothing. Those of the platform's own root from before the marks have none.
    private func mayCertify(_ verdict: OFDVerdict, _ fields: [OFDDocument.Field]) -> Bool {
        func value(_ name: String) -> String? { fields.first { $0.name == name }?.value }
        guard Self.isLicence(fields) else { return true }
        // A copy is the platform's; everything else bears its issuer's own seal.
        let isCopy = value("JZJZZSJ") != nil
        return verdict.signatures.contains { one in
            guard one.problem == nil, let signer = one.signer, let signature = one.signature,
                isOwn(signer, others: signature.issuers, at: one.proven ?? signature.time)
            else { return false }
            guard signer.isMarked else { return true }
            return signer.isFor(.licences) && (isCopy || signer.subject.serialNumber == value("ZZBFJGDM"))
        }
    }

    /// Whether a file says anything of itself that only licences say: one name of the catalogue is enough, however it is
    /// written, since readers show what they know.
    static func isLicence(_ fields: [OFDDocument.Field]) -> Bool {
        fields.contains { field in
            let name = field.name.uppercased().drop { $0.isWhitespace }
            return ["ZZ", "CZZT", "JZJ", "KZ_"].contains { name.hasPrefix($0) }
        }
    }

    /// Whether a signer leads to the platform's own anchors, or those named by hand, and not to a recognised authority's.
    private func isOwn(_ signer: Certificate, others: [Certificate], at time: Instant) -> Bool {
        signer.check(others: others, anchors: anchors.national, at: time).isTrusted
    }

    /// What the licence's own words forbid: a wrong check character, a last day that is past, of the licence or of an
    /// annotated copy of it. Names are those of the catalogue (GB/T 36903).
    func licenceProblems(_ fields: [OFDDocument.Field]) -> [VerdictLine] {
        func value(_ name: String) -> String? {
            fields.first { $0.name == name }.flatMap { $0.value.isEmpty ? nil : $0.value }
        }
        var problems: [VerdictLine] = []
        // What people type is read kindly; a file says it as it is written.
        if let identifier = value("ZZBS"),
            (try? LicenceIdentifier(parsing: identifier))?.description != identifier
        {
            problems.append(VerdictLine(.init(.identifierCheck, identifier)))
        }
        if let last = value("JZJYXQJZSJ").flatMap({ LocalDate(parsing: $0.prefix(10)) }), moment.date > last {
            problems.append(VerdictLine(.init(.copyExpired, last.description)))
        }
        if let first = value("ZZYXQQSRQ").flatMap({ LocalDate(parsing: $0.prefix(10)) }), moment.date < first
        {
            problems.append(VerdictLine("credential.not-yet-valid"))
        }
        if let last = value("ZZYXQJZRQ").flatMap({ LocalDate(parsing: $0.prefix(10)) }), moment.date > last {
            problems.append(VerdictLine("credential.expired"))
        }
        return problems
    }
}
