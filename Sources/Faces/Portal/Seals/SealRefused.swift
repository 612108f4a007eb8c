import Credentials
import Kernel
import Web

/// The forms on the page of a seal, and on that of all seals.
enum SealForm: Hashable, Sendable {
    case apply, state, ask, permit
    case request(ID<SealRequest>)
}

typealias SealRefused = RefusedForm<SealForm>

extension RefusedForm<SealForm> {
    /// - Parameters:
    ///   - refusals: in the order of the form.
    ///   - missing: the question of a file that was not chosen.
    init(_ form: SealForm, _ refusals: [SealError], missing: String? = nil, _ visit: Visit) {
        let none = missing.map { Fault($0, visit.text("seal.file.none")) }
        self.init(
            form,
            (none.map { [$0] } ?? [])
                + refusals.map { Fault(Self.field(of: $0, in: form), visit.sentence($0)) },
            status: refusals.first?.status.rawValue ?? 422
        )
    }

    /// Refused by another part of the platform than the seals.
    init(_ form: SealForm, _ refusal: any Refusal, field: String, _ visit: Visit) {
        self.init(
            form,
            [Fault(field, visit.sentence(refusal))],
            status: refusal.status == .signInNeeded ? 422 : refusal.status.rawValue
        )
    }

    /// The question to mend.
    private static func field(of refusal: SealError, in form: SealForm) -> String {
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
