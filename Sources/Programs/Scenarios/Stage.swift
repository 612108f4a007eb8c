import Cases
import Catalogue
import CompanyNames
import CompanyOpening
import Cryptography
import Forms
import Foundation
import Identity
import Kernel
import Rules
import Server
import Simulators
import Standards
import Storage

/// What one step came to.
enum StepAnswer {
    case done
    /// The platform refused; a scenario must expect it.
    case refused(String)
}

/// A step that could not be carried out or a wrong expectation, in words.
struct StepFailure: Error {
    let words: String

    init(_ words: String) { self.words = words }
}

/// A decision that a scenario saw, kept to be judged again by changed tables.
struct SeenDecision: Sendable {
    let item: String
    let region: String
    let day: LocalDate
    let facts: Facts
    let verdict: RuleOutcome
    let reasons: Set<String>
    /// Whose decision, and which of them.
    let subject: ID<Case>
    let number: Int
    /// What the scenario asked about it; the rules whose rows it named.
    var stateAsked = false
    var reasonsAsked = false
    var rowsAsked: Set<String> = []
}

/// One platform with its town while a scenario runs on it.
final class Stage {
    let town: DemoTown
    /// The system in whose folder the scenario lies.
    let system: String
    let cast: Cast
    let bases: [String: JSON]
    /// The definitions in force when the story begins, by item.
    let definitions: [String: CaseDefinition]

    /// Whose case is which, and which one was touched last.
    var cases: [String: ID<Case>] = [:]
    var last: String?
    /// The case that opened somebody's firm.
    var firms: [String: ID<Case>] = [:]
    /// Links by case and signer's name.
    var links: [ID<Case>: [String: String]] = [:]
    var faces: [String: Int] = [:]
    /// What the browser of a signer got when he passed the check, by case and name.
    var proofs: [ID<Case>: [String: String]] = [:]
    /// The secret of the last link by which somebody can take his objection back; its message forgets it at its end.
    var takeBacks: [String: String] = [:]
    var refused: String?
    var voided = 0
    var problems: [String] = []
    var reservations: [String: String] = [:]
    var forms: [String: JSON] = [:]
    var seen: [SeenDecision] = []
    var decisionsSeen: [ID<Case>: Int] = [:]
    /// Accounts and authorisations by the name of the cast.
    var accounts: [String: ID<Person>] = [:]
    var mandates: [String: ID<Authorisation>] = [:]
    var identity: IdentitySettings?
    var door: PageDoor?
    var browsers: [String: PageBrowser] = [:]
    var calls = 0
    /// The short code that the last page showed, by which a licence is shown.
    var shown = ""
    /// Where the last form that was sent led.
    var went = ""
    /// Authorities of others that the story speaks of.
    var authorities: [String: CertificateAuthority] = [:]
    /// The file that was handed out last: sealed, or an archive.
    var handedOut: [UInt8]?
    /// Another place whose licences are recognised here.
    let neighbour: Neighbour?
    /// Which column becomes which field in the stock that arrived last, and what came of it.
    var stockMapping = ""
    var takenOver: [String: String] = [:]

    init(
        town: DemoTown,
        system: String,
        cast: Cast,
        bases: [String: JSON],
        definitions: [String: CaseDefinition],
        neighbour: Neighbour?
    ) {
        self.town = town
        self.system = system
        self.cast = cast
        self.bases = bases
        self.definitions = definitions
        self.neighbour = neighbour
    }

    var platform: Platform { town.platform }
    var now: Instant { town.clock.now }

    func occasion(_ actor: Actor) -> Occasion {
        Occasion(now: now, actor: actor, request: "scenario", entropy: platform.settings.entropy)
    }

    func caseID(of person: String) throws(StepFailure) -> ID<Case> {
        guard let id = cases[person] else { throw StepFailure("\(person) has no case yet") }
        last = person
        return id
    }

    /// The case touched last.
    func current(_ person: String? = nil) throws(StepFailure) -> ID<Case> {
        guard let name = person ?? last, let id = cases[name] else {
            throw StepFailure("there is no case yet")
        }
        return id
    }

    // MARK: verbs

    /// Carries out one step; everything that is due at this moment runs before it returns.
    func carryOut(_ verb: Verb) async throws {
        switch verb {
        case .opens(let person, let opening):
            for _ in 0..<opening.times { try await open(person, opening) }
        case .applies(let person, let application): try await apply(person, application)
        case .decides(let name, let act): try await decide(name, act)
        case .usesSeal(let name, let act): try await seal(name, act)
        case .reserves(let person, let opening):
            var data = try form(of: opening)
            try await reserve(&data, by: person)
            forms[person] = data
        case .edits(let person, let change): try await edit(person, change)
        case .asksSignatures(let person): try await askSignatures(person)
        case .submits(let person): try await submit(person)
        case .withdraws(let person):
            let subject = try await platform.desk.read(caseID(of: person))
            _ = try await platform.desk.withdraw(
                subject.id,
                version: subject.version,
                occasion: occasion(actor(person))
            )
        case .pays(let person): try await pay(person)
        case .releasesRefund(let name): try await releaseRefund(name)
        case .renews(let person, let signer): try await renew(person, signer: signer)
        case .objects(let person, let text):
            _ = try await platform.desk.object(
                try await lastLink(of: person),
                text: text,
                occasion: occasion(.anonymous)
            )
        case .asksToTakeBack(let person):
            try await platform.desk.sendTakeBack(
                try await lastLink(of: person),
                occasion: occasion(.anonymous)
            )
            takeBacks[person] = try await lastLink(of: person, at: "/objections/")
        case .takesBack(let person):
            guard let secret = takeBacks[person] else {
                throw StepFailure("\(person) did not ask to take back")
            }
            try await platform.desk.takeBackObjection(secret, occasion: occasion(.anonymous))
        case .signs(let name): try await sign(name)
        case .showsFace(let name, let score): try await showFace(name, score)
        case .staff(let name, let act, let reason, let answers):
            try await staff(name, act, reason, answers)
        case .partyIs(let party, let text): try town.town.party(party).set(text)
        case .partyKnows(let party, let fact): try town.town.party(party).know(fact)
        case .line(let step, let wish): try await line(step, wish)
        case .register(let held): try await register(held)
        case .note(let noted): try await note(noted)
        case .names(let named): try await names(named)
        case .clock(let move): try await self.move(move)
        case .attaches(let person, let file): try await attach(file, by: person)
        case .later, .corrects, .publishes, .withdrawsVersion, .codesTaken, .hasAccount, .signsIn, .visits,
            .fillsIn,
            .authorises,
            .revokes, .actsFor, .may, .seals, .licences, .foreign, .takesOver, .archives, .signsElsewhere,
            .recognises:
            try await carryOutMore(verb)
        case .judge, .judgeForm, .expect: return
        }
        try await town.settle()
        try await gatherDecisions()
    }

    /// The rest of the verbs: what comes after, around and beside an opening.
    private func carryOutMore(_ verb: Verb) async throws {
        switch verb {
        case .later(let act): try await later(act)
        case .corrects(let name, let act): try await correct(name, act)
        case .publishes(let publishing): try await publish(publishing)
        case .withdrawsVersion(let system, let why): try await withdrawVersion(of: system, why: why)
        case .codesTaken(let count): try await takeCodes(count)
        case .hasAccount(let name, let holding): try await openAccount(name, holding)
        case .signsIn(let name, let password, let status):
            try await signIn(name, password: password, status: status)
        case .visits(let name, let errand): try await visit(name, errand)
        case .fillsIn(let name, let opening): try await fillIn(name, opening)
        case .authorises(let name, let mandate): try await authorise(name, mandate)
        case .revokes(let name, let agent): try await revoke(name, agent: agent)
        case .actsFor(let name, let owner): try await act(name, of: owner)
        case .may(let name, let wish): try await ask(name, wish)
        case .seals(let name, let act): try await seals(name, act)
        case .licences(let name, let act): try await keepLicences(name, act)
        case .foreign(let name, let act): try await foreign(name, act)
        case .takesOver(let arrival): try await takeOver(arrival)
        case .archives(let name, let act): try await archives(name, act)
        case .signsElsewhere(let name, let act): try await signElsewhere(name, act)
        case .recognises(let official, let name): try await recognise(name, by: official)
        default: return
        }
    }

    private func move(_ move: Move) async throws {
        switch move {
        case .by(let milliseconds): try await town.move(to: now + milliseconds)
        case .to(let moment):
            guard moment >= now else { throw StepFailure("the clock goes forward only") }
            try await town.move(to: moment)
        case .workingDays(let count):
            let day = try platform.standards.calendar.adding(workingDays: count, to: now.date)
            try await town.move(to: Instant(day) + now.timeOfDay)
        }
    }

    /// Keeps what was decided, for coverage and for changed tables.
    func gatherDecisions() async throws {
        for id in Set(cases.values) {
            let decisions = try await platform.database.read { try DecisionStore.of(id, in: $0) }
            let known = decisionsSeen[id] ?? 0
            guard decisions.count > known else { continue }
            let subject = try await platform.desk.read(id)
            for (number, decision) in decisions.enumerated().dropFirst(known)
            where !decision.findings.isEmpty {
                seen.append(
                    SeenDecision(
                        item: subject.item,
                        region: subject.region,
                        day: decision.at.date,
                        facts: Facts(values: decision.facts, times: [:]),
                        verdict: decision.findings.verdict,
                        reasons: Set(decision.findings.obstacles.map { "\($0.rule).\($0.reason)" }),
                        subject: id,
                        number: number
                    )
                )
            }
            decisionsSeen[id] = decisions.count
        }
    }
}
