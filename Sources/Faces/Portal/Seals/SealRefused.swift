import Credentials
import Kernel
import Web

/// Why a form of a seal's page was refused: said above the page and beside the fields, with everything that was typed.
struct SealRefused: Error {
    enum Form: Hashable, Sendable {
        case apply, state, ask, permit
        case request(ID<SealRequest>)
    }

    struct Fault: Sendable {
        let field: String
        let words: String
    }

    let form: Form
    let faults: [Fault]
    let status: Int

    /// - Parameters:
    ///   - refusals: in the order of the form.
    ///   - missing: the question of a file that was not chosen.
    init(_ form: Form, _ refusals: [SealError], missing: String? = nil, _ visit: Visit) {
        self.form = form
        let none = missing.map { Fault(field: $0, words: visit.text("seal.file.none")) }
        faults =
            (none.map { [$0] } ?? [])
            + refusals.map { Fault(field: Self.field(of: $0, in: form), words: visit.sentence($0)) }
        status = refusals.first?.status.rawValue ?? 422
    }

    /// Refused by another part of the platform than the seals.
    init(_ form: Form, _ refusal: any Refusal, field: String, _ visit: Visit) {
        self.form = form
        faults = [Fault(field: field, words: visit.sentence(refusal))]
        status = refusal.status == .signInNeeded ? 422 : refusal.status.rawValue
    }

    func summary(_ visit: Visit) -> ErrorSummary? {
        ErrorSummary(faults.map { ErrorSummary.Line($0.words, field: $0.field) }, visit: visit)
    }

    func words(of field: String) -> [String] { faults.filter { $0.field == field }.map(\.words) }

    /// The question to mend.
    private static func field(of refusal: SealError, in form: Form) -> String {
        switch (form, refusal) {
        case (.apply, .unknownKind), (.apply, .oneOnly): "kind"
        case (.apply, .mongolian): "mongolian"
        case (.apply, _): "line"
        case (.state, _): "state"
        case (.ask, .documentName): "ask-name"
        case (.ask, .documentKind), (.ask, .otherKind): "ask-kind"
        case (.ask, .purpose): "ask-purpose"
        case (.ask, .caseNumber): "ask-case"
        case (.ask, _): "ask-file"
        case (.permit, .permitKinds): "permit-kinds"
        case (.permit, .badPeriod): "permit-until"
        case (.permit, .permitUses): "permit-uses"
        case (.permit, _): "permit-agent"
        case (.request(let id), .reason): "reason-\(id)"
        case (.request(let id), _): "file-\(id)"
        }
    }
}

/// What an act did, told by the page to which it leads.
enum SealSaid: String, CaseIterable {
    case apply, deliver, suspend, resume, lose, void, permit, ask, approve, confirm, code, refuse, withdraw
    case takeBack = "take-back"
    case permitEnd = "permit-end"

    func path(_ seal: Seal, _ part: String = "") -> String {
        "\(SealPages.path(seal))?done=\(rawValue)\(part)"
    }

    static func notice(_ visit: Visit) -> NoticeView? {
        visit.query["done"].flatMap(SealSaid.init(rawValue:)).map {
            NoticeView(.good, visit.text("seal.said.\($0.rawValue)"))
        }
    }
}
