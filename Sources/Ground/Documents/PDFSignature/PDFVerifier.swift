public import Cryptography
import ElectronicSeals
public import Kernel

/// Checks the signatures of PDF files, more strictly than readers do.
///
/// The last signature must cover the whole file but the digits of itself; each earlier one a beginning that was a whole
/// file then, and what came later may have added signatures and nothing else. So no content can be hidden before a
/// signature and shown after it, nor a signature be carried into another file.
public struct PDFVerifier: Sendable {
    private let trust: DocumentTrust
    private let limits: PDFLimits
    /// By how many milliseconds clocks may differ.
    private let tolerance: Int64

    public init(trust: DocumentTrust, limits: PDFLimits, tolerance: Int64) {
        self.trust = trust
        self.limits = limits
        self.tolerance = tolerance
    }

    public func verify(_ pdf: [UInt8], at moment: Instant) -> PDFVerdict {
        func nothing(_ problem: VerificationClass) -> PDFVerdict {
            PDFVerdict(problem: problem, signatures: [], attachments: [])
        }
        do throws(PDFFault) {
            let file = try PDFFile(pdf, limits: limits)
            let fields = try file.signatureFields().filter { $0.value != nil }
            guard !fields.isEmpty else { return nothing(.notSigned) }
            guard fields.count <= limits.revisions else { return nothing(.pdfLimit) }
            var marks: [Mark] = []
            for field in fields { marks.append(try Mark(field, in: file)) }
            marks.sort { $0.end < $1.end }
            var verdicts: [PDFSignatureVerdict] = []
            for (index, mark) in marks.enumerated() {
                let next = index + 1 < marks.count ? marks[index + 1].end : nil
                verdicts.append(try verdict(mark, in: file, next: next, at: moment))
            }
            let isValid = verdicts.allSatisfy { $0.problem == nil }
            return PDFVerdict(
                problem: nil,
                signatures: verdicts,
                attachments: isValid ? try file.attachments() : []
            )
        } catch {
            switch error {
            case .format: return nothing(.pdfFormat)
            case .limit: return nothing(.pdfLimit)
            }
        }
    }

    private func verdict(
        _ mark: Mark,
        in file: PDFFile,
        next: Int?,
        at moment: Instant
    ) throws(PDFFault) -> PDFSignatureVerdict {
        var checked: DetachedSignatureVerdict?
        let problem = try problem(mark, in: file, next: next, at: moment, checked: &checked)
        return PDFSignatureVerdict(
            problem: problem,
            field: mark.field,
            signer: checked?.signer,
            others: checked?.others ?? [],
            claimed: checked?.claimed,
            proven: checked?.proven,
            reason: try file.resolved(mark.entries["Reason"]).text,
            location: try file.resolved(mark.entries["Location"]).text,
            isFinal: mark.isFinal
        )
    }

    private func problem(
        _ mark: Mark,
        in file: PDFFile,
        next: Int?,
        at moment: Instant,
        checked: inout DetachedSignatureVerdict?
    ) throws(PDFFault) -> VerificationClass? {
        guard mark.entries["SubFilter"] == .name("ETSI.CAdES.detached"),
            let signature = DetachedSignature(der: mark.signature)
        else { return .pdfFormat }
        let digest = DigestStream.sha256()
        file.bytes.withUnsafeBytes { bytes in
            digest.update(UnsafeRawBufferPointer(rebasing: bytes[..<mark.gap.lowerBound]))
            digest.update(UnsafeRawBufferPointer(rebasing: bytes[mark.gap.upperBound..<mark.end]))
        }
        let verdict = signature.verify(
            contentDigest: digest.finish(),
            trust: trust,
            at: moment,
            tolerance: tolerance
        )
        checked = verdict
        // What was changed is worse than who is not trusted, so it is said first.
        if verdict.problem == .signature || verdict.problem == .digest {
            return verdict.problem.map { VerificationClass($0) }
        }
        if mark.end != file.end {
            guard !mark.isFinal, let next else { return .coverage }
            // Comparing revisions is work, which a stranger's signature does not bring about.
            if let problem = verdict.problem { return VerificationClass(problem) }
            let then = try PDFFile(file.bytes, end: mark.end, limits: limits)
            let later = next == file.end ? file : try PDFFile(file.bytes, end: next, limits: limits)
            guard try mark.isIn(then), try PDFChanges(from: then, to: later).areSignaturesOnly() else {
                return .coverage
            }
        }
        return verdict.problem.map { VerificationClass($0) }
    }
}

/// A signature where it stands in the file.
private struct Mark {
    let field: String
    let place: PDFReference
    let entries: [String: PDFObject]
    /// `<`, the digits, `>`.
    let gap: Range<Int>
    /// The end of the file that was signed.
    let end: Int
    let signature: [UInt8]

    init(_ field: PDFSignatureField, in file: PDFFile) throws(PDFFault) {
        guard let place = field.value else { throw .format("signature") }
        let (entries, gap) = try file.dictionary(place, placing: "Contents")
        guard let gap, file.bytes[gap.lowerBound] == 0x3C,
            // Digits and nothing between them: a space in the gap could be something else for another reader.
            file.bytes[gap.dropFirst().dropLast()].allSatisfy({ PDFParser.digit($0) != nil }),
            let contents = entries["Contents"]?.bytes,
            let range = entries["ByteRange"]?.array?.compactMap(\.integer), range.count == 4,
            entries["ByteRange"]?.array?.count == 4, range.allSatisfy({ $0 >= 0 }),
            range[0] == 0, range[1] == gap.lowerBound, range[2] == gap.upperBound,
            range[3] <= file.end - range[2]
        else { throw .format("ByteRange") }
        self.field = field.name
        self.place = place
        self.entries = entries
        self.gap = gap
        end = range[2] + range[3]
        signature = Self.element(contents)
        isFinal = try Self.isFinal(entries, in: file)
    }

    /// Whether it certifies the document, with any permission: what some allow is not looked at, so nothing is allowed.
    let isFinal: Bool

    private static func isFinal(_ entries: [String: PDFObject], in file: PDFFile) throws(PDFFault) -> Bool {
        for reference in try file.resolved(entries["Reference"]).array ?? [] {
            if try file.resolved(reference)["TransformMethod"] == .name("DocMDP") { return true }
        }
        return false
    }

    /// Whether the file as it stood then had this signature at the same place.
    func isIn(_ then: PDFFile) throws(PDFFault) -> Bool {
        guard try then.signatureFields().contains(where: { $0.value == place }) else { return false }
        return try then.dictionary(place, placing: "Contents").place == gap
    }

    /// The DER element in front of the zeros that fill the place. What is behind it must be zeros.
    private static func element(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count > 4, bytes[0] == 0x30, bytes[1] == 0x82 else { return [] }
        let count = 4 + Int(bytes[2]) << 8 + Int(bytes[3])
        guard count <= bytes.count, bytes[count...].allSatisfy({ $0 == 0 }) else { return [] }
        return Array(bytes[..<count])
    }
}
