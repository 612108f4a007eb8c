import Audit
import Cases
import Catalogue
import Deadlines
import Jobs
import Kernel
import Registers
import Storage

/// What the acts of a correction share.
extension Corrections {
    static let wordsCharactersMax = 2_000

    static func checked(_ words: String) throws(CorrectionError) -> String {
        guard words.contains(where: { !$0.isWhitespace }), words.count <= wordsCharactersMax else {
            throw .reasonMissing
        }
        return words
    }

    static func checked(_ finding: CorrectionFinding) throws(CorrectionError) -> CorrectionFinding {
        for words in [finding.facts, finding.evidence, finding.reason] { _ = try checked(words) }
        return finding
    }

    /// The subject and the case that brought it forth.
    func matter(of code: String) async throws -> (RegisterSubject, Case) {
        try await database.read { reader in
            guard let subject = try RegisterStore.find(code, in: reader),
                let granted = try CaseStore.granting(code, in: reader)
            else { throw CorrectionError.notFound }
            return (subject, granted)
        }
    }

    /// The matter, when it is one of this registration: who was let to the one gets nothing of another.
    func found(_ id: ID<Correction>, of code: String, version: Int) async throws -> (
        Correction, RegisterSubject
    ) {
        try await database.read { reader in
            guard let matter = try CorrectionStore.find(id, in: reader), matter.code == code else {
                throw CorrectionError.notFound
            }
            guard matter.version == version, let subject = try RegisterStore.find(matter.code, in: reader)
            else {
                throw CorrectionError.changedMeanwhile
            }
            return (matter, subject)
        }
    }

    /// One event of a matter in one transaction: state, whatever `act` does, row, log. The log keeps why: what the
    /// occasion says, else why the matter was begun.
    /// - Parameters:
    ///   - code: whose matter it must be; that of another registration is not found.
    ///   - seen: the subject's version that something was prepared from; another one is refused.
    ///   - proposal: what a second person agrees with: the event happens to the state from which it was proposed.
    func change(
        _ id: ID<Correction>,
        of code: String,
        version: Int,
        by event: CorrectionEvent,
        seen: Int? = nil,
        confirming proposal: CorrectionProposal? = nil,
        occasion: Occasion,
        _ act: @escaping @Sendable (inout MatterWork) throws -> Void
    ) async throws -> Correction {
        let before = try await database.read { try CorrectionStore.find(id, in: $0) }
        guard let before, before.code == code else { throw CorrectionError.notFound }
        let (_, granted) = try await matter(of: code)
        let limits = try await definitions.of(granted).system.limits
        let why = occasion.because(occasion.purpose ?? before.words)
        return try await database.write { tx in
            // The lock of the case puts two clerks in line; what each has seen is compared behind it.
            let locked = try CaseStore.lock(granted.id, in: tx)
            guard var matter = try CorrectionStore.find(id, in: tx), matter.version == version,
                let subject = try RegisterStore.find(matter.code, in: tx),
                seen.map({ $0 == subject.version }) ?? true
            else { throw CorrectionError.changedMeanwhile }
            if let proposal {
                _ = try matter.state.after(.confirm)
                matter.state = proposal.from
            }
            matter.state = try matter.state.after(event)
            var work = MatterWork(
                corrections: self,
                matter: matter,
                subject: subject,
                granted: locked,
                limits: limits,
                occasion: why,
                tx: tx
            )
            try act(&work)
            work.keep(event, confirming: proposal)
            try CorrectionStore.update(work.matter, in: tx)
            try work.log(event.rawValue)
            work.matter.version += 1
            return work.matter
        }
    }

    /// Opens a matter in one transaction.
    /// - Parameters:
    ///   - matter: as it begins; refused while the registration has an open one.
    ///   - name: how the log calls it.
    func begin(
        _ matter: Correction,
        as name: String,
        of granted: Case,
        seen: Int? = nil,
        occasion: Occasion,
        _ act: @escaping @Sendable (inout MatterWork) throws -> Void
    ) async throws -> Correction {
        let limits = try await definitions.of(granted).system.limits
        let why = occasion.because(matter.words)
        return try await database.write { tx in
            let locked = try CaseStore.lock(granted.id, in: tx)
            guard let subject = try RegisterStore.find(matter.code, in: tx),
                seen.map({ $0 == subject.version }) ?? true
            else { throw CorrectionError.changedMeanwhile }
            // A slip that waits for its second person stands in nobody's way, but another slip's.
            let open = try CorrectionStore.of(matter.code, in: tx).contains {
                $0.state.isOpen && ($0.kind == .slip) == (matter.kind == .slip)
            }
            guard !open || !matter.state.isOpen else { throw CorrectionError.openAlready }
            var work = MatterWork(
                corrections: self,
                matter: matter,
                subject: subject,
                granted: locked,
                limits: limits,
                occasion: why,
                tx: tx
            )
            try act(&work)
            work.keepOpening()
            try CorrectionStore.insert(work.matter, in: tx)
            try work.log(name)
            return work.matter
        }
    }

    /// A matter at its beginning.
    static func matter(
        _ kind: Correction.Kind,
        _ state: CorrectionState,
        of granted: Case,
        code: String,
        words: String,
        item: String? = nil,
        decision: JSON = [:],
        occasion: Occasion
    ) -> Correction {
        Correction(
            id: occasion.newID(),
            code: code,
            caseID: granted.id.rawValue,
            kind: kind,
            state: state,
            openedAt: occasion.now,
            openedBy: occasion.actor.id,
            words: words,
            item: item,
            clock: nil,
            investigationEnds: nil,
            noticeEnds: nil,
            isExtended: false,
            decidedAt: state.isOpen ? nil : occasion.now,
            decision: decision,
            version: 1
        )
    }

    /// An item as papers print it; a capital in ten thousand yuan.
    static func plain(_ value: JSON, of item: String) -> String {
        guard item == "capitalFen", let fen = value.int else { return plain(value) }
        return "\(Money(fen: fen).tenThousandYuanText)万元"
    }

    static func plain(_ value: JSON) -> String {
        if let text = value.text { return text }
        if !value.elements.isEmpty {
            return value.elements.map { $0["name"].text ?? $0.text ?? $0.canonical }.joined(separator: "、")
        }
        return value.isNull ? "（无）" : value.canonical
    }
}
