import Forms
public import Kernel
public import Rules

/// One story that proves something about a system, in steps that an official can read.
public struct Scenario: Sendable {
    /// The system in whose folder it lies.
    public let system: String
    /// `company-opening/scenarios/llc-walk.yaml`.
    public let file: String
    public let name: String
    /// Clauses (`must_do.3`), numbers (`R08`) and limits (`limits.faceTries`) that it proves.
    public let proves: [String]
    /// When it begins, local time.
    public let start: Instant
    public let steps: [Step]

    public struct Step: Sendable {
        public let position: SourcePosition
        /// The step as it is printed.
        public let text: String
        let verb: Verb
    }

    /// Nothing but tables put to facts: needs no platform.
    var isTableOnly: Bool {
        steps.allSatisfy {
            switch $0.verb {
            case .judge, .judgeForm: true
            default: false
            }
        }
    }
}

/// Everything that a step can do: a closed list.
enum Verb: Sendable {
    case opens(String, Opening)
    case applies(String, Application)
    /// A body decides about somebody's licence.
    case decides(String, BodyAct)
    /// What people of a firm do with a seal for the application of a case.
    case usesSeal(String, FirmSealAct)
    case reserves(String, Opening)
    case edits(String, [SourceEntry])
    case asksSignatures(String)
    case submits(String)
    case withdraws(String)
    /// The oldest bill of his case that is owed.
    case pays(String)
    /// A second person lets the oldest refund that waits go.
    case releasesRefund(String)
    case attaches(String, HandedFile)
    case renews(String, String)
    case objects(String, String)
    /// Has the link sent by which his objection is taken back.
    case asksToTakeBack(String)
    case takesBack(String)
    case signs(String)
    case showsFace(String, Int)
    /// With the answers to what a case that is granted leaves open, in their order.
    case staff(String, StaffAct, String, [String])
    case partyIs(String, String)
    case partyKnows(String, JSON)
    case line(String, LineWish)
    case register(Registered)
    case note(Noted)
    case names(Named)
    case clock(Move)
    case later(LaterAct)
    case corrects(String, CorrectionAct)
    case publishes(Publishing)
    case withdrawsVersion(system: String, why: String)
    case codesTaken(String)
    case hasAccount(String, Holding)
    case signsIn(String, password: String?, status: Int)
    case visits(String, Errand)
    case fillsIn(String, Opening)
    case authorises(String, Mandate)
    case revokes(String, agent: String)
    case actsFor(String, of: String?)
    case may(String, Wish)
    case seals(String, SealAct)
    case licences(String, LibraryAct)
    /// A licence of another place: issued there, or recognised here.
    case foreign(String, ForeignAct)
    case takesOver(StockArrival)
    case archives(String, ArchiveAct)
    case signsElsewhere(String, ElsewhereAct)
    /// An official and another one recognise an authority of others.
    case recognises(String, String)
    case judge(Judgement)
    case judgeForm(FormJudgement)
    case expect(Expectation)

    enum StaffAct: String, Sendable, CaseIterable {
        case claims, releases, grants, returns, refuses, transfers, extends, identifies
    }

    enum LineWish: String, Sendable, CaseIterable { case later, reopen, resend }
}

/// How a person begins an opening.
struct Opening: Sendable {
    var item = "llc"
    var change: [SourceEntry] = []
    var reserve = true
    var sign: Signing = .everybody
    var submit = true
    /// The same once more, and again: as many forms.
    var times = 1
    /// Also keep the form open when it has problems: they are then expected.
    enum Signing: Sendable {
        case everybody, nobody
        case only([String])
    }
}

/// A picture that an applicant hands in with his case.
struct HandedFile: Sendable {
    var bytes: Int
    /// Files that the case holds already, and their megabytes together.
    var held = 0
    var heldMegabytes = 0
}

/// What the register holds before the story begins.
struct Registered: Sendable {
    var firms = 1
    var code: String?
    var name = "包头市旧友商贸有限公司"
    var state = "active"
    var representative = ""
    /// An address as the form writes it, or nil.
    var address: [SourceEntry] = []
    var phone: String?
    var applicant: String?
}

/// A note in the register: complaint, court notice, dispute, ban, lost contact.
struct Noted: Sendable {
    var kind: String
    /// `person NAME`, `name TEXT` or `address`.
    var on: String
    var until: String?
    var address: [SourceEntry] = []
}

/// A name that somebody bears.
struct Named: Sendable {
    var division = "包头市昆都仑区"
    var brand: String
    var trade = "商贸"
    var industry = "5213"
    var form = "有限公司"
    var scope = "150200"
    var region = "150203"
    var enterprise = "91150203MA0DEM013P"
    var leaves: String?
}

/// A movement of the clock.
enum Move: Sendable {
    case workingDays(Int)
    case by(Int64)
    case to(Instant)
}

/// One table put to facts that differ from an ordinary opening's: a line a case.
struct Judgement: Sendable {
    struct Line: Sendable {
        let position: SourcePosition
        let change: [SourceEntry]
        /// Ids of the rows that must hit, or empty when nothing may.
        let row: String?
        let says: String
        let reason: String?
        let arguments: [String: String]?
        /// Where the limits are looked up, six digits; nil: where the ordinary opening lies.
        let region: String?
    }

    let rule: String
    let item: String
    let lines: [Line]
}

/// One act on the matter of a wrong registration, by a member of staff.
struct CorrectionAct: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case slip, confirm, drop, open, accept, dismiss, extend, publish, suspend, resume, withdraw
        case withdrawItem = "withdraw-item"
        case keep, restore
        /// A broken promise, by what was promised; the list of abnormal operation; a name that must be given up.
        case order, list, comply
        case orderName = "order-name"
        case takeBack = "take-back"
    }

    var kind: Kind
    var words = "样例"
    var item: String?
    var applicant = ""
    var responsible: [String] = []
    /// What stands in the item afterwards, or the items that a slip changes.
    var value = JSON.null
}

/// A folder of data that is changed in one place and published while the story runs.
struct Publishing: Sendable {
    var system: String
    var file: String
    var replace: String
    var with: String
    var region = "150000"
    var effective: String?
}

/// An account of a person of the cast.
struct Holding: Sendable {
    var level = "face"
    var password = Self.password

    static let password = "suban-story-2026"
}

/// A page that somebody asks for, or a form or call that he sends, and what it must answer.
struct Errand: Sendable {
    var page: String
    var fields: [String: String]?
    var body: JSON?
    var method = "POST"
    var status: Int?
    /// The beginning of where a redirect leads.
    var goes: String?
    var sees: [String] = []
    var misses: [String] = []
    /// A page that must have exactly the same main part.
    var same: String?
}

/// What a legal representative lets somebody do for the firm of the case.
struct Mandate: Sendable {
    var agent: String
    var scope: [String]
    var until: String
}

/// Whether somebody may do something, and for whom.
struct Wish: Sendable {
    var operation: String
    /// The person whose case it would be; nil for the firm of the case.
    var of: String?
    /// `yes` or the code of the refusal.
    var answer: String
}

/// What the register does with an entry in later years, as the systems of the enterprise's life will ask it to.
struct LaterAct: Sendable {
    enum Kind: String, Sendable, CaseIterable { case change, suspend, resume, move, report }

    var kind: Kind
    var items = JSON.object([:])
    /// By kind the filing that takes the place of what stood there.
    var filings = JSON.object([:])
    var region: String?
    var agency: String?
    var year: Int?
}
