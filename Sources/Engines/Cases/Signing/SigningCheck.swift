import Cryptography
public import Kernel

/// A check of who somebody is that was passed and not yet used for signing. It belongs to one browser, to one text and
/// to some hours: whoever else holds the link signs nothing with it.
struct SigningCheck: Sendable, Hashable {
    /// SM3 of the secret that only that browser has, hexadecimal.
    let proof: String
    let until: Instant
    /// Digest of the papers that he was shown.
    let papers: String

    /// A secret for the browser that passed: 128 random bits.
    static func secret(_ entropy: some Entropy) -> String { Base32.encode(entropy.bytes(16)) }

    static func digest(_ secret: String) -> String {
        Hex.encode(SM3.digest(Array("suban sign check ".utf8) + Array(secret.utf8)))
    }
}

/// What came of a check of somebody's face.
public struct FaceCheck: Sendable {
    public let signer: Signer
    /// For the browser that passed, and for no other: with it he signs until the check ends. Nil when he did not pass.
    public let proof: String?
    /// When the check ends.
    public var until: Instant? { signer.check?.until }
}

extension SigningState {
    /// What a signer has not signed on its present text.
    func open(_ signer: Signer) -> [StoredPaper] {
        papers.filter { signer.papers.contains($0.kind) && standing(of: signer, on: $0.kind) != .signed }
    }

    /// What names the text of some papers: another text, or another paper, is another digest.
    func digest(of kinds: [String]) -> String {
        let lines = papers.filter { kinds.contains($0.kind) }.map { "\($0.kind) \($0.digest)" }.sorted()
        return Hex.encode(
            SM3.digest(Array("suban papers shown\n".utf8) + Array(lines.joined(separator: "\n").utf8))
        )
    }
}

extension SigningView {
    /// What names the text of this signer's papers as it stands.
    public var shown: String { state.digest(of: signer.papers) }

    /// Why the browser that has this proof cannot sign; nil when it can.
    public func refusal(of proof: String?, at now: Instant) -> CaseError? {
        guard signer.verifiedAt != nil, let check = signer.check else { return .notVerified }
        guard let proof, SigningCheck.digest(proof) == check.proof else { return .otherBrowser }
        guard now < check.until else { return .checkExpired }
        return check.papers == shown ? nil : .papersChanged
    }
}

extension Signer {
    /// Whether some browser can sign with the last check.
    func isChecked(at now: Instant) -> Bool {
        verifiedAt != nil && check.map { now < $0.until } ?? false
    }

    /// The last check counts no more: another is needed before anything is signed.
    /// - Parameter triesMax: of the face check; who has none left is seen in person.
    mutating func endCheck(triesMax: Int64) {
        verifiedAt = nil
        faceScore = nil
        check = nil
        if state != .dropped { comeBack(triesMax: triesMax) }
    }

    /// The right to sign goes to whoever gets the secret; whoever had it before has it no longer.
    mutating func pass(secret: String, papers: String, limits: JSON, at now: Instant) throws(CaseError) {
        check = SigningCheck(
            proof: SigningCheck.digest(secret),
            until: now + (try Self.checkTerm(limits)),
            papers: papers
        )
    }

    /// - Throws: `CaseError.unknownStep` when no limit says how long.
    private static func checkTerm(_ limits: JSON) throws(CaseError) -> Int64 {
        // Cases that keep a version from before this limit was written.
        guard let hours = limits["faceCheckHours"].int ?? limits["signingLinkHours"].int else {
            throw .unknownStep("limit faceCheckHours")
        }
        return hours * Instant.hour
    }
}
