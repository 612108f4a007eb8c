import Cases
import Catalogue
import CompanyOpening
import Forms
import Kernel
import Registers
import Server
import Standards
import Storage

/// What happens to a registration afterwards, and to the rules meanwhile.
extension Stage {
    /// The credit code that the case of the moment brought forth.
    func firm() async throws -> String {
        guard let code = try await platform.desk.read(current()).result else {
            throw StepFailure("the case has no firm yet")
        }
        return code
    }

    func matter(of code: String) async throws -> Correction {
        let all = try await platform.database.read { try CorrectionStore.of(code, in: $0) }
        guard let last = all.last else { throw StepFailure("nothing is being corrected") }
        return last
    }

    func correct(_ name: String, _ act: CorrectionAct) async throws {
        guard let actor = cast.staff[name] else {
            throw StepFailure("\(name) is not among the staff of cast.yaml")
        }
        let occasion = occasion(actor)
        let code = try await firm()
        let corrections = platform.corrections
        if try await begin(act, on: code, occasion) { return }
        let matter = try await matter(of: code)
        let finding = CorrectionFinding(
            facts: act.words,
            evidence: act.words,
            reason: act.words,
            responsible: act.responsible,
            value: act.value
        )
        let (id, at, words) = (matter.id, matter.version, act.words)
        switch act.kind {
        case .slip, .open, .order, .orderName: return
        case .confirm:
            _ = try await corrections.confirm(id, of: code, version: at, occasion: occasion)
        case .drop:
            _ = try await corrections.drop(id, of: code, version: at, reason: words, occasion: occasion)
        case .list:
            _ = try await corrections.list(id, of: code, version: at, reason: words, occasion: occasion)
        case .comply:
            _ = try await corrections.comply(id, of: code, version: at, reason: words, occasion: occasion)
        case .accept: _ = try await corrections.accept(id, of: code, version: at, occasion: occasion)
        case .dismiss:
            _ = try await corrections.dismiss(id, of: code, version: at, reason: words, occasion: occasion)
        case .extend: _ = try await corrections.extend(id, of: code, version: at, occasion: occasion)
        case .publish: _ = try await corrections.publish(id, of: code, version: at, occasion: occasion)
        case .suspend:
            _ = try await corrections.court(id, of: code, version: at, isPending: true, occasion: occasion)
        case .resume:
            _ = try await corrections.court(id, of: code, version: at, isPending: false, occasion: occasion)
        case .withdraw, .withdrawItem, .keep, .restore, .takeBack:
            guard let event = CorrectionEvent(rawValue: act.kind.rawValue) else { return }
            _ = try await corrections.propose(
                event,
                id,
                of: code,
                version: at,
                finding: finding,
                occasion: occasion
            )
        }
    }

    /// The acts that begin a matter, or need none.
    private func begin(_ act: CorrectionAct, on code: String, _ occasion: Occasion) async throws -> Bool {
        let corrections = platform.corrections
        switch act.kind {
        case .slip:
            _ = try await corrections.proposeSlip(
                code,
                changes: act.value,
                reason: act.words,
                occasion: occasion
            )
            return true
        case .open:
            _ = try await corrections.open(
                code,
                words: act.words,
                item: act.item,
                applicant: act.applicant,
                occasion: occasion
            )
            return true
        case .order:
            guard let promise = act.item.flatMap(BrokenPromise.init(rawValue:)) else {
                throw StepFailure("an order names what was promised as its item: address or permit")
            }
            _ = try await corrections.orderPromise(code, promise, facts: act.words, occasion: occasion)
            return true
        case .orderName:
            _ = try await corrections.orderName(code, facts: act.words, occasion: occasion)
            return true
        default: return false
        }
    }

    /// What the register carries in later years on the same entry.
    func later(_ act: LaterAct) async throws {
        let code = try await firm()
        let occasion = occasion(.platform("registers"))
        let filings = act.filings.members.sorted { $0.key < $1.key }.map {
            RegisterFiling(kind: $0.key, value: $0.value, isConfidential: false, from: occasion.now.date)
        }
        let acts: [LaterAct.Kind: RegisterAct] = [.change: .change, .suspend: .suspend, .resume: .resume]
        try await platform.database.write { tx in
            switch act.kind {
            case .change, .suspend, .resume:
                guard let kind = acts[act.kind] else { return }
                try Register.act(
                    kind,
                    on: code,
                    changes: act.items,
                    filings: filings,
                    caseID: "later",
                    occasion: occasion,
                    in: tx
                )
            case .move:
                guard let region = act.region, let agency = act.agency else {
                    throw StepFailure("a move names region and agency")
                }
                try Register.move(
                    code,
                    to: region,
                    agency: agency,
                    changes: act.items,
                    caseID: "later",
                    occasion: occasion,
                    in: tx
                )
            case .report:
                guard let year = act.year else { throw StepFailure("a report names its year") }
                try Register.report(code, year: year, content: act.items, occasion: occasion, in: tx)
            }
        }
    }

    /// Why a story could not publish: it says nothing about what the platform does.
    static let notOnce = "does not have the words once"

    /// Takes the files of the newest version, changes one place, and publishes them as the next.
    func publish(_ wish: Publishing) async throws {
        let newest = try await platform.database.read { reader in
            try CatalogueStore.versions(of: wish.system, in: reader).first.map {
                try CatalogueStore.folder(of: $0.id, in: reader)
            }
        }
        guard let newest else { throw StepFailure("\(wish.system) was never published") }
        var files = newest.files
        if wish.replace == "nothing" {
            // A file that was not there.
            files[wish.file] = Array(wish.with.utf8)
        } else {
            let parts = try newest.text(wish.file)
                .split(separator: wish.replace, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw StepFailure(
                    "\(wish.file) \(Self.notOnce): “\(wish.replace)” \(parts.count - 1) times"
                )
            }
            files[wish.file] = Array(parts.joined(separator: wish.with).utf8)
        }
        let effective: LocalDate
        if let words = wish.effective {
            guard let day = LocalDate(parsing: words) else { throw StepFailure("\(words) is no day") }
            effective = day
        } else {
            effective = now.date
        }
        try await platform.publish(
            SystemFolder(files: files),
            region: wish.region,
            effective: effective,
            note: "story",
            occasion: occasion(.platform("catalogue"))
        )
    }

    func withdrawVersion(of system: String, why: String) async throws {
        let occasion = occasion(.platform("catalogue"))
        try await platform.database.write { tx in
            guard
                let newest = try CatalogueStore.versions(of: system, in: tx).first(where: {
                    $0.withdrawnAt == nil
                })
            else { throw StepFailure("\(system) was never published") }
            _ = try CatalogueStore.withdraw(newest.id, why: why, occasion: occasion, in: tx)
        }
    }

    /// Codes that other nodes have given out already: a number, or `all` of a league.
    func takeCodes(_ count: String) async throws {
        guard let division = platform.standards.regions["150203"] else { return }
        let allocator = platform.standards.creditCodes
        let counter = try allocator.counter(for: division)
        let whole = allocator.blocks(for: division).reduce(Int64(0)) { $0 + $1.capacity }
        guard let taken = count == "all" ? whole : Int64(count) else {
            throw StepFailure("a number of codes, or all")
        }
        try await platform.database.write { tx in _ = try CounterStore.take(taken, of: counter, in: tx) }
    }
}
