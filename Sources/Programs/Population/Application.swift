import Cases
import Catalogue
import CompanyNames
import Deadlines
import Identity
import Kernel
import Standards

/// Makes the cases of a population, each by its number, with what led to where it stands.
struct ApplicationMaker {
    let subjects: SubjectMaker
    let request: PopulationRequest
    let definition: ID<CatalogueVersion>
    let calendar: WorkingCalendar
    /// In which a person decides, and by which law.
    let term: Period
    let law: String

    /// What becomes of a hundred thousand applications in the end, and where those of the last days stand.
    private static let ends = Weighted<Course>([
        (.instant, 66_000), (.reviewed, 17_000), (.mended, 4_000), (.refused, 1_500), (.withdrawn, 3_500),
        (.lapsed, 6_500), (.transferred, 800), (.revoked, 700),
    ])
    private static let recent = Weighted<Course>([
        (.instant, 50_000), (.reviewed, 8_000), (.reviewing, 18_000), (.returned, 6_000), (.draft, 10_000),
        (.signing, 8_000),
    ])
    private static let recentDays: Int64 = 3

    enum Course {
        case instant, reviewed, mended, refused, withdrawn, lapsed, transferred, revoked
        case reviewing, returned, draft, signing
    }

    func add(_ index: Int, to rows: inout CaseRows, clocks: inout DeadlineRows) throws {
        var dice = Dice(seed: request.seed, .application, index)
        let started = request.moment(index, of: request.cases, days: PopulationRequest.caseDays)
        let isRecent = Instant(request.day) - started < Self.recentDays * Instant.day
        let course = (isRecent ? Self.recent : Self.ends).pick(&dice)
        // Cases and subjects are spread over time alike: the case of a subject is not far from it.
        let subject = try subjects.subject(index * request.subjects / max(1, request.cases))
        var story = Story(
            id: dice.id(at: started),
            subject: subject,
            started: started,
            until: Instant(request.day),
            course: course,
            calendar: calendar,
            term: term,
            law: law
        )
        story.tell(&dice)
        rows.add(
            Case(
                id: story.id,
                number: number(index, subject, on: started.date),
                lookupCode: String((0..<6).map { _ in dice.pick(Self.lookup) }),
                system: "company-opening",
                item: subject.isCompany ? "llc" : "sole-trader",
                procedure: .registration,
                definition: definition,
                state: story.state,
                region: subject.place.region.code,
                agency: subject.authority.code,
                applicant: subject.person.rawValue,
                channel: [.online, .online, .online, .app, .window, .terminal][dice.below(6)],
                data: form(of: subject),
                text: 1,
                version: story.happenings.count,
                createdAt: started,
                touchedAt: story.submitted ?? started,
                submittedAt: story.submitted,
                signedAt: story.submitted,
                decidedAt: story.decided,
                completedAt: story.state == .granted ? story.decided.map { $0 + Instant.day } : nil,
                title: subject.name.text,
                result: [.granted, .revoked].contains(story.state) ? subject.code : nil
            ),
            telling: subject.telling
        )
        for happening in story.happenings { rows.add(happening, of: story.id) }
        for (number, decision) in story.decisions.enumerated() { rows.add(decision, sequence: number + 1) }
        if let step = story.step { rows.add(step) }
        if let (clock, day) = story.clock {
            clocks.add(clock, lastDay: day, actor: .platform("population"))
        }
        if let handedIn = story.handedIn {
            rows.add(
                CaseTimes(
                    handedIn: handedIn,
                    promised: handedIn + Instant.day,
                    office: story.office
                ),
                of: story.id
            )
        }
    }

    private static let lookup = Array("23456789ABCDEFGHJKMNPQRSTVWXYZ")

    private func number(_ index: Int, _ subject: Subject, on day: LocalDate) -> String {
        CaseNumber.make(region: subject.place.region.code, on: day, serial: index &* 61_803_399 % 100_000_000)
    }

    /// The form with what pages and rules read of it first.
    private func form(of subject: Subject) -> JSON {
        let person: JSON = [
            "name": .string(subject.personName), "idKind": "resident-id",
            "idNumber": .string(subject.document),
            "phone": .string(subject.phone),
        ]
        var form: JSON = [
            "type": subject.isCompany ? "llc" : "soleTrader", "district": .string(subject.place.region.code),
            "applicant": person,
            "name": [
                "hasName": true, "division": .string(subject.name.division), "order": "divisionFirst",
                "brand": .string(subject.name.brand), "trade": .string(subject.name.trade),
                "form": .string(subject.name.form),
            ],
            "address": [
                "league": .string(subject.place.league.code), "banner": .string(subject.place.region.code),
                "detail": .string(subject.address),
            ],
            "scope": .array(subject.phrases.map { .string($0.code) }),
        ]
        if subject.isCompany {
            form["capital"] = JSON(subject.capital.fen)
            form["legalRepresentative"] = person
            form["shareholders"] = [
                [
                    "name": person["name"], "kind": "person", "amount": JSON(subject.capital.fen),
                    "method": "cash",
                ]
            ]
        } else {
            form["operator"] = person
        }
        return form
    }
}
