public import Cryptography
public import ElectronicSeals
public import Kernel

/// What was found about one signature of a document.
public struct SealVerdict: Hashable, Sendable {
    /// Where it stands in the file.
    public let place: String
    /// The first fault; nil when there is none.
    public let problem: VerificationProblem?
    /// What could be read of the signature, proven only when there is no problem.
    public let signature: SealSignature?
    public let signer: Certificate?
    /// When a time stamp proves that it was there; nil while the time is only claimed.
    public let proven: Instant?
    public let stamps: [OFDSignature.Stamp]
    /// Whether it forbids further signatures.
    public let isLocking: Bool
}

extension SealVerdict {
    /// Of one that is described badly, or not at all.
    init(_ fault: OFDSignature.Fault) {
        self.init(
            place: fault.place,
            problem: fault.problem,
            signature: nil,
            signer: nil,
            proven: nil,
            stamps: [],
            isLocking: false
        )
    }
}

/// The answer about an OFD file.
public struct OFDVerdict: Hashable, Sendable {
    /// Nil when the package could not be read.
    public let document: OFDDocument?
    /// Why the file as a whole is not valid: the package, or that nobody signed it.
    public let problem: VerificationProblem?
    public let signatures: [SealVerdict]

    public var isValid: Bool { problem == nil && signatures.allSatisfy { $0.problem == nil } }

    /// All faults, the file's first.
    public var problems: [VerificationProblem] {
        (problem.map { [$0] } ?? []) + signatures.compactMap(\.problem)
    }
}

/// Checks OFD files with SES seals. It works on the bytes as they lie in the file, in the order package, signature value,
/// document, files, coverage, seal, signer, list, maker, period; the first fault of a signature ends its check, the next
/// signature is checked all the same.
public struct OFDVerifier: Sendable {
    private let trust: SealTrust
    private let limits: PackageLimits

    public init(trust: SealTrust, limits: PackageLimits) {
        self.trust = trust
        self.limits = limits
    }

    public func verify(_ bytes: [UInt8]) -> OFDVerdict {
        let document: OFDDocument
        let signatures: [Result<OFDSignature, OFDSignature.Fault>]
        do throws(VerificationProblem) {
            document = try OFDDocument(reading: bytes, limits: limits)
            // A document type in any of them could change what others read, whatever the file is called.
            for entry in document.package.entries
            where entry.name.lowercased().hasSuffix(".xml") || XMLTree.isLikely(entry.bytes) {
                _ = try XMLTree(reading: entry.bytes, name: entry.name)
            }
            signatures = try OFDSignature.all(in: document, max: limits.signaturesMax)
        } catch { return OFDVerdict(document: nil, problem: error, signatures: []) }
        guard !signatures.isEmpty else {
            return OFDVerdict(
                document: document,
                problem: VerificationProblem(.notSigned, "OFD.xml"),
                signatures: []
            )
        }
        let digests = Digests(document.package)
        let verdicts = signatures.indices.map { place in
            switch signatures[place] {
            case .success(let one):
                check(one, later: signatures[(place + 1)...], in: document.package, digests)
            case .failure(let fault): SealVerdict(fault)
            }
        }
        return OFDVerdict(document: document, problem: nil, signatures: verdicts)
    }

    private func check(
        _ place: OFDSignature,
        later: ArraySlice<Result<OFDSignature, OFDSignature.Fault>>,
        in package: Package,
        _ digests: Digests
    ) -> SealVerdict {
        var signature: SealSignature?
        var signer: Certificate?
        var problem: VerificationProblem?
        var proven: Instant?
        let covered = Set(place.references.compactMap { package.path($0.file, from: place.path) })
        do throws(VerificationProblem) {
            let read = try Self.read(place, in: package)
            signature = read
            let certificate = try read.checkValue()
            signer = certificate
            try Self.checkDocument(read, place, digests)
            try Self.checkFiles(place, in: package, digests)
            try Self.checkCoverage(place, covered, later: later, in: package)
            try Self.checkSealFile(read, place, in: package)
            proven = try read.checkTrust(of: certificate, trust)
        } catch { problem = error }
        return SealVerdict(
            place: place.path,
            problem: problem,
            signature: signature,
            signer: signer,
            proven: proven,
            stamps: place.stamps,
            isLocking: covered.contains(place.listPath)
        )
    }

    private static func read(_ place: OFDSignature, in package: Package) throws(VerificationProblem)
        -> SealSignature
    {
        guard let value = package.entry(place.valuePath) else {
            throw VerificationProblem(.format, place.valuePath)
        }
        guard place.method == SealObject.sm2WithSM3 else {
            throw VerificationProblem(.algorithm, place.method)
        }
        do throws(SealFormatError) { return try SealSignature(der: value.bytes) } catch {
            throw VerificationProblem(.format, error.place)
        }
    }

    /// The signature is over this Signature.xml, at this place.
    private static func checkDocument(
        _ signature: SealSignature,
        _ place: OFDSignature,
        _ digests: Digests
    ) throws(VerificationProblem) {
        guard digests.of(place.path) == signature.dataHash else {
            throw VerificationProblem(.documentHash, place.path)
        }
        let scope = signature.scope.hasPrefix("/") ? String(signature.scope.dropFirst()) : signature.scope
        guard scope == place.path else { throw VerificationProblem(.documentHash, signature.scope) }
    }

    private static func checkFiles(_ place: OFDSignature, in package: Package, _ digests: Digests)
        throws(VerificationProblem)
    {
        // Without the attribute the schema means MD5, which is refused like everything but SM3.
        guard let method = place.checkMethod, method == SealObject.sm3 || method.uppercased() == "SM3" else {
            throw VerificationProblem(.algorithm, place.checkMethod ?? "CheckMethod")
        }
        for reference in place.references {
            guard let path = package.path(reference.file, from: place.path),
                let value = Base64.decode(reference.value), digests.of(path) == value
            else { throw VerificationProblem(.fileHash, reference.file) }
        }
    }

    private static func checkCoverage(
        _ place: OFDSignature,
        _ covered: Set<String>,
        later: ArraySlice<Result<OFDSignature, OFDSignature.Fault>>,
        in package: Package
    ) throws(VerificationProblem) {
        let others = later.flatMap { one in
            switch one {
            case .success(let signature): signature.own
            // Nobody can say what it brought along; the file is not valid anyway.
            case .failure(let fault): package.entries.map(\.name).filter(fault.isBeside)
            }
        }
        let allowed = Set(place.own + [place.listPath] + others)
        for entry in package.entries where !covered.contains(entry.name) && !allowed.contains(entry.name) {
            throw VerificationProblem(.coverage, entry.name)
        }
    }

    private static func checkSealFile(_ signature: SealSignature, _ place: OFDSignature, in package: Package)
        throws(VerificationProblem)
    {
        guard let path = place.sealPath else { return }
        guard package.entry(path)?.bytes == signature.seal.bytes else {
            throw VerificationProblem(.sealMismatch, path)
        }
    }

    /// SM3 of each entry once, however many signatures name it.
    private final class Digests {
        private let package: Package
        private var known: [String: [UInt8]] = [:]

        init(_ package: Package) { self.package = package }

        func of(_ name: String) -> [UInt8]? {
            if let digest = known[name] { return digest }
            guard let entry = package.entry(name) else { return nil }
            let digest = SM3.digest(entry.bytes)
            known[name] = digest
            return digest
        }
    }
}
