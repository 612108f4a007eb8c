import Cases
import Catalogue
import CompanyNames
import Deadlines
import Kernel
import Standards

/// What happened to one application, act by act.
struct Story {
    let id: ID<Case>
    let subject: Subject
    let started: Instant
    let until: Instant
    let course: ApplicationMaker.Course
    let calendar: WorkingCalendar
    let term: Period
    let law: String
    private(set) var state = CaseState.draft
    /// Handed in last, and first.
    private(set) var submitted: Instant?
    private(set) var handedIn: Instant?
    /// Milliseconds during which the authority had it.
    private(set) var office: Int64 = 0
    private(set) var decided: Instant?
    private(set) var happenings: [CaseHappening] = []
    private(set) var decisions: [Decision] = []
    private(set) var step: CaseStep?
    private(set) var clock: (clock: DeadlineClock, lastDay: LocalDate)?
    private var now: Instant

    init(
        id: ID<Case>,
        subject: Subject,
        started: Instant,
        until: Instant,
        course: ApplicationMaker.Course,
        calendar: WorkingCalendar,
        term: Period,
        law: String
    ) {
        self.term = term
        self.law = law
        self.id = id
        self.subject = subject
        self.started = started
        self.until = until
        self.course = course
        self.calendar = calendar
        now = started
    }

    /// Reasons for which a person has to look.
    private static let doubts = [
        ("R01", "authority.unknown"), ("R04", "identity.police-unknown"), ("R06", "officer.bar-unknown"),
    ]

    private var applicant: Actor { Actor(.person, id: subject.person.rawValue, role: "person") }
    private var registrar: Actor {
        Actor(.staff, id: "population-\(subject.place.region.code)", role: "registrar")
    }
    private static let rules = Actor.platform("rules")

    mutating func tell(_ dice: inout Dice) {
        happen("started", by: applicant)
        if course == .draft { return }
        if course == .lapsed {
            pass(90 * Instant.day)
            state = .lapsed
            decided = now
            return happen("lapsed", by: .platform("deadlines"))
        }
        pass(Int64(3 + dice.below(60)) * Instant.minute)
        happen("signatures-asked", by: applicant)
        if course == .signing {
            state = .signing
            return
        }
        pass(Int64(3 + dice.below(240)) * Instant.minute)
        handIn()
        pass(2_000)
        if course == .instant {
            return decide(.grant, .granted, "granted", by: Self.rules, dice.id(at: now))
        }
        if course == .transferred {
            return decide(.transfer, .transferred, "transferred", by: Self.rules, dice.id(at: now))
        }
        look(&dice)
    }

    /// A person looks at it.
    private mutating func look(_ dice: inout Dice) {
        let (rule, reason) = dice.pick(Self.doubts)
        let doubt = Finding(
            rule: rule,
            outcome: .person,
            reason: reason,
            arguments: ["person": subject.personName],
            rows: [],
            subject: nil,
            inputs: [:],
            dataTimes: [:]
        )
        keep(.toPerson, [doubt], by: Self.rules, dice.id(at: now))
        happen("to-person", by: Self.rules)
        state = .review
        let opened = now
        let clockID = dice.id(at: now, of: DeadlineClock.self)
        if course != .reviewing {
            pass(Int64(1 + dice.below(50)) * Instant.hour)
            finish(&dice)
        }
        let closed = state == .review ? nil : decided
        let last =
            (try? calendar.adding(workingDays: term.amount, to: opened.date)) ?? opened.date.adding(days: 5)
        clock = (
            DeadlineClock(
                id: clockID,
                object: "case:\(id)",
                name: "decision",
                budget: term,
                rule: law,
                started: opened,
                ended: closed
            ), last
        )
        step = CaseStep(
            caseID: id,
            name: "review",
            kind: .staff,
            state: closed == nil ? .open : .done,
            role: "registrar",
            agency: subject.authority.code,
            region: subject.place.region.code,
            assignee: nil,
            clock: clockID.rawValue,
            openedAt: opened,
            closedAt: closed,
            outcome: closed == nil ? nil : state.rawValue
        )
    }

    private mutating func finish(_ dice: inout Dice) {
        switch course {
        case .refused: decide(.refuse, .refused, "refused", by: registrar, dice.id(at: now))
        case .returned: decide(.return, .returned, "returned", by: registrar, dice.id(at: now))
        case .withdrawn:
            state = .withdrawn
            answer()
            happen("withdrawn", by: applicant)
        case .mended:
            decide(.return, .returned, "returned", by: registrar, dice.id(at: now))
            pass(Int64(1 + dice.below(72)) * Instant.hour)
            handIn()
            pass(Int64(1 + dice.below(20)) * Instant.hour)
            decide(.grant, .granted, "granted", by: registrar, dice.id(at: now))
        case .revoked:
            decide(.grant, .granted, "granted", by: registrar, dice.id(at: now))
            pass(Int64(5 + dice.below(20)) * Instant.day)
            state = .revoked
            happen("revoked", by: registrar)
        case .reviewed, .instant, .lapsed, .transferred, .reviewing, .draft, .signing:
            decide(.grant, .granted, "granted", by: registrar, dice.id(at: now))
        }
    }

    private mutating func decide(
        _ outcome: CaseEvent,
        _ state: CaseState,
        _ act: String,
        by actor: Actor,
        _ id: ID<Decision>
    ) {
        keep(outcome, [], by: actor, id)
        self.state = state
        answer()
        happen(act, by: actor)
    }

    private mutating func handIn() {
        happen("submitted", by: applicant)
        submitted = now
        handedIn = handedIn ?? now
    }

    /// The authority has it no longer.
    private mutating func answer() {
        decided = now
        if let submitted { office += now - submitted }
    }

    private mutating func keep(
        _ outcome: CaseEvent,
        _ findings: [Finding],
        by actor: Actor,
        _ decision: ID<Decision>
    ) {
        decisions.append(
            Decision(
                id: decision,
                caseID: id,
                at: now,
                outcome: outcome,
                by: actor,
                text: 1,
                findings: findings,
                facts: [:],
                reason: "",
                instant: course == .instant
            )
        )
    }

    private mutating func happen(_ act: String, by actor: Actor) {
        happenings.append(
            CaseHappening(
                sequence: happenings.count + 1,
                at: now,
                act: act,
                actor: actor,
                details: [:],
                isPublic: true
            )
        )
    }

    /// Time goes by, but not beyond the end of the population's own.
    private mutating func pass(_ milliseconds: Int64) { now = min(now + milliseconds, until + -1) }
}
